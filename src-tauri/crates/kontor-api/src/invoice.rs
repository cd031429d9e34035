//! Invoices: the list, one with all that belongs to it, the audit of its PDF, the reviewer's mark, and cancelling.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::cause::Cause;
use crate::delivery::DeliveryDetail;
use crate::failure::Obstacle;
use crate::journal::FieldChange;
use crate::month::Month;
use crate::page::{By, ListAsk, NumberedInvoice, Stored};
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

/// A mark that somebody looked at a PDF.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Review {
    /// Who.
    pub by: By,
    /// When.
    pub at: DateTime<Utc>,
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
    /// What can be done with it.
    pub actions: InvoiceActions,
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
    /// What stands in the way of cancelling it.
    pub cancel: Option<Obstacle>,
}

/// Audits the stored PDF of an invoice.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct AuditInvoice {
    /// The invoice.
    pub invoice: Uuid,
}

/// What the audit of a PDF found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Audit {
    /// The document; none when there is none.
    pub document: Option<Uuid>,
    /// The four checks, in this order: present, hash, structure, text.
    pub checks: Vec<AuditCheck>,
    /// Pages, where they could be counted.
    pub pages: Option<i64>,
    /// Whether it is whole and says the right thing.
    pub is_sound: bool,
}

/// A check of a PDF.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct AuditCheck {
    /// Which.
    pub name: AuditCheckName,
    /// How it came out.
    pub outcome: AuditOutcome,
    /// What is wrong.
    pub fault: Option<AuditFault>,
    /// What the check says word for word, in English; shown on demand.
    pub detail: Option<String>,
}

/// A check of a PDF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AuditCheckName {
    /// There are bytes at all.
    Present,
    /// They have the archived hash.
    Hash,
    /// They are a whole PDF.
    Structure,
    /// The page says what the database says.
    Text,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AuditOutcome {
    /// All right.
    Passed,
    /// Something is wrong.
    Failed,
    /// It could not be done.
    NotDone,
}

/// What is wrong with a PDF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AuditFault {
    /// There is none.
    Missing,
    /// It is empty.
    Empty,
    /// It is not the file that was archived.
    WrongHash,
    /// It is not a whole PDF.
    Broken,
    /// It says something else than the database.
    WrongText,
}

/// Marks the PDF of an invoice as reviewed, or takes the mark away.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct MarkReviewed {
    /// Id of this request.
    pub request_id: Uuid,
    /// The invoice.
    pub invoice: Uuid,
    /// The document that the person looked at; another one by now is refused.
    pub document: Uuid,
    /// Whether it is reviewed.
    pub is_reviewed: bool,
}

/// The mark as it stands now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Reviewed {
    /// The mark; none when it was taken away.
    pub review: Option<Review>,
}

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
