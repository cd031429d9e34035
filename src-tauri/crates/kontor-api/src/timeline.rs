//! Everything that happened to a registration, newest first: its rows, attempts, mails and the journal, as one thread.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::cause::{Cause, Step};
use crate::delivery::{DeliveryPurpose, EvidenceSource, Verdict};
use crate::invoice::InvoiceKind;
use crate::journal::FieldChange;
use crate::list::Destination;
use crate::month::Month;
use crate::page::{By, Cursor};
use crate::registration::RegistrationSource;
use crate::run::AttemptOutcome;

/// What happened to a registration.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ShowTimeline {
    /// The registration.
    pub registration: Uuid,
    /// Only what lies before [`Timeline::older`]; none begins with the newest.
    #[ts(optional)]
    pub before: Option<Cursor>,
    /// How many entries at most, up to 500.
    pub limit: i64,
}

/// A part of a timeline.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Timeline {
    /// Newest first.
    pub entries: Vec<TimelineEntry>,
    /// Where the older ones begin; none when there are no more.
    pub older: Option<Cursor>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct TimelineEntry {
    /// Tells it from all others of the timeline.
    pub key: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub event: TimelineEvent,
    /// Who did it; none when no person did.
    pub by: Option<By>,
    /// Why, as the person wrote it.
    pub reason: Option<String>,
    /// Where more of it can be seen.
    pub destination: Option<Destination>,
}

/// What happened. Numbers are those of invoices.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(tag = "code", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the parameters are the columns of what happened")]
pub enum TimelineEvent {
    /// The customer registered.
    Registered { source: RegistrationSource },
    /// A subscription began.
    SubscriptionStarted { on: NaiveDate, mailbox: Option<String> },
    /// A subscription ended.
    SubscriptionEnded { on: NaiveDate, mailbox: Option<String> },
    /// An invoice or cancellation invoice was issued.
    InvoiceIssued { number: String, kind: InvoiceKind, gross_cents: i64 },
    /// Its PDF was stored.
    DocumentStored { number: String },
    /// An attempt ended; `message` is word for word, addresses masked.
    Attempted {
        number: Option<String>,
        period: Month,
        step: Step,
        outcome: AttemptOutcome,
        host: String,
        signal: Option<i64>,
        cause: Option<Cause>,
        message: Option<String>,
    },
    /// A mail was put up.
    MailQueued { number: String, purpose: DeliveryPurpose, recipient: String },
    /// Something was found out about a mail; `detail` is word for word, addresses masked.
    MailEvidence {
        number: String,
        purpose: DeliveryPurpose,
        source: EvidenceSource,
        verdict: Verdict,
        reply_code: Option<i64>,
        detail: String,
    },
    /// An invoice was cancelled.
    InvoiceCancelled { number: String, cancellation: String },
    /// An invoice's row was restored from its frozen content.
    InvoiceRestored { number: String, fields: Vec<FieldChange> },
    /// A PDF was marked as reviewed, or the mark was taken away.
    Reviewed { number: String, is_reviewed: bool },
    /// A payment came in.
    PaymentReceived { number: Option<String>, amount_cents: i64 },
    /// Contact data changed.
    ContactChanged { fields: Vec<FieldChange> },
    /// A note was written.
    NoteAdded { text: String },
    /// A note was changed.
    NoteEdited { fields: Vec<FieldChange> },
    /// A note was taken away.
    NoteDeleted,
    /// Something else that a person did, by the journal's word.
    Other { action: String },
}
