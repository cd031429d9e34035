//! Searching for parts of words. Both databases have an index by groups of three letters, and each is asked in its own
//! words; without one (`PostgreSQL` without `pg_trgm`) the same question is answered row by row.
//!
//! What this module leaves out: what a search means (`search_text` in `registration` and `invoice`), and when the index is
//! worth asking.

use sea_orm::{DbBackend, Value};

/// Shortest word that an index finds, in characters.
pub const SHORTEST: usize = 3;

/// Where is searched, in a table's `search_text`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Searched {
    /// Customers; what is found is their `customer_serial`.
    Registrations,
    /// Invoices; what is found is their `id`.
    Invoices,
}

impl Searched {
    fn table(self) -> &'static str {
        match self {
            Self::Registrations => "registrations",
            Self::Invoices => "invoices",
        }
    }

    /// Column of the table that [`matching`] finds.
    pub fn key(self) -> &'static str {
        match self {
            Self::Registrations => "customer_serial",
            Self::Invoices => "id",
        }
    }
}

/// A query for the keys of all rows in which a word occurs, as column `found`, with its one value. The word is folded and not
/// shorter than [`SHORTEST`].
pub fn matching(backend: DbBackend, searched: Searched, word: &str) -> (String, Value) {
    let table = searched.table();
    if backend == DbBackend::Postgres {
        let text = format!("SELECT {} AS found FROM {table} WHERE search_text LIKE ? ESCAPE '\\'", searched.key());
        return (text, pattern(word).into());
    }
    let key = if searched == Searched::Registrations { "rowid" } else { "id" };
    let text = format!("SELECT {key} AS found FROM {table}_search WHERE {table}_search MATCH ?");
    (text, format!("\"{}\"", word.replace('"', "\"\"")).into())
}

/// The pattern of `LIKE … ESCAPE '\'` for texts in which a word occurs.
pub fn pattern(word: &str) -> String {
    format!("%{}%", word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_types_is_no_syntax() {
        let (_, value) = matching(DbBackend::Sqlite, Searched::Invoices, "a\"b OR");
        assert_eq!(value, Value::from("\"a\"\"b OR\"".to_owned()));
        assert_eq!(pattern("50%_\\"), "%50\\%\\_\\\\%");
    }
}
