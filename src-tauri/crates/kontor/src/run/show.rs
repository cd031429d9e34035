//! Looking at runs: the list, and what failed with the lineage of its attempts.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use uuid::Uuid;

use super::code;
use crate::Result;
use crate::store::entities::{attempts, runs};
use crate::store::{self, Store};

/// Items whose attempts are read together.
const PAGE: usize = 500;

/// A run as the list shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    /// Its id.
    pub run: Uuid,
    /// `invoice` or `rerun`; or what a person did with single invoices: `resend`, `cancellation`, `settlement`.
    pub kind: String,
    /// Its state.
    pub state: String,
    /// Items.
    pub total: i64,
    /// Why it was started.
    pub reason: String,
    /// Who started it.
    pub person: String,
    /// From which desk.
    pub desk: String,
    /// When.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

/// An item that did not end well, with everything that was ever tried on its invoice.
#[derive(Clone, Debug, Serialize)]
pub struct FailedItem {
    /// Number of the invoice, where there is one.
    pub invoice: Option<String>,
    /// Customer number.
    pub customer: String,
    /// The period.
    pub period: String,
    /// State of the item.
    pub state: String,
    /// Normalised code.
    pub code: Option<String>,
    /// What the code means.
    pub sentence: Option<String>,
    /// All attempts, oldest first.
    pub attempts: Vec<Attempted>,
}

/// One attempt.
#[derive(Clone, Debug, Serialize, FromQueryResult)]
pub struct Attempted {
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// Host it ran on.
    pub host: String,
    /// Step it got to.
    pub step: String,
    /// How it ended.
    pub outcome: String,
    /// Normalised code.
    pub code: Option<String>,
    /// Signal that killed the process, if one was seen.
    pub signal: Option<i64>,
    /// Word for word, addresses masked.
    pub message: Option<String>,
}

/// Runs, newest first.
pub async fn list(store: &Store, limit: u64) -> Result<Vec<Listed>> {
    let rows = runs::Entity::find().order_by_desc(runs::Column::CreatedAt).limit(limit).all(store.read()).await?;
    let listed = rows.into_iter().map(|run| Listed {
        run: run.id,
        kind: if run.occasion == "run" { run.kind } else { run.occasion },
        state: run.state,
        total: run.total,
        reason: run.reason,
        person: run.person,
        desk: run.desk,
        started_at: run.created_at,
        ended_at: run.ended_at,
    });
    Ok(listed.collect())
}

#[derive(FromQueryResult)]
struct ItemRow {
    subscription_id: Uuid,
    period: NaiveDate,
    number: Option<String>,
    customer_number: String,
    state: String,
    code: Option<String>,
}

/// Items of a run that did not end well, with the lineage of their attempts.
pub async fn failed_items(store: &Store, run: Uuid, limit: u64) -> Result<Vec<FailedItem>> {
    let text = "SELECT i.subscription_id, i.period, v.number, r.customer_number, i.state, i.code FROM run_items i \
                JOIN subscriptions s ON s.id = i.subscription_id JOIN registrations r ON r.id = s.registration_id \
                LEFT JOIN invoices v ON v.id = i.invoice_id \
                WHERE i.run_id = ? AND i.state IN ('failed', 'unknown', 'skipped') ORDER BY i.ordinal LIMIT ?";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let statement = store::sql(store.backend(), text, [run.into(), limit.into()]);
    let mut rows = Vec::new();
    for row in store.read().query_all_raw(statement).await? {
        rows.push(ItemRow::from_query_result(&row, "")?);
    }
    let mut tried: HashMap<(Uuid, NaiveDate), Vec<Attempted>> = HashMap::new();
    for page in rows.chunks(PAGE) {
        let found = attempts::Entity::find()
            .filter(attempts::Column::SubscriptionId.is_in(page.iter().map(|row| row.subscription_id)))
            .order_by_asc(attempts::Column::StartedAt)
            .all(store.read())
            .await?;
        for attempt in &found {
            tried.entry((attempt.subscription_id, attempt.period)).or_default().push(attempted(attempt));
        }
    }
    let items = rows.into_iter().map(|row| FailedItem {
        attempts: tried.get(&(row.subscription_id, row.period)).cloned().unwrap_or_default(),
        invoice: row.number,
        customer: row.customer_number,
        period: crate::period::Period::containing(row.period).to_string(),
        state: row.state,
        sentence: row.code.as_deref().map(code::sentence),
        code: row.code,
    });
    Ok(items.collect())
}

fn attempted(row: &attempts::Model) -> Attempted {
    Attempted {
        started_at: row.started_at,
        host: row.host.clone(),
        step: row.step.clone(),
        outcome: row.outcome.clone(),
        code: row.code.clone(),
        signal: row.signal,
        message: row.message.clone(),
    }
}
