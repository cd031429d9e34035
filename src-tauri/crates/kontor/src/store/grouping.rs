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

/// The domain of a mail address, in small letters: what stands behind its first `@`, up to a second one; nothing where
/// there is none.
pub fn domain(backend: DbBackend, column: &str) -> String {
    if backend == DbBackend::Postgres {
        return format!("lower(split_part({column}, '@', 2))");
    }
    let behind = format!("substr({column}, instr({column}, '@') + 1)");
    format!(
        "CASE WHEN instr({column}, '@') = 0 THEN '' ELSE lower(substr({behind}, 1, instr({behind} || '@', '@') - 1)) END"
    )
}
