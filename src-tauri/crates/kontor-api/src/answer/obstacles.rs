//! Obstacles of the office in the words of the contract.

use kontor::obstacle::Obstacle as Of;
use kontor::run::code;
use kontor::run::plan::Candidate;

use super::stored::word;
use crate::cause::Cause;
use crate::delivery::DeliveryState;
use crate::failure::Obstacle;

impl From<Of> for Obstacle {
    fn from(obstacle: Of) -> Self {
        match obstacle {
            Of::Cancelled { by, on } => Self::Cancelled { by, on },
            Of::IsCancellation => Self::IsCancellation,
            Of::NeverLeft => Self::NeverLeft,
            Of::PeriodTaken { number } => Self::PeriodTaken { number },
            Of::NoDocument => Self::NoDocument,
            Of::DocumentDamaged => Self::DocumentDamaged,
            Of::DocumentReplaced => Self::DocumentReplaced,
            Of::NotSentYet { state } => in_state(&state, |state| Self::NotSentYet { state }),
            Of::Settled { state } => in_state(&state, |state| Self::Settled { state }),
            Of::InHand { run } => Self::InHand { run },
            Of::Cause { cause } => Self::Cause { cause: Cause::read(&cause) },
            Of::Unreadable { field } => Self::Unreadable { field },
            Of::HostIn => Self::HostIn,
            Of::NothingToDo => Self::NothingToDo,
            Of::ReplayOpen => Self::ReplayOpen,
            Of::TooFewInputs { found, fewest } => Self::TooFewInputs {
                found: i64::try_from(found).unwrap_or(i64::MAX),
                fewest: i64::try_from(fewest).unwrap_or(i64::MAX),
            },
            Of::NotReproduced => Self::NotReproduced,
            Of::ReplayOver => Self::ReplayOver,
            Of::ConfirmedBefore { person } => Self::ConfirmedBefore { person },
            // A key that leads nowhere is a value that nobody can make sense of.
            Of::Missing => Self::Unreadable { field: "id".to_owned() },
        }
    }
}

fn in_state(stored: &str, obstacle: impl FnOnce(DeliveryState) -> Obstacle) -> Obstacle {
    word(stored).map_or_else(|| Obstacle::Unreadable { field: "state".to_owned() }, obstacle)
}

/// Why something open cannot run; none when it can.
pub(crate) fn of_candidate(candidate: &Candidate) -> Option<Obstacle> {
    Some(match candidate.obstacle? {
        code::RECORD_UNREADABLE => Obstacle::Unreadable { field: candidate.undecodable.clone().unwrap_or_default() },
        other => of_code(other),
    })
}

/// The same by its code, of many at once.
pub(crate) fn of_code(of: &str) -> Obstacle {
    match of {
        code::OUTCOME_UNKNOWN => Obstacle::OutcomeUnknown,
        code::DOCUMENT_DAMAGED => Obstacle::DocumentDamaged,
        code::IN_WORK => Obstacle::InHand { run: None },
        code::DONE_ALREADY => Obstacle::Complete,
        other => Obstacle::Cause { cause: Cause::read(other) },
    }
}
