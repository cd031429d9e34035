//! What speaks against "a bit was flipped": people and programs make mistakes that look like it.
//!
//! A value that is off by one, one that programs write when nobody gave any, and a letter that lies beside the right one
//! on the keyboard are as well explained without faulty memory. The proposal says so; it is not made weaker by it when a
//! hash or a seal fits.

use super::proposal::Reason;

/// Rows of a German keyboard.
const KEYS: [&str; 4] = ["1234567890ß", "qwertzuiopü", "asdfghjklöä", "yxcvbnm,.-"];

/// Reasons against a flipped bit between what stands there and what would be right.
pub(super) fn against_flip(current: &str, right: &str) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if is_off_by_one(current, right) {
        reasons.push(Reason::against("off_by_one"));
    }
    if is_default(current) {
        reasons.push(Reason::against("default_value").with("value", current));
    }
    if let Some((one, other)) = slip(current, right) {
        reasons.push(Reason::against("keyboard_neighbour").with("typed", one).with("meant", other));
    }
    reasons
}

/// Which bit, as a reason for.
pub(super) fn flip(current: &str, right: &str) -> Vec<Reason> {
    let mut reasons = vec![Reason::new("one_bit")];
    reasons.extend(against_flip(current, right));
    reasons
}

fn is_off_by_one(current: &str, right: &str) -> bool {
    let numbers = current.parse::<i64>().ok().zip(right.parse::<i64>().ok());
    let days = current.parse::<chrono::NaiveDate>().ok().zip(right.parse::<chrono::NaiveDate>().ok());
    numbers.is_some_and(|(one, other)| one.abs_diff(other) == 1)
        || days.is_some_and(|(one, other)| (one - other).num_days().abs() == 1)
}

fn is_default(value: &str) -> bool {
    matches!(value, "" | "0" | "-1" | "1970-01-01" | "0001-01-01" | "00000000-0000-0000-0000-000000000000")
}

/// The one letter that differs, where both lie side by side.
fn slip(current: &str, right: &str) -> Option<(char, char)> {
    if current.chars().count() != right.chars().count() {
        return None;
    }
    let mut differing = current.chars().zip(right.chars()).filter(|(one, other)| one != other);
    let (one, other) = differing.next()?;
    let small = |letter: char| letter.to_lowercase().next().unwrap_or(letter);
    (differing.next().is_none() && are_neighbours(small(one), small(other))).then_some((one, other))
}

fn are_neighbours(one: char, other: char) -> bool {
    let place = |key: char| {
        KEYS.iter().enumerate().find_map(|(row, keys)| keys.chars().position(|other| other == key).map(|at| (row, at)))
    };
    let (Some((row, at)), Some((other_row, other_at))) = (place(one), place(other)) else { return false };
    // Each row is shifted by about half a key, so a key touches two of the row below.
    let is_beside = row == other_row && at.abs_diff(other_at) == 1;
    let is_below = other_row == row + 1 && (other_at == at || other_at + 1 == at);
    let is_above = row == other_row + 1 && (other_at == at || at + 1 == other_at);
    is_beside || is_below || is_above
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(current: &str, right: &str) -> Vec<String> {
        against_flip(current, right).into_iter().map(|reason| reason.code).collect()
    }

    #[test]
    fn what_people_and_programs_do_speaks_against_a_flip() {
        assert_eq!(codes("85", "84"), ["off_by_one", "keyboard_neighbour"]);
        assert_eq!(codes("10", "11"), ["off_by_one"]);
        assert_eq!(codes("2013-01-31", "2013-02-01"), ["off_by_one"]);
        assert_eq!(codes("0", "64"), ["default_value"]);
        assert_eq!(codes("Nüller", "Müller"), ["keyboard_neighbour"]);
        assert_eq!(codes("Mäller", "Müller"), ["keyboard_neighbour"]);
        assert_eq!(codes("Eüller", "Müller"), Vec::<String>::new());
        assert_eq!(codes("212", "84"), Vec::<String>::new());
    }
}
