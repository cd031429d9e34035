//! A replay as evidence: how often each leg drew wrongly, and what that says.

use chrono::NaiveDate;

use crate::check::Reason;
use crate::replay::{OTHER, Replay, Verdict};

/// A replay of which all legs have ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// The day on which a person asked for it, at the office.
    pub asked_on: NaiveDate,
    /// The other host.
    pub other: String,
    /// What it says.
    pub verdict: Verdict,
    /// The suspect host, the other one, the suspect one again.
    pub legs: [Leg; 3],
    /// Who noted the host as the cause with it, and on which day.
    pub confirmed: Option<(String, NaiveDate)>,
}

/// A leg in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leg {
    /// Pages drawn.
    pub drawings: u64,
    /// Those that came out wrong.
    pub wrong: u64,
    /// Whether its process died.
    pub has_died: bool,
}

impl Replayed {
    /// Reads it; none while legs are missing, or when it was taken back.
    pub fn of(replay: &Replay) -> Option<Self> {
        let judged = replay.judged?;
        let leg =
            |(leg, wrong): (&crate::replay::Leg, u64)| Leg { drawings: leg.drawings, wrong, has_died: leg.has_died };
        let legs: Vec<Leg> = replay.legs.iter().zip(judged.wrong).map(leg).collect();
        let other = replay.legs.iter().find(|leg| leg.position == OTHER)?;
        let confirmed = replay.confirmed.as_ref();
        Some(Self {
            asked_on: day(replay.asked_at),
            other: other.host.clone(),
            verdict: judged.verdict,
            legs: legs.try_into().ok()?,
            confirmed: confirmed.map(|(at, person, _)| (person.clone(), day(*at))),
        })
    }

    /// What it says for or against the host, with its numbers.
    pub fn reasons(&self) -> Vec<Reason> {
        let told = match self.verdict {
            Verdict::Reproduced => Reason::new("replay_reproduced"),
            Verdict::NotReproduced => Reason::against("replay_not_reproduced"),
            Verdict::Mixed => Reason::against("replay_mixed"),
            Verdict::BUnsteady => Reason::against("replay_unsteady"),
        };
        let [first, between, again] = self.legs;
        let against = told.against;
        let told = told.with("day", self.asked_on).with("other", &self.other);
        let told = told.with("first_wrong", first.wrong).with("first", first.drawings);
        let told = told.with("between_wrong", between.wrong).with("between", between.drawings);
        let mut reasons = vec![told.with("again_wrong", again.wrong).with("again", again.drawings)];
        for (leg, place) in self.legs.iter().zip(1..).filter(|(leg, _)| leg.has_died) {
            let told = Reason::new("replay_died").with("leg", place).with("drawings", leg.drawings);
            reasons.push(Reason { against, ..told });
        }
        if let Some((person, day)) = &self.confirmed {
            reasons.push(Reason::new("replay_confirmed").with("person", person).with("day", day));
        }
        reasons
    }
}

fn day(at: chrono::DateTime<chrono::Utc>) -> NaiveDate {
    at.with_timezone(&chrono_tz::Europe::Berlin).date_naive()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::cause::{Attribute, Cause, Count, Cube, Level, Traces, judge};

    const BAD: &str = "drei";

    /// A month of four hosts, of which one fails in this many of a hundred attempts a day, from the 10th to the 12th.
    fn month(failures: u64) -> Cube {
        let mut cube = Cube::default();
        for (host, day) in
            ["eins", "zwei", BAD, "vier"].into_iter().flat_map(|host| (1..=20).map(move |day| (host, day)))
        {
            let (boot, date) = (format!("{host}-1"), format!("2013-01-{day:02}"));
            let bad = if host == BAD && (10..=12).contains(&day) { failures } else { 0 };
            let values =
                [Some(host), Some(&*boot), None, Some("1"), Some("6"), Some("person"), None, Some(&*date), None];
            cube.add(values, Count { attempts: 100, failures: bad, together: 0 });
        }
        cube
    }

    fn replay(day: u32, verdict: Verdict, confirmed: bool) -> Replayed {
        let on = |day| NaiveDate::from_ymd_opt(2013, 1, day).expect("a day");
        let leg = |wrong| Leg { drawings: 200, wrong, has_died: false };
        let confirmed = confirmed.then(|| ("eva".to_owned(), on(day)));
        Replayed { asked_on: on(day), other: "eins".to_owned(), verdict, legs: [leg(12), leg(0), leg(9)], confirmed }
    }

    fn host(failures: u64, replays: Vec<Replayed>) -> Cause {
        let traces = BTreeMap::from([(BAD.to_owned(), Traces { replays, ..Traces::default() })]);
        let causes = judge(&month(failures), &traces);
        let is_host = |cause: &Cause| cause.named.attribute == Attribute::Host && cause.named.value == BAD;
        causes.into_iter().find(is_host).expect("the host stands out")
    }

    fn has(reasons: &[Reason], code: &str) -> bool {
        reasons.iter().any(|reason| reason.code == code)
    }

    #[test]
    fn a_confirmed_replay_since_the_bad_days_confirms_what_the_failures_point_to() {
        assert_eq!(host(40, vec![]).level, Level::PointsTo);
        let reproduced = host(40, vec![replay(11, Verdict::Reproduced, false)]);
        assert_eq!(reproduced.level, Level::PointsTo, "nobody has spoken");
        assert!(has(&reproduced.evidence, "replay_reproduced") && !has(&reproduced.evidence, "replay_confirmed"));
        let confirmed = host(40, vec![replay(10, Verdict::Reproduced, true)]);
        assert_eq!(confirmed.level, Level::Confirmed);
        assert!(has(&confirmed.evidence, "replay_confirmed"));
    }

    #[test]
    fn what_was_replayed_before_the_bad_days_or_for_too_few_failures_confirms_nothing() {
        let before = host(40, vec![replay(9, Verdict::Reproduced, true)]);
        assert_eq!(before.level, Level::PointsTo);
        assert!(!has(&before.evidence, "replay_reproduced"));
        let replays = vec![replay(11, Verdict::Reproduced, true)];
        let traces = BTreeMap::from([(BAD.to_owned(), Traces { replays, ..Traces::default() })]);
        assert!(judge(&month(1), &traces).iter().all(|cause| cause.level < Level::PointsTo));
    }

    #[test]
    fn a_replay_that_does_not_reproduce_speaks_against() {
        for (verdict, code) in [
            (Verdict::NotReproduced, "replay_not_reproduced"),
            (Verdict::Mixed, "replay_mixed"),
            (Verdict::BUnsteady, "replay_unsteady"),
        ] {
            let cause = host(40, vec![replay(20, verdict, false)]);
            assert!(has(&cause.against, code) && !has(&cause.evidence, code), "{code}");
            assert_eq!(cause.level, Level::PointsTo);
        }
    }

    #[test]
    fn the_sentences_have_their_numbers_in_both_languages() {
        let mut told = replay(11, Verdict::Reproduced, true);
        told.legs[2].has_died = true;
        let say = |german| {
            let sentences =
                told.reasons().iter().map(|reason| crate::cause::words::reason(reason, german)).collect::<Vec<_>>();
            sentences.join(" ")
        };
        assert_eq!(
            say(true),
            "Gegenprobe vom 11.01.2013: Hier waren 12 von 200 Zeichnungen derselben Rechnungen falsch und danach erneut 9 von \
             200, auf eins dazwischen 0 von 200. Im 3. Durchgang brach der Prozess nach 200 Zeichnungen ab. Am 11.01.2013 von \
             eva als Ursache bestätigt."
        );
        assert!(!say(false).contains('{') && say(false).ends_with("Confirmed as the cause by eva on 2013-01-11."));
    }
}
