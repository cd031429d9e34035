//! Findings that are not closed, by rule, with how many are new since the last check.

use kontor::check::rules;
use kontor::store;
use sea_orm::{ConnectionTrait, QueryResult};

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

async fn groups(open: &Open) -> Answered<Vec<FindingGroup>> {
    let is_open = "(f.set_aside_until_at IS NULL OR f.set_aside_until_at <= ?)";
    let text = format!(
        "SELECT f.rule AS rule, min(f.severity) AS severity, \
         sum(CASE WHEN {is_open} THEN 1 ELSE 0 END) AS open_now, \
         sum(CASE WHEN {is_open} AND f.evidence = 'proven' THEN 1 ELSE 0 END) AS proven, \
         sum(CASE WHEN {is_open} THEN 0 ELSE 1 END) AS aside, \
         sum(CASE WHEN {is_open} AND f.opened_at >= c.checked_at THEN 1 ELSE 0 END) AS fresh, \
         min(f.opened_at) AS first_at FROM findings f LEFT JOIN rule_checks c ON c.rule = f.rule \
         WHERE f.closed_at IS NULL GROUP BY f.rule"
    );
    let now = open.store.now().await?;
    let values = std::iter::repeat_n(now.into(), 4);
    let rows = open.store.read().query_all_raw(store::sql(open.store.backend(), &text, values)).await?;
    rows.iter().map(read).collect()
}

fn read(row: &QueryResult) -> Answered<FindingGroup> {
    let rule: String = row.try_get("", "rule")?;
    let stored: String = row.try_get("", "severity")?;
    let known = rules::by_id(&rule).ok().map(|rule| severity(rule.severity));
    let filter = FindingFilter { rules: vec![rule.clone()], ..FindingFilter::default() };
    Ok(FindingGroup {
        title: title(&rule),
        rule,
        severity: known.or_else(|| word(&stored)).unwrap_or(Severity::Info),
        open: row.try_get("", "open_now")?,
        proven: row.try_get("", "proven")?,
        set_aside: row.try_get("", "aside")?,
        fresh: row.try_get("", "fresh")?,
        first_opened_at: row.try_get("", "first_at")?,
        destination: destination(filter),
    })
}
