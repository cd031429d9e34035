//! Looking at runs: the list, where one stands, its items and their attempts.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::{Covering, Subject};
use crate::cause::{Cause, Step};
use crate::month::Month;
use crate::page::{By, ListAsk, NumberedInvoice};

/// Runs that match, a page of them.
pub type ListRuns = ListAsk<RunFilter, RunSort>;

/// Which runs. What is left out does not narrow; several words of one field widen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunFilter {
    /// In one of these states.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<RunState>,
    /// On one of these occasions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub occasions: Vec<RunOccasion>,
    /// Of one of these persons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub persons: Vec<String>,
}

/// Columns that runs are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RunSort {
    /// When it was started: the list's own order, newest first.
    StartedAt,
}

/// State of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// It is worked on, or waits for a worker.
    Running,
    /// Nothing more is claimed, but something is in hand.
    Pausing,
    /// It waits to be resumed.
    Paused,
    /// It is cancelled, but something is in hand.
    Cancelling,
    /// It was cancelled.
    Cancelled,
    /// It is over.
    Done,
}

/// What a person did that a run came of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RunOccasion {
    /// Invoiced a month.
    Invoice,
    /// Reran what was open.
    Rerun,
    /// Sent invoices again.
    Resend,
    /// Cancelled an invoice.
    Cancellation,
    /// Settled mails, and sent them again.
    Settlement,
}

/// A run as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct RunRow {
    /// Its id.
    pub id: Uuid,
    /// What it came of.
    pub occasion: RunOccasion,
    /// The month, where it is about one.
    pub period: Option<Month>,
    /// Its state.
    pub state: RunState,
    /// Items.
    pub total: i64,
    /// Items that ended well.
    pub done: i64,
    /// Items that failed.
    pub failed: i64,
    /// Items whose mail may or may not have arrived.
    pub unknown: i64,
    /// Items that were complete already, or that another run did.
    pub skipped: i64,
    /// Why it was started.
    pub reason: String,
    /// Who started it.
    pub by: By,
    /// When.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Whether this desk works on it.
    pub is_worked_on_here: bool,
}

/// A run with its progress.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ShowRun {
    /// The run.
    pub id: Uuid,
}

/// A run with its progress.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct RunDetail {
    /// As the list shows it.
    pub row: RunRow,
    /// Where it stands.
    pub progress: RunProgress,
    /// Date that invoices issued by it bear.
    pub issue_on: NaiveDate,
    /// Whether it mails.
    pub mails: bool,
    /// The text that opens its mails.
    pub covering: Option<Covering>,
}

/// Where a run stands.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct RunProgress {
    /// The run.
    pub run: Uuid,
    /// Its state.
    pub state: RunState,
    /// Items.
    pub total: i64,
    /// Items that ended well.
    pub done: i64,
    /// Items that failed.
    pub failed: i64,
    /// Items that were complete already, or that another run did.
    pub skipped: i64,
    /// Items whose mail may or may not have arrived.
    pub unknown: i64,
    /// Items taken back.
    pub cancelled: i64,
    /// Items in hand: these are finished even when the run is paused or cancelled.
    pub in_hand: i64,
    /// Items that wait.
    pub waiting: i64,
    /// Those of them whose mail was put off and is tried again.
    pub put_off: i64,
    /// When the first of these is tried again.
    pub next_try_at: Option<DateTime<Utc>>,
    /// How many did not end well, by cause.
    pub causes: Vec<CauseCount>,
    /// Seconds from start to end, or to now.
    pub seconds: f64,
    /// Items ended per minute; none before the first.
    pub per_minute: Option<f64>,
    /// Seconds left at this rate; none in the first ten seconds and after the end.
    pub seconds_left: Option<f64>,
    /// Who works on it at this moment; nobody, when it waits for a worker.
    pub workers: Vec<RunWorker>,
    /// When nobody does: the hosts that are out of service, and may be why.
    pub hosts_out: Vec<String>,
}

/// A cause, and how often it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct CauseCount {
    /// The cause.
    pub cause: Cause,
    /// How often.
    pub count: i64,
}

/// A process that works on a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct RunWorker {
    /// Its host.
    pub host: String,
    /// Its process id.
    pub pid: i64,
    /// Whether it is this desk.
    pub is_here: bool,
    /// Items that it has in hand.
    pub items: i64,
}

/// Items of a run that match, a page of them.
pub type ListRunItems = ListAsk<RunItemFilter, RunItemSort>;

/// Which items of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunItemFilter {
    /// The run.
    pub run: Uuid,
    /// In one of these states; several widen, none does not narrow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<RunItemState>,
    /// That ended for one of these causes, by [`Cause::key`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<String>,
}

/// Columns that items of a run are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RunItemSort {
    /// Place in the run: the list's own order.
    Ordinal,
}

/// State of an item of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RunItemState {
    /// It waits.
    Waiting,
    /// A worker has it in hand.
    Claimed,
    /// It ended well.
    Done,
    /// It failed.
    Failed,
    /// It was complete already, or another run did it.
    Skipped,
    /// Its mail may or may not have arrived.
    Unknown,
    /// It was taken back.
    Cancelled,
}

/// An item of a run, with the lineage of its attempts.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct RunItemRow {
    /// Its id.
    pub id: Uuid,
    /// Place in the run.
    pub ordinal: i64,
    /// What it is about.
    pub subject: Subject,
    /// The registration.
    pub registration: Uuid,
    /// Customer number.
    pub customer: String,
    /// Name of the customer.
    pub name: String,
    /// The invoice, where there is one.
    pub invoice: Option<NumberedInvoice>,
    /// The month.
    pub period: Month,
    /// Its state.
    pub state: RunItemState,
    /// Why it did not end well.
    pub cause: Option<Cause>,
    /// When its mail is tried again.
    pub due_at: Option<DateTime<Utc>>,
    /// Everything that was ever tried on its invoice, oldest first.
    pub attempts: Vec<Attempt>,
}

/// An attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Attempt {
    /// Its id.
    pub id: Uuid,
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Step it got to.
    pub step: Step,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// Host.
    pub host: String,
    /// Process id.
    pub pid: i64,
    /// Program version.
    pub program_version: String,
    /// Signal that killed the process, if one was seen.
    pub signal: Option<i64>,
    /// Why it did not go well.
    pub cause: Option<Cause>,
    /// Word for word, addresses masked; shown on demand.
    pub message: Option<String>,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// It goes on.
    Running,
    /// Well.
    Done,
    /// It failed.
    Failed,
    /// The process died.
    Died,
    /// There was nothing to do.
    Skipped,
    /// The mail may or may not have arrived.
    Unknown,
}
