//! The form in which a value is stored, asked for and written, in the words of each database.
//!
//! The embedded database takes any kind of value in any column, so a stored form names the kind: `t` text, `b` bytes, `i` a
//! whole number, `r` a fraction, each with its content (text and bytes in hexadecimal digits, because text may be no
//! text). The server keeps every column to its kind; `p` is what it says of the value as text. NULL has no form.

use sea_orm::{ConnectionTrait, DbBackend};

/// Asks for a column's stored form, under the column's own name.
pub fn asked(connection: &impl ConnectionTrait, column: &str) -> String {
    if connection.get_database_backend() == DbBackend::Postgres {
        return format!("'p:' || CAST({column} AS text) AS {column}");
    }
    format!(
        "CASE typeof({column}) WHEN 'text' THEN 't:' || hex(CAST({column} AS blob)) WHEN 'blob' THEN 'b:' || \
         hex({column}) WHEN 'integer' THEN 'i:' || {column} WHEN 'real' THEN 'r:' || quote({column}) END AS {column}"
    )
}

/// The place of a value of this kind in a statement; the server wants to know what kind a value is, NULL above all.
pub fn place(connection: &impl ConnectionTrait, kind: &str) -> String {
    if connection.get_database_backend() == DbBackend::Postgres { format!("CAST(? AS {kind})") } else { "?".to_owned() }
}
