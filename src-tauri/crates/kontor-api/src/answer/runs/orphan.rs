//! Runs that go on but that nobody works on: whoever did was closed, has died, or never came.

use chrono::{DateTime, TimeDelta, Utc};
use kontor::store;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::answer::Answered;
use crate::office::Open;

/// How long whoever put up a run is given to begin with it, and whoever works on it to claim the next items.
const PATIENCE: TimeDelta = TimeDelta::seconds(3);

struct Running {
    id: Uuid,
    mails: bool,
    created_at: DateTime<Utc>,
}

/// Runs that go on but that nobody works on, and whether they mail.
///
/// A worker that waits with a run, because all that is left was put off, cannot be told from one that is gone; then
/// this desk waits beside it, which does no harm.
pub(crate) async fn orphaned_runs(open: &Open) -> Answered<Vec<(Uuid, bool)>> {
    let now = open.store.now().await?;
    let mut orphans = Vec::new();
    for run in without_lease(open, now).await? {
        if open.crew.works_on(run.id) {
            continue;
        }
        if now - touched_at(open, run.id).await?.max(run.created_at) >= PATIENCE {
            orphans.push((run.id, run.mails));
        }
    }
    Ok(orphans)
}

async fn without_lease(open: &Open, now: DateTime<Utc>) -> Answered<Vec<Running>> {
    let text = "SELECT r.id, r.state, r.last_step, r.created_at FROM runs r WHERE r.state IN ('running', 'cancelling') \
                AND NOT EXISTS (SELECT 1 FROM run_items i WHERE i.run_id = r.id AND i.state = 'claimed' AND \
                i.lease_expires_at >= ?) ORDER BY r.created_at, r.id";
    let rows = open.store.read().query_all_raw(store::sql(open.store.backend(), text, [now.into()])).await?;
    let mut running = Vec::with_capacity(rows.len());
    for row in &rows {
        let (state, last_step): (String, String) = (row.try_get("", "state")?, row.try_get("", "last_step")?);
        // Of a run that is being cancelled nothing is mailed any more.
        let mails = last_step == "deliver" && state == "running";
        running.push(Running { id: row.try_get("", "id")?, mails, created_at: row.try_get("", "created_at")? });
    }
    Ok(running)
}

/// When something of the run was written last.
async fn touched_at(open: &Open, run: Uuid) -> Answered<DateTime<Utc>> {
    let text = "SELECT updated_at FROM run_items WHERE run_id = ? ORDER BY updated_at DESC LIMIT 1";
    let row = open.store.read().query_one_raw(store::sql(open.store.backend(), text, [run.into()])).await?;
    Ok(row.map(|row| row.try_get("", "updated_at")).transpose()?.unwrap_or(DateTime::UNIX_EPOCH))
}
