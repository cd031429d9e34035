//! Runs: what is open and why, the plan, the start, the progress, and what failed again.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::cause::{Cause, Step};
use crate::contact::Language;
use crate::failure::Obstacle;
use crate::invoice::InvoiceFilter;
use crate::list::Destination;
use crate::month::Month;
use crate::page::{By, ListAsk, NumberedInvoice, Selection};
use crate::registration::RegistrationFilter;

/// What is open, in groups of one cause.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ShowFailureGroups {}

/// What is open, in groups of one cause, the largest first.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct FailureGroups {
    /// Invoices that are open.
    pub total: i64,
    /// The groups.
    pub groups: Vec<FailureGroup>,
}

/// Open invoices of one normalised cause.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct FailureGroup {
    /// The cause; its key names the group.
    pub cause: Cause,
    /// How many there are.
    pub count: i64,
    /// How many of them can run.
    pub eligible: i64,
    /// When it was seen first; none when nobody ever tried.
    pub first_seen: Option<DateTime<Utc>>,
    /// When it was seen last.
    pub last_seen: Option<DateTime<Utc>>,
    /// On which hosts, most first.
    pub hosts: Vec<HostCount>,
    /// A few of them.
    pub examples: Vec<FailureRow>,
    /// The list of all.
    pub destination: Destination,
}

/// A host, and how often something was seen on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct HostCount {
    /// The host.
    pub host: String,
    /// How often.
    pub count: i64,
}

/// Open invoices that match, a page of them.
pub type ListFailures = ListAsk<FailureFilter, FailureSort>;

/// Which open invoices. What is left out does not narrow; several words of one field widen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FailureFilter {
    /// Words that occur in invoice number, customer number, name or address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// Of one of these groups, by [`Cause::key`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Seen last on one of these hosts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// That can run (or cannot).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub can_run: Option<bool>,
    /// That cannot run for one of these reasons, by [`Cause::key`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub obstacles: Vec<String>,
    /// Of this month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Month>,
}

/// Columns that open invoices are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FailureSort {
    /// When it was seen last: the list's own order, newest first.
    LastSeen,
    /// Invoice number; those without one come last.
    Invoice,
    /// Customer number.
    Customer,
}

/// What an open invoice is known by even if it has no number yet: subscription, month, and what of them. Opaque to the
/// window.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct FailureKey(pub String);

/// An invoice that did not get as far as an accepted mail.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct FailureRow {
    /// Its key.
    pub key: FailureKey,
    /// The invoice, where there is one.
    pub invoice: Option<NumberedInvoice>,
    /// The registration.
    pub registration: Uuid,
    /// Customer number.
    pub customer: String,
    /// Name of the customer.
    pub name: String,
    /// The customer's mail address.
    pub email: String,
    /// The month.
    pub period: Month,
    /// What it is about.
    pub subject: Subject,
    /// The group it belongs to.
    pub cause: Cause,
    /// Why it cannot run; none when it can.
    pub obstacle: Option<Cause>,
    /// Host of the last attempt; none when nobody ever tried.
    pub host: Option<String>,
    /// How often it was tried.
    pub attempts: i64,
    /// When it failed first.
    pub first_seen: Option<DateTime<Utc>>,
    /// When it failed last.
    pub last_seen: Option<DateTime<Utc>>,
    /// What was said then, word for word, addresses masked; shown on demand.
    pub message: Option<String>,
}

/// What of a month something is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Its invoice.
    Period,
    /// A cancellation invoice.
    Cancellation,
    /// A mail that a person sends again.
    Resend,
}

/// What a run is about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RunSelection {
    /// Everything that is open.
    Everything,
    /// Open invoices.
    Failures {
        /// Which; a whole group is a filter.
        failures: Selection<FailureFilter, FailureKey>,
    },
    /// Invoices, whether open or not: what is complete cannot run, and the plan says so.
    Invoices {
        /// Which.
        invoices: Selection<InvoiceFilter, Uuid>,
    },
    /// The open invoices of registrations.
    Registrations {
        /// Which.
        registrations: Selection<RegistrationFilter, Uuid>,
    },
    /// What failed in an earlier run.
    FailedIn {
        /// The run.
        run: Uuid,
    },
    /// What is due in a month and has no invoice yet.
    Due {
        /// The month.
        period: Month,
    },
}

/// Says what a run would do; writes nothing.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct PlanRun {
    /// What it is about.
    pub selection: RunSelection,
    /// Date that invoices issued by it would bear; none takes today at the office.
    #[ts(optional)]
    pub issue_on: Option<NaiveDate>,
}

/// What a run would do.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct RunPlan {
    /// How many were chosen.
    pub chosen: i64,
    /// How many can run.
    pub eligible: i64,
    /// How many cannot.
    pub ineligible: i64,
    /// Why they cannot.
    pub refusals: Vec<Refusal>,
    /// How many mails would go out.
    pub mails: i64,
    /// How many of these are written already and go out as they are, without a covering text.
    pub stored_mails: i64,
    /// Those that can run, by cause.
    pub groups: Vec<PlannedGroup>,
    /// Date that invoices issued by it would bear.
    pub issue_on: NaiveDate,
    /// Where mails go; none when that is not set.
    pub mail_target: Option<String>,
}

/// Why some of what was chosen cannot be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Refusal {
    /// Why.
    pub obstacle: Obstacle,
    /// How many.
    pub count: i64,
    /// The list of them, where there is one.
    pub destination: Option<Destination>,
    /// A few of them by number.
    pub examples: Vec<String>,
}

/// A part of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct PlannedGroup {
    /// The cause.
    pub cause: Cause,
    /// How many can run.
    pub count: i64,
}

/// A text that opens the mails of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Covering {
    /// The text.
    pub text: String,
    /// The text for customers whose language is English; none takes the other.
    pub text_en: Option<String>,
}

/// Shows mails of a run as they would go out; writes nothing.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct PreviewCovering {
    /// What the run is about.
    pub selection: RunSelection,
    /// Date that invoices issued by it would bear; none takes today at the office.
    #[ts(optional)]
    pub issue_on: Option<NaiveDate>,
    /// The text.
    pub covering: Covering,
}

/// Mails of a run as they would go out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct CoveringPreview {
    /// One mail per language.
    pub samples: Vec<MailSample>,
    /// Mails that are written already and go out as they are, without the text.
    pub stored_mails: i64,
}

/// A mail as it would go out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct MailSample {
    /// Its language.
    pub language: Language,
    /// Number of its invoice; none for a made-up example, because no invoice of this language can run.
    pub invoice: Option<String>,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
}

/// Starts a run. This desk works on it at once; other workers may join.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct StartRun {
    /// Id of this request.
    pub request_id: Uuid,
    /// What it is about.
    pub selection: RunSelection,
    /// How many the person was shown that can run; more than these are refused.
    pub planned: i64,
    /// Why; stands in the journal.
    pub reason: String,
    /// Date that invoices issued by it bear; none takes today at the office.
    #[ts(optional)]
    pub issue_on: Option<NaiveDate>,
    /// Whether it mails; otherwise it stops when the PDFs are stored.
    pub mail: bool,
    /// A text that opens its mails.
    #[ts(optional)]
    pub covering: Option<Covering>,
}

/// A run that was put up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct RunStarted {
    /// The run.
    pub run: Uuid,
    /// Its items.
    pub total: i64,
    /// The request had been answered before; nothing was written now.
    pub is_repeated: bool,
}

/// Claims nothing more from a run; what is in hand is finished.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct PauseRun {
    /// Id of this request.
    pub request_id: Uuid,
    /// The run.
    pub run: Uuid,
    /// Why; may be empty.
    pub reason: String,
}

/// Goes on with a paused run, on this desk too.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ResumeRun {
    /// Id of this request.
    pub request_id: Uuid,
    /// The run.
    pub run: Uuid,
    /// Why; may be empty.
    pub reason: String,
}

/// Takes back what a run has not begun; what is in hand is finished.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct CancelRun {
    /// Id of this request.
    pub request_id: Uuid,
    /// The run.
    pub run: Uuid,
    /// Why; may be empty.
    pub reason: String,
}

/// Works on a run that somebody put up and nobody works on, from this desk too.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct JoinRun {
    /// The run.
    pub run: Uuid,
}

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, TS)]
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
