//! Cancelling an invoice: what it would do, and doing it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::failure::Obstacle;
use crate::journal::FieldChange;
use crate::page::NumberedInvoice;

/// Says what cancelling an invoice would do; writes nothing.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct PlanCancellation {
    /// The invoice.
    pub invoice: Uuid,
    /// Date of the new papers; none takes today at the office.
    #[ts(optional)]
    pub issue_on: Option<NaiveDate>,
}

/// What cancelling an invoice would do. It cannot be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct CancellationPlan {
    /// The invoice.
    pub invoice: NumberedInvoice,
    /// Name on the paper.
    pub recipient: String,
    /// Its gross amount in cents.
    pub gross_cents: i64,
    /// What was paid on it, in cents.
    pub paid_cents: i64,
    /// Date of the new papers.
    pub issue_on: NaiveDate,
    /// What stands in the way of cancelling.
    pub obstacle: Option<Obstacle>,
    /// It is cancelled already, so that only a new invoice can be issued.
    pub is_cancelled: bool,
    /// What stands in the way of a new invoice.
    pub reissue_obstacle: Option<Obstacle>,
    /// What a new invoice would say otherwise than the old one.
    pub differences: Vec<FieldChange>,
    /// Address that the new papers would be mailed to.
    pub mail_to: String,
    /// Mails that have not left and would be withdrawn.
    pub withdrawn_mails: i64,
}

/// Cancels an invoice with a cancellation invoice, and invoices the month again where that is wanted.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct CancelInvoice {
    /// Id of this request.
    pub request_id: Uuid,
    /// The invoice.
    pub invoice: Uuid,
    /// Why; stands in the journal.
    pub reason: String,
    /// Whether the month is invoiced again, from today's data.
    pub reissue: bool,
    /// Whether the new papers are mailed; otherwise they are only stored.
    pub mail: bool,
    /// Date of the new papers; none takes today at the office.
    #[ts(optional)]
    pub issue_on: Option<NaiveDate>,
}

/// What was cancelled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Cancelled {
    /// The cancelled invoice.
    pub invoice: NumberedInvoice,
    /// The cancellation invoice.
    pub cancellation: NumberedInvoice,
    /// The new invoice of the month.
    pub reissued: Option<NumberedInvoice>,
    /// The run that draws, stores and mails the new papers.
    pub run: Uuid,
    /// The request had been answered before; nothing was written now.
    pub is_repeated: bool,
}
