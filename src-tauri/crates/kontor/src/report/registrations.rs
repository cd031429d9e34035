//! Who registered: in all, in the month, per week and per day, and the month before.

use chrono::{Datelike, NaiveDate};
use sea_orm::{ConnectionTrait, Value};
use serde::Serialize;

use super::{before, begin, end, number};
use crate::Result;
use crate::period::Period;
use crate::store;

/// Registrations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Registrations {
    /// All until the end of the month.
    pub total: i64,
    /// In the month.
    pub month: i64,
    /// In the month before.
    pub month_before: i64,
    /// Per calendar week, as far as it lies in the month.
    pub weeks: Vec<Week>,
    /// Per day, every day of the month.
    pub days: Vec<Day>,
}

/// A calendar week (ISO 8601), as far as it lies in the month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Week {
    /// Its number.
    pub week: u32,
    /// Its first day in the month.
    pub from: NaiveDate,
    /// Its last day in the month.
    pub to: NaiveDate,
    /// How many registered.
    pub count: i64,
}

/// A day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Day {
    /// The day.
    pub day: NaiveDate,
    /// How many registered.
    pub count: i64,
}

pub(super) async fn read(connection: &impl ConnectionTrait, month: Period) -> Result<Registrations> {
    let until = "SELECT count(*) AS found FROM registrations WHERE registered_at < ?";
    let within = "SELECT count(*) AS found FROM registrations WHERE registered_at >= ? AND registered_at < ?";
    let bounds = |of: Period| [Value::from(begin(of.first_day())), Value::from(end(of.last_day()))];
    let days = days(connection, month).await?;
    Ok(Registrations {
        total: number(connection, until, [end(month.last_day()).into()]).await?,
        month: number(connection, within, bounds(month)).await?,
        month_before: number(connection, within, bounds(before(month))).await?,
        weeks: weeks(&days),
        days,
    })
}

/// Each day is a range of the index over the time of registration.
async fn days(connection: &impl ConnectionTrait, month: Period) -> Result<Vec<Day>> {
    let all: Vec<NaiveDate> = month.first_day().iter_days().take_while(|day| *day <= month.last_day()).collect();
    let columns = (0..all.len()).map(|place| {
        format!("(SELECT count(*) FROM registrations WHERE registered_at >= ? AND registered_at < ?) AS day_{place}")
    });
    let text = format!("SELECT {}", columns.collect::<Vec<_>>().join(", "));
    let values = all.iter().flat_map(|day| [Value::from(begin(*day)), Value::from(end(*day))]);
    let Some(row) = connection.query_one_raw(store::sql(connection.get_database_backend(), &text, values)).await?
    else {
        return Ok(Vec::new());
    };
    let day = |(place, day): (usize, NaiveDate)| Ok(Day { day, count: row.try_get("", &format!("day_{place}"))? });
    all.into_iter().enumerate().map(day).collect()
}

fn weeks(days: &[Day]) -> Vec<Week> {
    let mut weeks: Vec<Week> = Vec::new();
    for Day { day, count } in days {
        let week = day.iso_week().week();
        match weeks.last_mut().filter(|last| last.week == week) {
            Some(last) => {
                last.to = *day;
                last.count += count;
            }
            None => weeks.push(Week { week, from: *day, to: *day, count: *count }),
        }
    }
    weeks
}
