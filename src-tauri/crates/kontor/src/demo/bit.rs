//! One flipped bit: what faulty memory does to a value that a program holds and then writes.
//!
//! Which bytes hold a value follows Kontor's canonical encoding (`seal`): eight bytes for a whole number and four for a
//! day, both big-endian (0001-01-01 is day 1), UTF-8 for text. A flip whose result the database would refuse (no UTF-8, a
//! control character, a check) is left out: that write failed, and killed its process.

use chrono::{Datelike, NaiveDate};

use super::dice::Dice;

/// A value after one of its bits was flipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flip<T> {
    /// What it is now.
    pub value: T,
    /// Which byte of its encoding, from the first.
    pub byte: usize,
    /// Which bit of the byte; 0 is the lowest.
    pub bit: u8,
}

/// Flips one of these bits of a whole number; bit 0 is the lowest.
pub(super) fn whole(
    value: i64,
    bits: std::ops::Range<u32>,
    is_legal: impl Fn(i64) -> bool,
    dice: &mut Dice,
) -> Option<Flip<i64>> {
    let legal: Vec<u32> = bits.filter(|bit| is_legal(value ^ (1 << bit))).collect();
    let bit = one_of(&legal, dice)?;
    Some(Flip { value: value ^ (1 << bit), byte: 7 - place(bit), bit: low(bit) })
}

/// Flips one of the lower sixteen bits of a day's number, so that the day stays within a human life.
pub(super) fn day(value: NaiveDate, dice: &mut Dice) -> Option<Flip<NaiveDate>> {
    let flipped = |bit: u32| NaiveDate::from_num_days_from_ce_opt(value.num_days_from_ce() ^ (1 << bit));
    let legal: Vec<(u32, NaiveDate)> = (0..16).filter_map(|bit| Some((bit, flipped(bit)?))).collect();
    let (bit, value) = one_of(&legal, dice)?;
    Some(Flip { value, byte: 3 - place(bit), bit: low(bit) })
}

/// Flips one bit in these bytes of a text.
pub(super) fn text(value: &str, bytes: std::ops::Range<usize>, dice: &mut Dice) -> Option<Flip<String>> {
    let places = bytes.flat_map(|byte| (0..8).map(move |bit| (byte, bit)));
    let legal: Vec<(usize, u8)> = places.filter(|place| flipped(value, *place).is_some()).collect();
    let (byte, bit) = one_of(&legal, dice)?;
    Some(Flip { value: flipped(value, (byte, bit))?, byte, bit })
}

fn flipped(value: &str, (byte, bit): (usize, u8)) -> Option<String> {
    let mut bytes = value.as_bytes().to_vec();
    *bytes.get_mut(byte)? ^= 1 << bit;
    String::from_utf8(bytes).ok().filter(|text| !text.contains(char::is_control))
}

fn one_of<T: Copy>(list: &[T], dice: &mut Dice) -> Option<T> {
    (!list.is_empty()).then(|| dice.pick(list))
}

fn place(bit: u32) -> usize {
    usize::try_from(bit / 8).unwrap_or(0)
}

fn low(bit: u32) -> u8 {
    u8::try_from(bit % 8).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::demo::dice::Purpose;

    /// Bits in which two encodings differ, and the byte and bit of one of them.
    fn differing(one: &[u8], other: &[u8]) -> (u32, Option<(usize, u8)>) {
        let bytes: Vec<u8> = one.iter().zip(other).map(|(one, other)| one ^ other).collect();
        let first = bytes.iter().position(|byte| *byte != 0);
        let count = bytes.iter().map(|byte| byte.count_ones()).sum();
        (count, first.map(|at| (at, u8::try_from(bytes[at].trailing_zeros()).unwrap_or(0))))
    }

    proptest! {
        #[test]
        fn exactly_the_bit_that_is_named_differs(number in any::<i64>(), name in "[A-Za-zäöüß .@-]{1,30}", days in 0i64..90_000, seed: u64) {
            let mut dice = Dice::new(seed, Purpose::Memory, 0);
            let flip = whole(number, 0..48, |_| true, &mut dice).expect("a flip");
            prop_assert_eq!(differing(&number.to_be_bytes(), &flip.value.to_be_bytes()), (1, Some((flip.byte, flip.bit))));
            let flip = text(&name, 0..name.len(), &mut dice).expect("a flip");
            prop_assert_eq!(differing(name.as_bytes(), flip.value.as_bytes()), (1, Some((flip.byte, flip.bit))));
            let date = NaiveDate::from_ymd_opt(1970, 1, 1).expect("a day") + chrono::TimeDelta::days(days);
            let flip = day(date, &mut dice).expect("a flip");
            let bytes = |date: NaiveDate| date.num_days_from_ce().to_be_bytes();
            prop_assert_eq!(differing(&bytes(date), &bytes(flip.value)), (1, Some((flip.byte, flip.bit))));
        }
    }

    #[test]
    fn what_the_database_would_refuse_does_not_come_about() {
        let mut dice = Dice::new(1, Purpose::Memory, 0);
        for _ in 0..2_000 {
            let flip = whole(84, 0..63, |value| value > 84, &mut dice).expect("a flip");
            assert!(flip.value > 84);
            let flip = text("Größe@1", 0..8, &mut dice).expect("a flip");
            assert!(!flip.value.contains(char::is_control), "{flip:?}");
        }
        assert_eq!(whole(1, 0..63, |_| false, &mut dice), None);
        assert_eq!(text("", 0..0, &mut dice), None);
    }
}
