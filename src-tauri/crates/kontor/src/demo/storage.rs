//! How full the storage was: one sample a day, which ends at what the mailboxes hold. The array grew with what was sold:
//! twice in the month, disks were added to it.

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::calendar::{FIRST_DAY, berlin};
use super::dice::{Dice, Purpose};
use super::office::QUOTA_BYTES;
use crate::store::entities::storage_samples;

/// Size of the array from which day on, ending with a good 200 TB.
const CAPACITY_BYTES: [(usize, i64); 3] =
    [(0, 120_000_000_000_000), (17, 160_000_000_000_000), (26, 200_000_000_000_000)];
/// Mailboxes that such an array was bought for; a demo with many times as many has as many arrays.
const MAILBOXES: i64 = 10_000;
const DAYS: usize = 31;
/// Just before midnight.
const TAKEN: u64 = 24 * 3_600_000 - 60_000;

/// What was sold and stored, by the day of registration.
#[derive(Debug, Default)]
pub(super) struct Storage {
    sold: [i64; DAYS],
    used: [i64; DAYS],
}

impl Storage {
    /// Counts a mailbox.
    pub fn add(&mut self, registered_on: NaiveDate, used_bytes: i64) {
        let day = usize::try_from((registered_on - FIRST_DAY).num_days()).unwrap_or(0).min(DAYS - 1);
        self.sold[day] += QUOTA_BYTES;
        self.used[day] += used_bytes;
    }

    /// The samples; a mailbox fills evenly from the day of its registration.
    pub fn samples(&self, seed: u64) -> Vec<storage_samples::Model> {
        let mut dice = Dice::new(seed, Purpose::Office, 1);
        let arrays = 1 + self.sold.iter().sum::<i64>().saturating_sub(1) / QUOTA_BYTES / MAILBOXES;
        let sample = |day: usize| {
            let taken_at: DateTime<Utc> = berlin(FIRST_DAY + Days::new(day as u64), TAKEN);
            storage_samples::Model {
                id: dice.id(taken_at),
                taken_at,
                capacity_bytes: capacity(day) * arrays,
                sold_bytes: self.sold[..=day].iter().sum(),
                used_bytes: (0..=day).map(|begun| self.filled(begun, day)).sum(),
            }
        };
        (0..DAYS).map(sample).collect()
    }

    fn filled(&self, begun: usize, day: usize) -> i64 {
        let part = |days: usize| i128::try_from(days + 1).unwrap_or(1);
        let filled = i128::from(self.used[begun]) * part(day - begun) / part(DAYS - 1 - begun);
        i64::try_from(filled).unwrap_or(i64::MAX)
    }
}

fn capacity(day: usize) -> i64 {
    CAPACITY_BYTES.iter().rev().find(|(since, _)| *since <= day).map_or(0, |(_, bytes)| *bytes)
}

/// What a mailbox holds at the end of the month: most little, some a lot.
pub(super) fn used_bytes(dice: &mut Dice) -> i64 {
    let size = dice.weighted(&[(10, 15), (15, 20), (25, 24), (25, 26), (15, 28), (8, 30), (2, 32)]);
    i64::try_from(dice.between(1 << size, 2 << size)).unwrap_or(0).min(QUOTA_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_grow_to_what_the_mailboxes_hold() {
        let mut storage = Storage::default();
        let mut dice = Dice::new(1, Purpose::Person, 0);
        let mut used = 0;
        for index in 0..500 {
            let one = used_bytes(&mut dice);
            used += one;
            storage.add(FIRST_DAY + Days::new(index % 28), one);
        }
        let samples = storage.samples(1);
        assert_eq!(samples.len(), 31);
        assert!(samples.is_sorted_by_key(|sample| (sample.sold_bytes, sample.used_bytes)));
        let last = samples.last().expect("a sample");
        assert_eq!((last.sold_bytes, last.used_bytes), (500 * QUOTA_BYTES, used));
        assert_eq!((samples[0].capacity_bytes, last.capacity_bytes), (120_000_000_000_000, 200_000_000_000_000));
        assert!(samples.is_sorted_by_key(|sample| sample.capacity_bytes));
    }
    #[test]
    fn the_month_ends_as_its_report_says() {
        let mut storage = Storage::default();
        let mut dice = Dice::new(1, Purpose::Person, 0);
        (0..8_532).for_each(|index| storage.add(FIRST_DAY + Days::new(index % 28), used_bytes(&mut dice)));
        let samples = storage.samples(1);
        let last = samples.last().expect("a sample");
        assert_eq!((last.capacity_bytes, last.sold_bytes), (200_000_000_000_000, 85_320_000_000_000));
        let grows = |sample: &storage_samples::Model| {
            sample.used_bytes < sample.sold_bytes && sample.sold_bytes < sample.capacity_bytes
        };
        assert!(samples.iter().all(grows));
        // A demo of a million customers has an array that holds what they have.
        (0..1_000_000).for_each(|index| storage.add(FIRST_DAY + Days::new(index % 28), 345_000_000));
        assert!(storage.samples(1).iter().all(|sample| sample.used_bytes < sample.capacity_bytes));
    }
}
