//! Pages of the journal: an entry's place in the chain is its key and its id at once.

use kontor::store::{self, Store};
use sea_orm::ConnectionTrait;

use crate::answer::Answered;
use crate::answer::list::Conditions;
use crate::failure::{Failure, Fault};
use crate::page::{Cursor, Place, Total};

/// Most rows of a page.
const MOST: i64 = 500;

/// A part of the journal, as places in the chain.
#[derive(Default)]
pub(super) struct Part {
    /// Places, in the order asked for.
    pub seqs: Vec<i64>,
    /// Place of the first of them in the list.
    pub first: i64,
    /// Whether that is counted.
    pub is_first_exact: bool,
    /// Where the part before ends.
    pub before: Option<Cursor>,
    /// Where the next part begins.
    pub after: Option<Cursor>,
    /// How many match.
    pub total: Option<Total>,
}

/// Entries that match, in one of the two directions.
pub(super) struct Entries<'a> {
    /// Where they are.
    pub store: &'a Store,
    /// Which.
    pub conditions: Conditions,
    /// Newest first.
    pub descending: bool,
}

impl Entries<'_> {
    /// Cuts a part.
    pub async fn part(&self, place: &Place, limit: i64, with_total: bool) -> Answered<Part> {
        let total = if with_total { Some(Total { rows: self.count(None).await?, is_exact: true }) } else { None };
        let limit = limit.clamp(0, MOST);
        if limit == 0 {
            return Ok(Part { is_first_exact: true, total, ..Part::default() });
        }
        let part = match place {
            Place::Start => self.at(0, limit).await?,
            Place::At { index } => self.at((*index).max(0), limit).await?,
            Place::End => self.at((self.count(None).await? - limit).max(0), limit).await?,
            Place::After { cursor } => self.beside(parse(cursor)?, limit, true).await?,
            Place::Before { cursor } => self.beside(parse(cursor)?, limit, false).await?,
            Place::Around { id } => match id.parse::<i64>() {
                Ok(seq) if self.contains(seq).await? => {
                    let before = self.count(Some(seq)).await?;
                    self.at((before - limit / 2).max(0), limit).await?
                }
                _ => self.at(0, limit).await?,
            },
        };
        Ok(Part { total, ..part })
    }

    async fn at(&self, index: i64, limit: i64) -> Answered<Part> {
        let mut seqs = self.seqs(&self.conditions, self.descending, limit + 1, index).await?;
        let has_after = cut(&mut seqs, limit);
        Ok(Part { first: index, is_first_exact: true, ..Part::of(seqs, index > 0, has_after) })
    }

    async fn beside(&self, seq: i64, limit: i64, after: bool) -> Answered<Part> {
        let mut conditions = self.conditions.clone();
        conditions.add(format!("j.seq {} ?", self.sign(after)), [seq.into()]);
        let mut seqs = self.seqs(&conditions, self.descending == after, limit + 1, 0).await?;
        let has_more = cut(&mut seqs, limit);
        if !after {
            seqs.reverse();
        }
        let (has_before, has_after) = if after { (true, has_more) } else { (has_more, true) };
        Ok(Part::of(seqs, has_before, has_after))
    }

    /// The comparison that holds for what stands after a place (or before it).
    fn sign(&self, after: bool) -> &'static str {
        if self.descending == after { "<" } else { ">" }
    }

    async fn contains(&self, seq: i64) -> Answered<bool> {
        let mut conditions = self.conditions.clone();
        conditions.add("j.seq = ?", [seq.into()]);
        Ok(!self.seqs(&conditions, self.descending, 1, 0).await?.is_empty())
    }

    /// How many match, or how many of these stand before a place.
    async fn count(&self, before: Option<i64>) -> Answered<i64> {
        let mut conditions = self.conditions.clone();
        if let Some(seq) = before {
            conditions.add(format!("j.seq {} ?", self.sign(false)), [seq.into()]);
        }
        let text = format!("SELECT count(*) AS matching FROM journal j{}", conditions.clause());
        let statement = store::sql(self.store.backend(), &text, conditions.values());
        let row = self.store.read().query_one_raw(statement).await?;
        Ok(row.map(|row| row.try_get("", "matching")).transpose()?.unwrap_or(0))
    }

    async fn seqs(&self, conditions: &Conditions, descending: bool, limit: i64, offset: i64) -> Answered<Vec<i64>> {
        let direction = if descending { "DESC" } else { "ASC" };
        let text =
            format!("SELECT j.seq FROM journal j{} ORDER BY j.seq {direction} LIMIT ? OFFSET ?", conditions.clause());
        let mut values = conditions.values();
        values.extend([limit.into(), offset.into()]);
        let rows = self.store.read().query_all_raw(store::sql(self.store.backend(), &text, values)).await?;
        Ok(rows.iter().map(|row| row.try_get("", "seq")).collect::<Result<_, _>>()?)
    }
}

impl Part {
    fn of(seqs: Vec<i64>, has_before: bool, has_after: bool) -> Self {
        let cursor = |seq: &i64| Cursor(seq.to_string());
        Self {
            before: seqs.first().filter(|_| has_before).map(cursor),
            after: seqs.last().filter(|_| has_after).map(cursor),
            seqs,
            ..Self::default()
        }
    }
}

/// Takes the one away that was read only to see whether there are more.
fn cut(seqs: &mut Vec<i64>, limit: i64) -> bool {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = seqs.len() > limit;
    seqs.truncate(limit);
    has_more
}

fn parse(cursor: &Cursor) -> Answered<i64> {
    Ok(cursor.0.parse().map_err(|_| Failure::invalid("cursor", Fault::Malformed))?)
}
