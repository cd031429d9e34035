//! Ending items: state and code, the attempt closed, the lease given back, all under the fence of the token.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::claim::Claimed;
use super::code::Refusal;
use crate::store::{self, places};
use crate::{Error, Result};

/// How an item ends.
#[derive(Clone, Debug)]
pub struct Ending {
    item: Uuid,
    state: &'static str,
    code: Option<&'static str>,
    message: Option<String>,
    /// The item waits this long for another try.
    pause: Option<Duration>,
    /// Whether that counts as a try of its own.
    is_retry: bool,
}

impl Ending {
    /// Everything is there.
    pub fn done(item: &Claimed) -> Self {
        Self { item: item.id, state: "done", code: None, message: None, pause: None, is_retry: false }
    }

    /// There was nothing to do.
    pub fn skipped(item: &Claimed, code: &'static str) -> Self {
        Self { item: item.id, state: "skipped", code: Some(code), message: None, pause: None, is_retry: false }
    }

    /// It did not work.
    pub fn failed(item: &Claimed, refusal: Refusal) -> Self {
        let state = if refusal.code == super::code::OUTCOME_UNKNOWN { "unknown" } else { "failed" };
        Self {
            item: item.id,
            state,
            code: Some(refusal.code),
            message: Some(refusal.detail),
            pause: None,
            is_retry: false,
        }
    }

    /// It did not work, and is tried again by itself after a pause.
    pub fn later(item: &Claimed, refusal: Refusal, pause: Duration) -> Self {
        Self { pause: Some(pause), is_retry: true, ..Self::failed(item, refusal) }
    }

    /// Another host goes on with it; whether this attempt failed or merely stopped, the item has lost nothing.
    pub fn given_back(item: &Claimed, refusal: Refusal) -> Self {
        let state = if refusal.code == super::code::HOST_WITHDRAWN { "skipped" } else { "failed" };
        Self { state, pause: Some(Duration::ZERO), ..Self::failed(item, refusal) }
    }
}

/// Writes the endings; [`Error::Fenced`] when one of the items is no longer held under this token.
pub async fn finish(
    connection: &impl ConnectionTrait,
    endings: &[Ending],
    token: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    let backend = connection.get_database_backend();
    let mut groups: Vec<(&Ending, Vec<Uuid>)> = Vec::new();
    for ending in endings {
        let alike = |one: &&mut (&Ending, Vec<Uuid>)| {
            (one.0.state, one.0.code, &one.0.message, one.0.pause, one.0.is_retry)
                == (ending.state, ending.code, &ending.message, ending.pause, ending.is_retry)
        };
        match groups.iter_mut().find(alike) {
            Some(group) => group.1.push(ending.item),
            None => groups.push((ending, vec![ending.item])),
        }
    }
    for (ending, items) in groups {
        let list = places(items.len());
        let ids = items.iter().map(|id| (*id).into());
        let (state, due_at) = match ending.pause {
            Some(pause) => ("waiting", Some(now + TimeDelta::from_std(pause).unwrap_or(TimeDelta::minutes(1)))),
            None => (ending.state, None),
        };
        let text = format!(
            "UPDATE run_items SET state = ?, code = ?, token = ?, lease_expires_at = NULL, updated_at = ?, due_at = ?, \
             retries = retries + ? WHERE state = 'claimed' AND id IN ({list})"
        );
        let retried = i64::from(ending.is_retry);
        let values = [state.into(), ending.code.into(), token.into(), now.into(), due_at.into(), retried.into()];
        let values = values.into_iter().chain(ids.clone());
        let ended = connection.execute_raw(store::sql(backend, &text, values)).await?;
        if ended.rows_affected() != items.len() as u64 {
            return Err(Error::Fenced);
        }
        let text = format!(
            "UPDATE attempts SET outcome = ?, code = ?, message = ?, ended_at = ? \
             WHERE outcome = 'running' AND token = ? AND item_id IN ({list})"
        );
        let values = [ending.state.into(), ending.code.into(), ending.message.clone().into(), now.into(), token.into()];
        connection.execute_raw(store::sql(backend, &text, values.into_iter().chain(ids))).await?;
    }
    Ok(())
}

/// Moves the attempts of these items to a step and checks that they are still held under this token.
pub async fn enter_step(
    connection: &impl ConnectionTrait,
    items: &[Uuid],
    token: i64,
    step: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let backend = connection.get_database_backend();
    let list = places(items.len());
    let ids = items.iter().map(|id| (*id).into());
    let text = format!("UPDATE run_items SET token = ?, updated_at = ? WHERE state = 'claimed' AND id IN ({list})");
    let values = [token.into(), now.into()].into_iter().chain(ids.clone());
    let held = connection.execute_raw(store::sql(backend, &text, values)).await?;
    if held.rows_affected() != items.len() as u64 {
        return Err(Error::Fenced);
    }
    let text = format!("UPDATE attempts SET step = ? WHERE outcome = 'running' AND token = ? AND item_id IN ({list})");
    connection.execute_raw(store::sql(backend, &text, [step.into(), token.into()].into_iter().chain(ids))).await?;
    Ok(())
}
