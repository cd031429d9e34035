//! Mails as lists show them.

use std::collections::HashMap;

use kontor::delivery::settlement;
use kontor::store::{self, places};
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::super::stored::stored;
use super::super::{Answered, numbered};
use crate::cause::Cause;
use crate::delivery::DeliveryRow;
use crate::failure::RecordKind;
use crate::office::Open;
use crate::page::Stored;

pub(super) const COLUMNS: &str = "d.id, d.message_id, d.invoice_id, i.number, i.registration_id, r.customer_number, \
    i.recipient_name, d.recipient, d.purpose, d.state, d.code, d.queued_at, d.sending_at, d.settled_at, d.target, d.tries";

pub(super) const TABLES: &str = "deliveries d LEFT JOIN invoices i ON i.id = d.invoice_id LEFT JOIN registrations r ON \
    r.id = i.registration_id";

/// Whether a person has to settle the mail `d`. One value: the time.
pub(crate) fn is_unsettled() -> String {
    format!("(d.state = 'unknown' OR (d.state = 'sending' AND NOT {}))", settlement::IN_HAND)
}

/// The mail server's last reply.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    text: String,
    at: chrono::DateTime<chrono::Utc>,
}

/// The rows of these mails.
pub(crate) async fn rows_of(open: &Open, ids: Vec<Uuid>) -> Answered<HashMap<Uuid, Stored<DeliveryRow>>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let text = format!(
        "SELECT {COLUMNS}, CASE WHEN {} THEN 1 ELSE 0 END AS is_unsettled FROM {TABLES} WHERE d.id IN ({})",
        is_unsettled(),
        places(ids.len())
    );
    let now = open.store.now().await?;
    let values = [now.into()].into_iter().chain(ids.iter().map(|id| (*id).into()));
    let found = open.store.read().query_all_raw(store::sql(open.store.backend(), &text, values)).await?;
    let mut replies = replies_of(open, &ids).await?;
    let mut rows = HashMap::with_capacity(found.len());
    for row in &found {
        let id: Uuid = row.try_get("", "id")?;
        rows.insert(id, read(row, id, replies.remove(&id)));
    }
    Ok(rows)
}

pub(super) fn read(row: &QueryResult, id: Uuid, reply: Option<Reply>) -> Stored<DeliveryRow> {
    stored(row, RecordKind::Delivery, id, "message_id", |values| {
        let message_id = values.get("message_id");
        let invoice = numbered(values, "invoice_id", "number");
        let (registration, customer) = (values.get("registration_id"), values.get("customer_number"));
        let (name, recipient) = (values.get("recipient_name"), values.get("recipient"));
        let (purpose, state) = (values.word("purpose"), values.word("state"));
        let code: Option<Option<String>> = values.get("code");
        let is_unsettled = values.get::<i32>("is_unsettled");
        let (queued_at, sending_at) = (values.get("queued_at"), values.get("sending_at"));
        let (settled_at, target) = (values.get("settled_at"), values.get("target"));
        let tries = values.get("tries");
        let (reply, replied_at) = reply.map(|reply| (reply.text, reply.at)).unzip();
        Some(DeliveryRow {
            id,
            message_id: message_id?,
            invoice: invoice??,
            registration: registration?,
            customer: customer?,
            name: name?,
            recipient: recipient?,
            purpose: purpose?,
            state: state?,
            cause: code?.as_deref().map(Cause::read),
            is_unsettled: is_unsettled? == 1,
            queued_at: queued_at?,
            sending_at: sending_at?,
            settled_at: settled_at?,
            target: target?,
            tries: tries?,
            reply,
            replied_at,
        })
    })
}

/// The mail server's last reply to each of these mails.
pub(super) async fn replies_of(open: &Open, ids: &[Uuid]) -> Answered<HashMap<Uuid, Reply>> {
    let text = format!(
        "SELECT e.delivery_id, e.detail, e.seen_at FROM delivery_evidence e WHERE e.source = 'smtp_reply' AND \
         e.delivery_id IN ({}) ORDER BY e.seen_at, e.id",
        places(ids.len())
    );
    let values = ids.iter().map(|id| (*id).into());
    let mut replies = HashMap::new();
    for row in open.store.read().query_all_raw(store::sql(open.store.backend(), &text, values)).await? {
        // Evidence that cannot be read stands as such in the mail's detail.
        if let (Ok(text), Ok(at)) = (row.try_get("", "detail"), row.try_get("", "seen_at")) {
            replies.insert(row.try_get("", "delivery_id")?, Reply { text, at });
        }
    }
    Ok(replies)
}
