//! Mails with their evidence.

use std::collections::HashMap;

use kontor::delivery::settlement;
use kontor::store::{self, places};
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::super::stored::stored;
use super::super::{Answered, Handle};
use super::rows::{self, COLUMNS, TABLES};
use crate::delivery::{DeliveryDetail, DeliveryRow, Evidence, ShowDelivery};
use crate::failure::{Failure, RecordKind};
use crate::office::{Office, Open};
use crate::page::Stored;

impl Handle for ShowDelivery {
    async fn handle(self, office: &Office) -> Answered<Stored<DeliveryDetail>> {
        let found = details_of(&*office.open()?, vec![self.id]).await?.remove(&self.id);
        found.ok_or_else(|| Failure::not_found(RecordKind::Delivery, self.id).into())
    }
}

/// When the mail `d` of the invoice `i` is tried again, where a run waits for that.
const DUE_AT: &str = "(SELECT w.due_at FROM run_items w WHERE d.state IN ('queued', 'deferred') AND w.state = 'waiting' AND \
    w.due_at IS NOT NULL AND (w.subject_id = d.id OR (d.purpose = 'cancellation' AND w.subject_id = d.invoice_id) OR \
    (d.purpose = 'invoice' AND w.subject_id IS NULL AND w.subscription_id = i.subscription_id AND w.period = i.period)) \
    ORDER BY w.due_at LIMIT 1)";

/// These mails with their evidence.
pub(crate) async fn details_of(open: &Open, ids: Vec<Uuid>) -> Answered<HashMap<Uuid, Stored<DeliveryDetail>>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let text = format!(
        "SELECT {COLUMNS}, d.origin, CASE WHEN d.message_head IS NULL OR d.document_id IS NULL THEN 0 ELSE 1 END AS \
         has_message, d.return_path, d.person, d.reason, {DUE_AT} AS due_at, CASE WHEN {} THEN 1 ELSE 0 END AS in_hand, \
         CASE WHEN {} THEN 1 ELSE 0 END AS is_unsettled FROM {TABLES} WHERE d.id IN ({})",
        settlement::IN_HAND,
        rows::is_unsettled(),
        places(ids.len())
    );
    let now = open.store.now().await?;
    let values = [now.into(), now.into()].into_iter().chain(ids.iter().map(|id| (*id).into()));
    let found = open.store.read().query_all_raw(store::sql(open.store.backend(), &text, values)).await?;
    let mut replies = rows::replies_of(open, &ids).await?;
    let mut evidence = evidence_of(open, &ids).await?;
    let mut details = HashMap::with_capacity(found.len());
    for row in &found {
        let id: Uuid = row.try_get("", "id")?;
        let known = evidence.remove(&id).unwrap_or_default();
        let detail = match rows::read(row, id, replies.remove(&id)) {
            Stored::Whole(read) => detail(row, read, known),
            Stored::Unreadable(unreadable) => Stored::Unreadable(unreadable),
        };
        details.insert(id, detail);
    }
    Ok(details)
}

fn detail(row: &QueryResult, read: DeliveryRow, evidence: Vec<Stored<Evidence>>) -> Stored<DeliveryDetail> {
    stored(row, RecordKind::Delivery, read.id, "message_id", |values| {
        let (origin, has_message) = (values.word("origin"), values.get::<i32>("has_message"));
        let (return_path, person) = (values.get("return_path"), values.get("person"));
        let (reason, due_at) = (values.get("reason"), values.get("due_at"));
        let (state, in_hand) = (values.get::<String>("state"), values.get::<i32>("in_hand"));
        // What stands in the way of "it did not arrive" stands in the way of "it did" as well.
        let settle = settlement::obstacle(&state?, in_hand? == 1, "refused");
        Some(DeliveryDetail {
            row: read,
            origin: origin?,
            has_message: has_message? == 1,
            return_path: return_path?,
            person: person?,
            reason: reason?,
            due_at: due_at?,
            evidence,
            settle: settle.map(|blocked| blocked.obstacle.into()),
        })
    })
}

/// What is known of the fate of these mails, oldest first.
async fn evidence_of(open: &Open, ids: &[Uuid]) -> Answered<HashMap<Uuid, Vec<Stored<Evidence>>>> {
    let text = format!(
        "SELECT e.id, e.delivery_id, e.source, e.verdict, e.reply_code, e.detail, e.seen_at, e.queue_id FROM \
         delivery_evidence e WHERE e.delivery_id IN ({}) ORDER BY e.seen_at, e.id",
        places(ids.len())
    );
    let values = ids.iter().map(|id| (*id).into());
    let mut found: HashMap<Uuid, Vec<Stored<Evidence>>> = HashMap::new();
    for row in &open.store.read().query_all_raw(store::sql(open.store.backend(), &text, values)).await? {
        found.entry(row.try_get("", "delivery_id")?).or_default().push(evidence(row, row.try_get("", "id")?));
    }
    Ok(found)
}

fn evidence(row: &QueryResult, id: Uuid) -> Stored<Evidence> {
    stored(row, RecordKind::Evidence, id, "queue_id", |values| {
        let (source, verdict) = (values.word("source"), values.word("verdict"));
        let (reply_code, detail) = (values.get("reply_code"), values.get("detail"));
        let (seen_at, queue_id) = (values.get("seen_at"), values.get("queue_id"));
        Some(Evidence {
            id,
            source: source?,
            verdict: verdict?,
            reply_code: reply_code?,
            detail: detail?,
            seen_at: seen_at?,
            queue_id: queue_id?,
        })
    })
}
