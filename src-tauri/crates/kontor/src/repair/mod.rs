//! Repairs: what a finding's proposal would change, doing it, and taking it back.
//!
//! A plan reads and writes nothing. Applying is one transaction per record: the row must still be as it was found, its
//! fields are written in one statement with the seal and the words that follow from them, old and new of each field are
//! kept, the rules are asked again, and only if none finds anything new is it committed, the journal's entry last. So
//! there is never half a record, and what one repair meets stops no other. Undoing puts back every column as it was
//! stored, the seal included; only `version` and `updated_at` go on, so that a desk that still shows the row is told that
//! it changed. What this module leaves out: finding (`check`), and what runs, cancellations and restorations do.

mod apply;
mod chosen;
mod document;
mod intent;
mod known;
mod list;
mod obstacle;
mod one;
mod plan;
mod record;
mod redrawn;
mod rerun;
mod row;
mod rules;
mod stage;
mod table;
mod undo;
mod undo_plan;
mod writing;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use apply::{Far, apply, apply_watched};
pub use chosen::{Which, chosen};
pub use known::{Compared, Difference, compare};
pub use list::{Changed, Filter, Listed, list};
pub use obstacle::Obstacle;
pub use one::APPLIED;
pub use plan::{Effect, FieldPlan, Plan, plan};
pub(crate) use rerun::key_of as rerun_key;
pub use stage::{orders, stage, staged, staged_rows, unstage};
pub use table::Table;
pub use undo::{UNDONE, Undo, undo, undo_watched};
pub use undo_plan::{UndoPlan, undo_plan};

use row::Row;

/// What a person wants done about one finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The finding.
    pub finding: Uuid,
    /// A value of the person's own, or one of the candidates; an empty text is NULL. None takes the proposal.
    pub value: Option<String>,
    /// What a plan said of the row ([`Plan::seen`]); a row that is not like that any more is not written.
    pub seen: Option<String>,
    /// The person named this very finding. What touches money, numbers or identity and is not proven needs it.
    pub is_named: bool,
    /// The staged repair that this applies.
    pub staged: Option<Uuid>,
    /// Whoever staged it applies it, too, and has confirmed that a second time.
    pub is_confirmed: bool,
}

impl Order {
    /// The proposal of a finding that a person named.
    pub fn named(finding: Uuid) -> Self {
        Self { finding, value: None, seen: None, is_named: true, staged: None, is_confirmed: false }
    }

    /// The proposal of one finding among many.
    pub fn among(finding: Uuid) -> Self {
        Self { is_named: false, ..Self::named(finding) }
    }

    /// With a person's own value.
    #[must_use]
    pub fn with_value(mut self, value: impl Into<String>) -> Self {
        self.value = Some(value.into());
        self
    }

    /// Confirmed a second time, by whoever staged it.
    #[must_use]
    pub fn confirmed(mut self) -> Self {
        self.is_confirmed = true;
        self
    }

    fn saw(&self, row: &Row) -> bool {
        self.seen.as_ref().is_none_or(|seen| *seen == crate::seal::hex(&row.sha256()))
    }
}

/// How a repair, or taking it back, ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// It is written.
    Applied,
    /// Another repair of the same batch had put it right already.
    Resolved,
    /// It is taken back.
    Undone,
    /// Nothing was written.
    Refused,
}

/// What became of one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// The finding; none for a repair whose finding is gone.
    pub finding: Option<Uuid>,
    /// The repair, where one was written.
    pub repair: Option<Uuid>,
    /// How it ended.
    pub outcome: Ended,
    /// Why nothing was written.
    pub obstacle: Option<Obstacle>,
}

impl Item {
    fn applied(finding: Uuid, repair: Uuid) -> Self {
        Self { finding: Some(finding), repair: Some(repair), outcome: Ended::Applied, obstacle: None }
    }

    fn resolved(finding: Uuid) -> Self {
        Self { finding: Some(finding), repair: None, outcome: Ended::Resolved, obstacle: None }
    }

    fn refused(finding: Uuid, obstacle: Obstacle) -> Self {
        Self { finding: Some(finding), repair: None, outcome: Ended::Refused, obstacle: Some(obstacle) }
    }
}

/// What became of all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// The batch, by which all of them can be undone.
    pub batch: Uuid,
    /// How many were written, or taken back.
    pub applied: u64,
    /// How many another one had put right.
    pub resolved: u64,
    /// How many were not written.
    pub refused: u64,
    /// The run that takes what has to be issued, drawn or mailed.
    pub run: Option<Uuid>,
    /// Each, in the order in which they were given.
    pub items: Vec<Item>,
}

impl Applied {
    fn of(batch: Uuid, items: Vec<Item>) -> Self {
        let count = |outcomes: &[Ended]| items.iter().filter(|item| outcomes.contains(&item.outcome)).count() as u64;
        Self {
            batch,
            applied: count(&[Ended::Applied, Ended::Undone]),
            resolved: count(&[Ended::Resolved]),
            refused: count(&[Ended::Refused]),
            run: None,
            items,
        }
    }
}
