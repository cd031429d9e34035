//! A broken seal, and which single bit explains it.
//!
//! The canonical bytes of the row are tried with each bit flipped; the seal fits the right one and, as far as anybody can
//! tell, no other. Days and times lie in other bytes where the databases keep them, so these are tried as well. A seal of
//! which itself one bit differs was hit itself. What two flips did is no single-bit neighbour: then a person accepts the
//! row, with a reason, or puts it right.

use chrono::{DateTime, NaiveDate};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::check::book::Found;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::{candidates, doubt, hashes, rules};
use crate::seal::Canonical;

/// What the content of a sealed field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Whole,
    /// A day.
    Day,
    /// A point in time.
    At,
    /// Yes or no.
    Flag,
    /// An id.
    Id,
}

/// A field of a sealed row.
pub(in crate::check) type Cell = (&'static str, Kind);

/// A kind of sealed row; its cells stand in the order in which they are sealed.
pub(in crate::check) struct Sealed<M: 'static> {
    pub table: &'static str,
    pub canonical: fn(&M) -> Canonical,
    pub stored: fn(&M) -> Option<&[u8]>,
    pub id: fn(&M) -> Uuid,
    pub cells: &'static [Cell],
}

/// A field, what stands there, and what the seal fits, as text.
type Explained = (&'static str, String, String);

impl<M> Sealed<M> {
    /// The finding, where the row has a seal and it does not fit.
    pub fn look(&self, row: &M) -> Option<(&'static str, Found)> {
        let stored = (self.stored)(row)?;
        let canonical = (self.canonical)(row);
        self.judge(&canonical, stored, (self.id)(row))
    }

    /// The same of a row's canonical bytes.
    pub fn judge(&self, canonical: &Canonical, stored: &[u8], id: Uuid) -> Option<(&'static str, Found)> {
        let computed = Sha256::digest(canonical.as_bytes());
        if stored == &computed[..] {
            return None;
        }
        let found = Found::new(self.table, id);
        let accept = |evidence| Proposal::act(Action::AcceptRow, evidence);
        if candidates::differ_by_a_bit(stored, &computed) {
            let proposal = accept(Evidence::Proven).because(Reason::new("seal_itself_hit"));
            return Some((rules::SEAL_BROKEN, found.proposing(proposal)));
        }
        let explained = self.flipped(canonical, stored).or_else(|| self.flipped_as_kept(canonical, stored));
        let Some((field, current, right)) = explained else {
            let proposal = accept(Evidence::None).because(Reason::new("changed_outside"));
            return Some((rules::SEAL_BROKEN, found.proposing(proposal)));
        };
        let mut proposal = Proposal::set(field, right.clone(), Evidence::Proven).because(Reason::new("seal_fits"));
        proposal.reasons.extend(doubt::flip(&current, &right));
        Some((rules::SEAL_BROKEN, found.field(field, Some(current)).proposing(proposal)))
    }

    /// One bit of the canonical bytes; tags and lengths stand nowhere in a database, so only what they hold is tried.
    fn flipped(&self, canonical: &Canonical, stored: &[u8]) -> Option<Explained> {
        let flip = hashes::flipped_back_within(canonical.as_bytes(), canonical.contents(), stored)?;
        let at = canonical.contents().iter().position(|content| content.contains(&flip.byte))?;
        let (content, (field, kind)) = (canonical.contents().get(at)?.clone(), self.cells.get(at)?);
        let current = told(*kind, canonical.as_bytes().get(content.clone())?)?;
        Some((field, current, told(*kind, flip.bytes.get(content)?)?))
    }

    /// One bit of a day or a time as the databases keep it: as text, or counted from the year 2000.
    fn flipped_as_kept(&self, canonical: &Canonical, stored: &[u8]) -> Option<Explained> {
        let mut bytes = canonical.as_bytes().to_vec();
        for ((field, kind), content) in self.cells.iter().zip(canonical.contents()) {
            let right = bytes.get(content.clone())?.to_vec();
            for other in kept_otherwise(*kind, &right) {
                bytes.get_mut(content.clone())?.copy_from_slice(&other);
                if Sha256::digest(&bytes)[..] == *stored {
                    return Some((field, told(*kind, &right)?, told(*kind, &other)?));
                }
            }
            bytes.get_mut(content.clone())?.copy_from_slice(&right);
        }
        None
    }
}

/// The content of a field as text; none where it is none of its kind.
fn told(kind: Kind, content: &[u8]) -> Option<String> {
    Some(match kind {
        Kind::Text => String::from_utf8(content.to_vec()).ok()?,
        Kind::Whole => i64::from_be_bytes(content.try_into().ok()?).to_string(),
        Kind::Day => day(content)?.to_string(),
        Kind::At => DateTime::from_timestamp_micros(i64::from_be_bytes(content.try_into().ok()?))?.to_rfc3339(),
        Kind::Flag => match i64::from_be_bytes(content.try_into().ok()?) {
            0 => false.to_string(),
            1 => true.to_string(),
            _ => return None,
        },
        Kind::Id => Uuid::from_slice(content).ok()?.to_string(),
    })
}

fn day(content: &[u8]) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(i32::from_be_bytes(content.try_into().ok()?))
}

/// What a day or a time may have been before one bit of it flipped in the database's own bytes, as canonical content.
fn kept_otherwise(kind: Kind, content: &[u8]) -> Vec<Vec<u8>> {
    use chrono::Datelike;
    match kind {
        Kind::Day => {
            let days = day(content).into_iter().flat_map(candidates::days_as_kept);
            days.map(|day| day.num_days_from_ce().to_be_bytes().to_vec()).collect()
        }
        Kind::At => {
            let at =
                content.try_into().ok().and_then(|bytes| DateTime::from_timestamp_micros(i64::from_be_bytes(bytes)));
            let times = at.into_iter().flat_map(candidates::times_as_kept);
            times.map(|at| at.timestamp_micros().to_be_bytes().to_vec()).collect()
        }
        _ => Vec::new(),
    }
}
