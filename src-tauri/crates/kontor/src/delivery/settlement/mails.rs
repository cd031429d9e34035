//! The mails that a person speaks of: which they are, and why one of them cannot be settled.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use super::super::settle;
use super::{One, PAGE, Which};
use crate::Result;
use crate::obstacle::{Blocked, Obstacle};
use crate::store::{self, Lock, places};

/// SQL: whether a live worker has the mail `d` in hand. One value: the time. What an old program left without text
/// cannot be in anybody's hand.
pub const IN_HAND: &str = "(NOT (d.origin = 'legacy' AND d.message_head IS NULL) AND EXISTS (SELECT 1 FROM \
    run_items c JOIN invoices n ON n.id = d.invoice_id WHERE c.state = 'claimed' AND c.lease_expires_at >= ? AND \
    (c.subject_id = d.id OR (d.purpose = 'cancellation' AND c.subject_id = d.invoice_id) OR (d.purpose = 'invoice' AND \
    c.subject_id IS NULL AND c.subscription_id = n.subscription_id AND c.period = n.period))))";

/// SQL: the state of the newest mail of the invoice `i`, NULL where there is none. What was being sent when its worker died
/// is `unknown` to whoever reads, also before anybody has noted it. One value: the time.
pub fn newest_mail() -> String {
    format!(
        "(SELECT CASE WHEN d.state = 'sending' AND NOT {IN_HAND} THEN 'unknown' ELSE d.state END FROM deliveries d WHERE \
         d.invoice_id = i.id ORDER BY d.queued_at DESC, d.id DESC LIMIT 1)"
    )
}

#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Row {
    pub(super) id: Uuid,
    pub(super) message_id: String,
    pub(super) state: String,
    pub(super) invoice_id: Uuid,
    invoice: String,
    in_hand: i32,
}

impl Row {
    /// Why a person cannot settle it; none when they can.
    pub(super) fn blocked(&self, verdict: &str) -> Option<Blocked> {
        obstacle(&self.state, self.in_hand == 1, verdict)
    }

    pub(super) fn ended(&self, after: &str, blocked: Option<Blocked>) -> One {
        let (reason, obstacle) = blocked.map(|blocked| (blocked.sentence, blocked.obstacle)).unzip();
        One {
            id: Some(self.id),
            message_id: self.message_id.clone(),
            invoice_id: Some(self.invoice_id),
            invoice: self.invoice.clone(),
            before: self.state.clone(),
            after: after.to_owned(),
            outcome: if reason.is_none() { "settled" } else { "refused" }.to_owned(),
            reason,
            obstacle,
        }
    }
}

/// Why a person cannot say of a mail in this state that it arrived (`accepted`) or not (`refused`); none when they can.
pub fn obstacle(state: &str, is_in_hand: bool, verdict: &str) -> Option<Blocked> {
    if state == "sending" && is_in_hand {
        let sentence = "a worker is sending it at this moment; wait until it is out";
        return Some(Obstacle::InHand { run: None }.says(sentence));
    }
    if settle::next("person", verdict, state).is_some() {
        return None;
    }
    let state = state.to_owned();
    Some(match state.as_str() {
        "queued" | "deferred" => Obstacle::NotSentYet { state }.says("it has not gone out yet; a rerun sends it"),
        "accepted" => Obstacle::Settled { state }.says("the mail server took it; that is known already"),
        "refused" => Obstacle::Settled { state }.says("the mail server refused it, or somebody settled it before"),
        other => {
            let sentence = format!("it is {other} already");
            Obstacle::Settled { state }.says(sentence)
        }
    })
}

fn bare(message_id: &str) -> String {
    message_id.trim().trim_start_matches('<').trim_end_matches('>').to_owned()
}

/// Message-IDs that were typed and are not there.
pub(super) fn missing(which: &Which, rows: &[Row]) -> Vec<One> {
    let Which::Mails(typed) = which else { return Vec::new() };
    let unknown = typed.iter().map(|id| bare(id)).filter(|id| !rows.iter().any(|row| row.message_id == *id));
    unknown
        .map(|message_id| One {
            id: None,
            message_id,
            invoice_id: None,
            invoice: String::new(),
            before: String::new(),
            after: String::new(),
            outcome: "refused".to_owned(),
            reason: Some("there is no mail with this Message-ID; `kontor deliveries list` shows them".to_owned()),
            obstacle: Some(Obstacle::Missing),
        })
        .collect()
}

/// The mails, in the order of their ids, which is that of their making.
pub(super) async fn rows(
    connection: &impl ConnectionTrait,
    which: &Which,
    now: DateTime<Utc>,
    lock: Option<Lock>,
) -> Result<Vec<Row>> {
    let pages: Vec<(String, Vec<Value>)> = match which {
        Which::AllUnknown => {
            let condition = format!("d.state = 'unknown' OR (d.state = 'sending' AND NOT {IN_HAND})");
            vec![(condition, vec![now.into()])]
        }
        Which::Mails(typed) => typed
            .chunks(PAGE)
            .map(|page| {
                let ids = page.iter().map(|id| bare(id).into()).collect();
                (format!("d.message_id IN ({})", places(page.len())), ids)
            })
            .collect(),
        Which::Ids(ids) => ids
            .chunks(PAGE)
            .map(|page| {
                let values = page.iter().map(|id| (*id).into()).collect();
                (format!("d.id IN ({})", places(page.len())), values)
            })
            .collect(),
    };
    let backend = connection.get_database_backend();
    let mut found = Vec::new();
    for (condition, values) in pages {
        let text = format!(
            "SELECT d.id, d.message_id, d.state, d.invoice_id, i.number AS invoice, CASE WHEN {IN_HAND} THEN 1 ELSE 0 END \
             AS in_hand FROM deliveries d JOIN invoices i ON i.id = d.invoice_id WHERE {condition} ORDER BY d.id"
        );
        let text = lock.map_or_else(|| text.clone(), |lock| store::locking(backend, &text, lock));
        let values = [now.into()].into_iter().chain(values);
        for row in connection.query_all_raw(store::sql(backend, &text, values)).await? {
            found.push(Row::from_query_result(&row, "")?);
        }
    }
    Ok(found)
}
