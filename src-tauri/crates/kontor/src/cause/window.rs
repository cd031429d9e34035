//! The days in which a value was bad: the stretch of days that differs most from all the others.
//!
//! Every stretch is tried, and the likeliest one counts (M. Kulldorff, Commun. Statist. Theory Meth. 26 (1997) 1481).

use serde::Serialize;

use super::odds::{Count, float};

/// A stretch must be this much likelier than chance (natural logarithm), or all days count as one.
const CLEAR: f64 = 8.0;

/// From the first to the last day, both among them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Days {
    /// The first, such as `2013-01-21`.
    pub from: String,
    /// The last.
    pub to: String,
    /// What was attempted in it.
    #[serde(skip)]
    pub inside: Count,
    /// What was attempted before and after it.
    #[serde(skip)]
    pub outside: Count,
}

/// Finds it among days in order; none where nothing failed.
pub fn bad_days(days: &[(&str, Count)]) -> Option<Days> {
    let all = days.iter().fold(Count::default(), |sum, (_, count)| sum.plus(*count));
    let first = days.iter().position(|(_, count)| count.failures > 0)?;
    let last = days.iter().rposition(|(_, count)| count.failures > 0)?;
    let mut best = (CLEAR, first, last);
    for from in first..=last {
        let mut inside = Count::default();
        for (to, (_, count)) in days.iter().enumerate().take(last + 1).skip(from) {
            inside = inside.plus(*count);
            let gain = gain(inside, all);
            if gain > best.0 {
                best = (gain, from, to);
            }
        }
    }
    let (_, from, to) = best;
    let inside = days[from..=to].iter().fold(Count::default(), |sum, (_, count)| sum.plus(*count));
    Some(Days { from: days[from].0.to_owned(), to: days[to].0.to_owned(), inside, outside: all.minus(inside) })
}

/// How much likelier the failures are when a stretch has a rate of its own, which must be the higher one.
fn gain(inside: Count, all: Count) -> f64 {
    let outside = all.minus(inside);
    if inside.rate() <= outside.rate() {
        return 0.0;
    }
    likelihood(inside) + likelihood(outside) - likelihood(all)
}

fn likelihood(count: Count) -> f64 {
    let rate = count.rate();
    let part = |number: u64, share: f64| if number == 0 { 0.0 } else { float(number) * share.ln() };
    part(count.failures, rate) + part(count.well(), 1.0 - rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(failures: &[u64]) -> Vec<(String, Count)> {
        let day = |(at, failures): (usize, &u64)| {
            (format!("2013-01-{:02}", at + 1), Count { attempts: 60, failures: *failures, together: 0 })
        };
        failures.iter().enumerate().map(day).collect()
    }

    fn found(failures: &[u64]) -> Option<(String, String)> {
        let days = days(failures);
        let days: Vec<(&str, Count)> = days.iter().map(|(day, count)| (day.as_str(), *count)).collect();
        bad_days(&days).map(|days| (days.from, days.to))
    }

    #[test]
    fn bad_days_stand_out_from_ordinary_ones() {
        let span = |from: &str, to: &str| Some((format!("2013-01-{from}"), format!("2013-01-{to}")));
        assert_eq!(found(&[1, 0, 0, 25, 30, 28, 14, 0, 2, 0]), span("04", "07"));
        assert_eq!(found(&[0, 3, 2, 4, 3, 0]), span("02", "05"), "nothing stands out");
        assert_eq!(found(&[0, 0]), None);
        assert_eq!(found(&[0, 0, 1, 0, 25, 30, 28]), span("05", "07"), "up to the last day");
        assert_eq!(found(&[20, 20, 1, 20, 20]), span("01", "05"), "a day that was better is not the bad one");
    }
}
