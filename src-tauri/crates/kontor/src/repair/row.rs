//! A row as it is stored, byte for byte: read, told to people, hashed, and written back.
//!
//! The embedded database takes any kind of value in any column, and what is to be repaired is often a value that does not
//! belong there. So a cell is read in the form in which it is stored, not in the form that the program expects: a letter
//! for the kind and the bytes. Only so can an undo put back exactly what stood there, a damaged value included. What this
//! module leaves out: what is to be written (`writing`).

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::ColumnType;
use sea_orm::{ConnectionTrait, QueryResult, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::table::{Column, Table};
use crate::seal::hex;
use crate::store::{self, form};
use crate::{Error, Result};

/// Stands for a value that its column cannot hold.
pub(super) const UNREADABLE: &str = "(unreadable)";
/// Bytes that are shown whole; longer ones by their hash.
const SHOWN_BYTES: usize = 32;
/// Columns that only count changes; they go on when everything else goes back.
const COUNTING: [&str; 2] = ["version", "updated_at"];

/// A value in the form in which it is stored ([`form`]); none is NULL.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cell {
    /// Its column.
    pub column: Column,
    /// What is stored.
    pub stored: Option<String>,
}

/// A row, all its columns in the order of the table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    /// Its table.
    pub table: Table,
    /// Its key.
    pub id: Uuid,
    /// Its cells.
    pub cells: Vec<Cell>,
}

impl Row {
    /// Reads a row; none where there is none.
    pub async fn read(connection: &impl ConnectionTrait, table: Table, id: Uuid) -> Result<Option<Self>> {
        let backend = connection.get_database_backend();
        let columns = table.columns();
        let asked: Vec<String> = columns.iter().map(|column| form::asked(connection, column.name)).collect();
        let text = format!("SELECT {} FROM {} WHERE id = ?", asked.join(", "), table.name());
        let Some(row) = connection.query_one_raw(store::sql(backend, &text, [id.into()])).await? else {
            return Ok(None);
        };
        let cells = columns.into_iter().map(|column| Ok(Cell { stored: stored(&row, column.name)?, column }));
        Ok(Some(Self { table, id, cells: cells.collect::<Result<_>>()? }))
    }

    /// The cell of a column.
    pub fn cell(&self, column: &str) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.column.name == column)
    }

    /// A whole number of the row.
    pub fn whole(&self, column: &str) -> Option<i64> {
        self.cell(column)?.whole()
    }

    /// A text of the row.
    pub fn text(&self, column: &str) -> Option<String> {
        self.cell(column)?.text()
    }

    /// A key of the row.
    pub fn uuid(&self, column: &str) -> Option<Uuid> {
        self.cell(column)?.uuid()
    }

    /// Bytes of the row.
    pub fn bytes(&self, column: &str) -> Option<Vec<u8>> {
        self.cell(column)?.bytes()
    }

    /// A point in time of the row.
    pub fn at(&self, column: &str) -> Option<DateTime<Utc>> {
        self.cell(column)?.at()
    }

    /// SHA-256 over everything but what counts changes.
    pub fn sha256(&self) -> Vec<u8> {
        let mut digest = Sha256::new();
        digest.update(self.table.name());
        for cell in self.cells.iter().filter(|cell| !cell.counts()) {
            digest.update([0]);
            digest.update(cell.column.name);
            match &cell.stored {
                Some(stored) => {
                    digest.update([1]);
                    digest.update((stored.len() as u64).to_be_bytes());
                    digest.update(stored);
                }
                None => digest.update([2]),
            }
        }
        digest.finalize().to_vec()
    }
}

impl Cell {
    /// Whether it only counts changes.
    pub fn counts(&self) -> bool {
        COUNTING.contains(&self.column.name)
    }

    /// What stands there, for people: as in findings.
    pub fn shown(&self) -> Option<String> {
        self.stored.as_ref()?;
        let shown = match self.column.kind {
            ColumnType::Uuid => self.uuid().map(|id| id.to_string()),
            ColumnType::BigInteger | ColumnType::Integer => self.whole().map(|number| number.to_string()),
            ColumnType::Boolean => self.flag().map(|flag| flag.to_string()),
            ColumnType::Date => self.day().map(|day| day.to_string()),
            ColumnType::TimestampWithTimeZone => self.at().map(|at| at.to_rfc3339()),
            ColumnType::Blob | ColumnType::VarBinary(_) => self.bytes().map(|bytes| shown_bytes(&bytes)),
            _ => self.text(),
        };
        Some(shown.unwrap_or_else(|| UNREADABLE.to_owned()))
    }

    /// Whether it still says what a finding says of it.
    pub fn says(&self, told: Option<&str>) -> bool {
        let (Some(told), Some(_)) = (told, &self.stored) else { return told.is_none() && self.stored.is_none() };
        if self.shown().as_deref() == Some(told) {
            return true;
        }
        match self.column.kind {
            // To the microsecond: a damaged second of 60 is told as the one after it.
            ColumnType::TimestampWithTimeZone => self.at().is_some_and(|at| {
                DateTime::parse_from_rfc3339(told).is_ok_and(|told| told.timestamp_micros() == at.timestamp_micros())
            }),
            ColumnType::Blob | ColumnType::VarBinary(_) => {
                self.bytes().is_some_and(|bytes| hex(&bytes) == told || hex(&Sha256::digest(&bytes)) == told)
            }
            // On the embedded database a date may be no date, and is told as the text that it is.
            _ => self.raw_text().as_deref() == Some(told),
        }
    }

    fn kind(&self) -> Option<(char, &str)> {
        let stored = self.stored.as_deref()?;
        Some((stored.chars().next()?, stored.get(2..)?))
    }

    /// Text, whatever the column should hold.
    fn raw_text(&self) -> Option<String> {
        match self.kind()? {
            ('t', digits) => String::from_utf8(unhex(digits)?).ok(),
            ('p' | 'i' | 'r', text) => Some(text.to_owned()),
            _ => None,
        }
    }

    fn text(&self) -> Option<String> {
        matches!(self.kind()?.0, 't' | 'p').then(|| self.raw_text()).flatten()
    }

    fn whole(&self) -> Option<i64> {
        matches!(self.kind()?.0, 'i' | 'p').then(|| self.raw_text()).flatten()?.parse().ok()
    }

    fn flag(&self) -> Option<bool> {
        match self.raw_text()?.as_str() {
            "1" | "true" => Some(true),
            "0" | "false" => Some(false),
            _ => None,
        }
    }

    fn day(&self) -> Option<NaiveDate> {
        self.text()?.parse().ok()
    }

    fn at(&self) -> Option<DateTime<Utc>> {
        let text = self.text()?;
        let read = DateTime::parse_from_rfc3339(&text);
        read.or_else(|_| DateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%.f%#z")).ok().map(Into::into)
    }

    fn uuid(&self) -> Option<Uuid> {
        match self.kind()? {
            ('b', digits) => Uuid::from_slice(&unhex(digits)?).ok(),
            ('p', text) => Uuid::parse_str(text).ok(),
            _ => None,
        }
    }

    fn bytes(&self) -> Option<Vec<u8>> {
        match self.kind()? {
            ('b', digits) => unhex(digits),
            ('p', text) => unhex(text.strip_prefix("\\x")?),
            _ => None,
        }
    }
}

fn shown_bytes(bytes: &[u8]) -> String {
    if bytes.len() <= SHOWN_BYTES { hex(bytes) } else { format!("SHA-256 {}", hex(&Sha256::digest(bytes))) }
}

fn stored(row: &QueryResult, column: &str) -> Result<Option<String>> {
    Ok(row.try_get("", column)?)
}

/// The place of a stored form in a statement, and what is bound to it.
pub(super) fn written(
    connection: &impl ConnectionTrait,
    column: &Column,
    stored: Option<&str>,
) -> Result<(String, Value)> {
    let damaged = || Error::Refused(format!("What is kept of the column {} cannot be read.", column.name));
    let Some(stored) = stored else {
        let place = form::place(connection, column.server_type());
        return Ok((place, Value::String(None)));
    };
    let (kind, content) = (stored.chars().next(), stored.get(2..).ok_or_else(damaged)?);
    Ok(match kind {
        Some('t') => ("CAST(? AS text)".to_owned(), unhex(content).ok_or_else(damaged)?.into()),
        Some('b') => ("?".to_owned(), unhex(content).ok_or_else(damaged)?.into()),
        Some('i') => ("?".to_owned(), content.parse::<i64>().map_err(|_| damaged())?.into()),
        Some('r') => ("?".to_owned(), content.parse::<f64>().map_err(|_| damaged())?.into()),
        Some('p') => (format!("CAST(CAST(? AS text) AS {})", column.server_type()), content.into()),
        _ => return Err(damaged()),
    })
}

/// Bytes of hexadecimal digits.
pub(super) fn unhex(digits: &str) -> Option<Vec<u8>> {
    let digits = digits.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    digits.chunks(2).map(|pair| Some(value(pair[0])? << 4 | value(pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(kind: ColumnType, stored: &str) -> Cell {
        Cell { column: Column { name: "x", kind }, stored: Some(stored.to_owned()) }
    }

    #[test]
    fn what_is_stored_is_told_as_findings_tell_it() {
        assert_eq!(cell(ColumnType::Text, "t:c3a4").shown().as_deref(), Some("ä"));
        assert_eq!(cell(ColumnType::BigInteger, "i:-84").shown().as_deref(), Some("-84"));
        assert_eq!(cell(ColumnType::BigInteger, "t:3834").shown().as_deref(), Some(UNREADABLE));
        assert_eq!(cell(ColumnType::Date, "p:2013-01-31").shown().as_deref(), Some("2013-01-31"));
        assert_eq!(cell(ColumnType::Text, "t:ff").shown().as_deref(), Some(UNREADABLE));
        let at = cell(ColumnType::TimestampWithTimeZone, "p:2013-01-31 10:00:00.5+01");
        assert!(at.says(Some("2013-01-31T09:00:00.5+00:00")) && !at.says(Some("2013-01-31T09:00:00+00:00")));
        assert!(cell(ColumnType::Blob, "b:0aff").says(Some("0aff")));
        assert!(cell(ColumnType::Date, "t:323031332d31332d3031").says(Some("2013-13-01")), "no date, told as text");
        assert!(!cell(ColumnType::Text, "t:61").says(None));
    }

    #[test]
    fn digits_are_read_or_refused() {
        assert_eq!(unhex("00fF"), Some(vec![0, 255]));
        assert_eq!((unhex("0"), unhex("zz")), (None, None));
    }
}
