//! Writing down what became of mails. Evidence is only ever added, and it counts even from a worker whose lease is over:
//! what a mail server said does not become untrue because somebody else took the work.

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::Outcome;
use crate::Result;
use crate::store::entities::delivery_evidence;
use crate::store::{self, insert_all, places};

/// Moves mails to `sending`, just before they leave, and returns how many could be moved.
pub async fn mark_sending(
    connection: &impl ConnectionTrait,
    deliveries: &[Uuid],
    target: &str,
    now: DateTime<Utc>,
) -> Result<u64> {
    let text = format!(
        "UPDATE deliveries SET state = 'sending', target = ?, sending_at = ?, tries = tries + 1 \
         WHERE id IN ({}) AND (state IN ('queued', 'deferred') OR (state = 'sending' AND target = ?))",
        places(deliveries.len())
    );
    let ids = deliveries.iter().map(|id| (*id).into());
    let values = [target.into(), now.into()].into_iter().chain(ids).chain([target.into()]);
    let backend = connection.get_database_backend();
    Ok(connection.execute_raw(store::sql(backend, &text, values)).await?.rows_affected())
}

/// Adds the evidence and lets the states follow from it.
pub async fn settle(
    connection: &impl ConnectionTrait,
    outcomes: &[(Uuid, Option<Uuid>, &Outcome)],
    now: DateTime<Utc>,
) -> Result<()> {
    let mut evidence = Vec::with_capacity(outcomes.len());
    for (delivery, attempt, outcome) in outcomes {
        evidence.push(delivery_evidence::Model {
            id: Uuid::now_v7(),
            delivery_id: *delivery,
            attempt_id: *attempt,
            source: outcome.source.to_owned(),
            verdict: outcome.verdict.state().to_owned(),
            reply_code: outcome.reply_code,
            detail: outcome.detail.clone(),
            seen_at: now,
            queue_id: None,
            fingerprint: None,
        });
    }
    insert_all(connection, evidence).await?;
    let mut groups: Vec<(&'static str, Option<&'static str>, Vec<Uuid>)> = Vec::new();
    for (delivery, _, outcome) in outcomes {
        let (state, code) = (outcome.verdict.state(), outcome.verdict.code());
        match groups.iter_mut().find(|group| (group.0, group.1) == (state, code)) {
            Some(group) => group.2.push(*delivery),
            None => groups.push((state, code, vec![*delivery])),
        }
    }
    for (state, code, deliveries) in groups {
        // A late answer settles what was unknown; nothing moves a mail that is settled.
        let text = format!(
            "UPDATE deliveries SET state = ?, code = ?, settled_at = ? WHERE id IN ({}) AND state IN \
             ('queued', 'sending', 'deferred'{})",
            places(deliveries.len()),
            if matches!(state, "accepted" | "refused") { ", 'unknown'" } else { "" }
        );
        let values = [state.into(), code.into(), now.into()];
        let values = values.into_iter().chain(deliveries.iter().map(|id| (*id).into()));
        connection.execute_raw(store::sql(connection.get_database_backend(), &text, values)).await?;
    }
    Ok(())
}
