//! Which values have more failures than the rest: each value of each attribute is asked, and the answers are corrected for
//! having asked so many.

use super::cube::{Attribute, Cube, Value};
use super::odds::{Count, discoveries, float, ln_fisher};

/// Share of false discoveries that is put up with.
const FALSE_DISCOVERIES: f64 = 0.05;
/// Fewer failures point to nothing.
pub const FEWEST_FAILURES: u64 = 5;
/// How much larger the share of a value must be among failures than among what went well.
pub const LEAST_DIFFERENCE: f64 = 0.15;
/// Values with too few failures that are told all the same, the most striking ones.
const MOST_TOO_FEW: usize = 5;
/// Values with a small effect that are told.
const MOST_UNEVEN: usize = 10;
/// Most values whose effects are held against each other.
const MOST_HITS: usize = 40;

/// A value that was asked about.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The value.
    pub value: Value,
    /// Its attempts.
    pub here: Count,
    /// All others.
    pub rest: Count,
    /// Natural logarithm of the probability that so many failures lie here by chance.
    pub ln_chance: f64,
}

impl Asked {
    /// How many times more often attempts fail here; very often where nothing fails elsewhere.
    pub fn ratio(&self) -> f64 {
        if self.rest.failures == 0 { 1e9 } else { self.here.rate() / self.rest.rate() }
    }

    /// Share of the value among failures, less its share among what went well.
    pub fn difference(&self) -> f64 {
        let share = |part: u64, other: u64| if part + other == 0 { 0.0 } else { float(part) / float(part + other) };
        share(self.here.failures, self.rest.failures) - share(self.here.well(), self.rest.well())
    }
}

/// What asking came to, each list with the most striking first.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    /// Values with a clear and large effect.
    pub clear: Vec<Asked>,
    /// Values with an effect that is certain, and small.
    pub uneven: Vec<Asked>,
    /// Values with too few failures to tell.
    pub too_few: Vec<Asked>,
}

/// Two bad hosts hide each other, because each is among the rest of the other: what is certain, but small, is measured once
/// more without what is clear already.
fn beside_each_other(cube: &Cube, hits: &mut Hits) {
    let is_clear = |one: &Asked| {
        let alike = hits.clear.iter().map(|other| other.value);
        let others: Vec<Value> = alike.filter(|other| other.attribute == one.value.attribute).collect();
        let left = cube.beside(one.value, &others);
        let beside = Asked { rest: left.all.minus(left.here), ..*one };
        !others.is_empty() && beside.difference() >= LEAST_DIFFERENCE
    };
    let (clear, uneven) = hits.uneven.iter().partition(|one| is_clear(one));
    hits.uneven = uneven;
    hits.clear.extend::<Vec<Asked>>(clear);
}

/// Asks about every value of every attribute.
pub fn hits(cube: &Cube) -> Hits {
    let all = cube.all();
    let mut asked = Vec::new();
    for attribute in Attribute::ALL {
        let values = cube.values(attribute);
        // Whether there are failures does not decide about being asked: what was asked in vain counts.
        asked.extend(
            values.into_iter().filter(|(_, here)| here.attempts >= FEWEST_FAILURES).map(|(value, here)| Asked {
                value,
                here,
                rest: all.minus(here),
                ln_chance: ln_fisher(here, all),
            }),
        );
    }
    let chances: Vec<f64> = asked.iter().map(|one| one.ln_chance).collect();
    let found = discoveries(&chances, asked.len(), FALSE_DISCOVERIES);
    let mut hits = Hits::default();
    for (one, is_found) in asked.into_iter().zip(found) {
        let list = match is_found {
            _ if one.here.apart().failures < FEWEST_FAILURES => &mut hits.too_few,
            true if one.difference() >= LEAST_DIFFERENCE => &mut hits.clear,
            true => &mut hits.uneven,
            false => continue,
        };
        list.push(one);
    }
    beside_each_other(cube, &mut hits);
    // Some value of many always has three failures; only what would be striking by itself is worth a line.
    hits.too_few.retain(|one| one.here.apart().failures >= 3 && one.ln_chance < 0.001_f64.ln());
    hits.uneven.retain(|one| one.ratio() >= 1.5);
    for (list, most) in
        [(&mut hits.clear, MOST_HITS), (&mut hits.uneven, MOST_UNEVEN), (&mut hits.too_few, MOST_TOO_FEW)]
    {
        list.sort_by(|one, other| one.ln_chance.total_cmp(&other.ln_chance));
        list.truncate(most);
    }
    hits
}
