//! Filtering, sorting and paging what is open, in memory: there are thousands of it, and it is read once for all pages.

use std::cmp::{Ordering, Reverse};
use std::collections::HashSet;

use chrono::{DateTime, Utc};
use kontor::period::Period;
use kontor::registration::folded;
use kontor::run::Key;
use serde::{Deserialize, Serialize};

use super::known::{Failing, Failures};
use crate::answer::Answered;
use crate::failure::{Failure, Fault};
use crate::page::{Cursor, Order, Place, Selection, Total};
use crate::run::{FailureFilter, FailureKey, FailureSort, ListFailures};

/// Most rows of a page.
const MOST: i64 = 500;
/// The list's own order.
const OWN: Order<FailureSort> = Order { by: FailureSort::LastSeen, descending: true };

/// A part of the list.
pub(super) struct Part<'a> {
    /// Its rows.
    pub rows: Vec<&'a Failing>,
    /// Place of the first of them.
    pub first: i64,
    /// Where the part before ends.
    pub before: Option<Cursor>,
    /// Where the next part begins.
    pub after: Option<Cursor>,
    /// How many match.
    pub total: Option<Total>,
}

/// Cuts the part that is asked for.
pub(super) fn part<'a>(known: &'a Failures, ask: &ListFailures) -> Answered<Part<'a>> {
    let mut rows = matching(known, &ask.filter);
    let order = ask.order.unwrap_or(OWN);
    sort(&mut rows, Some(order));
    let total = ask.with_total.then(|| Total { rows: super::counted(rows.len()), is_exact: true });
    let limit = usize::try_from(ask.limit.clamp(0, MOST)).unwrap_or(0);
    if limit == 0 {
        return Ok(Part { rows: Vec::new(), first: 0, before: None, after: None, total });
    }
    let range = range(&rows, order, &ask.place, limit)?;
    let part = rows[range.clone()].to_vec();
    let cursor = |failing: &&Failing| Spot::of(failing, order.by).cursor();
    Ok(Part {
        first: super::counted(range.start),
        before: part.first().filter(|_| range.start > 0).map(cursor),
        after: part.last().filter(|_| range.end < rows.len()).map(cursor),
        rows: part,
        total,
    })
}

fn range(
    rows: &[&Failing],
    order: Order<FailureSort>,
    place: &Place,
    limit: usize,
) -> Answered<std::ops::Range<usize>> {
    let from = |start: usize| start.min(rows.len())..(start + limit).min(rows.len());
    Ok(match place {
        Place::Start => from(0),
        Place::End => from(rows.len().saturating_sub(limit)),
        Place::At { index } => from(usize::try_from(*index).unwrap_or(0)),
        Place::After { cursor } => {
            let spot = Spot::parse(cursor)?;
            from(rows.partition_point(|row| Spot::of(row, order.by).compare(&spot, order).is_le()))
        }
        Place::Before { cursor } => {
            let spot = Spot::parse(cursor)?;
            let end = rows.partition_point(|row| Spot::of(row, order.by).compare(&spot, order).is_lt());
            end.saturating_sub(limit)..end
        }
        Place::Around { id } => {
            let at = rows.iter().position(|row| FailureKey::of(&row.key).0 == *id);
            from(at.map_or(0, |at| at.saturating_sub(limit / 2)))
        }
    })
}

/// Sorts; rows that are equal stand in the order of their keys.
pub(super) fn sort(rows: &mut [&Failing], order: Option<Order<FailureSort>>) {
    let order = order.unwrap_or(OWN);
    rows.sort_by_cached_key(|row| Sorted { spot: Spot::of(row, order.by), order });
}

/// A row's place in an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Spot {
    seen: Option<DateTime<Utc>>,
    text: Option<String>,
    id: String,
}

impl Spot {
    fn of(row: &Failing, by: FailureSort) -> Self {
        let (seen, text) = match by {
            FailureSort::LastSeen => (row.tried.last_failed_at, None),
            FailureSort::Invoice => (None, row.invoice.as_ref().map(|invoice| invoice.number.clone())),
            FailureSort::Customer => (None, Some(row.customer.clone())),
        };
        Self { seen, text, id: FailureKey::of(&row.key).0 }
    }

    fn parse(cursor: &Cursor) -> Answered<Self> {
        Ok(serde_json::from_str(&cursor.0).map_err(|_| Failure::invalid("cursor", Fault::Malformed))?)
    }

    fn cursor(&self) -> Cursor {
        Cursor(serde_json::to_string(self).unwrap_or_default())
    }

    fn compare(&self, other: &Self, order: Order<FailureSort>) -> Ordering {
        let directed = |ordering: Ordering| if order.descending { ordering.reverse() } else { ordering };
        // Without a number, whatever the direction, is last: nobody looks for it there.
        let last = match order.by {
            FailureSort::Invoice => self.text.is_none().cmp(&other.text.is_none()),
            FailureSort::LastSeen | FailureSort::Customer => Ordering::Equal,
        };
        last.then_with(|| directed(self.seen.cmp(&other.seen)))
            .then_with(|| directed(self.text.cmp(&other.text)))
            .then_with(|| directed(self.id.cmp(&other.id)))
    }
}

#[derive(PartialEq, Eq)]
struct Sorted {
    spot: Spot,
    order: Order<FailureSort>,
}

impl Ord for Sorted {
    fn cmp(&self, other: &Self) -> Ordering {
        self.spot.compare(&other.spot, self.order)
    }
}

impl PartialOrd for Sorted {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// How many match.
pub(crate) fn count(known: &Failures, filter: &FailureFilter) -> i64 {
    super::counted(matching(known, filter).len())
}

/// Keys that were chosen, in the list's own order.
pub(crate) fn chosen(known: &Failures, selection: &Selection<FailureFilter, FailureKey>) -> Answered<Vec<Key>> {
    match selection {
        Selection::All { filter, except } => {
            let except: HashSet<Key> = except.iter().filter_map(FailureKey::key).collect();
            let mut rows = matching(known, filter);
            rows.sort_by_key(|row| Reverse(row.tried.last_failed_at));
            Ok(rows.into_iter().map(|row| row.key).filter(|key| !except.contains(key)).collect())
        }
        Selection::These { ids } => {
            let mut keys = Vec::with_capacity(ids.len());
            for id in ids {
                keys.push(id.key().ok_or_else(|| Failure::invalid("selection", Fault::Malformed))?);
            }
            let mut seen = HashSet::new();
            keys.retain(|key| seen.insert(*key));
            Ok(keys)
        }
    }
}

fn matching<'a>(known: &'a Failures, filter: &FailureFilter) -> Vec<&'a Failing> {
    let search = folded(filter.search.as_deref().unwrap_or_default());
    let words: Vec<&str> = search.split_whitespace().collect();
    known.all.iter().filter(|failing| matches(failing, filter, &words)).collect()
}

fn matches(failing: &Failing, filter: &FailureFilter, words: &[&str]) -> bool {
    let one_of = |wanted: &[String], word: Option<&str>| {
        wanted.is_empty() || word.is_some_and(|word| wanted.iter().any(|wanted| wanted == word))
    };
    one_of(&filter.groups, Some(&failing.group))
        && one_of(&filter.hosts, failing.host.as_deref())
        && one_of(&filter.obstacles, failing.obstacle)
        && filter.can_run.is_none_or(|wanted| wanted == failing.obstacle.is_none())
        && filter.period.is_none_or(|month| month.0 == Period::containing(failing.key.period))
        && words.iter().all(|word| failing.words.contains(word))
}
