//! Monthly reports: which months there are, and how one went. The paper itself is a document (`Document::Report`).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::invoice::MailState;
use crate::list::Figure;
use crate::month::Month;

/// Language of the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PaperLanguage {
    /// German.
    De,
    /// English.
    En,
}

/// What a report is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReportForm {
    /// On paper.
    Pdf,
    /// The same figures as a table.
    Csv,
    /// The same figures for programs.
    Json,
}

/// The months that can be reported on.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ListReportMonths {}

/// A month that can be reported on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
pub struct ReportMonth {
    /// The month.
    pub month: Month,
    /// It is not over: the figures still move.
    pub is_running: bool,
}

/// How a month went.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ShowReport {
    /// The month.
    pub month: Month,
}

/// How a month went. Every figure leads to its list.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct MonthReport {
    /// The month.
    pub month: Month,
    /// The day it was made on, as the office counts days.
    pub made_on: NaiveDate,
    /// Registrations in the month.
    pub registered: Figure,
    /// Registrations in the month before.
    pub registered_before: i64,
    /// Subscriptions that are due by their contracts.
    pub due: i64,
    /// Invoices that were issued and hold.
    pub issued: Figure,
    /// Due, and all their invoices are cancelled.
    pub cancelled: MissingFigure,
    /// Not issued: a critical finding holds them back.
    pub quarantined: MissingFigure,
    /// Not issued although it was tried.
    pub failed: MissingFigure,
    /// Not issued, and no attempt has ended yet.
    pub not_begun: MissingFigure,
    /// Issued although no contract asks for it.
    pub not_due: MissingFigure,
    /// What none of these explains; less than nothing where there is more than was due.
    pub unexplained: MissingFigure,
    /// The newest mails of the invoices that hold, by their state.
    pub mails: Vec<MailFigure>,
    /// Invoices of the month without an accepted mail.
    pub failures: Figure,
    /// Invoices of the month that a rerun finished.
    pub rerun: i64,
    /// Repairs that hold.
    pub repaired: i64,
    /// Entries of the journal.
    pub journal_entries: i64,
    /// Hash of the last of them.
    pub journal_hash: String,
}

/// Subscriptions that explain a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct MissingFigure {
    /// How many.
    pub count: i64,
    /// The first of their customers.
    pub customers: Vec<NamedCustomer>,
}

/// A customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct NamedCustomer {
    /// The registration.
    pub id: Uuid,
    /// The customer's number.
    pub number: String,
}

/// Mails of one state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct MailFigure {
    /// The state of the newest mail.
    pub mail: MailState,
    /// How many invoices.
    pub figure: Figure,
}
