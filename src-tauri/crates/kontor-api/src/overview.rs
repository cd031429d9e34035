//! The overview: what is to be done, and how the month stands. Every figure carries its list.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::cause::Cause;
use crate::finding::FindingFigure;
use crate::hosts::HostRow;
use crate::invoice::{InvoiceKind, InvoiceState, MailState};
use crate::list::{Destination, Figure};
use crate::run::{RunProgress, RunRow};

/// What is to be done, and how the month stands.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ShowOverview {
    /// First day of the chart; none takes the first of the month that today at the office lies in.
    #[ts(optional)]
    pub from: Option<NaiveDate>,
    /// Last day of the chart; none takes today at the office.
    #[ts(optional)]
    pub to: Option<NaiveDate>,
}

/// What is to be done, and how the month stands.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Overview {
    /// Today at the office; a demo lives in its own time.
    pub today: NaiveDate,
    /// Invoices that are open.
    pub failures: Figure,
    /// The same by cause, most first.
    pub causes: Vec<CauseFigure>,
    /// Mails that a person has to settle.
    pub unsettled_mails: Figure,
    /// Open findings that somebody should look at, by how much they matter.
    pub findings: Vec<FindingFigure>,
    /// When all rules were last asked; none when they never were.
    pub checked_at: Option<DateTime<Utc>>,
    /// Hosts that are out of service.
    pub hosts_out: Vec<HostRow>,
    /// Runs that are not over.
    pub runs: Vec<OpenRun>,
    /// All registrations.
    pub registrations: Figure,
    /// First day of the chart.
    pub from: NaiveDate,
    /// Last day of the chart.
    pub to: NaiveDate,
    /// Registrations in these days.
    pub registered: Figure,
    /// Registrations per day, every day of them.
    pub days: Vec<DayFigure>,
    /// All invoices and cancellation invoices.
    pub invoices: Figure,
    /// The same by state.
    pub invoice_states: Vec<InvoiceFigure>,
    /// Storage.
    pub storage: Storage,
}

/// Open invoices of one cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct CauseFigure {
    /// The cause.
    pub cause: Cause,
    /// How many.
    pub figure: Figure,
    /// When it was seen last.
    pub last_seen: Option<DateTime<Utc>>,
}

/// A run that is not over.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct OpenRun {
    /// The run.
    pub row: RunRow,
    /// Where it stands.
    pub progress: RunProgress,
}

/// Registrations of one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct DayFigure {
    /// The day at the office.
    pub day: NaiveDate,
    /// How many.
    pub figure: Figure,
}

/// Invoices of one state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct InvoiceFigure {
    /// Invoices or cancellation invoices.
    pub kind: InvoiceKind,
    /// Their state.
    pub state: InvoiceState,
    /// State of their newest mails.
    pub mail: MailState,
    /// How many.
    pub figure: Figure,
}

/// Storage sold, used and there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Storage {
    /// Sum of the quotas of open mailboxes, in bytes.
    pub sold_bytes: i64,
    /// Sum of what they use, in bytes.
    pub used_bytes: i64,
    /// What the array holds, in bytes; none when no sample tells.
    pub capacity_bytes: Option<i64>,
    /// Samples in the days of the chart, oldest first; at most one a day.
    pub samples: Vec<StorageSample>,
    /// Registrations, the largest use first.
    pub destination: Destination,
}

/// How full the storage was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct StorageSample {
    /// When.
    pub taken_at: DateTime<Utc>,
    /// Sold, in bytes.
    pub sold_bytes: i64,
    /// Used, in bytes.
    pub used_bytes: i64,
    /// There, in bytes.
    pub capacity_bytes: i64,
}
