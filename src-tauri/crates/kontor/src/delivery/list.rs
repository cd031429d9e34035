//! Looking at mails.

use sea_orm::ConnectionTrait;
use serde::Serialize;

use crate::Result;
use crate::store::{self, Store};

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
pub async fn list(store: &Store, state: Option<&str>, limit: u64) -> Result<Vec<Row>> {
    let text = "SELECT d.message_id, i.number AS invoice, d.recipient, d.state, d.purpose, d.code FROM deliveries d \
                JOIN invoices i ON i.id = d.invoice_id WHERE (? = '' OR d.state = ?) ORDER BY d.queued_at, d.id LIMIT ?";
    let wanted = state.unwrap_or_default();
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let statement = store::sql(store.backend(), text, [wanted.into(), wanted.into(), limit.into()]);
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
