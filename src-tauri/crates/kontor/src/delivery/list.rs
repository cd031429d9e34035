//! Looking at mails.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Value};
use serde::Serialize;
use uuid::Uuid;

use super::settlement;
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

/// Which mails to show.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those in this state.
    pub state: Option<String>,
    /// Only those that wait for a person or for evidence: unknown, or left in `sending` by somebody who is gone.
    pub unsettled: bool,
    /// Only those after this Message-ID (for paging).
    pub after: Option<String>,
    /// How many at most.
    pub limit: u64,
}

/// Mails that match, in the order they were queued.
pub async fn list(store: &Store, filter: &Filter) -> Result<Vec<Row>> {
    let start = match filter.after.as_deref() {
        Some(message_id) => Some(place_of(store, message_id).await?),
        None => None,
    };
    let mut conditions = Vec::new();
    let mut values: Vec<Value> = Vec::new();
    if let Some(state) = &filter.state {
        conditions.push("d.state = ?".to_owned());
        values.push(state.clone().into());
    }
    if filter.unsettled {
        let dead = format!("(d.state = 'unknown' OR (d.state = 'sending' AND NOT {}))", settlement::IN_HAND);
        conditions.push(dead);
        values.push(store.now().await?.into());
    }
    if let Some((queued_at, id)) = start {
        conditions.push("(d.queued_at > ? OR (d.queued_at = ? AND d.id > ?))".to_owned());
        values.extend([queued_at.into(), queued_at.into(), id.into()]);
    }
    values.push(i64::try_from(filter.limit).unwrap_or(i64::MAX).into());
    let matching = if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
    let text = format!(
        "SELECT d.message_id, i.number AS invoice, d.recipient, d.state, d.purpose, d.code FROM deliveries d \
         JOIN invoices i ON i.id = d.invoice_id {matching} ORDER BY d.queued_at, d.id LIMIT ?"
    );
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
