//! Days at the office, as the times that the database stores.

use chrono::NaiveDate;
use sea_orm::Value;

use super::list::Conditions;

pub(crate) use kontor::period::{day_begins as begin, day_ends as end};

/// Adds that a time lies within days at the office.
pub(crate) fn narrow(conditions: &mut Conditions, column: &str, from: Option<NaiveDate>, to: Option<NaiveDate>) {
    if let Some(day) = from {
        conditions.on(column, "{} >= ?", [Value::from(begin(day))]);
    }
    if let Some(day) = to {
        conditions.on(column, "{} < ?", [Value::from(end(day))]);
    }
}

/// Adds that a day lies between two days.
pub(crate) fn between(conditions: &mut Conditions, column: &str, from: Option<NaiveDate>, to: Option<NaiveDate>) {
    if let Some(day) = from {
        conditions.on(column, "{} >= ?", [Value::from(day)]);
    }
    if let Some(day) = to {
        conditions.on(column, "{} <= ?", [Value::from(day)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_at_the_office_is_as_long_as_its_clock_says() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        assert_eq!(begin(day("2013-01-31")).to_rfc3339(), "2013-01-30T23:00:00+00:00");
        assert_eq!(end(day("2013-07-31")).to_rfc3339(), "2013-07-31T22:00:00+00:00");
        let hours = |text: &str| (end(day(text)) - begin(day(text))).num_hours();
        assert_eq!((hours("2013-03-31"), hours("2013-10-27"), hours("2013-01-01")), (23, 25, 24));
    }
}
