//! Numbers, dates and codes as they stand on paper, in both languages.
//!
//! Amounts and dates hold no-break blanks, so that wrapping never tears them; drawing turns those into plain blanks.
//! Left out: time zones (the date on an invoice is a date) and currencies other than the euro.

use chrono::{Datelike, NaiveDate};

use crate::content::{Address, Language};

/// A blank that lines are not broken at.
pub(crate) const FIXED: char = '\u{a0}';

/// `1.234,56 €` or `€1,234.56`.
pub fn money(cents: i64, language: Language) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let amount = cents.unsigned_abs();
    let (euros, cents) = (amount / 100, amount % 100);
    match language {
        Language::De => format!("{sign}{},{cents:02}{FIXED}€", grouped(euros, '.')),
        Language::En => format!("{sign}€{}.{cents:02}", grouped(euros, ',')),
    }
}

/// A count with separators between thousands.
pub fn count(value: i64, language: Language) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let separator = if language == Language::De { '.' } else { ',' };
    format!("{sign}{}", grouped(value.unsigned_abs(), separator))
}

fn grouped(value: u64, separator: char) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// A rate in basis points: `19 %`, `7,5 %`, `19%`.
pub(crate) fn rate(basis_points: i32, language: Language) -> String {
    let (whole, rest) = (basis_points / 100, basis_points.unsigned_abs() % 100);
    let fraction = format!("{rest:02}");
    let fraction = fraction.trim_end_matches('0');
    let (comma, blank) = if language == Language::De { (",", "\u{a0}") } else { (".", "") };
    let comma = if fraction.is_empty() { "" } else { comma };
    format!("{whole}{comma}{fraction}{blank}%")
}

/// Months, German and English.
const MONTHS: [(&str, &str); 12] = [
    ("Januar", "January"),
    ("Februar", "February"),
    ("März", "March"),
    ("April", "April"),
    ("Mai", "May"),
    ("Juni", "June"),
    ("Juli", "July"),
    ("August", "August"),
    ("September", "September"),
    ("Oktober", "October"),
    ("November", "November"),
    ("Dezember", "December"),
];

/// The month of a day: `Januar 2013` or `January 2013`.
pub fn month(day: NaiveDate, language: Language) -> String {
    let (german, english) = MONTHS[day.month0() as usize];
    format!("{} {:04}", if language == Language::De { german } else { english }, day.year())
}

/// `31.01.2013` or `31 January 2013`.
pub fn date(date: NaiveDate, language: Language) -> String {
    match language {
        Language::De => format!("{:02}.{:02}.{:04}", date.day(), date.month(), date.year()),
        Language::En => format!("{}{FIXED}{}{FIXED}{:04}", date.day(), MONTHS[date.month0() as usize].1, date.year()),
    }
}

/// `01.01.2013 – 31.01.2013` or `1–31 January 2013`; a single day stands alone.
pub fn period(from: NaiveDate, to: NaiveDate, language: Language) -> String {
    let same_month = (from.year(), from.month()) == (to.year(), to.month());
    match language {
        _ if from == to => date(to, language),
        Language::En if same_month => format!("{}–{}", from.day(), date(to, language)),
        _ => format!("{}{FIXED}– {}", date(from, language), date(to, language)),
    }
}

/// An IBAN in groups of four (ISO 13616).
pub(crate) fn iban(iban: &str) -> String {
    let compact: Vec<char> = iban.chars().filter(|ch| !ch.is_whitespace()).collect();
    compact.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("\u{a0}")
}

/// The lines of an address; the country in capitals last, unless it is Germany.
pub(crate) fn address(address: &Address, language: Language) -> Vec<String> {
    address_for(address, "DE", language)
}

/// The lines of an address for a reader in another country: the country stands last, unless it is the reader's own.
pub(crate) fn address_for(address: &Address, reader: &str, language: Language) -> Vec<String> {
    let mut lines = vec![address.street.clone(), format!("{} {}", address.postal_code, address.city)];
    if address.country != reader {
        lines.push(country(&address.country, language));
    }
    lines.retain(|line| !line.trim().is_empty());
    lines
}

/// Name of a country in capitals, as the Universal Postal Convention asks for; an unknown code stays a code.
fn country(code: &str, language: Language) -> String {
    let found = COUNTRIES.iter().find(|(known, ..)| *known == code);
    found.map_or(code, |(_, de, en)| if language == Language::De { de } else { en }).to_uppercase()
}

const COUNTRIES: [(&str, &str, &str); 39] = [
    ("AT", "Österreich", "Austria"),
    ("AU", "Australien", "Australia"),
    ("BE", "Belgien", "Belgium"),
    ("BG", "Bulgarien", "Bulgaria"),
    ("BR", "Brasilien", "Brazil"),
    ("CA", "Kanada", "Canada"),
    ("CH", "Schweiz", "Switzerland"),
    ("CY", "Zypern", "Cyprus"),
    ("CZ", "Tschechien", "Czech Republic"),
    ("DE", "Deutschland", "Germany"),
    ("DK", "Dänemark", "Denmark"),
    ("EE", "Estland", "Estonia"),
    ("ES", "Spanien", "Spain"),
    ("FI", "Finnland", "Finland"),
    ("FR", "Frankreich", "France"),
    ("GB", "Vereinigtes Königreich", "United Kingdom"),
    ("GR", "Griechenland", "Greece"),
    ("HR", "Kroatien", "Croatia"),
    ("HU", "Ungarn", "Hungary"),
    ("IE", "Irland", "Ireland"),
    ("IS", "Island", "Iceland"),
    ("IT", "Italien", "Italy"),
    ("JP", "Japan", "Japan"),
    ("LI", "Liechtenstein", "Liechtenstein"),
    ("LT", "Litauen", "Lithuania"),
    ("LU", "Luxemburg", "Luxembourg"),
    ("LV", "Lettland", "Latvia"),
    ("MT", "Malta", "Malta"),
    ("NL", "Niederlande", "Netherlands"),
    ("NO", "Norwegen", "Norway"),
    ("PL", "Polen", "Poland"),
    ("PT", "Portugal", "Portugal"),
    ("RO", "Rumänien", "Romania"),
    ("SE", "Schweden", "Sweden"),
    ("SI", "Slowenien", "Slovenia"),
    ("SK", "Slowakei", "Slovakia"),
    ("TR", "Türkei", "Türkiye"),
    ("UA", "Ukraine", "Ukraine"),
    ("US", "Vereinigte Staaten", "United States"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        assert_eq!(money(123_456, Language::De), "1.234,56\u{a0}€");
        assert_eq!(money(-5, Language::De), "-0,05\u{a0}€");
        assert_eq!(money(100_000_000, Language::En), "€1,000,000.00");
        assert_eq!(money(i64::MIN, Language::En), "-€92,233,720,368,547,758.08");
        assert_eq!(count(-12_345, Language::De), "-12.345");
    }

    #[test]
    fn periods_say_no_more_than_they_must() {
        let day = |month, day| NaiveDate::from_ymd_opt(2013, month, day).unwrap();
        assert_eq!(period(day(1, 1), day(1, 31), Language::De), "01.01.2013\u{a0}– 31.01.2013");
        assert_eq!(period(day(1, 1), day(1, 31), Language::En), "1–31\u{a0}January\u{a0}2013");
        assert_eq!(
            period(day(1, 31), day(2, 1), Language::En),
            "31\u{a0}January\u{a0}2013\u{a0}– 1\u{a0}February\u{a0}2013"
        );
        assert_eq!(period(day(1, 31), day(1, 31), Language::De), "31.01.2013");
    }

    #[test]
    fn the_country_is_named_to_readers_of_another() {
        let kiel = Address {
            street: "Am Musterkai 1".to_owned(),
            postal_code: "24103".to_owned(),
            city: "Kiel".to_owned(),
            country: "DE".to_owned(),
        };
        assert_eq!(address(&kiel, Language::En), ["Am Musterkai 1", "24103 Kiel"]);
        assert_eq!(address_for(&kiel, "NL", Language::En), ["Am Musterkai 1", "24103 Kiel", "GERMANY"]);
    }

    #[test]
    fn rates_dates_and_codes() {
        assert_eq!(rate(1900, Language::De), "19\u{a0}%");
        assert_eq!(rate(750, Language::De), "7,5\u{a0}%");
        assert_eq!(rate(1905, Language::En), "19.05%");
        let day = NaiveDate::from_ymd_opt(2013, 1, 31).unwrap();
        assert_eq!(date(day, Language::De), "31.01.2013");
        assert_eq!(date(day, Language::En), "31\u{a0}January\u{a0}2013");
        assert_eq!(iban("DE02120300000000202051"), "DE02\u{a0}1203\u{a0}0000\u{a0}0000\u{a0}2020\u{a0}51");
        assert_eq!(country("AT", Language::De), "ÖSTERREICH");
        assert!(COUNTRIES.is_sorted());
        assert_eq!(country("XK", Language::De), "XK");
    }
}
