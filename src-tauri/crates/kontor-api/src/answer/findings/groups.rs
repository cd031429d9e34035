//! Findings that are not closed, by rule, with how many are new since the last check.

use chrono::{DateTime, TimeDelta, Utc};
use kontor::check::rules;
use kontor::store;
use sea_orm::{ConnectionTrait, QueryResult, Value};

use super::super::stored::word;
use super::super::{Answered, Handle};
use super::{destination, severity, title};
use crate::finding::{FindingFilter, FindingGroup, FindingGroups, Severity, ShowFindingGroups};
use crate::office::{Office, Open};

impl Handle for ShowFindingGroups {
    async fn handle(self, office: &Office) -> Answered<FindingGroups> {
        let open = office.open()?;
        let mut groups = groups(&open).await?;
        groups.sort_by(|a, b| a.severity.cmp(&b.severity).then(b.open.cmp(&a.open)).then_with(|| a.rule.cmp(&b.rule)));
        let sum = |of: fn(&FindingGroup) -> i64| groups.iter().map(of).sum();
        Ok(FindingGroups {
            checked_at: kontor::check::checked_at(open.store.read()).await?,
            is_corrupt: kontor::check::is_corrupt(open.store.read()).await?,
            open: sum(|group| group.open),
            proven: sum(|group| group.proven),
            set_aside: sum(|group| group.set_aside),
            staged: staged(&open).await?,
            groups,
        })
    }
}

async fn staged(open: &Open) -> Answered<i64> {
    let text = "SELECT count(*) AS staged FROM repairs WHERE state = 'staged'";
    let row = open.store.read().query_one_raw(store::sql(open.store.backend(), text, [])).await?;
    Ok(row.map(|row| row.try_get("", "staged")).transpose()?.unwrap_or(0))
}

/// Days that the trend looks back.
const BACK: i64 = 7;

/// Moments at which the trend counts, before now: this time of the last days, as far back as anything was found.
async fn moments(open: &Open, now: DateTime<Utc>) -> Answered<Vec<DateTime<Utc>>> {
    let first = store::sql(open.store.backend(), "SELECT min(opened_at) AS first_at FROM findings", []);
    let first = open.store.read().query_one_raw(first).await?;
    let first: Option<DateTime<Utc>> = first.map(|row| row.try_get("", "first_at")).transpose()?.flatten();
    let back = (1..=BACK).rev().map(|days| now - TimeDelta::days(days));
    Ok(back.filter(|moment| first.is_some_and(|first| first <= *moment)).collect())
}

async fn groups(open: &Open) -> Answered<Vec<FindingGroup>> {
    let now = open.store.now().await?;
    let moments = moments(open, now).await?;
    let counts = (0..moments.len()).map(|place| {
        format!(
            ", sum(CASE WHEN f.opened_at <= ? AND (f.closed_at IS NULL OR f.closed_at > ?) THEN 1 ELSE 0 END) AS day_{place}"
        )
    });
    let is_open = "f.closed_at IS NULL AND (f.set_aside_until_at IS NULL OR f.set_aside_until_at <= ?)";
    let text = format!(
        "SELECT f.rule AS rule, min(f.severity) AS severity, \
         sum(CASE WHEN {is_open} THEN 1 ELSE 0 END) AS open_now, \
         sum(CASE WHEN {is_open} AND f.evidence = 'proven' THEN 1 ELSE 0 END) AS proven, \
         sum(CASE WHEN f.closed_at IS NULL AND f.set_aside_until_at > ? THEN 1 ELSE 0 END) AS aside, \
         sum(CASE WHEN {is_open} AND f.opened_at >= c.checked_at THEN 1 ELSE 0 END) AS fresh, \
         min(CASE WHEN f.closed_at IS NULL THEN f.opened_at END) AS first_at{} FROM findings f LEFT JOIN rule_checks c \
         ON c.rule = f.rule WHERE f.closed_at IS NULL OR f.closed_at > ? GROUP BY f.rule \
         HAVING sum(CASE WHEN f.closed_at IS NULL THEN 1 ELSE 0 END) > 0",
        counts.collect::<String>()
    );
    let mut values: Vec<Value> = vec![now.into(); 4];
    values.extend(moments.iter().flat_map(|moment| [Value::from(*moment), Value::from(*moment)]));
    values.push((now - TimeDelta::days(BACK)).into());
    let rows = open.store.read().query_all_raw(store::sql(open.store.backend(), &text, values)).await?;
    rows.iter().map(|row| read(row, moments.len())).collect()
}

fn read(row: &QueryResult, moments: usize) -> Answered<FindingGroup> {
    let (open, set_aside): (i64, i64) = (row.try_get("", "open_now")?, row.try_get("", "aside")?);
    let mut trend =
        (0..moments).map(|place| row.try_get("", &format!("day_{place}"))).collect::<Result<Vec<_>, _>>()?;
    trend.push(open + set_aside);
    let rule: String = row.try_get("", "rule")?;
    let stored: String = row.try_get("", "severity")?;
    let known = rules::by_id(&rule).ok().map(|rule| severity(rule.severity));
    let filter = FindingFilter { rules: vec![rule.clone()], ..FindingFilter::default() };
    Ok(FindingGroup {
        title: title(&rule),
        rule,
        severity: known.or_else(|| word(&stored)).unwrap_or(Severity::Info),
        open,
        proven: row.try_get("", "proven")?,
        set_aside,
        fresh: row.try_get("", "fresh")?,
        first_opened_at: row.try_get("", "first_at")?,
        trend,
        destination: destination(filter),
    })
}
