//! When people came: the first four weeks of January 2013, by the hour, and when the old programs invoiced them.
//!
//! All times are counted, not collected: person `i` of `n` has a time without anybody knowing the others', and times
//! rise with `i`. The day after, from eight to six, the old programs worked through the people of the day in order.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc, Weekday};

use super::dice::{Dice, Purpose};

/// The first day of the service, which is also the period everybody is invoiced for.
pub(super) const FIRST_DAY: NaiveDate = day(2013, 1, 1);
/// The day the demo lives in.
pub(super) const BUSINESS_DATE: NaiveDate = day(2013, 2, 1);

/// Days on which people registered.
const DAYS: u64 = 28;
const HOURS: u64 = 24;
/// Milliseconds of an hour.
const HOUR: u64 = 3_600_000;
/// First hour of the old programs' working day, and its length.
const OPENING: u64 = 8;
const OPEN_HOURS: u64 = 10;

/// How busy an hour is, on working days and on weekends.
const WORKING_DAY: [u64; 24] =
    [8, 4, 2, 1, 1, 3, 10, 22, 35, 42, 45, 44, 48, 46, 42, 41, 44, 50, 56, 62, 66, 58, 40, 20];
const WEEKEND: [u64; 24] = [18, 11, 6, 3, 2, 2, 4, 9, 20, 36, 48, 52, 48, 46, 47, 48, 46, 44, 46, 52, 56, 50, 38, 24];

/// How registrations and invoices are spread over the month.
#[derive(Debug)]
pub(super) struct Calendar {
    registrations: u64,
    invoiced: u64,
    /// Registrations before the end of each hour.
    before: Vec<u64>,
}

impl Calendar {
    /// Spreads them; `invoiced` is at most `registrations`.
    pub fn new(seed: u64, registrations: u64, invoiced: u64) -> Self {
        let weights = weights(&mut Dice::new(seed, Purpose::Calendar, 0));
        let whole: u64 = weights.iter().sum();
        let mut so_far = 0;
        let before = weights.iter().map(|weight| {
            so_far += weight;
            share(registrations, so_far, whole)
        });
        Self { registrations, invoiced, before: before.collect() }
    }

    /// When the person at this place came.
    pub fn registered_at(&self, index: u64, dice: &mut Dice) -> DateTime<Utc> {
        let slot = self.before.partition_point(|end| *end <= index);
        let first = if slot == 0 { 0 } else { self.before[slot - 1] };
        let end = self.before.get(slot).copied().unwrap_or(index + 1);
        berlin(FIRST_DAY, slot as u64 * HOUR + spread(index - first, end - first, HOUR, dice))
    }

    /// The invoice's place in the order of invoices; none when the person is not due yet. Where not everybody is
    /// invoiced, the invoiced are spread evenly, so that every day and every host has its part.
    pub fn invoice_of(&self, index: u64) -> Option<u64> {
        let before = self.invoices_before(index);
        (self.invoices_before(index + 1) > before).then_some(before)
    }

    /// When the old programs began with this invoice.
    pub fn invoiced_at(&self, ordinal: u64, registered_on: NaiveDate, dice: &mut Dice) -> DateTime<Utc> {
        let (first, end) = self.invoices_of(registered_on);
        let at = spread(ordinal.saturating_sub(first), end.saturating_sub(first), OPEN_HOURS * HOUR, dice);
        berlin(registered_on + Days::new(1), OPENING * HOUR + at)
    }

    /// First invoice of the people of a day, and the first of those of the next day.
    fn invoices_of(&self, day: NaiveDate) -> (u64, u64) {
        let slot = usize::try_from((day - FIRST_DAY).num_days() * 24).unwrap_or(0);
        let first = if slot == 0 { 0 } else { self.before[slot - 1] };
        (self.invoices_before(first), self.invoices_before(self.before[slot + 23]))
    }

    fn invoices_before(&self, index: u64) -> u64 {
        share(self.invoiced, index, self.registrations)
    }
}

/// The date in Berlin.
pub(super) fn date(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&chrono_tz::Europe::Berlin).date_naive()
}

/// A time of a day in Berlin, which all January is one hour ahead of UTC.
pub(super) fn berlin(day: NaiveDate, milliseconds: u64) -> DateTime<Utc> {
    let midnight = day.and_time(chrono::NaiveTime::MIN).and_utc() - TimeDelta::hours(1);
    midnight + TimeDelta::milliseconds(i64::try_from(milliseconds).unwrap_or(0))
}

pub(super) const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("the calendar has this day")
}

/// A strong start that calms down, fewer people on weekends and on New Year's Day, and no two hours alike.
fn weights(dice: &mut Dice) -> Vec<u64> {
    let mut weights = Vec::new();
    let mut rush = 9_000;
    for offset in 0..DAYS {
        let today = FIRST_DAY + Days::new(offset);
        let weekend = matches!(today.weekday(), Weekday::Sat | Weekday::Sun) || offset == 0;
        let (hours, share) = if weekend { (&WEEKEND, 70) } else { (&WORKING_DAY, 100) };
        let busy = (4_000 + rush) * share * dice.between(93, 107);
        weights.extend(hours.iter().take(24).map(|hour| busy * hour * dice.between(85, 115) / 1_000));
        rush = rush * 88 / 100;
    }
    debug_assert_eq!(weights.len() as u64, DAYS * HOURS);
    weights
}

/// `part / whole` of `total`, rounded down.
fn share(total: u64, part: u64, whole: u64) -> u64 {
    let share = u128::from(total) * u128::from(part) / u128::from(whole.max(1));
    u64::try_from(share).unwrap_or(total)
}

/// The place of the `index`th of `count` in a span of milliseconds: in order, but not in step.
fn spread(index: u64, count: u64, span: u64, dice: &mut Dice) -> u64 {
    let count = count.max(1);
    let from = share(span, index, count);
    from + dice.below(share(span, index + 1, count).saturating_sub(from))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(registrations: u64) -> Vec<DateTime<Utc>> {
        let calendar = Calendar::new(1, registrations, registrations);
        let time = |index| calendar.registered_at(index, &mut Dice::new(1, Purpose::Person, index));
        (0..registrations).map(time).collect()
    }

    #[test]
    fn people_come_in_order_and_within_four_weeks() {
        for registrations in [1, 2, 671, 8_532] {
            let times = times(registrations);
            assert!(times.is_sorted());
            assert!(times.iter().all(|at| (FIRST_DAY..=day(2013, 1, 28)).contains(&date(*at))));
        }
    }

    #[test]
    fn the_start_is_strong_and_nights_and_weekends_are_quiet() {
        let times = times(8_532);
        let on = |number| times.iter().filter(|at| date(**at).day() == number).count();
        assert!(on(2) > 2 * on(28), "{} {}", on(2), on(28));
        assert!(on(11) > on(12) && on(14) > on(13));
        let night = times.iter().filter(|at| (1..4).contains(&((at.timestamp() / 3_600 + 1) % 24))).count();
        assert!(night * 30 < times.len(), "{night}");
    }

    #[test]
    fn invoices_follow_the_day_after_in_order() {
        let calendar = Calendar::new(1, 5_000, 700);
        let mut last = None;
        for index in 0..5_000 {
            let Some(ordinal) = calendar.invoice_of(index) else { continue };
            let mut dice = Dice::new(1, Purpose::Person, index);
            let on = date(calendar.registered_at(index, &mut dice));
            let at = calendar.invoiced_at(ordinal, on, &mut Dice::new(1, Purpose::Process, ordinal));
            assert_eq!(date(at), on + Days::new(1));
            assert!(last.is_none_or(|(before, then)| before + 1 == ordinal && then <= at), "{ordinal}");
            last = Some((ordinal, at));
        }
        assert_eq!(last.map(|(ordinal, _)| ordinal), Some(699));
    }
}
