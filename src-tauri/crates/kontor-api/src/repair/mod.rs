//! Repairs: what they would do, staged for review, applied, and taken back.
//!
//! A plan writes nothing. What is staged waits for somebody to apply it: another person, or the same one after confirming a
//! second time. What is refused says so as a code, item by item, and stops nothing else.

mod apply;
mod history;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::cause::Cause;
use crate::finding::{
    Bilingual, CandidateValue, Certainty, FindingFilter, FindingSubject, ProposedChange, RepairAction, Severity,
};
use crate::page::{By, Selection};

pub use apply::{
    ApplyRepairs, PlanUndo, RepairItem, RepairOutcome, RepairsDone, UndoChoice, UndoPreview, UndoRepairs, UndonePreview,
};
pub use history::{
    CompareRepair, ListRepairs, RepairConflict, RepairDetail, RepairFilter, RepairRow, RepairSort, ShowRepair,
};

/// How a repair stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RepairState {
    /// It waits for somebody to apply it.
    Staged,
    /// It is written.
    Applied,
    /// Nothing was written.
    Refused,
    /// It is taken back.
    Undone,
}

/// What happens besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RepairEffect {
    /// The seal is made anew where it has to be.
    Sealed,
    /// The row is taken as it is.
    Accepted,
    /// A run is started for it.
    Run,
    /// The document is drawn, for the first time or again from the same content.
    Drawn,
    /// A mail goes out to the customer.
    Mail,
    /// No mail goes out.
    NoMail,
    /// A cancellation invoice is issued and mailed.
    Cancellation,
    /// The stored document stays as it is.
    PaperUnchanged,
    /// It cannot be taken back.
    Final,
}

/// Why something is not repaired, or not taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum RepairObstacle {
    /// The rule no longer finds it.
    FindingClosed,
    /// The row is not as it was found, planned or left any more.
    RowChanged,
    /// The row is gone.
    RowMissing,
    /// The database itself is damaged.
    DatabaseCorrupt,
    /// Nothing is proposed; a person gives a value.
    NothingProposed,
    /// Several values could be right; a person chooses one.
    ChooseCandidate,
    /// A person decides, and there is no field to write.
    NeedsPerson,
    /// Nothing ever changes this column.
    Frozen,
    /// It touches money, numbers or identity and is not proven; a person names it.
    NameIt,
    /// The value cannot be taken.
    ValueInvalid {
        /// The column.
        field: String,
        /// The value.
        value: String,
    },
    /// Another row has this value, which may be there only once.
    Duplicate,
    /// The rule still finds it afterwards.
    StillFound,
    /// Another rule would find something about the record afterwards.
    BreaksRule {
        /// The rule.
        rule: String,
        /// Its short name.
        title: Bilingual,
    },
    /// A run cannot take it.
    CannotRun {
        /// What is in the way.
        cause: Cause,
    },
    /// What was done cannot be taken back.
    Final,
    /// There is nothing to undo, or it was taken from the list meanwhile.
    NotApplied,
    /// The database itself forbids what would be written.
    Forbidden,
    /// The bytes that would have the stored hash are not to be had any more.
    BytesGone,
    /// A repair of this finding is staged already.
    StagedAlready,
    /// Whoever staged it applies it, too: that takes somebody else, or a second confirmation.
    SecondConfirmation,
    /// Whoever does this said why not, in the words of the command line.
    Said {
        /// The sentence.
        sentence: String,
    },
}

/// A finding, and the value that a person gives for it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TS)]
pub struct RepairOrder {
    /// The finding.
    pub finding: Uuid,
    /// A value of the person's own, or one of the candidates; an empty text is no value. None takes the proposal.
    #[ts(optional)]
    pub value: Option<String>,
}

/// Which repairs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RepairChoice {
    /// Those of these findings, each named by a person.
    Named {
        /// The findings.
        orders: Vec<RepairOrder>,
    },
    /// The proven ones among these findings.
    Proven {
        /// The findings.
        findings: Selection<FindingFilter, Uuid>,
    },
    /// Those of all open findings of a rule.
    Rule {
        /// Its id.
        rule: String,
    },
    /// Those that are staged.
    Staged {
        /// These; none means all.
        repairs: Vec<Uuid>,
    },
}

/// What repairs would do; writes nothing.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct PlanRepairs {
    /// Which.
    pub choice: RepairChoice,
    /// How many of them are told one by one; the figures are about all.
    pub limit: i64,
}

/// What repairs would do.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct RepairPlan {
    /// The figures.
    pub totals: RepairTotals,
    /// What cannot be done, by reason.
    pub refusals: Vec<RepairRefusal>,
    /// The first of them, one by one; those of one record stand together.
    pub repairs: Vec<PlannedRepair>,
}

/// Figures of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, TS)]
pub struct RepairTotals {
    /// Repairs.
    pub repairs: i64,
    /// Those that can be applied as things stand; what follows is about them.
    pub able: i64,
    /// Records whose fields they set.
    pub records: i64,
    /// Fields that they set.
    pub fields: i64,
    /// Mails that go out.
    pub mails: i64,
    /// Documents that are drawn.
    pub drawn: i64,
    /// Cancellation invoices.
    pub cancellations: i64,
    /// Those that cannot be taken back.
    pub finals: i64,
    /// Findings that were chosen and are not proven.
    pub unproven: i64,
    /// Staged ones that this person staged.
    pub mine: i64,
}

/// A reason, and how many it holds up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct RepairRefusal {
    /// The reason.
    pub obstacle: RepairObstacle,
    /// How many.
    pub count: i64,
}

/// What the repair of one finding would do.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct PlannedRepair {
    /// The finding.
    pub finding: Uuid,
    /// Its rule.
    pub rule: String,
    /// The rule's short name.
    pub title: Bilingual,
    /// How much the finding matters.
    pub severity: Severity,
    /// The record that would be written.
    pub subject: FindingSubject,
    /// What would be done; none where nothing is proposed.
    pub action: Option<RepairAction>,
    /// How sure it is.
    pub evidence: Certainty,
    /// Old and new, per field.
    pub fields: Vec<ProposedChange>,
    /// What happens besides.
    pub effects: Vec<RepairEffect>,
    /// Whether it could be taken back.
    pub is_undoable: bool,
    /// Values that a person may choose among.
    pub candidates: Vec<CandidateValue>,
    /// Whether a person may give a value of their own.
    pub takes_value: bool,
    /// What stands against it.
    pub obstacle: Option<RepairObstacle>,
    /// Who staged it, and when.
    pub staged: Option<StagedRepair>,
}

/// That a repair is staged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct StagedRepair {
    /// The repair.
    pub repair: Uuid,
    /// Who staged it.
    pub by: By,
    /// When.
    pub at: DateTime<Utc>,
    /// The value that this person gave.
    pub value: Option<String>,
    /// Whether it is the one who asks.
    pub is_mine: bool,
}

/// Stages repairs for review; nothing is written of them.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct StageRepairs {
    /// The id by which a repetition is recognised.
    pub request_id: Uuid,
    /// Which.
    pub choice: RepairChoice,
}

/// Takes repairs from the list again.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct UnstageRepairs {
    /// The id by which a repetition is recognised.
    pub request_id: Uuid,
    /// Which.
    pub repairs: Vec<Uuid>,
}

/// How many were taken from the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
pub struct RepairsUnstaged {
    /// The number.
    pub count: i64,
}
