//! Applying repairs and taking them back: what is asked, and how it ended.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::finding::{Bilingual, FindingSubject, ProposedChange};

use super::RepairObstacle;

/// Applies staged repairs, as a job.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ApplyRepairs {
    /// The id by which a repetition is recognised; it becomes the batch.
    pub request_id: Uuid,
    /// Which.
    pub repairs: Vec<Uuid>,
    /// Why; it stands in the journal.
    pub reason: String,
    /// The person has confirmed a second time.
    pub is_confirmed: bool,
}

/// How a repair, or taking it back, ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RepairOutcome {
    /// It is written, or staged.
    Applied,
    /// Another repair of the same batch had put it right already.
    Resolved,
    /// It is taken back.
    Undone,
    /// Nothing was written.
    Refused,
}

/// What became of one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct RepairItem {
    /// The finding; none for a repair whose finding is gone.
    pub finding: Option<Uuid>,
    /// The repair, where there is one.
    pub repair: Option<Uuid>,
    /// How it ended.
    pub outcome: RepairOutcome,
    /// Why nothing was written.
    pub obstacle: Option<RepairObstacle>,
    /// What it is about, where it was refused.
    pub subject: Option<FindingSubject>,
}

/// What became of all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct RepairsDone {
    /// The batch, by which all of them can be taken back.
    pub batch: Uuid,
    /// How many were staged, written or taken back.
    pub done: i64,
    /// How many another one had put right.
    pub resolved: i64,
    /// How many were not written.
    pub refused: i64,
    /// How many were not begun, because somebody cancelled.
    pub left: i64,
    /// The run that takes what has to be issued, drawn or mailed.
    pub run: Option<Uuid>,
    /// Each.
    pub items: Vec<RepairItem>,
}

/// What is to be taken back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum UndoChoice {
    /// These repairs.
    Repairs {
        /// Their ids.
        repairs: Vec<Uuid>,
    },
    /// All that one act applied.
    Batch {
        /// The batch.
        batch: Uuid,
    },
}

/// What taking back would do; writes nothing.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct PlanUndo {
    /// Which.
    pub choice: UndoChoice,
}

/// What taking back would do.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct UndoPreview {
    /// How many can be taken back.
    pub able: i64,
    /// How many cannot.
    pub unable: i64,
    /// Each, in the order in which they go back.
    pub repairs: Vec<UndonePreview>,
}

/// What taking one repair back would do.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct UndonePreview {
    /// The repair.
    pub repair: Uuid,
    /// The rule's short name.
    pub title: Option<Bilingual>,
    /// The record.
    pub subject: FindingSubject,
    /// What stands there, and what would.
    pub fields: Vec<ProposedChange>,
    /// What stands against it.
    pub obstacle: Option<RepairObstacle>,
}

/// Takes repairs back, as a job.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct UndoRepairs {
    /// The id by which a repetition is recognised.
    pub request_id: Uuid,
    /// Which.
    pub choice: UndoChoice,
    /// Why; it stands in the journal.
    pub reason: String,
}
