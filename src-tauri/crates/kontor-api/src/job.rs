//! Long work of this desk: it is started, reports, can be cancelled, and ends with an outcome. Runs are no jobs: they
//! belong to the database and to whoever works on them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::failure::Failure;
use crate::finding::Bilingual;
use crate::journal::JournalVerdict;
use crate::repair::RepairsDone;

/// A piece of long work.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Job {
    /// Its id.
    pub id: Uuid,
    /// What it does.
    pub kind: JobKind,
    /// When it was started.
    pub started_at: DateTime<Utc>,
    /// How far it is, stage by stage; stages may run side by side.
    pub stages: Vec<JobStage>,
    /// How it ended; none while it goes on.
    pub outcome: Option<JobOutcome>,
}

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// Makes a demo.
    Demo,
    /// Writes a list to a file.
    Export,
    /// Verifies the journal.
    Journal,
    /// Asks the rules.
    Check,
    /// Applies repairs.
    Repair,
    /// Takes repairs back.
    Undo,
    /// Draws documents of a suspect host again, and asks the rules.
    Examine,
}

/// How far a stage is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct JobStage {
    /// Which.
    pub name: JobStageName,
    /// What is done.
    pub done: i64,
    /// Of how many; none when nobody knows.
    pub total: Option<i64>,
}

/// A stage of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum JobStageName {
    /// Customers of a demo.
    Registrations,
    /// Invoices of a demo.
    Invoices,
    /// Rows of an export.
    Rows,
    /// Entries of the journal.
    Entries,
    /// Rules, and passes over rows and documents.
    Rules,
    /// Repairs.
    Repairs,
    /// Documents that are drawn again.
    Documents,
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum JobOutcome {
    /// A demo is there, and this desk knows it.
    Demo {
        /// The profile to open.
        profile: Uuid,
        /// Customers.
        registrations: i64,
        /// Invoices.
        invoices: i64,
    },
    /// A file is written.
    Export {
        /// Its path.
        path: String,
        /// Rows written, without the heading.
        rows: i64,
    },
    /// The journal was read to its end, or to its first fault.
    Journal {
        /// What was found.
        verdict: JournalVerdict,
    },
    /// The rules were asked.
    Check {
        /// Rules that were asked.
        rules: i64,
        /// Findings that are open now, without what is set aside.
        open: i64,
        /// Findings that were closed.
        closed: i64,
        /// What could not be checked here.
        not_checked: Vec<Bilingual>,
    },
    /// Repairs were applied or taken back, each on its own.
    Repairs {
        /// What became of them.
        result: RepairsDone,
    },
    /// Documents were drawn again, and the rules were asked.
    Examined {
        /// Documents that were drawn.
        drawn: i64,
        /// Those that came out the same.
        same: i64,
        /// Those that came out otherwise.
        otherwise: i64,
        /// Those that cannot be drawn again.
        undrawable: i64,
        /// Findings that are open now, without what is set aside.
        open: i64,
    },
    /// Somebody cancelled it; it left nothing behind.
    Cancelled,
    /// It failed; it left nothing behind.
    Failed {
        /// Why.
        failure: Failure,
    },
}

/// Makes the mail service of January 2013 in a new file, as a job.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct CreateDemo {
    /// The file; none takes a new one in the demo folder.
    #[ts(optional)]
    pub path: Option<String>,
    /// Name of the profile, in the window's language.
    pub name: String,
    /// How many customers; none takes the 8,532 of the report.
    #[ts(optional)]
    pub registrations: Option<i64>,
}

/// Cancels a job. One that is over stays as it ended.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct CancelJob {
    /// The job.
    pub job: Uuid,
}
