//! Numbers that people type: customer numbers `K-000123-4`, invoice numbers `RE-2013-000123-5` and cancellation invoice
//! numbers `ST-2013-000001-1`.
//!
//! Each ends in a check digit after H. Michael Damm (2004), over the year, if there is one, and the serial. It finds
//! every single wrong digit and every swap of two neighbours. Serials have at least six digits, more when needed.

use std::fmt;

/// Prefix of customer numbers.
pub const CUSTOMER: &str = "K";
/// Prefix of invoice numbers.
pub const INVOICE: &str = "RE";
/// Prefix of cancellation invoice numbers.
pub const CANCELLATION: &str = "ST";

/// Damm's quasigroup of order ten.
const TABLE: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// A number with its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// Prefix such as `RE`.
    pub prefix: String,
    /// Year, for numbers that carry one.
    pub year: Option<i32>,
    /// Serial within the range.
    pub serial: i64,
}

/// Why a text is not a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It does not have the shape of one.
    Shape,
    /// It has the shape, but the check digit does not fit.
    CheckDigit,
}

impl Number {
    /// A customer number.
    pub fn customer(serial: i64) -> Self {
        Self { prefix: CUSTOMER.to_owned(), year: None, serial }
    }

    /// A number of a yearly range.
    pub fn of_year(prefix: &str, year: i32, serial: i64) -> Self {
        Self { prefix: prefix.to_owned(), year: Some(year), serial }
    }

    /// Reads a number; blanks around it and small letters are forgiven.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let text = text.trim().to_uppercase();
        let parts: Vec<&str> = text.split('-').collect();
        let (prefix, year, serial, check) = match parts[..] {
            [prefix, serial, check] => (prefix, None, serial, check),
            [prefix, year, serial, check] => (prefix, Some(year), serial, check),
            _ => return Err(Wrong::Shape),
        };
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let shape = !prefix.is_empty()
            && prefix.bytes().all(|byte| byte.is_ascii_uppercase())
            && year.is_none_or(|year| digits(year) && year.len() == 4)
            && digits(serial)
            && (6..=18).contains(&serial.len())
            && digits(check)
            && check.len() == 1;
        if !shape {
            return Err(Wrong::Shape);
        }
        let number = Self {
            prefix: prefix.to_owned(),
            year: year.and_then(|year| year.parse().ok()),
            serial: serial.parse().map_err(|_| Wrong::Shape)?,
        };
        if number.check_digit() == check.as_bytes()[0] - b'0' && number.digits().ends_with(serial) {
            Ok(number)
        } else {
            Err(Wrong::CheckDigit)
        }
    }

    fn digits(&self) -> String {
        match self.year {
            Some(year) => format!("{year:04}{:06}", self.serial),
            None => format!("{:06}", self.serial),
        }
    }

    fn check_digit(&self) -> u8 {
        check_digit(&self.digits())
    }
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.year {
            Some(year) => write!(formatter, "{}-{year:04}-{:06}-{}", self.prefix, self.serial, self.check_digit()),
            None => write!(formatter, "{}-{:06}-{}", self.prefix, self.serial, self.check_digit()),
        }
    }
}

/// Check digit over decimal digits; the sign of a serial whose highest bit was hit counts for nothing.
fn check_digit(digits: &str) -> u8 {
    digits.bytes().filter(u8::is_ascii_digit).fold(0, |state, byte| TABLE[usize::from(state)][usize::from(byte - b'0')])
}

/// Valid numbers that lie one slip of the hand away: a wrong digit or two neighbours swapped. The caller keeps those
/// that exist. Empty when the text does not have the shape of a number.
pub fn neighbours(text: &str) -> Vec<String> {
    let text = text.trim().to_uppercase();
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut keep = |candidate: Vec<u8>| {
        let candidate = String::from_utf8(candidate).expect("digits replace digits");
        if Number::parse(&candidate).is_ok() && !found.contains(&candidate) {
            found.push(candidate);
        }
    };
    if !text.is_ascii() || Number::parse(&text) == Err(Wrong::Shape) {
        return found;
    }
    for (index, byte) in bytes.iter().enumerate() {
        if !byte.is_ascii_digit() {
            continue;
        }
        // The next digit may stand behind a hyphen.
        if let Some(next) = (index + 1..bytes.len()).find(|next| bytes[*next].is_ascii_digit()) {
            let mut candidate = bytes.to_vec();
            candidate.swap(index, next);
            keep(candidate);
        }
        for digit in b'0'..=b'9' {
            let mut candidate = bytes.to_vec();
            candidate[index] = digit;
            keep(candidate);
        }
    }
    found
}

/// Says which number was probably meant, given those neighbours that exist.
pub fn meant(mut existing: Vec<String>, noun: &str) -> String {
    existing.sort();
    existing.truncate(5);
    match &existing[..] {
        [] => format!("No {noun} lies one wrong digit or one swap away; check the paper."),
        [one] => format!("{one} was probably meant."),
        some => format!("One of {} was probably meant.", some.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_print_and_read_back() {
        assert_eq!(Number::customer(123).to_string(), "K-000123-4");
        assert_eq!(Number::of_year(INVOICE, 2013, 123).to_string(), "RE-2013-000123-5");
        assert_eq!(Number::of_year(CANCELLATION, 2013, 1).to_string(), "ST-2013-000001-1");
        assert_eq!(Number::parse(" re-2013-000123-5 "), Ok(Number::of_year(INVOICE, 2013, 123)));
        assert_eq!(Number::parse("RE-2013-000123-6"), Err(Wrong::CheckDigit));
        assert_eq!(Number::parse("RE-2013-123-6"), Err(Wrong::Shape));
        assert_eq!(Number::customer(12_345_678).to_string().len(), "K-12345678-0".len());
    }

    #[test]
    fn a_swap_is_explained() {
        // Two neighbours of RE-2013-000123-5 were swapped.
        assert!(neighbours("RE-2013-000132-5").contains(&"RE-2013-000123-5".to_owned()));
        assert!(neighbours("Müller").is_empty());
    }

    proptest! {
        #[test]
        fn every_single_wrong_digit_is_found(serial in 1i64..99_999_999, year in 2000i32..2200, at in 0usize..16, by in 1u8..10) {
            let right = Number::of_year(INVOICE, year, serial).to_string();
            let positions: Vec<usize> = right.char_indices().filter(|(_, c)| c.is_ascii_digit()).map(|(i, _)| i).collect();
            let at = positions[at % positions.len()];
            let mut wrong = right.clone().into_bytes();
            wrong[at] = b'0' + (wrong[at] - b'0' + by) % 10;
            let wrong = String::from_utf8(wrong).expect("ascii");
            prop_assert_eq!(Number::parse(&wrong), Err(Wrong::CheckDigit));
            prop_assert!(neighbours(&wrong).contains(&right));
        }
    }
}
