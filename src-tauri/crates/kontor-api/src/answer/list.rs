//! What all lists share: order, pages by key, totals.
//!
//! A page is read in two steps. First the keys: which rows, by an index on the order's column and the id; then the rows
//! of these ids, with all that is joined to them. So a page costs what its own rows cost, however long the list is. Jumps
//! into the middle of a long list start from its anchors (`anchors`), its end is read backwards.

use std::collections::HashMap;

use kontor::store::{self, Store};
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::Answered;
use super::anchors::{Anchored, LONG, STEP};
pub(crate) use super::conditions::Conditions;
use super::spot::{Mark, Spot};
use crate::office::Open;
use crate::page::{Page, Place, Stored, Total};

/// Most rows of a page.
const MOST: i64 = 500;

/// What the column of an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    /// A whole number.
    Whole,
    /// Text.
    Text,
    /// A point in time.
    Time,
    /// A day.
    Day,
}

/// A list: rows, conditions and order.
#[derive(Clone, Debug)]
pub(crate) struct List {
    /// The tables that conditions and order need, such as `registrations r`; each row of the first once.
    pub from: String,
    /// Which rows.
    pub conditions: Conditions,
    /// The column of the order; never NULL. With the id it should be an index.
    pub key: String,
    /// What that column is.
    pub kind: KeyKind,
    /// Column of the id, a UUID; it breaks ties, in the direction of the order.
    pub id: &'static str,
    /// Largest first.
    pub descending: bool,
}

/// Reads a page; `rows` reads the rows of ids, in any order.
pub(crate) async fn page<R, F, A>(
    open: &Open,
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
    let limit = limit.clamp(0, MOST);
    let anchors = open.anchors.of(list);
    let reader = Reader { store: &open.store, list, anchors };
    let total = if with_total { Some(reader.total().await?) } else { None };
    let total_rows = |rows| Total { rows, is_exact: true };
    if limit == 0 {
        let (rows, first) = (Vec::new(), 0);
        return Ok(Page { rows, first, is_first_exact: true, before: None, after: None, total: total.map(total_rows) });
    }
    let found = reader.found(place, limit, total).await?;
    if total.is_some_and(|rows| rows > LONG) || found.first > LONG {
        open.anchors.walk(&open.store, list);
    }
    let mut read = rows(found.spots.iter().map(|spot| spot.id).collect()).await?;
    Ok(Page {
        before: found.cursor_before(),
        after: found.cursor_after(),
        // A row that went away between the two steps is left out.
        rows: found.spots.iter().filter_map(|spot| read.remove(&spot.id)).collect(),
        first: found.first,
        is_first_exact: found.is_exact,
        total: total.map(total_rows),
    })
}

/// Keys of a page.
#[derive(Debug)]
struct Found {
    spots: Vec<Spot>,
    first: i64,
    is_exact: bool,
    has_before: bool,
    has_after: bool,
}

impl Found {
    fn cursor_before(&self) -> Option<crate::page::Cursor> {
        let spot = self.spots.first().filter(|_| self.has_before)?.clone();
        Some(Mark { spot, place: self.first, is_exact: self.is_exact }.cursor())
    }

    fn cursor_after(&self) -> Option<crate::page::Cursor> {
        let spot = self.spots.last().filter(|_| self.has_after)?.clone();
        Some(Mark { spot, place: self.first + length(&self.spots) - 1, is_exact: self.is_exact }.cursor())
    }
}

/// Which rows beside a spot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Before,
    After,
    FromHere,
}

/// Reads the keys of pages of one list.
struct Reader<'a> {
    store: &'a Store,
    list: &'a List,
    anchors: Option<Anchored>,
}

impl Reader<'_> {
    fn fresh(&self) -> Option<&Anchored> {
        self.anchors.as_ref().filter(|anchors| anchors.is_fresh)
    }

    async fn total(&self) -> Answered<i64> {
        match self.fresh() {
            Some(anchors) => Ok(anchors.total),
            None => self.list.count(self.store).await,
        }
    }

    async fn found(&self, place: &Place, limit: i64, total: Option<i64>) -> Answered<Found> {
        match place {
            Place::Start => self.at(0, limit).await,
            Place::At { index } => {
                let found = self.at((*index).max(0), limit).await?;
                // The list has become shorter than the scrollbar thought.
                if found.spots.is_empty() && *index > 0 { self.end(limit, total).await } else { Ok(found) }
            }
            Place::End => self.end(limit, total).await,
            Place::After { cursor } => self.after(&Mark::parse(cursor)?, limit).await,
            Place::Before { cursor } => self.before(&Mark::parse(cursor)?, limit).await,
            Place::Around { id } => self.around(id, limit).await,
        }
    }

    /// The page that begins at a place.
    async fn at(&self, index: i64, limit: i64) -> Answered<Found> {
        let (mut spots, is_exact) = match self.anchors.as_ref().and_then(|anchors| anchor(anchors, index)) {
            Some((spot, place, is_fresh)) => {
                let list = self.list.beside(spot, Side::FromHere);
                (list.spots(self.store, limit + 1, index - place).await?, is_fresh)
            }
            None => (self.list.spots(self.store, limit + 1, index).await?, true),
        };
        let has_after = cut(&mut spots, limit);
        Ok(Found { spots, first: index, is_exact, has_before: index > 0, has_after })
    }

    /// The last page, read backwards.
    async fn end(&self, limit: i64, total: Option<i64>) -> Answered<Found> {
        let total = match total {
            Some(total) => total,
            None => self.total().await?,
        };
        let mut spots = self.list.reversed().spots(self.store, limit + 1, 0).await?;
        let has_before = cut(&mut spots, limit);
        spots.reverse();
        let first = if has_before { (total - length(&spots)).max(1) } else { 0 };
        Ok(Found { spots, first, is_exact: true, has_before, has_after: false })
    }

    async fn after(&self, mark: &Mark, limit: i64) -> Answered<Found> {
        let mut spots = self.list.beside(&mark.spot, Side::After).spots(self.store, limit + 1, 0).await?;
        let has_after = cut(&mut spots, limit);
        Ok(Found { spots, first: mark.place + 1, is_exact: mark.is_exact, has_before: true, has_after })
    }

    async fn before(&self, mark: &Mark, limit: i64) -> Answered<Found> {
        let (spots, has_before) = self.ahead(&mark.spot, limit).await?;
        let first = if has_before { (mark.place - length(&spots)).max(1) } else { 0 };
        Ok(Found { spots, first, is_exact: mark.is_exact || !has_before, has_before, has_after: true })
    }

    /// The rows before a spot, in the list's order, and whether there are more.
    async fn ahead(&self, spot: &Spot, limit: i64) -> Answered<(Vec<Spot>, bool)> {
        let list = self.list.beside(spot, Side::Before).reversed();
        let mut spots = list.spots(self.store, limit + 1, 0).await?;
        let has_more = cut(&mut spots, limit);
        spots.reverse();
        Ok((spots, has_more))
    }

    /// The page around a row; the first page where the list has no such row.
    async fn around(&self, id: &str, limit: i64) -> Answered<Found> {
        let Some(spot) = self.spot_of(id).await? else { return self.at(0, limit).await };
        let (mut spots, has_before) = self.ahead(&spot, limit / 2).await?;
        let place = self.place_of(&spot).await?;
        let first = place - length(&spots);
        let rest = limit - length(&spots);
        let mut here = self.list.beside(&spot, Side::FromHere).spots(self.store, rest + 1, 0).await?;
        let has_after = cut(&mut here, rest);
        spots.append(&mut here);
        Ok(Found { spots, first: first.max(0), is_exact: true, has_before, has_after })
    }

    async fn spot_of(&self, id: &str) -> Answered<Option<Spot>> {
        let Ok(id) = id.parse::<Uuid>() else { return Ok(None) };
        let mut list = self.list.clone();
        list.conditions.add(format!("{} = ?", list.id), [id.into()]);
        Ok(list.spots(self.store, 1, 0).await?.pop())
    }

    /// How many rows come before a spot: counted from the anchor before it, or from the start.
    async fn place_of(&self, spot: &Spot) -> Answered<i64> {
        let before = self.list.beside(spot, Side::Before);
        if let Some(anchors) = self.fresh() {
            let passed = anchors.spots.partition_point(|anchor| self.list.precedes(anchor, spot));
            if let Some((index, anchor)) = passed.checked_sub(1).and_then(|last| Some((last, anchors.spots.get(last)?)))
            {
                let between = before.beside(anchor, Side::FromHere).count(self.store).await?;
                // The database may sort texts otherwise than they are compared here; then it counts from the start.
                if (1..=STEP).contains(&between) {
                    return Ok(i64::try_from(index).unwrap_or(0) * STEP + between);
                }
            }
        }
        before.count(self.store).await
    }
}

/// The last anchor at or before a place, with its own place.
fn anchor(anchors: &Anchored, index: i64) -> Option<(&Spot, i64, bool)> {
    let last = anchors.spots.len().checked_sub(1)?;
    let number = usize::try_from(index / STEP).ok()?.min(last);
    if number == 0 {
        return None;
    }
    Some((anchors.spots.get(number)?, i64::try_from(number).ok()? * STEP, anchors.is_fresh))
}

/// Cuts what was read beyond a limit, and says whether there was any.
fn cut(spots: &mut Vec<Spot>, limit: i64) -> bool {
    let has_more = length(spots) > limit;
    spots.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    has_more
}

fn length(spots: &[Spot]) -> i64 {
    i64::try_from(spots.len()).unwrap_or(i64::MAX)
}

impl List {
    /// How many rows match.
    pub async fn count(&self, store: &Store) -> Answered<i64> {
        let text = format!("SELECT count(*) AS matching FROM {}{}", self.from, self.conditions.clause());
        let row = store.read().query_one_raw(store::sql(store.backend(), &text, self.conditions.values())).await?;
        Ok(row.map(|row| row.try_get("", "matching")).transpose()?.unwrap_or(0))
    }

    /// What tells this list from others: its tables, conditions with their values, and order.
    pub fn name(&self) -> String {
        let Self { from, conditions, key, id, descending, .. } = self;
        format!("{from}{} {:?} {key} {id} {descending}", conditions.clause(), conditions.values())
    }

    /// Each `step`th row from the first on, in one walk.
    pub async fn every(&self, store: &Store, step: i64) -> Answered<Vec<Spot>> {
        let text = format!(
            "SELECT sort_key, id FROM (SELECT {key} AS sort_key, {id} AS id, row_number() OVER (ORDER BY {order}) AS place \
             FROM {from}{clause}) AS placed WHERE place % ? = 1 ORDER BY place",
            key = self.key,
            id = self.id,
            order = self.order(),
            from = self.from,
            clause = self.conditions.walking_clause(),
        );
        let mut values = self.conditions.walking_values();
        values.push(step.into());
        self.read(store, &text, values).await
    }

    fn order(&self) -> String {
        let direction = if self.descending { "DESC" } else { "ASC" };
        format!("{} {direction}, {} {direction}", self.key, self.id)
    }

    fn reversed(&self) -> Self {
        Self { descending: !self.descending, ..self.clone() }
    }

    fn precedes(&self, one: &Spot, other: &Spot) -> bool {
        if self.descending { one > other } else { one < other }
    }

    /// The rows of this list on one side of a spot.
    fn beside(&self, spot: &Spot, side: Side) -> Self {
        let sign = match (side, self.descending) {
            (Side::Before, false) | (Side::After, true) => "<",
            (Side::Before, true) | (Side::After, false) => ">",
            (Side::FromHere, false) => ">=",
            (Side::FromHere, true) => "<=",
        };
        let mut list = self.clone();
        list.conditions.add(format!("({}, {}) {sign} (?, ?)", self.key, self.id), [spot.key.value(), spot.id.into()]);
        list
    }

    async fn spots(&self, store: &Store, limit: i64, offset: i64) -> Answered<Vec<Spot>> {
        let text = format!(
            "SELECT {key} AS sort_key, {id} AS id FROM {from}{clause} ORDER BY {order} LIMIT ? OFFSET ?",
            key = self.key,
            id = self.id,
            from = self.from,
            clause = self.conditions.walking_clause(),
            order = self.order(),
        );
        let mut values = self.conditions.walking_values();
        values.extend::<[Value; 2]>([limit.into(), offset.into()]);
        self.read(store, &text, values).await
    }

    async fn read(&self, store: &Store, text: &str, values: Vec<Value>) -> Answered<Vec<Spot>> {
        let rows = store.read().query_all_raw(store::sql(store.backend(), text, values)).await?;
        rows.iter().map(|row| Spot::read(row, self.kind)).collect()
    }
}
