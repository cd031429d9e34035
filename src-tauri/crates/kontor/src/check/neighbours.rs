//! Proposals from values that lie near what stands there, or that follow from elsewhere, with what speaks for and against
//! a flipped bit.

use super::book::Found;
use super::candidates::differ_by_a_bit;
use super::doubt;
use super::proposal::{Candidate, Evidence, Proposal, Reason};

/// Most candidates that are kept; more say as little as none.
const MOST: usize = 12;

/// The finding with the values one bit away that satisfy the rules of the record: one is a proposal, several are a choice.
pub(super) fn proposed(found: Found, field: &str, current: &str, near: Vec<String>) -> Found {
    match &near[..] {
        [] => found,
        [one] => {
            let mut proposal = Proposal::set(field, one, Evidence::Single);
            proposal.reasons = doubt::flip(current, one);
            found.proposing(proposal)
        }
        _ => {
            let candidates = near.into_iter().take(MOST);
            let candidates = candidates.map(|value| Candidate { value, from: "bit".to_owned() }).collect();
            found.proposing(Proposal::choose(candidates).because(Reason::new("one_bit")))
        }
    }
}

/// A value that follows from elsewhere: the only candidate, as long as nothing else says so.
pub(super) fn expected(field: &str, current: &str, right: &str, from: &str) -> Proposal {
    let mut proposal = Proposal::set(field, right, Evidence::Single).because(Reason::new(from));
    if is_flip(current, right) {
        proposal.reasons.extend(doubt::flip(current, right));
    } else {
        proposal.reasons.push(Reason::against("not_one_bit"));
        proposal.reasons.extend(doubt::against_flip(current, right));
    }
    proposal
}

/// The same, where an independent copy says so.
pub(super) fn copied(mut proposal: Proposal) -> Proposal {
    proposal.evidence = Evidence::Copy;
    proposal
}

/// Whether two values, as text, differ in one bit of their encoding.
pub(super) fn is_flip(one: &str, other: &str) -> bool {
    if let (Ok(one), Ok(other)) = (one.parse::<i64>(), other.parse::<i64>()) {
        return (one ^ other).count_ones() == 1;
    }
    if let (Ok(one), Ok(other)) = (one.parse::<chrono::NaiveDate>(), other.parse::<chrono::NaiveDate>()) {
        let number = |day: chrono::NaiveDate| chrono::Datelike::num_days_from_ce(&day);
        return (number(one) ^ number(other)).count_ones() == 1;
    }
    if let (Ok(one), Ok(other)) = (uuid::Uuid::parse_str(one), uuid::Uuid::parse_str(other)) {
        return (one.as_u128() ^ other.as_u128()).is_power_of_two();
    }
    differ_by_a_bit(one.as_bytes(), other.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_in_their_encoding() {
        // 85 and 84 differ in one bit of the number; as text, "5" and "4" do too, "9" and "10" do in neither.
        assert!(is_flip("85", "84") && is_flip("212", "84") && !is_flip("9", "10"));
        assert!(is_flip("Müller", "Mýller") == differ_by_a_bit("Müller".as_bytes(), "Mýller".as_bytes()));
        assert!(!is_flip("2013-01-31", "2013-01-31"));
    }

    #[test]
    fn more_than_one_candidate_is_a_choice() {
        let found = || Found::new("mailboxes", "x").field("used_bytes", Some("7".to_owned()));
        let evidence = |near: &[&str]| {
            let near = near.iter().map(|&value| value.to_owned()).collect();
            proposed(found(), "used_bytes", "7", near).proposal.map(|proposal| proposal.evidence)
        };
        assert_eq!(evidence(&[]), None);
        assert_eq!(evidence(&["5"]), Some(Evidence::Single));
        assert_eq!(evidence(&["5", "3"]), Some(Evidence::Several));
    }
}
