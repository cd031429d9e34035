//! What a cancelled invoice takes with it: the items that still wait to work on it, and its mails that have not left.
//!
//! Left out: what is in hand at this moment (the cancellation is refused until it has ended), and mails whose outcome is
//! unknown (they may have arrived).

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use crate::Result;
use crate::obstacle::{Blocked, Obstacle};
use crate::run::code;
use crate::store::entities::{deliveries, delivery_evidence, invoices};
use crate::store::{self, insert_all};

/// Ends the items of all runs that wait to work on the invoice, and refuses when a worker has it in hand. To be called
/// before the invoice is locked: workers lock items first and invoices after them.
pub async fn items(connection: &impl ConnectionTrait, invoice: &invoices::Model, now: DateTime<Utc>) -> Result<()> {
    let backend = connection.get_database_backend();
    let text = "UPDATE run_items SET state = 'skipped', code = ?, updated_at = ? WHERE subscription_id = ? AND \
                period = ? AND state = 'waiting' AND (subject = 'period' OR (subject = 'resend' AND subject_id IN \
                (SELECT d.id FROM deliveries d WHERE d.invoice_id = ?)))";
    let key = [invoice.subscription_id.into(), invoice.period.into()];
    let values = [code::INVOICE_CANCELLED.into(), now.into()].into_iter().chain(key);
    connection.execute_raw(store::sql(backend, text, values.chain([invoice.id.into()]))).await?;
    match in_hand(connection, invoice, now).await? {
        None => Ok(()),
        Some(blocked) => Err(blocked.into()),
    }
}

/// That a worker has the invoice in hand at this moment.
pub async fn in_hand(
    connection: &impl ConnectionTrait,
    invoice: &invoices::Model,
    now: DateTime<Utc>,
) -> Result<Option<Blocked>> {
    let text = "SELECT run_id FROM run_items WHERE subscription_id = ? AND period = ? AND state = 'claimed' AND \
                lease_expires_at >= ? LIMIT 1";
    let values = [invoice.subscription_id.into(), invoice.period.into(), now.into()];
    let row = connection.query_one_raw(store::sql(connection.get_database_backend(), text, values)).await?;
    let Some(run) = row.map(|row| row.try_get::<Uuid>("", "run_id")).transpose()? else { return Ok(None) };
    let sentence = format!(
        "{} is being worked on at this moment; nothing was written. Try again when the run has got past it (`kontor runs \
         show {run}`).",
        invoice.number
    );
    Ok(Some(Obstacle::InHand { run: Some(run) }.says(sentence)))
}

/// How many mails of the invoice have not left the house.
pub async fn waiting_mails(connection: &impl ConnectionTrait, invoice: Uuid) -> Result<u64> {
    let waiting = deliveries::Entity::find()
        .filter(deliveries::Column::InvoiceId.eq(invoice))
        .filter(deliveries::Column::State.is_in(["queued", "deferred"]));
    Ok(waiting.count(connection).await?)
}

/// Ends the invoice's mails that have not left the house, with a note of why.
pub async fn mails(
    connection: &impl ConnectionTrait,
    invoice: &invoices::Model,
    cancellation: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let text = "UPDATE deliveries SET state = 'refused', code = ?, settled_at = ? WHERE invoice_id = ? AND \
                state IN ('queued', 'deferred') RETURNING id";
    let values = [code::INVOICE_CANCELLED.into(), now.into(), invoice.id.into()];
    let rows = connection.query_all_raw(store::sql(connection.get_database_backend(), text, values)).await?;
    let mut evidence = Vec::with_capacity(rows.len());
    for row in rows {
        evidence.push(delivery_evidence::Model {
            id: Uuid::now_v7(),
            delivery_id: row.try_get("", "id")?,
            attempt_id: None,
            source: "person".to_owned(),
            verdict: "refused".to_owned(),
            reply_code: None,
            detail: format!("withdrawn before it left: the invoice was cancelled by {cancellation}"),
            seen_at: now,
            queue_id: None,
            fingerprint: None,
        });
    }
    insert_all(connection, evidence).await
}
