//! Mails: the list, one with its evidence, settling what nobody knows, and sending again.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::cause::Cause;
use crate::failure::Obstacle;
use crate::invoice::{InvoiceFilter, Origin};
use crate::page::{By, ListAsk, NumberedInvoice, Selection, Stored};
use crate::run::Refusal;

/// Mails that match, a page of them.
pub type ListDeliveries = ListAsk<DeliveryFilter, DeliverySort>;

/// Which mails. What is left out does not narrow; several words of one field widen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeliveryFilter {
    /// Words that occur in address, Message-ID, invoice number, customer number or customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// In one of these states.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<DeliveryState>,
    /// For one of these purposes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub purposes: Vec<DeliveryPurpose>,
    /// That a person has to settle (or not): unknown, or left on their way by somebody who is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsettled: Option<bool>,
    /// For one of these causes, by [`Cause::key`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<String>,
    /// Queued on this day or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queued_from: Option<NaiveDate>,
    /// Queued on this day or earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queued_to: Option<NaiveDate>,
}

/// Columns that mails are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DeliverySort {
    /// When it was queued: the list's own order, newest first.
    QueuedAt,
    /// Address it went to.
    Recipient,
    /// State.
    State,
}

/// State of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It waits.
    Queued,
    /// It is on its way at this moment.
    Sending,
    /// The mail server took it. Whether it arrived is another matter.
    Accepted,
    /// The mail server put it off.
    Deferred,
    /// The mail server refused it, or a person found out that it did not arrive.
    Refused,
    /// Nobody knows.
    Unknown,
    /// It came back.
    Bounced,
}

/// Why a mail went out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryPurpose {
    /// The invoice, for the first time.
    Invoice,
    /// The invoice again, because a person asked for it.
    Resend,
    /// The cancellation invoice.
    Cancellation,
}

/// Where a piece of evidence comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceSource {
    /// The mail server's reply.
    SmtpReply,
    /// The connection itself.
    Connection,
    /// The file in the outbox.
    File,
    /// A worker that took the work over.
    Takeover,
    /// The mail server's log.
    Maillog,
    /// A mail that came back.
    Bounce,
    /// A person.
    Person,
}

/// What a piece of evidence says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words of the column; they mean what the state of the same name means")]
pub enum Verdict {
    Accepted,
    Deferred,
    Refused,
    Unknown,
    Bounced,
}

/// A mail as the list shows it.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct DeliveryRow {
    /// Its id.
    pub id: Uuid,
    /// Its Message-ID, without angle brackets.
    pub message_id: String,
    /// The invoice that it carries.
    pub invoice: NumberedInvoice,
    /// The registration.
    pub registration: Uuid,
    /// Customer number.
    pub customer: String,
    /// Name on the paper.
    pub name: String,
    /// Address it went to.
    pub recipient: String,
    /// Why it went out.
    pub purpose: DeliveryPurpose,
    /// Its state.
    pub state: DeliveryState,
    /// Why it did not go well.
    pub cause: Option<Cause>,
    /// A person has to settle it.
    pub is_unsettled: bool,
    /// When it was queued.
    pub queued_at: DateTime<Utc>,
    /// When it was sent, the last time.
    pub sending_at: Option<DateTime<Utc>>,
    /// When its outcome became known.
    pub settled_at: Option<DateTime<Utc>>,
    /// Mail server or folder that it went to.
    pub target: Option<String>,
    /// How often it was tried.
    pub tries: i64,
    /// The mail server's last reply, word for word, addresses masked.
    pub reply: Option<String>,
    /// When that came.
    pub replied_at: Option<DateTime<Utc>>,
}

/// A mail with its evidence.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ShowDelivery {
    /// The mail.
    pub id: Uuid,
}

/// A mail with its evidence.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct DeliveryDetail {
    /// As the list shows it.
    pub row: DeliveryRow,
    /// Which program made it.
    pub origin: Origin,
    /// Its exact text is stored, so `Document::Message` can show it.
    pub has_message: bool,
    /// Envelope sender.
    pub return_path: Option<String>,
    /// Who asked for it; none when a run made it.
    pub person: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// When it is tried again, where that is known.
    pub due_at: Option<DateTime<Utc>>,
    /// What is known of its fate, oldest first.
    pub evidence: Vec<Stored<Evidence>>,
    /// What stands in the way of settling it by hand.
    pub settle: Option<Obstacle>,
}

/// A piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Evidence {
    /// Its id.
    pub id: Uuid,
    /// Where it comes from.
    pub source: EvidenceSource,
    /// What it says.
    pub verdict: Verdict,
    /// The mail server's reply code.
    pub reply_code: Option<i64>,
    /// Word for word, addresses masked.
    pub detail: String,
    /// When it was seen.
    pub seen_at: DateTime<Utc>,
    /// The mail server's own id of the mail.
    pub queue_id: Option<String>,
}

/// A person says what became of mails.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct SettleDeliveries {
    /// Id of this request.
    pub request_id: Uuid,
    /// Which.
    pub mails: Selection<DeliveryFilter, Uuid>,
    /// How many the person was shown; more than these are refused.
    pub planned: i64,
    /// Whether they arrived.
    pub arrived: bool,
    /// Whether those that did not arrive are sent again.
    pub resend: bool,
    /// How the person knows; stands in the journal.
    pub reason: String,
}

/// What became of settling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Settled {
    /// Mails that were settled.
    pub settled: i64,
    /// Mails that were not.
    pub refused: i64,
    /// The run that sends them again, where that was asked for.
    pub run: Option<Uuid>,
    /// The request had been answered before; nothing was written now.
    pub is_repeated: bool,
    /// Each mail; of those that were settled, the first 500.
    pub mails: Vec<SettledMail>,
}

/// What became of settling one mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct SettledMail {
    /// The mail.
    pub id: Uuid,
    /// Its Message-ID.
    pub message_id: String,
    /// The invoice that it carries.
    pub invoice: NumberedInvoice,
    /// State before.
    pub before: DeliveryState,
    /// State after.
    pub after: DeliveryState,
    /// Why it was not settled.
    pub obstacle: Option<Obstacle>,
}

/// Says what sending again would do; writes nothing.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct PlanResend {
    /// Which invoices.
    pub invoices: Selection<InvoiceFilter, Uuid>,
}

/// What sending again would do. Mails cannot be taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct ResendPlan {
    /// Invoices chosen.
    pub chosen: i64,
    /// Invoices that can be sent again: as many mails go out.
    pub eligible: i64,
    /// Invoices that cannot.
    pub ineligible: i64,
    /// Why they cannot.
    pub refusals: Vec<Refusal>,
    /// The first of the mails, so that a person sees where they go.
    pub examples: Vec<ResendExample>,
    /// Where mails go.
    pub mail_target: Option<String>,
}

/// A mail that would go out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct ResendExample {
    /// The invoice that it carries.
    pub invoice: NumberedInvoice,
    /// Name on the paper.
    pub name: String,
    /// The customer's address as it is now.
    pub recipient: String,
    /// When the invoice was mailed last.
    pub mailed_at: Option<DateTime<Utc>>,
    /// Who asked for that; none when a run did.
    pub mailed_by: Option<By>,
}

/// Sends invoices again: new mails that say that they repeat, with the archived, unchanged PDF.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ResendInvoices {
    /// Id of this request.
    pub request_id: Uuid,
    /// Which.
    pub invoices: Selection<InvoiceFilter, Uuid>,
    /// How many mails the person was shown; more than these are refused.
    pub planned: i64,
    /// Another address than the customer's, for a single invoice.
    #[ts(optional)]
    pub to: Option<String>,
    /// Why; stands in the journal and with the mail.
    pub reason: String,
}
