//! A broken seal, and which single bit explains it.
//!
//! Each field of the row is tried with each of its bits flipped; the seal fits the right one and, as far as anybody can
//! tell, no other. A seal of which itself one bit differs was hit itself. What two flips did is no single-bit neighbour:
//! then a person accepts the row, with a reason, or puts it right.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::check::book::Found;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::{candidates, doubt, rules};

/// A field of a sealed row: its name, and how it is read and set.
pub(super) enum Cell<M> {
    /// Text.
    Text(&'static str, fn(&mut M) -> &mut String),
    /// Text that may be NULL.
    MaybeText(&'static str, fn(&mut M) -> &mut Option<String>),
    /// A whole number.
    Whole(&'static str, fn(&mut M) -> &mut i64),
    /// A day.
    Day(&'static str, fn(&mut M) -> &mut NaiveDate),
    /// A day that may be NULL.
    MaybeDay(&'static str, fn(&mut M) -> &mut Option<NaiveDate>),
    /// A point in time.
    At(&'static str, fn(&mut M) -> &mut DateTime<Utc>),
    /// Yes or no.
    Flag(&'static str, fn(&mut M) -> &mut bool),
    /// An id.
    Id(&'static str, fn(&mut M) -> &mut Uuid),
    /// An id that may be NULL.
    MaybeId(&'static str, fn(&mut M) -> &mut Option<Uuid>),
}

/// A kind of sealed row.
pub(super) struct Sealed<M: 'static> {
    pub table: &'static str,
    pub seal: fn(&M) -> Vec<u8>,
    pub stored: fn(&M) -> Option<&[u8]>,
    pub id: fn(&M) -> Uuid,
    pub cells: &'static [Cell<M>],
}

impl<M: Clone> Sealed<M> {
    /// The finding, where the row has a seal and it does not fit.
    pub fn look(&self, row: &M) -> Option<(&'static str, Found)> {
        let stored = (self.stored)(row)?;
        let computed = (self.seal)(row);
        if stored == computed {
            return None;
        }
        let found = Found::new(self.table, (self.id)(row));
        if let Some((field, current, right)) = self.cells.iter().find_map(|cell| self.neighbour(cell, row, stored)) {
            let mut proposal = Proposal::set(field, right.clone(), Evidence::Proven).because(Reason::new("seal_fits"));
            proposal.reasons.extend(doubt::flip(&current, &right));
            return Some((rules::SEAL_BROKEN, found.field(field, Some(current)).proposing(proposal)));
        }
        let accept = |evidence| Proposal::act(Action::AcceptRow, evidence);
        let proposal = if candidates::differ_by_a_bit(stored, &computed) {
            accept(Evidence::Proven).because(Reason::new("seal_itself_hit"))
        } else {
            accept(Evidence::None).because(Reason::new("changed_outside"))
        };
        Some((rules::SEAL_BROKEN, found.proposing(proposal)))
    }

    /// What stands in the field and what one bit away of it fits the seal, as text.
    fn neighbour(&self, cell: &Cell<M>, row: &M, stored: &[u8]) -> Option<(&'static str, String, String)> {
        let mut row = row.clone();
        match *cell {
            Cell::Text(name, cell) => {
                let current = cell(&mut row).clone();
                let right = candidates::texts(&current).find(|value| self.fits(&mut row, stored, cell, value))?;
                Some((name, current, right))
            }
            Cell::MaybeText(name, cell) => {
                let current = cell(&mut row).clone()?;
                let right = candidates::texts(&current)
                    .find(|value| self.fits(&mut row, stored, cell, &Some(value.clone())))?;
                Some((name, current, right))
            }
            Cell::Whole(name, cell) => {
                let current = *cell(&mut row);
                self.shown(name, &mut row, stored, cell, &current, candidates::wholes(current))
            }
            Cell::Day(name, cell) => {
                let current = *cell(&mut row);
                self.shown(name, &mut row, stored, cell, &current, candidates::days(current))
            }
            Cell::MaybeDay(name, cell) => {
                let current = (*cell(&mut row))?;
                let right = candidates::days(current).find(|day| self.fits(&mut row, stored, cell, &Some(*day)))?;
                Some((name, current.to_string(), right.to_string()))
            }
            Cell::At(name, cell) => {
                let current = *cell(&mut row);
                let right = candidates::times(current).find(|at| self.fits(&mut row, stored, cell, at))?;
                Some((name, current.to_rfc3339(), right.to_rfc3339()))
            }
            Cell::Flag(name, cell) => {
                let current = *cell(&mut row);
                self.shown(name, &mut row, stored, cell, &current, std::iter::once(!current))
            }
            Cell::Id(name, cell) => {
                let current = *cell(&mut row);
                self.shown(name, &mut row, stored, cell, &current, candidates::ids(current))
            }
            Cell::MaybeId(name, cell) => {
                let current = (*cell(&mut row))?;
                let right = candidates::ids(current).find(|id| self.fits(&mut row, stored, cell, &Some(*id)))?;
                Some((name, current.to_string(), right.to_string()))
            }
        }
    }

    fn shown<T: Clone + ToString>(
        &self,
        name: &'static str,
        row: &mut M,
        stored: &[u8],
        cell: fn(&mut M) -> &mut T,
        current: &T,
        mut values: impl Iterator<Item = T>,
    ) -> Option<(&'static str, String, String)> {
        let right = values.find(|value| self.fits(row, stored, cell, value))?;
        Some((name, current.to_string(), right.to_string()))
    }

    /// Whether the seal fits the row with this value in the field.
    fn fits<T: Clone>(&self, row: &mut M, stored: &[u8], cell: fn(&mut M) -> &mut T, value: &T) -> bool {
        cell(row).clone_from(value);
        (self.seal)(row) == stored
    }
}
