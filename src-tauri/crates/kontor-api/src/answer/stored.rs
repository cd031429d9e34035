//! Reading rows as they are stored: one value that cannot be decoded takes neither the page nor the list with it.

use sea_orm::{QueryResult, TryGetable};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StringDeserializer};

use crate::failure::RecordKind;
use crate::page::{Stored, Unreadable, UnreadableField};

/// Reads the values of one row, and notes those that cannot be read.
pub(crate) struct Values<'a> {
    row: &'a QueryResult,
    faults: Vec<UnreadableField>,
}

impl Values<'_> {
    /// A value; none when it cannot be read.
    pub fn get<T: TryGetable>(&mut self, column: &str) -> Option<T> {
        match self.row.try_get("", column) {
            Ok(value) => Some(value),
            Err(_) => self.fault(column),
        }
    }

    /// A value that is one of the words of `T`; none when it is another.
    pub fn word<T: for<'de> Deserialize<'de>>(&mut self, column: &str) -> Option<T> {
        let stored: String = self.get(column)?;
        match word(&stored) {
            Some(word) => Some(word),
            None => self.fault(column),
        }
    }

    /// Notes that a value cannot be read.
    pub fn fault<T>(&mut self, column: &str) -> Option<T> {
        self.faults.push(UnreadableField { field: column.to_owned(), stored: text(self.row, column) });
        None
    }
}

/// Reads a row. `read` asks for every value before it needs one, so that all faults of a row are told.
pub(crate) fn stored<T>(
    row: &QueryResult,
    record: RecordKind,
    id: impl Into<String>,
    label: &str,
    read: impl FnOnce(&mut Values<'_>) -> Option<T>,
) -> Stored<T> {
    let mut values = Values { row, faults: Vec::new() };
    match read(&mut values) {
        Some(value) if values.faults.is_empty() => Stored::Whole(value),
        _ => Stored::Unreadable(Unreadable { record, id: id.into(), label: text(row, label), fields: values.faults }),
    }
}

/// The word of `T` that is stored as this text.
pub(crate) fn word<T: for<'de> Deserialize<'de>>(stored: &str) -> Option<T> {
    let stored: StringDeserializer<Error> = stored.to_owned().into_deserializer();
    T::deserialize(stored).ok()
}

/// The text by which the word of `T` is stored.
pub(crate) fn spelled(word: &impl serde::Serialize) -> String {
    match serde_json::to_value(word) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::new(),
    }
}

/// A stored value as text, as far as it is one.
fn text(row: &QueryResult, column: &str) -> Option<String> {
    row.try_get::<Option<String>>("", column)
        .ok()
        .flatten()
        .or_else(|| row.try_get::<i64>("", column).ok().map(|value| value.to_string()))
        .or_else(|| row.try_get::<f64>("", column).ok().map(|value| value.to_string()))
        .or_else(|| row.try_get::<Vec<u8>>("", column).ok().map(|value| String::from_utf8_lossy(&value).into_owned()))
}
