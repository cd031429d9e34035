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

/// A query for the keys of all rows in which every one of these words occurs, as column `found`. The words are folded and
/// none is shorter than [`SHORTEST`].
pub fn matching(backend: DbBackend, searched: Searched, words: &[String]) -> (String, Vec<Value>) {
    let table = searched.table();
    if backend == DbBackend::Postgres {
        let conditions = vec!["search_text LIKE ? ESCAPE '\\'"; words.len()].join(" AND ");
        let text = format!("SELECT {} AS found FROM {table} WHERE {conditions}", searched.key());
        return (text, words.iter().map(|word| pattern(word).into()).collect());
    }
    let key = if searched == Searched::Registrations { "rowid" } else { "id" };
    let text = format!("SELECT {key} AS found FROM {table}_search WHERE {table}_search MATCH ?");
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{}\"", word.replace('"', "\"\""))).collect();
    (text, vec![quoted.join(" AND ").into()])
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
        let words = ["a\"b OR".to_owned(), "50%_\\".to_owned()];
        let (_, values) = matching(DbBackend::Sqlite, Searched::Invoices, &words);
        assert_eq!(values, [Value::from("\"a\"\"b OR\" AND \"50%_\\\"".to_owned())]);
        assert_eq!(pattern("50%_\\"), "%50\\%\\_\\\\%");
    }
}
