//! The call view: a customer is on the phone. One sentence that answers, and the one next step.
//!
//! The sentence is a code with parameters. The window has two texts for each: what stands on the screen, and what can
//! be copied into an answer.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use ts_rs::TS;
use uuid::Uuid;

use crate::cause::Cause;
use crate::contact::ContactField;
use crate::delivery::DeliveryState;
use crate::finding::FindingState;
use crate::month::Month;

/// What to say on the phone, and what to do next.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct CallView {
    /// The answer.
    pub sentence: CallSentence,
    /// The invoice that it is about.
    pub invoice: Option<Uuid>,
    /// The one next step; none when there is nothing to do.
    pub next: Option<NextStep>,
    /// Further invoices of this customer that are not in order.
    pub more: i64,
}

/// What happened to the invoice that matters most: the newest that is not in order, or else the newest.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum CallSentence {
    /// There is no subscription, so there is no invoice.
    NoSubscription,
    /// The first invoice is still to come.
    NotDueYet {
        /// For this month.
        period: Month,
    },
    /// The month's invoice was not issued.
    NotIssued {
        /// The month.
        period: Month,
        /// Number that the old programs took for it, where they took one.
        number: Option<String>,
        /// Why, as far as somebody tried.
        cause: Option<Cause>,
        /// When that was tried last.
        tried_at: Option<DateTime<Utc>>,
    },
    /// It was issued, but its PDF was not made.
    NoDocument {
        /// Its number.
        number: String,
        /// Its date.
        issued_on: NaiveDate,
        /// Why.
        cause: Option<Cause>,
        /// When that was tried last.
        tried_at: Option<DateTime<Utc>>,
    },
    /// It was made, but not mailed.
    NotMailed {
        /// Its number.
        number: String,
        /// Its date.
        issued_on: NaiveDate,
        /// Why.
        cause: Option<Cause>,
        /// When that was tried last.
        tried_at: Option<DateTime<Utc>>,
    },
    /// Its mail waits: queued, on its way at this moment, or put off by the mail server.
    MailWaits {
        /// Its number.
        number: String,
        /// Its date.
        issued_on: NaiveDate,
        /// Which of these.
        state: DeliveryState,
        /// Since when.
        since: DateTime<Utc>,
        /// When it is tried again, where that is known.
        due_at: Option<DateTime<Utc>>,
        /// Why it waits.
        cause: Option<Cause>,
    },
    /// The mail server took its mail.
    MailAccepted {
        /// Its number.
        number: String,
        /// Its date.
        issued_on: NaiveDate,
        /// When.
        at: DateTime<Utc>,
        /// For this address.
        recipient: String,
    },
    /// The mail server refused its mail.
    MailRefused {
        /// Its number.
        number: String,
        /// Its date.
        issued_on: NaiveDate,
        /// When.
        at: DateTime<Utc>,
        /// For this address.
        recipient: String,
        /// Why.
        cause: Cause,
        /// The mail server's reply code.
        reply_code: Option<i64>,
    },
    /// Its mail came back.
    MailBounced {
        /// Its number.
        number: String,
        /// Its date.
        issued_on: NaiveDate,
        /// When.
        at: DateTime<Utc>,
        /// From this address.
        recipient: String,
        /// Why.
        cause: Cause,
    },
    /// Nobody knows whether its mail arrived.
    MailUnknown {
        /// Its number.
        number: String,
        /// Its date.
        issued_on: NaiveDate,
        /// When it was sent.
        at: DateTime<Utc>,
        /// To this address.
        recipient: String,
    },
    /// It is cancelled.
    Cancelled {
        /// Its number.
        number: String,
        /// Number of the cancellation invoice.
        cancellation: String,
        /// Date of the cancellation invoice.
        on: NaiveDate,
        /// Number of the invoice in its place.
        reissued: Option<String>,
    },
    /// A run works on it at this moment.
    InWork {
        /// The month.
        period: Month,
        /// Its number, where it has one.
        number: Option<String>,
        /// The run.
        run: Uuid,
    },
    /// A value of the invoice cannot be read.
    Unreadable {
        /// Its number, where that can be read.
        number: Option<String>,
        /// Name of the column.
        field: String,
    },
}

/// The one next step, as a button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum NextStep {
    /// Correct contact data, and send again.
    CorrectContact {
        /// The registration.
        registration: Uuid,
        /// The field to look at first.
        field: ContactField,
    },
    /// Rerun the invoice.
    Rerun {
        /// Key of the failure, for `RunSelection::Failures`.
        failure: crate::run::FailureKey,
    },
    /// Invoice a month that is due and was never begun.
    InvoiceMonth {
        /// The month.
        period: Month,
    },
    /// Send the invoice again.
    Resend {
        /// The invoice.
        invoice: Uuid,
    },
    /// Say what became of a mail.
    Settle {
        /// The mail.
        delivery: Uuid,
    },
    /// Look at the run that works on it.
    ShowRun {
        /// The run.
        run: Uuid,
    },
    /// Look at what contradicts a rule, and put it right.
    ShowFinding {
        /// The finding.
        finding: Uuid,
        /// The list that it stands in.
        state: FindingState,
    },
    /// Look at the invoice.
    ShowInvoice {
        /// The invoice.
        invoice: Uuid,
    },
}
