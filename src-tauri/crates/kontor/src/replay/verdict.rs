//! From what three legs gave to what they say about the host: no database, no clock.
//!
//! The right PDF of an input is what the other host gave each time, and where a stored original bears witness it has to be
//! the same. A leg that died says as much as a wrong page. An input of which no leg made a PDF says nothing about any host.

use serde::Serialize;

use super::found::{Drawn, Found, is_hash};

/// What a replay says about the suspect host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The other host was right each time, the suspect one wrong before and after.
    Reproduced,
    /// Both were right each time.
    NotReproduced,
    /// The suspect host was wrong once, and right the other time.
    Mixed,
    /// The other host was not right each time: it is suspect itself, and says nothing about the first.
    BUnsteady,
}

/// What one leg gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LegSaid {
    /// It ended without a word.
    pub has_died: bool,
    /// What it drew; of one that died, until then.
    pub found: Found,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// In a word.
    pub verdict: Verdict,
    /// Wrong pages of each leg; of the other host's, those that were not what it gave most often or what is stored.
    pub wrong: [u64; 3],
}

/// Judges the legs in their order.
pub fn judge(legs: &[LegSaid; 3]) -> Judged {
    let [first, other, again] = legs;
    let is_silent = |place: usize| legs.iter().all(|leg| leg.found.inputs.get(place).is_none_or(has_no_pdf));
    let mut wrong = [0; 3];
    let (mut is_steady, mut speaking) = (!other.has_died, 0);
    for (place, drawn) in other.found.inputs.iter().enumerate().filter(|(place, _)| !is_silent(*place)) {
        speaking += 1;
        let right = drawn.stored.as_deref().or_else(|| usual(drawn));
        is_steady &= drawn.steady().is_some() && drawn.steady() == right;
        for (leg, wrong) in [first, other, again].into_iter().zip(&mut wrong) {
            *wrong += leg.found.inputs.get(place).map_or(0, |drawn| others_than(drawn, right));
        }
    }
    let is_bad = |leg: &LegSaid, wrong: u64| leg.has_died || wrong > 0;
    let verdict = match (is_bad(first, wrong[0]), is_bad(again, wrong[2])) {
        _ if !is_steady || speaking == 0 => Verdict::BUnsteady,
        (true, true) => Verdict::Reproduced,
        (false, false) => Verdict::NotReproduced,
        _ => Verdict::Mixed,
    };
    Judged { verdict, wrong }
}

/// What came out most often.
fn usual(drawn: &Drawn) -> Option<&str> {
    let pdfs = drawn.found.iter().filter(|(what, _)| is_hash(what));
    pdfs.max_by_key(|(_, times)| **times).map(|(what, _)| what.as_str())
}

fn others_than(drawn: &Drawn, right: Option<&str>) -> u64 {
    drawn.found.iter().filter(|(what, _)| Some(what.as_str()) != right).map(|(_, times)| times).sum()
}

fn has_no_pdf(drawn: &Drawn) -> bool {
    !drawn.found.keys().any(|what| is_hash(what))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const INPUTS: u64 = 6;
    const ROUNDS: u64 = 5;

    fn hash(what: u64) -> String {
        format!("{what:064x}")
    }

    /// A leg in which so many pages of the first inputs, one each, came out otherwise.
    fn leg(wrong: u64) -> LegSaid {
        let input = |place: u64| {
            let mut drawn = Drawn { invoice: Uuid::from_u128(u128::from(place)), ..Drawn::default() };
            let bad = u64::from(place < wrong);
            (0..ROUNDS - bad).for_each(|_| drawn.count(hash(place)));
            (0..bad).for_each(|_| drawn.count(hash(1_000 + place)));
            drawn
        };
        LegSaid { has_died: false, found: Found { inputs: (0..INPUTS).map(input).collect() } }
    }

    fn dead(leg: LegSaid) -> LegSaid {
        LegSaid { has_died: true, ..leg }
    }

    #[test]
    fn wrong_before_and_after_and_right_elsewhere_is_reproduced() {
        assert_eq!(judge(&[leg(2), leg(0), leg(1)]), Judged { verdict: Verdict::Reproduced, wrong: [2, 0, 1] });
        assert_eq!(judge(&[leg(0), leg(0), leg(0)]), Judged { verdict: Verdict::NotReproduced, wrong: [0; 3] });
        assert_eq!(judge(&[leg(3), leg(0), leg(0)]).verdict, Verdict::Mixed);
        assert_eq!(judge(&[leg(0), leg(0), leg(3)]).verdict, Verdict::Mixed);
    }

    #[test]
    fn a_leg_that_died_counts_as_wrong() {
        let nothing = || dead(LegSaid::default());
        assert_eq!(judge(&[nothing(), leg(0), nothing()]).verdict, Verdict::Reproduced);
        assert_eq!(judge(&[nothing(), leg(0), leg(0)]).verdict, Verdict::Mixed);
        assert_eq!(judge(&[leg(1), nothing(), leg(1)]).verdict, Verdict::BUnsteady);
        assert_eq!(judge(&[leg(1), dead(leg(0)), leg(1)]).verdict, Verdict::BUnsteady);
    }

    #[test]
    fn a_host_that_contradicts_itself_or_what_is_stored_says_nothing_about_another() {
        assert_eq!(judge(&[leg(2), leg(1), leg(2)]), Judged { verdict: Verdict::BUnsteady, wrong: [2, 1, 2] });
        let mut other = leg(0);
        other.found.inputs[3].stored = Some(hash(3));
        assert_eq!(judge(&[leg(1), other.clone(), leg(1)]).verdict, Verdict::Reproduced);
        other.found.inputs[3].stored = Some(hash(77));
        assert_eq!(judge(&[leg(1), other, leg(1)]).verdict, Verdict::BUnsteady, "what is stored was drawn elsewhere");
    }

    #[test]
    fn what_no_host_can_draw_says_nothing() {
        let with = |mut leg: LegSaid, what: &str| {
            leg.found.inputs[0].found = [(what.to_owned(), ROUNDS)].into();
            leg
        };
        let all = [leg(0), leg(0), leg(0)].map(|leg| with(leg, "not_drawn"));
        assert_eq!(judge(&all), Judged { verdict: Verdict::NotReproduced, wrong: [0; 3] });
        let some = [with(leg(0), "not_drawn"), leg(0), with(leg(0), "not_drawn")];
        assert_eq!(judge(&some), Judged { verdict: Verdict::Reproduced, wrong: [ROUNDS, 0, ROUNDS] });
        assert_eq!(judge(&[leg(0), with(leg(0), "not_drawn"), leg(0)]).verdict, Verdict::BUnsteady);
        let none = LegSaid::default;
        assert_eq!(judge(&[none(), none(), none()]).verdict, Verdict::BUnsteady, "nothing was drawn at all");
    }

    proptest! {
        #[test]
        fn a_host_is_blamed_only_for_two_bad_legs_beside_a_good_one(
            wrong in prop::array::uniform3(0..=INPUTS), died in prop::array::uniform3(any::<bool>()),
        ) {
            let legs = [0, 1, 2].map(|place| LegSaid { has_died: died[place], ..leg(wrong[place]) });
            let judged = judge(&legs);
            prop_assert_eq!(judged.wrong, wrong);
            let bad = [0, 1, 2].map(|place| died[place] || wrong[place] > 0);
            let expected = match bad {
                [_, true, _] => Verdict::BUnsteady,
                [true, _, true] => Verdict::Reproduced,
                [false, _, false] => Verdict::NotReproduced,
                _ => Verdict::Mixed,
            };
            prop_assert_eq!(judged.verdict, expected);
        }

        #[test]
        fn the_hosts_change_places_without_being_blamed(wrong in 1..=INPUTS) {
            // A sound host between two bad legs is never what is said to be wrong, and the other way round.
            prop_assert_eq!(judge(&[leg(wrong), leg(0), leg(wrong)]).verdict, Verdict::Reproduced);
            prop_assert_eq!(judge(&[leg(0), leg(wrong), leg(0)]).verdict, Verdict::BUnsteady);
        }
    }
}
