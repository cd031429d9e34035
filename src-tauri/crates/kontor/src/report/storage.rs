//! How full the storage is, and when it will be full if it goes on like that.

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Europe::Berlin;
use sea_orm::{ConnectionTrait, QueryResult};
use serde::Serialize;

use super::{begin, end};
use crate::Result;
use crate::period::Period;
use crate::store;

/// Storage at the end of a month.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Storage {
    /// What the array holds, in bytes.
    pub capacity_bytes: i64,
    /// Sold, in bytes.
    pub sold_bytes: i64,
    /// Used, in bytes.
    pub used_bytes: i64,
    /// By how much the use grew a day, in bytes, from the first sample of the month to the last; none with one sample.
    pub growth_per_day_bytes: Option<i64>,
    /// When it is full at this rate, or since when it is; none when it does not grow, or not within a hundred years.
    pub full_on: Option<NaiveDate>,
    /// When more is sold than there is, at the month's rate of sales, or since when it is.
    pub sold_out_on: Option<NaiveDate>,
    /// The last sample of each day of the month.
    pub samples: Vec<Sample>,
}

/// A sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// The day.
    pub day: NaiveDate,
    /// What the array holds, in bytes.
    pub capacity_bytes: i64,
    /// Sold, in bytes.
    pub sold_bytes: i64,
    /// Used, in bytes.
    pub used_bytes: i64,
}

pub(super) async fn read(connection: &impl ConnectionTrait, month: Period) -> Result<Option<Storage>> {
    let text = "SELECT taken_at, capacity_bytes, sold_bytes, used_bytes FROM storage_samples WHERE taken_at >= ? AND \
                taken_at < ? ORDER BY taken_at, id";
    let values = [begin(month.first_day()).into(), end(month.last_day()).into()];
    let rows = connection.query_all_raw(store::sql(connection.get_database_backend(), text, values)).await?;
    let mut samples: Vec<Sample> = Vec::new();
    // A sample that cannot be read is left out; the month has others.
    for sample in rows.iter().filter_map(sample) {
        match samples.last_mut().filter(|last| last.day == sample.day) {
            Some(last) => *last = sample,
            None => samples.push(sample),
        }
    }
    Ok(summed(samples))
}

fn sample(row: &QueryResult) -> Option<Sample> {
    let taken_at: DateTime<Utc> = row.try_get("", "taken_at").ok()?;
    Some(Sample {
        day: taken_at.with_timezone(&Berlin).date_naive(),
        capacity_bytes: row.try_get("", "capacity_bytes").ok()?,
        sold_bytes: row.try_get("", "sold_bytes").ok()?,
        used_bytes: row.try_get("", "used_bytes").ok()?,
    })
}

fn summed(samples: Vec<Sample>) -> Option<Storage> {
    let (first, last) = (*samples.first()?, *samples.last()?);
    let days = (last.day - first.day).num_days();
    let growth = |of: fn(&Sample) -> i64| (days > 0).then(|| (of(&last) - of(&first)) / days);
    // The day on which it comes to the capacity and so much `beyond` it: a measured one, or else by the month's rate.
    let until = |of: fn(&Sample) -> i64, beyond: i64| {
        let is_reached = |sample: &Sample| of(sample) >= sample.capacity_bytes + beyond;
        if let Some(day) = since(&samples, is_reached) {
            return Some(day);
        }
        let (rate, left) = (growth(of)?, last.capacity_bytes + beyond - of(&last));
        let days = (rate > 0).then(|| u64::try_from(left / rate + i64::from(left % rate > 0)).ok()).flatten()?;
        (days < 36_525).then(|| last.day.checked_add_days(Days::new(days))).flatten()
    };
    Some(Storage {
        capacity_bytes: last.capacity_bytes,
        sold_bytes: last.sold_bytes,
        used_bytes: last.used_bytes,
        growth_per_day_bytes: growth(|sample| sample.used_bytes),
        full_on: until(|sample| sample.used_bytes, 0),
        // Sold out to the last byte, nothing is sold twice yet.
        sold_out_on: until(|sample| sample.sold_bytes, 1),
        samples,
    })
}

/// The first measured day from which something holds until the last one; none when it does not hold there.
fn since(samples: &[Sample], holds: impl Fn(&Sample) -> bool) -> Option<NaiveDate> {
    samples.iter().rev().take_while(|sample| holds(sample)).last().map(|sample| sample.day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(day: u32, sold: i64, used: i64) -> Sample {
        let day = NaiveDate::from_ymd_opt(2013, 1, day).expect("a day");
        Sample { day, capacity_bytes: 1_000, sold_bytes: sold, used_bytes: used }
    }

    #[test]
    fn it_is_full_when_the_rate_of_the_month_has_filled_it() {
        let storage = summed(vec![sample(1, 100, 0), sample(11, 1_100, 30), sample(21, 1_100, 200)]).expect("storage");
        // 200 in 20 days: ten a day, 800 are left.
        assert_eq!(storage.growth_per_day_bytes, Some(10));
        assert_eq!(storage.full_on, NaiveDate::from_ymd_opt(2013, 4, 11));
        assert_eq!(storage.sold_out_on, NaiveDate::from_ymd_opt(2013, 1, 11), "since then more is sold than there is");
    }

    #[test]
    fn what_is_sold_to_the_last_byte_is_not_sold_twice() {
        let sold_out = |samples| summed(samples).expect("storage").sold_out_on;
        assert_eq!(sold_out(vec![sample(1, 1_000, 0), sample(11, 1_000, 0)]), None, "it stays at what there is");
        let day = |month, day| NaiveDate::from_ymd_opt(2013, month, day);
        // Fifty a day: on the day after the last one it is more than there is.
        assert_eq!(sold_out(vec![sample(1, 500, 0), sample(11, 1_000, 0)]), day(1, 12));
        let back = vec![sample(1, 1_100, 0), sample(5, 900, 0), sample(9, 1_001, 0), sample(11, 1_002, 0)];
        assert_eq!(sold_out(back), day(1, 9), "the days before a pause do not count");
        assert_eq!(sold_out(vec![sample(3, 1_001, 0)]), day(1, 3), "one measurement tells as much");
        let full = summed(vec![sample(1, 0, 900), sample(11, 0, 1_000), sample(21, 0, 1_000)]).expect("storage");
        assert_eq!(full.full_on, day(1, 11));
    }

    #[test]
    fn what_does_not_grow_is_never_full() {
        let storage = summed(vec![sample(1, 100, 50), sample(31, 100, 50)]).expect("storage");
        assert_eq!((storage.growth_per_day_bytes, storage.full_on, storage.sold_out_on), (Some(0), None, None));
        let one = summed(vec![sample(1, 100, 50)]).expect("storage");
        assert_eq!((one.growth_per_day_bytes, one.full_on), (None, None));
        assert_eq!(summed(Vec::new()), None);
    }
}
