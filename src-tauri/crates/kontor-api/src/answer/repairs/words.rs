//! What repairs say, in the words of the contract.

use kontor::repair::{self, Obstacle};

use super::super::findings::title;
use super::super::stored::{spelled, word};
use crate::cause::Cause;
use crate::finding::{FlippedBit, ProposedChange};
use crate::repair::{RepairEffect, RepairObstacle};

/// Why something is not repaired.
pub(in super::super) fn obstacle(of: &Obstacle) -> RepairObstacle {
    match of {
        Obstacle::FindingClosed => RepairObstacle::FindingClosed,
        Obstacle::RowChanged => RepairObstacle::RowChanged,
        Obstacle::RowMissing => RepairObstacle::RowMissing,
        Obstacle::DatabaseCorrupt => RepairObstacle::DatabaseCorrupt,
        Obstacle::NothingProposed => RepairObstacle::NothingProposed,
        Obstacle::ChooseCandidate => RepairObstacle::ChooseCandidate,
        Obstacle::NeedsPerson => RepairObstacle::NeedsPerson,
        Obstacle::Frozen => RepairObstacle::Frozen,
        Obstacle::NameIt => RepairObstacle::NameIt,
        Obstacle::ValueInvalid { field, value } => {
            RepairObstacle::ValueInvalid { field: field.clone(), value: value.clone() }
        }
        Obstacle::Duplicate => RepairObstacle::Duplicate,
        Obstacle::StillFound => RepairObstacle::StillFound,
        Obstacle::BreaksRule { rule } => RepairObstacle::BreaksRule { rule: rule.clone(), title: title(rule) },
        Obstacle::CannotRun { cause } => RepairObstacle::CannotRun { cause: Cause::read(cause) },
        Obstacle::Final => RepairObstacle::Final,
        Obstacle::NotApplied => RepairObstacle::NotApplied,
        Obstacle::Forbidden => RepairObstacle::Forbidden,
        Obstacle::BytesGone => RepairObstacle::BytesGone,
        Obstacle::StagedAlready => RepairObstacle::StagedAlready,
        Obstacle::SecondConfirmation => RepairObstacle::SecondConfirmation,
        Obstacle::Said { sentence } => RepairObstacle::Said { sentence: sentence.clone() },
    }
}

/// A stored refusal.
pub(super) fn refusal(stored: Option<&str>) -> Option<RepairObstacle> {
    let read: Obstacle = serde_json::from_str(stored?).ok()?;
    Some(obstacle(&read))
}

/// What happens besides.
pub(super) fn effect(of: repair::Effect) -> Option<RepairEffect> {
    word(&spelled(&of))
}

/// Old and new of a field, with the one bit in which they differ.
pub(super) fn change(field: &str, old: Option<String>, new: Option<String>) -> ProposedChange {
    let bit = old.as_ref().zip(new.as_ref()).filter(|_| is_text(field)).and_then(|(old, new)| flipped(old, new));
    ProposedChange { field: field.to_owned(), old, new, bit }
}

/// Numbers are no text: the bits of their digits say nothing about what is stored.
fn is_text(field: &str) -> bool {
    let is_number = ["_cents", "_bytes", "_basis_points", "_count"].iter().any(|ending| field.ends_with(ending));
    !is_number && !["seal", "bytes", "snapshot", "sha256", "snapshot_sha256"].contains(&field)
}

/// The one bit in which two texts differ.
fn flipped(old: &str, new: &str) -> Option<FlippedBit> {
    let (old, new) = (old.as_bytes(), new.as_bytes());
    if old.len() != new.len() {
        return None;
    }
    let mut different = old.iter().zip(new).enumerate().filter(|(_, (old, new))| old != new);
    let (byte, (old, new)) = different.next()?;
    let bits = old ^ new;
    let is_one = bits.is_power_of_two() && different.next().is_none();
    is_one.then(|| FlippedBit { byte: i64::try_from(byte).unwrap_or(i64::MAX), bit: bits.trailing_zeros().into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bit_is_found_and_two_are_not() {
        assert_eq!(flipped("Maier", "Mayer"), Some(FlippedBit { byte: 2, bit: 4 }));
        assert_eq!(flipped("Maier", "Maier"), None);
        assert_eq!(flipped("Maier", "Meyer"), None);
        assert_eq!(flipped("Mai", "Maier"), None);
        assert_eq!(change("gross_cents", Some("100".to_owned()), Some("101".to_owned())).bit, None);
    }

    #[test]
    fn what_was_refused_is_told_as_it_was_stored() {
        let stored = serde_json::to_string(&Obstacle::BreaksRule { rule: "tax_wrong".to_owned() }).expect("JSON");
        let told = refusal(Some(&stored)).expect("an obstacle");
        assert!(
            matches!(&told, RepairObstacle::BreaksRule { rule, title } if rule == "tax_wrong" && title.de != title.en)
        );
        assert_eq!((refusal(None), refusal(Some("{}"))), (None, None));
        for of in [Obstacle::RowChanged, Obstacle::SecondConfirmation, Obstacle::StagedAlready] {
            let told = serde_json::to_value(obstacle(&of)).expect("JSON");
            assert_eq!(told["code"], of.code(), "the codes of the command line and the window are the same");
        }
    }

    #[test]
    fn every_effect_has_a_word_of_the_contract() {
        use repair::Effect;
        let all = [
            Effect::Sealed,
            Effect::Accepted,
            Effect::Run,
            Effect::Drawn,
            Effect::Mail,
            Effect::NoMail,
            Effect::Cancellation,
            Effect::PaperUnchanged,
            Effect::Final,
        ];
        assert!(all.into_iter().all(|of| effect(of).is_some()));
    }
}
