//! Invoices: the list, one with all that belongs to it, the audit of its PDF, the reviewer's mark, and cancelling.

mod audit;
mod cancel;

pub use audit::{
    Audit, AuditCheck, AuditCheckName, AuditFault, AuditInvoice, AuditOutcome, MarkReviewed, Review, Reviewed,
};
pub use cancel::{CancelInvoice, CancellationPlan, Cancelled, PlanCancellation};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::cause::Cause;
use crate::delivery::DeliveryDetail;
use crate::failure::Obstacle;
use crate::finding::FindingRow;
use crate::month::Month;
use crate::page::{ListAsk, NumberedInvoice, Stored};
use crate::payment::PaymentRow;
use crate::run::{Attempt, FailureKey};

/// Invoices that match, a page of them.
pub type ListInvoices = ListAsk<InvoiceFilter, InvoiceSort>;

/// Which invoices. What is left out does not narrow; several words of one field widen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct InvoiceFilter {
    /// Words that occur in number, recipient, customer number or customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// Of this registration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<Uuid>,
    /// Of this month or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period_from: Option<Month>,
    /// Of this month or earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period_to: Option<Month>,
    /// Issued on this day or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_from: Option<NaiveDate>,
    /// Issued on this day or earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_to: Option<NaiveDate>,
    /// In one of these states.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<InvoiceState>,
    /// Of one of these kinds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<InvoiceKind>,
    /// Whose newest mail is in one of these states.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mails: Vec<MailState>,
    /// That failed and are still open (or are not).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<bool>,
    /// Whose PDF, as it is now, somebody marked as reviewed (or nobody did).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<bool>,
}

/// Columns that invoices are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceSort {
    /// Number: the list's own order.
    Number,
    /// Date on the paper.
    IssuedOn,
    /// Name on the paper.
    Recipient,
    /// Gross amount.
    GrossCents,
}

/// State of an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceState {
    /// The old programs did not finish it.
    Incomplete,
    /// Number and content stand; there is no PDF yet.
    Issued,
    /// Its PDF is stored.
    Archived,
    /// A cancellation invoice took it back.
    Cancelled,
}

/// Invoice or cancellation invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words of the column")]
pub enum InvoiceKind {
    Invoice,
    Cancellation,
}

/// Which program made something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// This one.
    Kontor,
    /// The old programs.
    Legacy,
}

/// State of an invoice's newest mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the states are those of `DeliveryState`")]
pub enum MailState {
    /// There is no mail.
    None,
    Queued,
    Sending,
    Accepted,
    Deferred,
    Refused,
    Unknown,
    Bounced,
}

/// An invoice as the list shows it.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct InvoiceRow {
    /// Its id.
    pub id: Uuid,
    /// Its number.
    pub number: String,
    /// Invoice or cancellation invoice.
    pub kind: InvoiceKind,
    /// Which program made it.
    pub origin: Origin,
    /// Its state.
    pub state: InvoiceState,
    /// Billing period.
    pub period: Month,
    /// Date on the paper.
    pub issued_on: NaiveDate,
    /// Last day of payment.
    pub due_on: Option<NaiveDate>,
    /// The registration.
    pub registration: Uuid,
    /// Customer number.
    pub customer: String,
    /// Name on the paper.
    pub recipient: String,
    /// Gross amount in cents; negative on a cancellation invoice.
    pub gross_cents: i64,
    /// Currency.
    pub currency: String,
    /// State of its newest mail.
    pub mail: MailState,
    /// Why it is open, where it failed.
    pub failure: Option<Cause>,
    /// For a cancellation invoice: what it cancels.
    pub cancels: Option<NumberedInvoice>,
    /// For a cancelled invoice: the cancellation invoice.
    pub cancelled_by: Option<NumberedInvoice>,
    /// Who looked at its PDF as it is now.
    pub review: Option<Review>,
}

/// Everything about one invoice. Its audit is asked for beside it, because it reads the whole PDF.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ShowInvoice {
    /// The invoice.
    pub id: Uuid,
}

/// Everything about one invoice.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct InvoiceDetail {
    /// As the list shows it.
    pub row: Stored<InvoiceRow>,
    /// What else is known of it.
    pub content: Stored<InvoiceContent>,
    /// Lines.
    pub lines: Vec<Stored<InvoiceLine>>,
    /// Stored PDFs; the original, where there is one, comes first.
    pub documents: Vec<Stored<DocumentRow>>,
    /// Mails with their evidence, newest first.
    pub deliveries: Vec<Stored<DeliveryDetail>>,
    /// Everything that was tried, newest first.
    pub attempts: Vec<Stored<Attempt>>,
    /// Payments, newest first.
    pub payments: Vec<Stored<PaymentRow>>,
    /// Findings that are not closed about it and what belongs to it, what matters most first.
    pub findings: Vec<FindingRow>,
    /// What can be done with it.
    pub actions: InvoiceActions,
    /// Why it is not to be believed as it stands; none where no host that was taken out of service had it in hand.
    pub doubt: Option<InvoiceDoubt>,
}

/// A host that was taken out of service had the invoice in hand in its bad time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct InvoiceDoubt {
    /// The host.
    pub host: String,
    /// What became of its document on another host; none where nobody has drawn it again.
    pub drawn: Option<DrawnAgain>,
}

/// A document that was drawn again on another host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct DrawnAgain {
    /// That host.
    pub host: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether it came out the same.
    pub is_same: bool,
}

/// What else is known of an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct InvoiceContent {
    /// Net amount in cents.
    pub net_cents: i64,
    /// VAT in cents.
    pub tax_cents: i64,
    /// First day of service.
    pub service_from: Option<NaiveDate>,
    /// Last day of service.
    pub service_to: Option<NaiveDate>,
    /// Name and address on the paper, line by line.
    pub address: Vec<String>,
    /// SHA-256 of the frozen content; none for what the old programs never froze.
    pub snapshot_sha256: Option<String>,
    /// When the row was made.
    pub created_at: DateTime<Utc>,
}

/// A line of an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct InvoiceLine {
    /// Position.
    pub position: i64,
    /// What was delivered.
    pub description: String,
    /// Pieces.
    pub quantity: i64,
    /// Gross price of a piece in cents.
    pub unit_gross_cents: i64,
    /// VAT rate in basis points: 1900 is 19 %.
    pub tax_basis_points: i64,
    /// Net amount in cents.
    pub net_cents: i64,
    /// VAT in cents.
    pub tax_cents: i64,
    /// Gross amount in cents.
    pub gross_cents: i64,
}

/// A stored PDF, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct DocumentRow {
    /// Its id.
    pub id: Uuid,
    /// Whether it is the original; otherwise it was discarded.
    pub is_original: bool,
    /// Which program made it.
    pub origin: Origin,
    /// What drew it.
    pub renderer: Option<String>,
    /// SHA-256 that it was archived with.
    pub sha256: String,
    /// Its size.
    pub bytes: i64,
    /// When it was stored.
    pub created_at: DateTime<Utc>,
}

/// What can be done with an invoice: nothing stands in the way, or this does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct InvoiceActions {
    /// Key to rerun it with, where it is open.
    pub failure: Option<FailureKey>,
    /// What stands in the way of a rerun.
    pub rerun: Option<Obstacle>,
    /// What stands in the way of sending it again.
    pub resend: Option<Obstacle>,
    /// What stands in the way of cancelling it. Nothing does where it is cancelled but its month can be invoiced again.
    pub cancel: Option<Obstacle>,
}
