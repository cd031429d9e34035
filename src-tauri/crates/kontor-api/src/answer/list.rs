//! What all lists share: conditions, order, pages by key, totals.
//!
//! A page is read in two steps. First the keys: which rows, by an index on the order's column and the id; then the rows
//! of these ids, with all that is joined to them. So a page costs what its own rows cost, however long the list is.

use std::collections::HashMap;

use kontor::store::{self, Store};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Answered;
use crate::failure::{Failure, Fault};
use crate::page::{Cursor, Page, Place, Stored, Total};

/// Most rows of a page.
const MOST: i64 = 500;

/// Conditions of a list, in SQL with `?` for each value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conditions {
    texts: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// Adds a condition.
    pub fn add(&mut self, text: impl Into<String>, values: impl IntoIterator<Item = Value>) {
        self.texts.push(text.into());
        self.values.extend(values);
    }

    /// Adds that a column is one of some words; none of them does not narrow.
    pub fn any_of<T: Into<Value>>(&mut self, column: &str, words: impl IntoIterator<Item = T>) {
        let values: Vec<Value> = words.into_iter().map(Into::into).collect();
        if !values.is_empty() {
            self.add(format!("{column} IN ({})", store::places(values.len())), values);
        }
    }

    /// Adds that something holds, or that it does not; none does not narrow.
    pub fn holds(&mut self, wanted: Option<bool>, text: &str, values: impl IntoIterator<Item = Value>) {
        match wanted {
            Some(true) => self.add(text, values),
            Some(false) => self.add(format!("NOT ({text})"), values),
            None => {}
        }
    }

    /// `WHERE …`, or nothing.
    pub fn clause(&self) -> String {
        if self.texts.is_empty() { String::new() } else { format!(" WHERE ({})", self.texts.join(") AND (")) }
    }

    /// The values of the clause.
    pub fn values(&self) -> Vec<Value> {
        self.values.clone()
    }
}

/// What a column of an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    /// Whole number.
    Whole,
    /// Text.
    Text,
    /// Time.
    Time,
    /// Day.
    Day,
}

/// A list: where its rows are, which of them, in which order.
#[derive(Clone, Debug)]
pub(crate) struct List {
    /// Tables that the conditions and the order need, such as `registrations r`.
    pub from: String,
    /// Which rows.
    pub conditions: Conditions,
    /// The column of the order; never NULL.
    pub key: String,
    /// What that column is.
    pub kind: KeyKind,
    /// Column of the id, a UUID; it breaks ties.
    pub id: &'static str,
    /// Largest first.
    pub descending: bool,
}

/// A row's place in an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Spot {
    key: Key,
    id: Uuid,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Key {
    Whole(i64),
    Time(chrono::DateTime<chrono::Utc>),
    Day(chrono::NaiveDate),
    Text(String),
}

impl Key {
    fn value(&self) -> Value {
        match self {
            Self::Whole(number) => (*number).into(),
            Self::Time(time) => (*time).into(),
            Self::Day(day) => (*day).into(),
            Self::Text(text) => text.clone().into(),
        }
    }
}

impl Spot {
    fn read(row: &QueryResult, kind: KeyKind) -> Answered<Self> {
        let typed = match kind {
            KeyKind::Whole => row.try_get("", "sort_key").map(Key::Whole),
            KeyKind::Text => row.try_get("", "sort_key").map(Key::Text),
            KeyKind::Time => row.try_get("", "sort_key").map(Key::Time),
            KeyKind::Day => row.try_get("", "sort_key").map(Key::Day),
        };
        // A damaged value still has its place: where the embedded database keeps it as text.
        let key = match typed {
            Ok(key) => key,
            Err(error) => row.try_get("", "sort_key").map(Key::Text).map_err(|_| error)?,
        };
        Ok(Self { key, id: row.try_get("", "id")? })
    }

    fn parse(cursor: &Cursor, kind: KeyKind) -> Answered<Self> {
        let mut spot: Self =
            serde_json::from_str(&cursor.0).map_err(|_| Failure::invalid("cursor", Fault::Malformed))?;
        if kind == KeyKind::Text
            && let Key::Time(_) | Key::Day(_) = spot.key
        {
            // Untagged: a text that looks like a day is one only where days are sorted.
            let raw: serde_json::Value = serde_json::from_str(&cursor.0).unwrap_or_default();
            spot.key = Key::Text(raw["key"].as_str().unwrap_or_default().to_owned());
        }
        Ok(spot)
    }

    fn cursor(&self) -> Cursor {
        Cursor(serde_json::to_string(self).unwrap_or_default())
    }
}

/// Reads a page; `rows` reads the rows of ids, in any order.
pub(crate) async fn page<R, F, A>(
    store: &Store,
    list: &List,
    place: &Place,
    limit: i64,
    with_total: bool,
    rows: F,
) -> Answered<Page<R>>
where
    F: FnOnce(Vec<Uuid>) -> A,
    A: Future<Output = Answered<HashMap<Uuid, Stored<R>>>>,
{
    let total = if with_total { Some(Total { rows: list.count(store).await?, is_exact: true }) } else { None };
    let limit = limit.clamp(0, MOST);
    let empty = Page { rows: Vec::new(), first: 0, is_first_exact: true, before: None, after: None, total };
    if limit == 0 {
        return Ok(empty);
    }
    let found = list.spots(store, place, limit).await?;
    let mut read = rows(found.spots.iter().map(|spot| spot.id).collect()).await?;
    Ok(Page {
        before: found.spots.first().filter(|_| found.has_before).map(Spot::cursor),
        after: found.spots.last().filter(|_| found.has_after).map(Spot::cursor),
        // A row that went away between the two steps is left out.
        rows: found.spots.iter().filter_map(|spot| read.remove(&spot.id)).collect(),
        first: found.first,
        is_first_exact: found.is_first_exact,
        total: empty.total,
    })
}

/// Keys of a page.
struct Found {
    spots: Vec<Spot>,
    first: i64,
    is_first_exact: bool,
    has_before: bool,
    has_after: bool,
}

impl List {
    /// How many rows match.
    pub async fn count(&self, store: &Store) -> Answered<i64> {
        let text = format!("SELECT count(*) AS matching FROM {}{}", self.from, self.conditions.clause());
        let row = store.read().query_one_raw(store::sql(store.backend(), &text, self.conditions.values())).await?;
        Ok(row.map(|row| row.try_get("", "matching")).transpose()?.unwrap_or(0))
    }

    async fn spots(&self, store: &Store, place: &Place, limit: i64) -> Answered<Found> {
        match place {
            Place::Start => self.at(store, 0, limit).await,
            Place::At { index } => self.at(store, (*index).max(0), limit).await,
            Place::End => {
                let total = self.count(store).await?;
                self.at(store, (total - limit).max(0), limit).await
            }
            Place::After { cursor } => self.beside(store, &Spot::parse(cursor, self.kind)?, limit, true).await,
            Place::Before { cursor } => self.beside(store, &Spot::parse(cursor, self.kind)?, limit, false).await,
            Place::Around { id } => self.around(store, id, limit).await,
        }
    }

    /// The page that begins at a place.
    async fn at(&self, store: &Store, index: i64, limit: i64) -> Answered<Found> {
        let mut spots = self.query(store, &self.conditions, self.descending, limit + 1, index).await?;
        let has_after = i64::try_from(spots.len()).unwrap_or(i64::MAX) > limit;
        spots.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(Found { spots, first: index, is_first_exact: true, has_before: index > 0, has_after })
    }

    /// The page after (or before) a row.
    async fn beside(&self, store: &Store, spot: &Spot, limit: i64, after: bool) -> Answered<Found> {
        let mut conditions = self.conditions.clone();
        let larger = self.descending != after;
        let sign = if larger { ">" } else { "<" };
        conditions.add(format!("({}, {}) {sign} (?, ?)", self.key, self.id), [spot.key.value(), spot.id.into()]);
        let mut spots = self.query(store, &conditions, self.descending == after, limit + 1, 0).await?;
        let has_more = i64::try_from(spots.len()).unwrap_or(i64::MAX) > limit;
        spots.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        if !after {
            spots.reverse();
        }
        let (has_before, has_after) = if after { (true, has_more) } else { (has_more, true) };
        Ok(Found { spots, first: 0, is_first_exact: false, has_before, has_after })
    }

    /// The page around a row; the first page where the list has no such row.
    async fn around(&self, store: &Store, id: &str, limit: i64) -> Answered<Found> {
        let Some(spot) = self.spot_of(store, id).await? else { return self.at(store, 0, limit).await };
        let mut conditions = self.conditions.clone();
        let sign = if self.descending { ">" } else { "<" };
        conditions.add(format!("({}, {}) {sign} (?, ?)", self.key, self.id), [spot.key.value(), spot.id.into()]);
        let before = Self { conditions, ..self.clone() }.count(store).await?;
        self.at(store, (before - limit / 2).max(0), limit).await
    }

    async fn spot_of(&self, store: &Store, id: &str) -> Answered<Option<Spot>> {
        let Ok(id) = id.parse::<Uuid>() else { return Ok(None) };
        let mut conditions = self.conditions.clone();
        conditions.add(format!("{} = ?", self.id), [id.into()]);
        Ok(self.query(store, &conditions, self.descending, 1, 0).await?.into_iter().next())
    }

    async fn query(
        &self,
        store: &Store,
        conditions: &Conditions,
        descending: bool,
        limit: i64,
        offset: i64,
    ) -> Answered<Vec<Spot>> {
        let direction = if descending { "DESC" } else { "ASC" };
        let text = format!(
            "SELECT {key} AS sort_key, {id} AS id FROM {from}{clause} ORDER BY {key} {direction}, {id} {direction} \
             LIMIT ? OFFSET ?",
            key = self.key,
            id = self.id,
            from = self.from,
            clause = conditions.clause(),
        );
        let mut values = conditions.values();
        values.extend([limit.into(), offset.into()]);
        let rows = store.read().query_all_raw(store::sql(store.backend(), &text, values)).await?;
        rows.iter().map(|row| Spot::read(row, self.kind)).collect()
    }
}
