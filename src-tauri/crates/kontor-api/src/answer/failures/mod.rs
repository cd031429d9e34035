//! What is open and why: groups of one cause, and the list behind them. Both are cut from one reading of all that is open
//! (`known`), so that a figure and its list cannot disagree.

mod known;
mod page;
mod row;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use known::{Failing, Failures, failures};
pub(crate) use page::{chosen, count};

use super::{Answered, Handle};
use crate::cause::Cause;
use crate::list::{Destination, Figure, ListQuery};
use crate::office::{Office, Open};
use crate::page::{Page, Stored};
use crate::run::{FailureFilter, FailureGroup, FailureGroups, FailureRow, HostCount, ListFailures, ShowFailureGroups};

/// Examples of a group.
const EXAMPLES: usize = 3;

impl Handle for ShowFailureGroups {
    async fn handle(self, office: &Office) -> Answered<FailureGroups> {
        let open = office.open()?;
        let known = failures(&open).await?;
        let mut groups = Vec::new();
        for (key, members) in grouped(&known) {
            groups.push(group(&open, key, &members).await?);
        }
        groups.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.cause.key.cmp(&b.cause.key)));
        Ok(FailureGroups { total: counted(known.all.len()), groups })
    }
}

impl Handle for ListFailures {
    async fn handle(self, office: &Office) -> Answered<Page<FailureRow>> {
        let open = office.open()?;
        let known = failures(&open).await?;
        let part = page::part(&known, &self)?;
        let rows = row::rows(&open, &part.rows).await?;
        Ok(Page {
            rows,
            first: part.first,
            is_first_exact: true,
            before: part.before,
            after: part.after,
            total: part.total,
        })
    }
}

/// How many invoices are open, with their list.
pub(crate) fn figure(known: &Failures) -> Figure {
    Figure { count: counted(known.all.len()), destination: destination(FailureFilter::default()) }
}

/// How many are open of each cause, with when it was seen last, most first.
pub(crate) fn by_cause(known: &Failures) -> Vec<crate::overview::CauseFigure> {
    let figures = grouped(known).into_iter().map(|(key, members)| crate::overview::CauseFigure {
        figure: Figure { count: counted(members.len()), destination: destination(of_group(&key)) },
        last_seen: members.iter().filter_map(|failing| failing.tried.last_failed_at).max(),
        cause: Cause::read(&key),
    });
    let mut figures: Vec<_> = figures.collect();
    figures.sort_by(|a, b| b.figure.count.cmp(&a.figure.count).then_with(|| a.cause.key.cmp(&b.cause.key)));
    figures
}

/// The list of what is open and matches.
pub(crate) fn destination(filter: FailureFilter) -> Destination {
    Destination::List { query: ListQuery::Failures { filter, order: None } }
}

fn of_group(key: &str) -> FailureFilter {
    FailureFilter { groups: vec![key.to_owned()], ..FailureFilter::default() }
}

fn grouped(known: &Failures) -> BTreeMap<Arc<str>, Vec<&Failing>> {
    let mut groups: BTreeMap<Arc<str>, Vec<&Failing>> = BTreeMap::new();
    for failing in &known.all {
        groups.entry(Arc::clone(&failing.group)).or_default().push(failing);
    }
    groups
}

async fn group(open: &Open, key: Arc<str>, members: &[&Failing]) -> Answered<FailureGroup> {
    let mut hosts: BTreeMap<&str, i64> = BTreeMap::new();
    members.iter().filter_map(|failing| failing.host.as_deref()).for_each(|host| *hosts.entry(host).or_default() += 1);
    let mut hosts: Vec<HostCount> =
        hosts.into_iter().map(|(host, count)| HostCount { host: host.to_owned(), count }).collect();
    hosts.sort_by_key(|host| std::cmp::Reverse(host.count));
    let seen = || members.iter().copied();
    Ok(FailureGroup {
        cause: Cause::read(&key),
        count: counted(members.len()),
        eligible: counted(seen().filter(|failing| failing.obstacle.is_none()).count()),
        first_seen: seen().filter_map(|failing| failing.tried.first_failed_at).min(),
        last_seen: seen().filter_map(|failing| failing.tried.last_failed_at).max(),
        hosts,
        examples: examples(open, members).await?,
        destination: destination(of_group(&key)),
    })
}

/// The first rows of the group's list that can be read.
async fn examples(open: &Open, members: &[&Failing]) -> Answered<Vec<FailureRow>> {
    let mut members = members.to_vec();
    page::sort(&mut members, None);
    let first: Vec<&Failing> =
        members.into_iter().filter(|failing| failing.undecodable.is_none()).take(EXAMPLES).collect();
    let rows = row::rows(open, &first).await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| match row {
            Stored::Whole(row) => Some(row),
            Stored::Unreadable(_) => None,
        })
        .collect())
}

/// A length as it crosses.
pub(crate) fn counted(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
