//! What of a column's values is not of its kind. The embedded database takes any kind anywhere; on the server only days and
//! times can lie outside of what a calendar says.

use sea_orm::DbBackend;
use sea_orm::sea_query::ColumnType;

/// The condition that a value is not of its column's kind; none where the database itself sees to it.
pub fn wrong_kind(backend: DbBackend, column: &str, kind: &ColumnType, is_null: bool) -> Option<String> {
    let condition = match (backend, kind) {
        (DbBackend::Postgres, ColumnType::Date | ColumnType::TimestampWithTimeZone) => {
            format!("NOT isfinite(c.{column}) OR c.{column} < DATE '0001-01-01' OR c.{column} >= DATE '10000-01-01'")
        }
        (DbBackend::Postgres, _) => return None,
        (_, ColumnType::Text | ColumnType::String(_)) => format!("typeof(c.{column}) <> 'text'"),
        (_, ColumnType::BigInteger | ColumnType::Integer) => format!("typeof(c.{column}) <> 'integer'"),
        (_, ColumnType::Boolean) => format!("c.{column} NOT IN (0, 1)"),
        (_, ColumnType::Uuid) => format!("typeof(c.{column}) <> 'blob' OR length(c.{column}) <> 16"),
        (_, ColumnType::Date) => format!("typeof(c.{column}) <> 'text' OR date(c.{column}) IS NOT c.{column}"),
        (_, ColumnType::TimestampWithTimeZone) => {
            format!("typeof(c.{column}) <> 'text' OR julianday(c.{column}) IS NULL")
        }
        (_, ColumnType::Blob | ColumnType::VarBinary(_)) => format!("typeof(c.{column}) <> 'blob'"),
        _ => return None,
    };
    Some(if is_null { format!("(c.{column} IS NOT NULL AND ({condition}))") } else { format!("({condition})") })
}

/// The name of the function that takes the largest of its arguments.
pub fn greatest(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Sqlite { "max" } else { "greatest" }
}
