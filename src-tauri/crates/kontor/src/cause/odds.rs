//! What the counts say: Fisher's exact test, what remains of an effect within strata, and the correction for many questions.
//!
//! Distributions come from `statrs`. Tails are summed from logarithms and only as far as they add anything, so that a
//! million attempts cost no more than a thousand. Sources: R. A. Fisher, The Design of Experiments (exact test);
//! Y. Benjamini and Y. Hochberg, J. R. Statist. Soc. B 57 (1995) 289; N. Mantel and W. Haenszel, J. Natl. Cancer Inst. 22
//! (1959) 719; C. R. Mehta et al. on when the normal curve serves (N. Mantel and J. L. Fleiss, Am. J. Epidemiol. 112 (1980)
//! 129).

use statrs::distribution::{ContinuousCDF, Discrete, DiscreteCDF, Hypergeometric, Normal, Poisson};

/// What is below this part of a sum no longer counts.
const NEGLIGIBLE: f64 = 1e-14;
/// Below this many expected failures the normal curve does not serve.
const FEW: f64 = 5.0;

/// Attempts, and how many of them failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Attempts.
    pub attempts: u64,
    /// Those of them that failed.
    pub failures: u64,
    /// Those of the failures that came with another one: a process that dies ends all that it has in hand at once, and is
    /// no more than one event.
    pub together: u64,
}

impl Count {
    /// Failures per attempt; none where nothing was attempted.
    pub fn rate(self) -> f64 {
        if self.attempts == 0 { 0.0 } else { float(self.failures) / float(self.attempts) }
    }

    /// Attempts that went well.
    pub fn well(self) -> u64 {
        self.attempts - self.failures.min(self.attempts)
    }

    /// What happened by itself: chance is reckoned with this, because tests take it that attempts do not fail together.
    #[must_use]
    pub fn apart(self) -> Self {
        let less = |count: u64| count.saturating_sub(self.together);
        Self { attempts: less(self.attempts), failures: less(self.failures), together: 0 }
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            attempts: self.attempts + other.attempts,
            failures: self.failures + other.failures,
            together: self.together + other.together,
        }
    }

    /// Without a part of it.
    #[must_use]
    pub fn minus(self, part: Self) -> Self {
        Self {
            attempts: self.attempts.saturating_sub(part.attempts),
            failures: self.failures.saturating_sub(part.failures),
            together: self.together.saturating_sub(part.together),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of attempts are far below 2^52")]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}

/// One-sided exact test: the natural logarithm of the probability that at least so many failures lie `here` by chance,
/// given how many there are in all.
pub fn ln_fisher(here: Count, all: Count) -> f64 {
    let (here, all) = (here.apart(), all.apart());
    let expected = float(here.attempts) * all.rate();
    if here.attempts == 0 || float(here.failures) <= expected {
        return 0.0;
    }
    let Ok(chance) = Hypergeometric::new(all.attempts, all.failures, here.attempts) else { return 0.0 };
    // Beyond the middle each term is smaller than the one before.
    let most = here.attempts.min(all.failures);
    let first = chance.ln_pmf(here.failures);
    let mut sum = 1.0;
    for failures in here.failures + 1..=most {
        let term = (chance.ln_pmf(failures) - first).exp();
        sum += term;
        if term < NEGLIGIBLE * sum {
            break;
        }
    }
    (first + sum.ln()).min(0.0)
}

/// Which of many one-sided questions are answered with yes at a false discovery rate of `q`; `asked` is how many there
/// were, those without a single failure among them.
pub fn discoveries(ln_chances: &[f64], asked: usize, q: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..ln_chances.len()).collect();
    order.sort_by(|one, other| ln_chances[*one].total_cmp(&ln_chances[*other]));
    let asked = float(asked.max(ln_chances.len()) as u64);
    let limit = |rank: usize| (q * float(rank as u64 + 1) / asked).ln();
    let last = (0..order.len()).rev().find(|rank| ln_chances[order[*rank]] <= limit(*rank));
    let mut found = vec![false; ln_chances.len()];
    for place in last.map_or(&[][..], |last| &order[..=last]) {
        found[*place] = true;
    }
    found
}

/// One stratum: attempts that are alike but for the value in question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stratum {
    /// With the value.
    pub here: Count,
    /// With and without it.
    pub all: Count,
}

/// What is left of an effect when only like is compared with like.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Remains {
    /// Attempts with the value that could be compared.
    pub attempts: u64,
    /// Failures among them.
    pub observed: u64,
    /// As many were to be expected, did the value make no difference.
    pub expected: f64,
    /// As many, did it make the difference that it seems to make at first sight.
    pub claimed: f64,
    variance: f64,
}

/// What became of an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It is still there.
    Holds,
    /// It is gone, although there was enough to see it.
    Gone,
    /// There is too little to compare.
    Untold,
}

impl Remains {
    /// Compares within strata; `ratio` is how many times more failures the value seems to bring.
    pub fn within(strata: impl IntoIterator<Item = Stratum>, ratio: f64) -> Self {
        let mut remains = Self::default();
        let mut most = 0.0;
        for Stratum { here, all } in strata {
            let (here, all) = (here.apart(), all.apart());
            let others = all.attempts - here.attempts;
            if here.attempts == 0 || others == 0 || all.failures == 0 || all.failures == all.attempts {
                continue;
            }
            let (with, without, whole) = (float(here.attempts), float(others), float(all.attempts));
            remains.attempts += here.attempts;
            remains.observed += here.failures;
            remains.expected += with * all.rate();
            remains.variance +=
                with * without * float(all.failures) * float(all.well()) / (whole * whole * (whole - 1.0));
            most += with.min(float(all.failures)).min(ratio * with * all.rate());
        }
        remains.claimed = most;
        remains
    }

    /// What became of the effect.
    pub fn effect(&self) -> Effect {
        let excess = float(self.observed) - self.expected;
        let claimed = self.claimed - self.expected;
        // A hundredth, and a third of what was claimed: with enough attempts the smallest remainder is "significant".
        if self.chance() < 0.01 && excess >= 0.3 * claimed && excess > 0.0 {
            Effect::Holds
        } else if claimed - 0.5 >= 3.0 * self.variance.sqrt() && claimed >= 3.0 {
            Effect::Gone
        } else {
            Effect::Untold
        }
    }

    /// The probability of so many by chance.
    fn chance(&self) -> f64 {
        if self.variance <= 0.0 || float(self.observed) <= self.expected {
            return 1.0;
        }
        if self.expected < FEW {
            // Sums of such draws spread less than Poisson's distribution, so this errs on the safe side.
            return Poisson::new(self.expected).map_or(1.0, |curve| curve.sf(self.observed.saturating_sub(1)));
        }
        let distance = (float(self.observed) - self.expected - 0.5) / self.variance.sqrt();
        Normal::standard().sf(distance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(failures: u64, attempts: u64) -> Count {
        Count { attempts, failures, together: 0 }
    }

    #[test]
    fn the_exact_test_is_exact() {
        // The lady tasting tea: all four of four among eight, 1 in 70; three or four, 17 in 70.
        let tea = |right| ln_fisher(count(right, 4), count(4, 8)).exp();
        assert!((tea(4) - 1.0 / 70.0).abs() < 1e-12 && (tea(3) - 17.0 / 70.0).abs() < 1e-12);
        assert!(ln_fisher(count(1, 4), count(4, 8)).abs() < 1e-12, "fewer than expected");
        // Far out, where the probability itself is no number any more.
        let far = ln_fisher(count(50_000, 250_000), count(60_000, 1_000_000));
        assert!(far.is_finite() && far < -10_000.0, "{far}");
    }

    #[test]
    fn what_failed_together_is_one_event() {
        let crash = Count { attempts: 4_000, failures: 129, together: 127 };
        let all = crash.plus(count(1, 4_000));
        assert_eq!((crash.apart(), all.apart()), (count(2, 3_873), count(3, 7_873)));
        assert!(ln_fisher(crash, all) > 0.1_f64.ln(), "two of three");
        let remains = Remains::within([Stratum { here: crash, all }], 100.0);
        assert_eq!((remains.attempts, remains.observed), (3_873, 2));
    }

    #[test]
    fn many_questions_need_better_answers() {
        let ln = |chances: &[f64]| chances.iter().map(|chance| chance.ln()).collect::<Vec<_>>();
        assert_eq!(discoveries(&ln(&[0.04, 0.2]), 2, 0.05), [false, false]);
        assert_eq!(discoveries(&ln(&[0.04, 0.02]), 2, 0.05), [true, true], "the second carries the first");
        assert_eq!(discoveries(&ln(&[0.02]), 100, 0.05), [false], "what was asked in vain counts");
        assert_eq!(discoveries(&[], 3, 0.05), Vec::<bool>::new());
    }

    #[test]
    fn an_effect_that_is_another_one_is_gone_within_strata() {
        let stratum = |here, all| Stratum { here, all };
        // Bad and good half: within each the value makes no difference, but it is mostly in the bad one.
        let strata = [stratum(count(320, 800), count(400, 1_000)), stratum(count(2, 200), count(90, 9_000))];
        assert_eq!(Remains::within(strata, 20.0).effect(), Effect::Gone);
        let strata = [stratum(count(300, 500), count(310, 1_000)), stratum(count(50, 500), count(60, 1_000))];
        assert_eq!(Remains::within(strata, 20.0).effect(), Effect::Holds);
        // Where the value stands alone there is nothing to compare with.
        let strata = [stratum(count(300, 500), count(300, 500)), stratum(count(0, 0), count(5, 900))];
        let remains = Remains::within(strata, 20.0);
        assert_eq!((remains.effect(), remains.attempts), (Effect::Untold, 0));
        let few = [stratum(count(1, 9), count(3, 30))];
        assert_eq!(Remains::within(few, 1.5).effect(), Effect::Untold);
    }
}
