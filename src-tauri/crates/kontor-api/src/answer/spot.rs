//! A row's place in an order: the value it is sorted by and the id that breaks ties, as the database keeps them.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{QueryResult, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Answered;
use super::list::KeyKind;
use crate::failure::{Failure, Fault};
use crate::page::Cursor;

/// A row's place in an order.
#[derive(Clone, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
pub(crate) struct Spot {
    /// What it is sorted by.
    pub key: Key,
    /// Its id.
    pub id: Uuid,
}

/// A value that rows are sorted by.
#[derive(Clone, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub(crate) enum Key {
    Real(f64),
    Whole(i64),
    Time(DateTime<Utc>),
    Day(NaiveDate),
    Text(String),
    Bytes(Vec<u8>),
}

impl Key {
    /// The value, to compare rows with.
    pub fn value(&self) -> Value {
        match self {
            Self::Real(number) => (*number).into(),
            Self::Whole(number) => (*number).into(),
            Self::Time(time) => (*time).into(),
            Self::Day(day) => (*day).into(),
            Self::Text(text) => text.clone().into(),
            Self::Bytes(bytes) => bytes.clone().into(),
        }
    }

    /// What the embedded database keeps as text is taken as it stands: times and days sort as their texts do, and a
    /// damaged value has its place too.
    fn read(row: &QueryResult, kind: KeyKind) -> Answered<Self> {
        const COLUMN: &str = "sort_key";
        let text = || row.try_get("", COLUMN).map(Self::Text);
        let typed = match kind {
            KeyKind::Whole => row.try_get("", COLUMN).map(Self::Whole).or_else(|_| text()),
            KeyKind::Text => text(),
            KeyKind::Time => text().or_else(|_| row.try_get("", COLUMN).map(Self::Time)),
            KeyKind::Day => text().or_else(|_| row.try_get("", COLUMN).map(Self::Day)),
        };
        Ok(typed
            .or_else(|_| row.try_get("", COLUMN).map(Self::Whole))
            .or_else(|_| row.try_get("", COLUMN).map(Self::Real))
            .or_else(|_| row.try_get("", COLUMN).map(Self::Bytes))?)
    }
}

impl Spot {
    /// Reads the columns `sort_key` and `id`.
    pub fn read(row: &QueryResult, kind: KeyKind) -> Answered<Self> {
        Ok(Self { key: Key::read(row, kind)?, id: row.try_get("", "id")? })
    }
}

/// A spot with its place in the list, as a cursor carries it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Mark {
    /// The spot.
    pub spot: Spot,
    /// Its place, counted from 0.
    pub place: i64,
    /// Whether that was counted.
    pub is_exact: bool,
}

impl Mark {
    /// Reads a cursor.
    pub fn parse(cursor: &Cursor) -> Answered<Self> {
        serde_json::from_str(&cursor.0).map_err(|_| Failure::invalid("cursor", Fault::Malformed).into())
    }

    /// Writes a cursor.
    pub fn cursor(&self) -> Cursor {
        Cursor(serde_json::to_string(self).unwrap_or_default())
    }
}
