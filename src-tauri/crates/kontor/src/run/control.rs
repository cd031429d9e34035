//! Pausing, resuming and cancelling a run. What is in hand is finished; nothing is torn.

use sea_orm::{ConnectionTrait, EntityTrait};

use super::hindrance::Hindrance;
use crate::identity::Actor;
use crate::store::{self, Store, Write, entities::runs};
use crate::{Result, journal};

/// Claims nothing more from the run until it is resumed.
pub async fn pause(store: &Store, actor: &Actor, run: &runs::Model, reason: &str) -> Result<()> {
    change(store, actor, run, reason, "run.pause", &["running"], "paused").await
}

/// Goes on with a paused run. Resuming a running one changes nothing and is no error.
pub async fn resume(store: &Store, actor: &Actor, run: &runs::Model, reason: &str) -> Result<()> {
    if run.state == "running" {
        return Ok(());
    }
    change(store, actor, run, reason, "run.resume", &["paused"], "running").await
}

/// Takes back what has not begun; what is in hand is finished first.
pub async fn cancel(store: &Store, actor: &Actor, run: &runs::Model, reason: &str) -> Result<()> {
    change(store, actor, run, reason, "run.cancel", &["running", "paused"], "cancelling").await?;
    super::reap(store).await?;
    super::work::close_finished(store).await
}

async fn change(
    store: &Store,
    actor: &Actor,
    run: &runs::Model,
    reason: &str,
    action: &'static str,
    from: &[&str],
    to: &str,
) -> Result<()> {
    if journal::done_before(store.read(), actor.request, action).await?.is_some() {
        return Ok(());
    }
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    let text = format!("UPDATE runs SET state = ? WHERE id = ? AND state IN ({})", store::places(from.len()));
    let values = [to.into(), run.id.into()].into_iter().chain(from.iter().map(|state| (*state).into()));
    let changed = write.execute_raw(store::sql(store.backend(), &text, values)).await?;
    if changed.rows_affected() == 0 {
        let now = runs::Entity::find_by_id(run.id).one(&*write).await?;
        let state = now.map_or_else(|| run.state.clone(), |now| now.state);
        return Err(Hindrance::StateIs { state, possible: from.join(" or ") }.into());
    }
    if to == "cancelling" {
        drop_waiting(&write, store, run, now).await?;
    }
    let entry = journal::Entry {
        action,
        record: Some(("runs", run.id.to_string())),
        reason,
        before: Some(serde_json::json!({ "state": run.state })),
        after: Some(serde_json::json!({ "state": to })),
    };
    journal::record(&*write, actor, now, entry).await?;
    write.commit().await
}

async fn drop_waiting(
    write: &Write,
    store: &Store,
    run: &runs::Model,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<()> {
    let text = "UPDATE run_items SET state = 'cancelled', updated_at = ? WHERE run_id = ? AND state = 'waiting'";
    write.execute_raw(store::sql(store.backend(), text, [now.into(), run.id.into()])).await?;
    Ok(())
}
