//! Attempts, as they are stored.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use kontor::run::{Key, Subject};
use kontor::store;
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use crate::answer::Answered;
use crate::answer::invoices::read_attempt;
use crate::office::Open;
use crate::page::Stored;
use crate::run::Attempt;

/// Everything that was ever tried on these, oldest first.
pub(super) async fn attempts(open: &Open, keys: &[Key]) -> Answered<HashMap<Key, Vec<Stored<Attempt>>>> {
    let mut found: HashMap<Key, Vec<Stored<Attempt>>> = HashMap::new();
    if keys.is_empty() {
        return Ok(found);
    }
    let periods: BTreeSet<NaiveDate> = keys.iter().map(|key| key.period).collect();
    let text = format!(
        "SELECT a.id, a.subscription_id, a.period, COALESCE(i.subject, 'period') AS subject, i.subject_id, a.started_at, \
         a.ended_at, a.step, a.outcome, a.host, a.pid, a.program_version, a.signal, a.code, a.message FROM attempts a \
         LEFT JOIN run_items i ON i.id = a.item_id WHERE a.subscription_id IN ({}) AND a.period IN ({}) \
         ORDER BY a.started_at, a.id",
        store::places(keys.len()),
        store::places(periods.len())
    );
    let values: Vec<Value> =
        keys.iter().map(|key| key.subscription.into()).chain(periods.into_iter().map(Into::into)).collect();
    for row in open.store.read().query_all_raw(store::sql(open.store.backend(), &text, values)).await? {
        let Some(key) = key(&row) else { continue };
        let id: Uuid = row.try_get("", "id")?;
        found.entry(key).or_default().push(read_attempt(&row, id));
    }
    Ok(found)
}

fn key(row: &QueryResult) -> Option<Key> {
    let subject: String = row.try_get("", "subject").ok()?;
    Some(Key {
        subscription: row.try_get("", "subscription_id").ok()?,
        period: row.try_get("", "period").ok()?,
        subject: Subject::read(&subject, row.try_get("", "subject_id").ok()?).ok()?,
    })
}
