//! What a run is about, what it would do, and starting it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::{FailureFilter, FailureKey};
use crate::cause::Cause;
use crate::contact::Language;
use crate::failure::Obstacle;
use crate::invoice::InvoiceFilter;
use crate::list::Destination;
use crate::month::Month;
use crate::page::Selection;
use crate::registration::RegistrationFilter;

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
