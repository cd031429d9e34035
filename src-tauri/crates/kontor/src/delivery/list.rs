//! Looking at mails.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Value};
use serde::Serialize;
use uuid::Uuid;

use crate::store::entities::deliveries;
use crate::store::{self, Store};
use crate::{Error, Result};

/// A mail as lists show it.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Its Message-ID.
    pub message_id: String,
    /// Number of the invoice it carries.
    pub invoice: String,
    /// Address it went to.
    pub recipient: String,
    /// Its state.
    pub state: String,
    /// Why it went out: `invoice`, `resend` or `cancellation`.
    pub purpose: String,
    /// Normalised code where it did not go well.
    pub code: Option<String>,
}

/// Mails in the order they were queued; only those in `state` where one is given.
pub async fn list(store: &Store, state: Option<&str>, after: Option<&str>, limit: u64) -> Result<Vec<Row>> {
    let start = match after {
        Some(message_id) => Some(place_of(store, message_id).await?),
        None => None,
    };
    let beyond = if start.is_some() { "AND (d.queued_at > ? OR (d.queued_at = ? AND d.id > ?))" } else { "" };
    let text = format!(
        "SELECT d.message_id, i.number AS invoice, d.recipient, d.state, d.purpose, d.code FROM deliveries d \
         JOIN invoices i ON i.id = d.invoice_id WHERE (? = '' OR d.state = ?) {beyond} ORDER BY d.queued_at, d.id LIMIT ?"
    );
    let wanted = state.unwrap_or_default();
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut values: Vec<Value> = vec![wanted.into(), wanted.into()];
    if let Some((queued_at, id)) = start {
        values.extend([queued_at.into(), queued_at.into(), id.into()]);
    }
    values.push(limit.into());
    let statement = store::sql(store.backend(), &text, values);
    let mut rows = Vec::new();
    for row in store.read().query_all_raw(statement).await? {
        rows.push(Row {
            message_id: row.try_get("", "message_id")?,
            invoice: row.try_get("", "invoice")?,
            recipient: row.try_get("", "recipient")?,
            state: row.try_get("", "state")?,
            purpose: row.try_get("", "purpose")?,
            code: row.try_get("", "code")?,
        });
    }
    Ok(rows)
}

async fn place_of(store: &Store, message_id: &str) -> Result<(DateTime<Utc>, Uuid)> {
    let found =
        deliveries::Entity::find().filter(deliveries::Column::MessageId.eq(message_id)).one(store.read()).await?;
    let found = found.ok_or_else(|| Error::NotFound(format!("There is no mail with the Message-ID {message_id}.")))?;
    Ok((found.queued_at, found.id))
}

/// The rows of these mails, with their text, by id.
pub(crate) async fn rows_of(
    connection: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<HashMap<Uuid, deliveries::Model>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = deliveries::Entity::find().filter(deliveries::Column::Id.is_in(ids)).all(connection).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}
