//! What speaks for broken hardware of a host, beyond that it fails more often.
//!
//! A broken program fails in one way, for one kind of input, on every host; broken memory fails in many ways, wherever it
//! was touched. What this module leaves out: where the counts come from (`traces`).

use std::collections::BTreeMap;

use serde::Serialize;
use statrs::distribution::{Binomial, DiscreteCDF};

use super::odds::{Count, ln_fisher};
use super::replayed::Replayed;
use crate::check::Reason;

/// So unlikely must a sign be by chance.
const CLEAR: f64 = 0.001;
/// Fewer are no sign.
const FEWEST: u64 = 3;
/// Fewer damaged values say nothing about bits.
const FEWEST_BITS: u64 = 5;
/// Unrelated symptoms that make a sign.
const MANY_SYMPTOMS: usize = 3;

/// A sign of broken hardware.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// The host fails more often whatever version and input it works on.
    HostAlone,
    /// It fails in three or more ways that have nothing to do with each other.
    UnrelatedSymptoms,
    /// Processes die by signals that wrong memory raises: SIGSEGV, SIGBUS, SIGILL.
    MachineSignals,
    /// Damaged values differ from the right ones in a single bit.
    SingleBits,
    /// It is the same bit of a byte again and again.
    SameBit,
    /// The host's own counters saw memory errors.
    MemoryErrors,
    /// Drawing the same twice did not give the same there.
    WrongDrawings,
}

/// What the attempts of a host left behind.
#[derive(Clone, Debug, Default)]
pub struct Traces {
    /// Failures and findings by symptom (`cause::symptom`).
    pub symptoms: BTreeMap<&'static str, u64>,
    /// Processes that died by SIGSEGV, SIGBUS or SIGILL.
    pub machine_signals: u64,
    /// Steps in which attempts failed.
    pub steps: BTreeMap<String, u64>,
    /// Damaged values of which the right one is known.
    pub values: u64,
    /// Those of them that differ in one bit, with nothing speaking against a flipped one.
    pub single_bits: u64,
    /// Of how many it was which bit of its byte; 0 is the lowest.
    pub bits: [u64; 8],
    /// Memory errors that the host counted, where it counts them.
    pub memory_errors: Option<u64>,
    /// Canaries of its work that came out right, and that came out otherwise.
    pub canaries: (u64, u64),
    /// Replays of the host of which all legs have ended, the newest first.
    pub replays: Vec<Replayed>,
}

/// Signs of a host, what speaks for them and what against, each with its numbers.
#[derive(Clone, Debug, Default)]
pub struct Signs {
    /// The signs.
    pub found: Vec<Sign>,
    /// For broken hardware.
    pub evidence: Vec<Reason>,
    /// Against it.
    pub against: Vec<Reason>,
}

impl Signs {
    /// Reads the traces of one host beside those of the others.
    pub fn of(here: &Traces, others: &[&Traces], count: Count, rest: Count) -> Self {
        let mut signs = Self::default();
        let excess = |here: u64, there: u64| {
            let all = count.plus(rest);
            let failing =
                |failures: u64, count: Count| Count { failures: failures.min(count.attempts), together: 0, ..count };
            let failures = here.min(count.attempts) + there.min(rest.attempts);
            let sum = Count { attempts: all.attempts, failures, together: 0 };
            here >= FEWEST && ln_fisher(failing(here, count), sum) < CLEAR.ln()
        };
        signs.symptoms(here, others, excess);
        let elsewhere: u64 = others.iter().map(|other| other.machine_signals).sum();
        let told = Reason::new("machine_signals").with("here", here.machine_signals).with("elsewhere", elsewhere);
        signs.note(Sign::MachineSignals, excess(here.machine_signals, elsewhere), told);
        signs.bits(here, others, excess);
        signs.counters(here);
        signs.canaries(here);
        signs
    }

    fn note(&mut self, sign: Sign, is_there: bool, told: Reason) {
        if is_there {
            self.found.push(sign);
            self.evidence.push(told);
        } else {
            self.against.push(Reason { against: true, ..told });
        }
    }

    fn symptoms(&mut self, here: &Traces, others: &[&Traces], excess: impl Fn(u64, u64) -> bool) {
        let elsewhere = |symptom: &str| others.iter().filter_map(|other| other.symptoms.get(symptom)).sum();
        let striking: Vec<(&str, u64)> = here
            .symptoms
            .iter()
            .filter(|(symptom, failures)| excess(**failures, elsewhere(symptom)))
            .map(|(symptom, failures)| (*symptom, *failures))
            .collect();
        let list: Vec<String> = striking.iter().map(|(symptom, failures)| format!("{symptom} {failures}")).collect();
        let told = Reason::new("symptoms").with("count", striking.len()).with("symptoms", list.join(", "));
        self.note(Sign::UnrelatedSymptoms, striking.len() >= MANY_SYMPTOMS, told);
    }

    fn bits(&mut self, here: &Traces, others: &[&Traces], excess: impl Fn(u64, u64) -> bool) {
        let (elsewhere, values): (u64, u64) =
            others.iter().fold((0, 0), |(bits, values), other| (bits + other.single_bits, values + other.values));
        let is_share = here.single_bits >= FEWEST_BITS && 4 * here.single_bits >= here.values;
        let told = Reason::new("single_bits")
            .with("bits", here.single_bits)
            .with("values", here.values)
            .with("other_bits", elsewhere)
            .with("other_values", values);
        // Before anything was checked nothing is known of values, for or against.
        if here.values + values > 0 {
            self.note(Sign::SingleBits, is_share && excess(here.single_bits, elsewhere), told);
        }
        let total: u64 = here.bits.iter().sum();
        let (bit, most) = (0..).zip(here.bits).max_by_key(|(_, times)| *times).unwrap_or((0, 0));
        // Texts never lose their highest bit and digits seldom keep theirs, so one of six, not of eight, is the measure.
        let chance = Binomial::new(1.0 / 6.0, total).map_or(1.0, |curve| curve.sf(most.saturating_sub(1)) * 8.0);
        let told = Reason::new("same_bit").with("bit", bit).with("times", most).with("total", total);
        if total >= FEWEST_BITS {
            self.note(Sign::SameBit, total >= 8 && chance < CLEAR, told);
        }
    }

    /// Drawing is deterministic: one page that came out otherwise is no chance.
    fn canaries(&mut self, here: &Traces) {
        let (right, wrong) = here.canaries;
        if right + wrong > 0 {
            let told = Reason::new("wrong_drawings").with("wrong", wrong).with("all", right + wrong);
            self.note(Sign::WrongDrawings, wrong > 0, told);
        }
    }

    fn counters(&mut self, here: &Traces) {
        match here.memory_errors {
            Some(errors) => {
                let told = Reason::new("memory_errors").with("errors", errors);
                self.note(Sign::MemoryErrors, errors > 0, told);
            }
            None => self.against.push(Reason::against("no_counters")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Signs of a host with a thousand attempts beside three that are as large.
    fn signs(here: &Traces, there: &Traces) -> Signs {
        let count = |attempts| Count { attempts, failures: attempts / 20, together: 0 };
        Signs::of(here, &[there], count(1_000), count(3_000))
    }

    #[test]
    fn what_others_have_as_well_is_no_sign() {
        let many = |factor: u64| Traces {
            symptoms: [("killed", 20 * factor), ("texts", 10 * factor), ("mail", 30 * factor)].into(),
            machine_signals: 10 * factor,
            values: 20 * factor,
            single_bits: 15 * factor,
            bits: [2 * factor, 2 * factor, 2 * factor, 2 * factor, 2 * factor, 2 * factor, 2 * factor, factor],
            ..Traces::default()
        };
        assert_eq!(signs(&many(1), &many(3)).found, []);
        let found = signs(&many(1), &Traces::default()).found;
        assert_eq!(found, [Sign::UnrelatedSymptoms, Sign::MachineSignals, Sign::SingleBits]);
    }

    #[test]
    fn the_same_bit_again_and_counted_errors_are_signs() {
        let here = Traces { bits: [0, 1, 0, 0, 9, 0, 1, 0], memory_errors: Some(3), ..Traces::default() };
        let told = signs(&here, &Traces::default());
        assert_eq!(told.found, [Sign::SameBit, Sign::MemoryErrors]);
        let none = Traces { memory_errors: Some(0), ..Traces::default() };
        let against: Vec<String> = signs(&none, &here).against.into_iter().map(|reason| reason.code).collect();
        assert!(against.contains(&"memory_errors".to_owned()), "{against:?}");
    }

    #[test]
    fn a_page_that_came_out_otherwise_is_a_sign() {
        let wrong = Traces { canaries: (40, 1), ..Traces::default() };
        assert_eq!(signs(&wrong, &Traces::default()).found, [Sign::WrongDrawings]);
        let right = Traces { canaries: (40, 0), ..Traces::default() };
        let told = signs(&right, &wrong);
        assert_eq!(told.found, []);
        assert!(told.against.iter().any(|reason| reason.code == "wrong_drawings"), "{:?}", told.against);
    }

    #[test]
    fn fewer_than_the_measure_are_no_sign_however_unlikely() {
        // A host with so few attempts that chance hardly ever hits it at all.
        let count = |attempts| Count { attempts, failures: attempts / 20, together: 0 };
        let found = |here: Traces| Signs::of(&here, &[&Traces::default()], count(20), count(1_000_000)).found;
        let signals = |machine_signals| Traces { machine_signals, ..Traces::default() };
        assert_eq!((found(signals(2)), found(signals(3))), (vec![], vec![Sign::MachineSignals]));
        let bits = |single_bits, values| Traces { values, single_bits, ..Traces::default() };
        assert_eq!((found(bits(4, 4)), found(bits(5, 5))), (vec![], vec![Sign::SingleBits]));
        assert_eq!(
            (found(bits(5, 20)), found(bits(5, 21))),
            (vec![Sign::SingleBits], vec![]),
            "a quarter of the values"
        );
        let ways = |names: &[&'static str]| Traces {
            symptoms: names.iter().map(|name| (*name, 5)).collect(),
            ..Traces::default()
        };
        assert_eq!(found(ways(&["killed", "texts"])), []);
        assert_eq!(found(ways(&["killed", "texts", "mail"])), [Sign::UnrelatedSymptoms]);
        let same = |times| Traces { bits: [0, 0, times, 0, 0, 0, 0, 0], ..Traces::default() };
        assert_eq!((found(same(7)), found(same(8))), (vec![], vec![Sign::SameBit]));
    }

    #[test]
    fn a_few_bits_among_much_other_damage_are_no_sign() {
        let here = Traces { values: 100, single_bits: 8, ..Traces::default() };
        assert_eq!(signs(&here, &Traces::default()).found, []);
    }
}
