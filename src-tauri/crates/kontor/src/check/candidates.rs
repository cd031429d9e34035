//! Values that lie one flipped bit away, for each kind of field.
//!
//! Which bytes hold a value follows the canonical encoding (`seal`): UTF-8 for text, big-endian whole numbers of 64 bits,
//! days of 32 bits counted from 0001-01-01, microseconds for points in time, sixteen bytes for ids. What cannot have been
//! stored (no UTF-8, a control character, a day outside four-digit years) is left out.

use std::iter;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, SecondsFormat, TimeDelta, Timelike, Utc};
use uuid::Uuid;

/// Texts one bit away.
pub(super) fn texts(value: &str) -> impl Iterator<Item = String> + '_ {
    let bits = value.len() * 8;
    (0..bits).filter_map(move |bit| {
        let mut bytes = value.as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        String::from_utf8(bytes).ok().filter(|text| !text.contains(char::is_control))
    })
}

/// Whole numbers one bit away.
pub(super) fn wholes(value: i64) -> impl Iterator<Item = i64> {
    (0..64).map(move |bit| value ^ (1 << bit))
}

/// Days one bit away.
pub(super) fn days(value: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    (0..32)
        .filter_map(move |bit| NaiveDate::from_num_days_from_ce_opt(value.num_days_from_ce() ^ (1 << bit)))
        .filter(|day| (1..=9999).contains(&day.year()))
}

/// Days one bit away where a database keeps them: as text, or as days since 2000-01-01.
pub(super) fn days_as_kept(value: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    let epoch = NaiveDate::from_ymd_opt(2000, 1, 1).map_or(0, |day| day.num_days_from_ce());
    let counted = (0..32).filter_map(move |bit| {
        let days = (value.num_days_from_ce() - epoch) ^ (1 << bit);
        NaiveDate::from_num_days_from_ce_opt(days.checked_add(epoch)?)
    });
    let text = value.to_string();
    let written: Vec<NaiveDate> = texts(&text).filter_map(|text| text.parse().ok()).collect();
    written.into_iter().chain(counted).filter(|day| (1..=9999).contains(&day.year()))
}

/// Points in time one bit away where a database keeps them: as text with an offset, or as microseconds since 2000-01-01.
pub(super) fn times_as_kept(value: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
    const EPOCH: i64 = 946_684_800_000_000;
    // Read, a text with a flipped offset is a time that lies beside the right one by that offset.
    let offsets = texts("+00:00").filter_map(|offset| Some(offset.parse::<FixedOffset>().ok()?.local_minus_utc()));
    let shifted: Vec<DateTime<Utc>> =
        offsets.filter_map(|seconds| value.checked_add_signed(TimeDelta::seconds(seconds.into()))).collect();
    let counted = (0..64).filter_map(move |bit| {
        let micros = (value.timestamp_micros() - EPOCH) ^ (1 << bit);
        DateTime::from_timestamp_micros(micros.checked_add(EPOCH)?)
    });
    let read = |text: String| DateTime::parse_from_rfc3339(&text).ok().map(|at| at.with_timezone(&Utc));
    let written: Vec<DateTime<Utc>> =
        times_as_texts(value).iter().flat_map(|text| texts(text)).filter_map(read).collect();
    written.into_iter().chain(shifted).chain(counted).filter(|at| (1..=9999).contains(&at.year()))
}

/// The texts that are read as this time: with all six places of the microseconds, of which a flip may have made the last
/// ones zero, and, where a minute begins, with the second of 60 that a flip makes of 20 or 40.
fn times_as_texts(value: DateTime<Utc>) -> Vec<String> {
    let before = value.checked_sub_signed(TimeDelta::seconds(1)).filter(|_| value.second() == 0);
    // What lies beyond a second of 59 is how the library says 60.
    let sixtieth = before.and_then(|before| before.with_nanosecond(before.nanosecond() + 1_000_000_000));
    iter::once(value).chain(sixtieth).map(|at| at.to_rfc3339_opts(SecondsFormat::Micros, false)).collect()
}

/// Ids one bit away.
pub(super) fn ids(value: Uuid) -> impl Iterator<Item = Uuid> {
    (0..128).map(move |bit| Uuid::from_u128(value.as_u128() ^ (1 << bit)))
}

/// Whether two byte strings differ in exactly one bit.
pub(super) fn differ_by_a_bit(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).map(|(one, other)| (one ^ other).count_ones()).sum::<u32>() == 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_right_value_is_among_the_neighbours_of_a_flipped_one(text in "[ -~äöüß]{1,30}", bit in 0usize..240, whole: i64, days_on in 1i32..3_000_000, id: u128) {
            let mut bytes = text.clone().into_bytes();
            let place = bit % (bytes.len() * 8);
            bytes[place / 8] ^= 1 << (place % 8);
            if let Ok(flipped) = String::from_utf8(bytes) {
                prop_assert!(texts(&flipped).any(|one| one == text));
                prop_assert!(differ_by_a_bit(flipped.as_bytes(), text.as_bytes()));
            }
            prop_assert!(wholes(whole ^ (1 << (bit % 64))).any(|one| one == whole));
            let day = NaiveDate::from_num_days_from_ce_opt(days_on).expect("a day");
            if let Some(flipped) = NaiveDate::from_num_days_from_ce_opt(days_on ^ (1 << (bit % 22))) {
                prop_assert!(days(flipped).any(|one| one == day));
            }
            prop_assert!(ids(Uuid::from_u128(id ^ (1 << (bit % 128)))).any(|one| one.as_u128() == id));
        }
    }

    /// Every flip of the text in which the embedded database keeps a time, as it is read again.
    #[test]
    fn a_time_is_among_the_neighbours_of_its_flipped_texts() {
        let midnight = DateTime::parse_from_rfc3339("2013-01-10T00:00:00.927452Z").expect("a time").with_timezone(&Utc);
        let mut read_again = 0;
        // Each second of a minute, and a day by leaps.
        for second in (0..60).chain((0..86_400).step_by(1021)).chain([86_360, 86_399]) {
            let right = midnight + TimeDelta::seconds(second);
            for text in texts(&right.to_rfc3339()) {
                let Ok(flipped) = DateTime::parse_from_rfc3339(&text) else { continue };
                // As it is sealed: to the microsecond, in which a second of 60 is the one after it.
                let flipped = DateTime::from_timestamp_micros(flipped.timestamp_micros()).expect("a time");
                if (1..=9999).contains(&flipped.year()) && flipped != right {
                    assert!(times_as_kept(flipped).any(|one| one == right), "{text}");
                    read_again += 1;
                }
            }
        }
        assert!(read_again > 2_000, "{read_again}");
    }

    #[test]
    fn what_cannot_be_stored_is_no_candidate() {
        assert!(texts("aé").all(|text| !text.contains(char::is_control)));
        assert!(!differ_by_a_bit(b"ab", b"abc") && !differ_by_a_bit(b"a", b"a"));
    }
}
