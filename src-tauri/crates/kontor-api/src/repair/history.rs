//! Repairs that were tried: the list, one of them with old and new, and three versions where the record changed.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::{RepairObstacle, RepairState};
use crate::failure::ConflictField;
use crate::finding::{Bilingual, FindingSubject, ProposedChange, RepairAction};
use crate::list::Destination;
use crate::page::{By, ListAsk};

/// Repairs that match, a page of them.
pub type ListRepairs = ListAsk<RepairFilter, RepairSort>;

/// Which repairs. What is left out does not narrow; several words of one field widen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RepairFilter {
    /// Words that occur in what was changed, in the reason, the rule's id, or the number of the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// In one of these states; none means all but staged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<RepairState>,
    /// Of findings of one of these rules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// Staged, applied or taken back by one of these people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub persons: Vec<String>,
    /// Of this batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<Uuid>,
    /// Of this finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<Uuid>,
    /// On this day or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acted_from: Option<NaiveDate>,
    /// On this day or earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acted_to: Option<NaiveDate>,
}

/// Columns that repairs are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RepairSort {
    /// When anything was last made of it: the list's own order, newest first.
    ActedAt,
}

/// A repair.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct RepairRow {
    /// Its id.
    pub id: Uuid,
    /// How it stands.
    pub state: RepairState,
    /// The finding it was for.
    pub finding: Option<Uuid>,
    /// Id of the rule of that finding.
    pub rule: Option<String>,
    /// The rule's short name.
    pub title: Option<Bilingual>,
    /// The record.
    pub subject: FindingSubject,
    /// Kind of repair.
    pub action: RepairAction,
    /// The first field that was changed.
    pub field: Option<String>,
    /// What stood there.
    pub old: Option<String>,
    /// What it was set to.
    pub new: Option<String>,
    /// How many fields were changed, those that follow from others not counted.
    pub fields: i64,
    /// Who staged it, or applied it at once.
    pub by: By,
    /// When it was staged.
    pub staged_at: DateTime<Utc>,
    /// Who applied it, or wanted to.
    pub applied_by: Option<String>,
    /// When anything was last made of it.
    pub acted_at: DateTime<Utc>,
    /// Why.
    pub reason: Option<String>,
    /// Why nothing was written.
    pub refusal: Option<RepairObstacle>,
    /// The batch it belongs to.
    pub batch: Option<Uuid>,
}

/// One repair.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ShowRepair {
    /// Its id.
    pub id: Uuid,
}

/// One repair with what it changed, and whether it can be taken back.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct RepairDetail {
    /// The repair.
    pub row: RepairRow,
    /// Old and new, per field.
    pub changes: Vec<ProposedChange>,
    /// When it was applied.
    pub applied_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub undone_at: Option<DateTime<Utc>>,
    /// Who took it back.
    pub undone_by: Option<String>,
    /// Why it was taken back.
    pub undone_reason: Option<String>,
    /// Why it cannot be taken back; none where it can.
    pub undo_obstacle: Option<RepairObstacle>,
    /// How many of its batch are applied, itself among them.
    pub batch_applied: i64,
    /// The run that it started.
    pub run: Option<Destination>,
    /// Whether the record is as this repair last knew it, or can be held against it.
    pub can_compare: bool,
    /// What the journal has about the record.
    pub journal: Destination,
}

/// Holds a repair against its record as it is now.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct CompareRepair {
    /// The repair.
    pub id: Uuid,
}

/// A repair beside what became of its record meanwhile.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct RepairConflict {
    /// The record.
    pub subject: FindingSubject,
    /// The finding of the repair.
    pub finding: Option<Uuid>,
    /// How the repair stands.
    pub state: RepairState,
    /// Who changed the record since; none when it was changed outside Kontor.
    pub changed_by: Option<By>,
    /// When, where that is known.
    pub changed_at: Option<DateTime<Utc>>,
    /// Fields that the repair or somebody else touches.
    pub fields: Vec<ConflictField>,
}
