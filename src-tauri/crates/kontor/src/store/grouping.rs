//! Expressions that rows are grouped by, spelled for the database at hand.

use chrono::{DateTime, NaiveDateTime, Utc};
use sea_orm::{DbBackend, QueryResult};

/// The hour, in UTC, of a point in time; [`read_hour`] reads it.
pub fn hour(backend: DbBackend, column: &str) -> String {
    match backend {
        // The server's own time zone shifts hours by whole or half ones; in UTC there is nothing to shift.
        DbBackend::Postgres => format!("date_trunc('hour', {column} AT TIME ZONE 'UTC')"),
        _ => format!("substr({column}, 1, 13)"),
    }
}

/// Reads what [`hour`] selected: a time from the one database, text from the other; none where it is neither.
pub fn read_hour(row: &QueryResult, name: &str) -> Option<DateTime<Utc>> {
    if let Ok(at) = row.try_get::<Option<NaiveDateTime>>("", name) {
        return at.map(|at| at.and_utc());
    }
    let text = row.try_get::<Option<String>>("", name).ok().flatten()?;
    let text = format!("{}:00", text.replace(' ', "T"));
    NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M").ok().map(|at| at.and_utc())
}

/// The domain of a mail address, in small letters.
pub fn domain(backend: DbBackend, column: &str) -> String {
    match backend {
        DbBackend::Postgres => format!("lower(split_part({column}, '@', 2))"),
        _ => format!("lower(substr({column}, instr({column}, '@') + 1))"),
    }
}
