//! What was tried on keys so far: how often, since when it fails, and how the last try failed.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::case;
use super::key::{Key, Subject};
use super::plan::Tried;
use crate::Result;
use crate::store::{self, Store, places};

/// What was tried on a key so far.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// How often, and when it failed.
    pub tried: Tried,
    /// The last attempt that failed.
    pub last: Option<Failed>,
}

/// An attempt that failed.
#[derive(Clone, Debug)]
pub struct Failed {
    /// `failed`, `died` or `unknown`.
    pub outcome: String,
    /// Normalised code.
    pub code: Option<String>,
    /// Step it got to.
    pub step: String,
    /// Host it ran on.
    pub host: String,
}

/// What was tried on each of these keys; keys that nobody ever tried are left out.
pub async fn of(store: &Store, keys: &[Key]) -> Result<HashMap<Key, History>> {
    let periods = case::periods(keys);
    let text = format!(
        "SELECT a.id, a.subscription_id, a.period, COALESCE(i.subject, 'period') AS subject, i.subject_id, a.outcome, \
         a.code, a.step, a.host, a.started_at, a.ended_at FROM attempts a LEFT JOIN run_items i ON i.id = a.item_id \
         WHERE a.subscription_id IN ({}) AND a.period IN ({}) ORDER BY a.started_at, a.id",
        places(keys.len()),
        places(periods.len())
    );
    let values = keys.iter().map(|key| key.subscription.into()).chain(periods.into_iter().map(Into::into));
    let mut histories: HashMap<Key, History> = HashMap::new();
    for row in store.read().query_all_raw(store::sql(store.backend(), &text, values)).await? {
        let subject = Subject::read(&row.try_get::<String>("", "subject")?, row.try_get("", "subject_id")?)?;
        let (subscription, period) = (row.try_get("", "subscription_id")?, row.try_get("", "period")?);
        let key: (Uuid, NaiveDate) = (subscription, period);
        let history = histories.entry(Key { subscription: key.0, period: key.1, subject }).or_default();
        history.tried.attempts += 1;
        if let Some(failed) = failed(&row)? {
            history.note(&row, failed)?;
        }
    }
    Ok(histories)
}

impl History {
    fn note(&mut self, row: &QueryResult, failed: Failed) -> Result<()> {
        let started: DateTime<Utc> = row.try_get("", "started_at")?;
        let at = row.try_get::<Option<DateTime<Utc>>>("", "ended_at")?.unwrap_or(started);
        self.tried.first_failed_at = Some(self.tried.first_failed_at.map_or(at, |first| first.min(at)));
        self.tried.last_failed_at = Some(at);
        self.tried.last_failed = Some(row.try_get("", "id")?);
        self.last = Some(failed);
        Ok(())
    }
}

fn failed(row: &QueryResult) -> Result<Option<Failed>> {
    let outcome: String = row.try_get("", "outcome")?;
    if !matches!(outcome.as_str(), "failed" | "died" | "unknown") {
        return Ok(None);
    }
    let (code, step, host) = (row.try_get("", "code")?, row.try_get("", "step")?, row.try_get("", "host")?);
    Ok(Some(Failed { outcome, code, step, host }))
}
