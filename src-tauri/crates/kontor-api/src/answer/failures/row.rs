//! Rows of what is open. What the machine said is read for the page only; it is the one thing that is long.

use std::collections::HashMap;

use kontor::period::Period;
use kontor::store;
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::known::Failing;
use crate::answer::Answered;
use crate::cause::Cause;
use crate::failure::RecordKind;
use crate::month::Month;
use crate::office::Open;
use crate::page::{Stored, Unreadable, UnreadableField};
use crate::run::{FailureKey, FailureRow};

/// The rows as a screen shows them, in this order.
pub(super) async fn rows(open: &Open, failing: &[&Failing]) -> Answered<Vec<Stored<FailureRow>>> {
    let messages = messages(open, failing.iter().filter_map(|failing| failing.tried.last_failed)).await?;
    Ok(failing.iter().map(|failing| row(failing, &messages)).collect())
}

fn row(failing: &Failing, messages: &HashMap<Uuid, String>) -> Stored<FailureRow> {
    let key = FailureKey::of(&failing.key);
    if let Some(column) = &failing.undecodable {
        let fields = vec![UnreadableField { field: column.clone(), stored: None }];
        return Stored::Unreadable(Unreadable { record: RecordKind::Invoice, id: key.0, label: None, fields });
    }
    let message = failing.tried.last_failed.and_then(|attempt| messages.get(&attempt)).cloned();
    Stored::Whole(FailureRow {
        key,
        invoice: failing.invoice.clone(),
        registration: failing.registration,
        customer: failing.customer.clone(),
        name: failing.name.clone(),
        email: failing.email.clone(),
        period: Month(Period::containing(failing.key.period)),
        subject: failing.key.subject.into(),
        cause: Cause::read(&failing.group),
        obstacle: failing.obstacle.map(Cause::read),
        host: failing.host.as_deref().map(str::to_owned),
        attempts: i64::try_from(failing.tried.attempts).unwrap_or(i64::MAX),
        first_seen: failing.tried.first_failed_at,
        last_seen: failing.tried.last_failed_at,
        message,
    })
}

async fn messages(open: &Open, attempts: impl Iterator<Item = Uuid>) -> Answered<HashMap<Uuid, String>> {
    let attempts: Vec<Value> = attempts.map(Value::from).collect();
    if attempts.is_empty() {
        return Ok(HashMap::new());
    }
    let text = format!(
        "SELECT id, message FROM attempts WHERE message IS NOT NULL AND id IN ({})",
        store::places(attempts.len())
    );
    let rows = open.store.read().query_all_raw(store::sql(open.store.backend(), &text, attempts)).await?;
    // A message that cannot be decoded is none; the row stands without it.
    Ok(rows.iter().filter_map(|row| Some((row.try_get("", "id").ok()?, row.try_get("", "message").ok()?))).collect())
}
