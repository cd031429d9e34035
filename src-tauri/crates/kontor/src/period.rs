//! A billing period: one calendar month, written `2013-01`.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Europe::Berlin;

use crate::{Error, Result};

/// A calendar month between 2000 and 2199.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period(NaiveDate);

impl Period {
    /// The month that contains `day`.
    pub fn containing(day: NaiveDate) -> Self {
        Self(day.with_day(1).expect("every month has a first day"))
    }

    /// First day of the month; this is what the database stores.
    pub fn first_day(self) -> NaiveDate {
        self.0
    }

    /// Last day of the month.
    pub fn last_day(self) -> NaiveDate {
        self.0
            .checked_add_months(Months::new(1))
            .and_then(|next| next.checked_sub_days(Days::new(1)))
            .expect("the calendar does not end in this range")
    }
}

/// When a day begins at the office, in Berlin. Germany changes its clocks at two or three in the morning, so midnight is
/// always there.
pub fn day_begins(day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    Berlin.from_local_datetime(&midnight).earliest().map_or_else(|| midnight.and_utc(), |time| time.to_utc())
}

/// When a day ends at the office: the moment the next one begins.
pub fn day_ends(day: NaiveDate) -> DateTime<Utc> {
    day_begins(day.checked_add_days(Days::new(1)).unwrap_or(day))
}

impl FromStr for Period {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let impossible =
            || Error::Usage(format!("“{text}” is no billing period. A period is a calendar month such as 2013-01."));
        let (year, month) = text.split_once('-').ok_or_else(impossible)?;
        if year.len() != 4 || month.len() != 2 {
            return Err(impossible());
        }
        let year: i32 = year.parse().map_err(|_| impossible())?;
        let month: u32 = month.parse().map_err(|_| impossible())?;
        if !(2000..2200).contains(&year) {
            return Err(Error::Usage(format!("The year {year} lies outside 2000 to 2199. Check the period {text}.")));
        }
        NaiveDate::from_ymd_opt(year, month, 1).map(Self).ok_or_else(impossible)
    }
}

impl serde::Serialize for Period {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0.format("%Y-%m"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_has_its_first_and_last_day() {
        let period: Period = "2012-02".parse().expect("a month");
        assert_eq!(period.first_day().to_string(), "2012-02-01");
        assert_eq!(period.last_day().to_string(), "2012-02-29");
        assert_eq!(period.to_string(), "2012-02");
    }

    #[test]
    fn impossible_months_are_refused() {
        for text in ["2013-13", "2013-00", "2013", "2013-1", "13-01", "1999-12", "2200-01", "+013-01", "2013-0x", ""] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }
}
