//! Claiming items: with a lease by the database's clock and a token that only rises.
//!
//! Leases that ran out are taken back first, whichever run they belong to. An item on which two workers died is taken alone, so that one bad item cannot drag others
//! down; after [`MAX_LOSSES`] dead workers it fails and waits for a person.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::key::{Key, Subject};
use super::{code, workers};
use crate::error::Unopened;
use crate::identity::{Pace, Process};
use crate::store::entities::{attempts, runs};
use crate::store::{self, Lock, Store, Write, insert_all, places};
use crate::{Error, Result, failpoint, withdrawal};

/// Dead workers after which an item is given up.
const MAX_LOSSES: i64 = 5;
/// Dead workers after which an item is worked on alone.
const SUSPICIOUS: i64 = 2;

/// Items in hand, all under one token.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The run they belong to.
    pub run: runs::Model,
    /// The fencing token.
    pub token: i64,
    /// The items.
    pub items: Vec<Claimed>,
}

/// One item in hand.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The item.
    pub id: Uuid,
    /// What it is about.
    pub key: Key,
    /// The attempt opened with the claim.
    pub attempt: Uuid,
    /// Whether a worker died on it before.
    pub taken_over: bool,
    /// How often its mail was put off in this run.
    pub retries: i64,
}

pub(super) struct Candidate {
    pub(super) id: Uuid,
    key: Key,
    invoice: Option<Uuid>,
    losses: i64,
    retries: i64,
    /// Another run holds the same thing.
    busy: bool,
}

/// Claims a batch of one run, the oldest first; `None` when there is nothing to do at the moment. A host that is out of
/// service claims nothing ([`Error::OutOfService`]).
pub async fn claim(store: &Store, process: &Process, pace: &Pace, only: Option<Uuid>) -> Result<Option<Claim>> {
    reap(store).await?;
    let mut query =
        runs::Entity::find().filter(runs::Column::State.eq("running")).order_by_asc(runs::Column::CreatedAt);
    if let Some(run) = only {
        query = query.filter(runs::Column::Id.eq(run));
    }
    for run in query.all(store.read()).await? {
        if let Some(claim) = claim_in(store, process, pace, run).await? {
            return Ok(Some(claim));
        }
    }
    Ok(None)
}

async fn claim_in(store: &Store, process: &Process, pace: &Pace, run: runs::Model) -> Result<Option<Claim>> {
    // A look without locks, so that an idle worker writes nothing.
    let text = "SELECT 1 AS one FROM run_items WHERE run_id = ? AND state = 'waiting' AND \
                (due_at IS NULL OR due_at <= ?) LIMIT 1";
    let statement = store::sql(store.backend(), text, [run.id.into(), store.now().await?.into()]);
    if store.read().query_one_raw(statement).await?.is_none() {
        return Ok(None);
    }
    withdrawal::require_service(store.read(), &process.host).await?;
    let write = store.write().await?;
    withdrawal::require_service(&*write, &process.host).await?;
    let now = store::now(&*write).await?;
    let waiting = waiting(&write, &run, pace.batch, now).await?;
    let (busy, mut free): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|one| one.busy);
    if free.first().is_some_and(|one| one.losses >= SUSPICIOUS) {
        free.truncate(1);
    } else {
        free.retain(|one| one.losses < SUSPICIOUS);
    }
    // What one person asked for by name waits for its turn; of what a whole run found open, the other run takes care.
    if run.occasion == "run" {
        skip(&write, &busy, now).await?;
    }
    let token = next_token(&write).await?;
    let items = take(&write, process, pace, &free, token, now).await?;
    failpoint::hit("claim.before_commit")?;
    write.commit().await?;
    failpoint::hit("claim.after_commit")?;
    Ok((!items.is_empty()).then_some(Claim { run, token, items }))
}

/// Takes back what dead workers hold, whichever run sent it: attempts are closed, items wait again under a new token,
/// those of a run that is being cancelled are cancelled, and those that too many workers died on fail.
pub async fn reap(store: &Store) -> Result<()> {
    let now = store.now().await?;
    let look = "SELECT 1 AS one FROM run_items WHERE state = 'claimed' AND lease_expires_at < ? LIMIT 1";
    if store.read().query_one_raw(store::sql(store.backend(), look, [now.into()])).await?.is_none() {
        return Ok(());
    }
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    let text = "SELECT i.id, i.subscription_id, i.period, i.subject, i.subject_id, i.invoice_id, i.losses, i.retries, \
                0 AS busy FROM run_items i WHERE i.state = 'claimed' AND i.lease_expires_at < ? ORDER BY i.lease_expires_at LIMIT 500";
    let dead = candidates(&write, text, [now.into()]).await?;
    if dead.is_empty() {
        return Ok(());
    }
    workers::lose(&write, &dead, now).await?;
    take_back(&write, &dead, Why::UNSEEN, now).await?;
    write.commit().await
}

/// Items that a worker has in hand, whether or not its leases are over. What the server still does for a dead worker is waited
/// for: nobody looks a second time.
pub(super) async fn held_by(write: &Write, worker: Uuid) -> Result<Vec<Candidate>> {
    let text = "SELECT i.id, i.subscription_id, i.period, i.subject, i.subject_id, i.invoice_id, i.losses, i.retries, \
                0 AS busy FROM run_items i WHERE i.state = 'claimed' AND i.worker_id = ?";
    locked(write, text, [worker.into()], Lock::Wait).await
}

/// Takes one item back from the dead worker that holds it, in the transaction at hand; no when nobody dead holds it.
pub(crate) async fn release(write: &Write, item: Uuid, now: DateTime<Utc>) -> Result<bool> {
    let text = "SELECT i.id, i.subscription_id, i.period, i.subject, i.subject_id, i.invoice_id, i.losses, i.retries, \
                0 AS busy FROM run_items i WHERE i.id = ? AND i.state = 'claimed' AND i.lease_expires_at < ?";
    let dead = candidates(write, text, [item.into(), now.into()]).await?;
    if dead.is_empty() {
        return Ok(false);
    }
    take_back(write, &dead, Why::UNSEEN, now).await?;
    Ok(true)
}

/// Why attempts ended without a word of their own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Why<'a> {
    /// The code.
    pub code: &'static str,
    /// The signal, where somebody saw it.
    pub signal: Option<i32>,
    /// In words.
    pub message: &'a str,
}

impl Why<'static> {
    const UNSEEN: Self = Self { code: code::PROCESS_DIED, signal: None, message: "the lease ran out; cause not seen" };
}

/// Closes the attempts at these items as died, and lets the items wait again under a new token.
pub(super) async fn take_back(write: &Write, dead: &[Candidate], why: Why<'_>, now: DateTime<Utc>) -> Result<()> {
    if dead.is_empty() {
        return Ok(());
    }
    let backend = write.get_database_backend();
    let token = next_token(write).await?;
    let list = places(dead.len());
    let ids = dead.iter().map(|one| one.id.into());
    let text = format!(
        "UPDATE attempts SET outcome = 'died', ended_at = ?, code = ?, signal = ?, message = ? \
         WHERE outcome = 'running' AND item_id IN ({list})"
    );
    let told = [now.into(), why.code.into(), why.signal.map(i64::from).into(), why.message.into()];
    let values = told.into_iter().chain(ids.clone());
    write.execute_raw(store::sql(backend, &text, values)).await?;
    let text = format!(
        "UPDATE run_items SET losses = losses + 1, token = ?, lease_expires_at = NULL, updated_at = ?, \
         code = CASE WHEN losses + 1 >= {MAX_LOSSES} THEN '{}' END, \
         state = CASE WHEN losses + 1 >= {MAX_LOSSES} THEN 'failed' WHEN EXISTS (SELECT 1 FROM runs r WHERE \
         r.id = run_items.run_id AND r.state = 'cancelling') THEN 'cancelled' ELSE 'waiting' END WHERE id IN ({list})",
        code::WORKERS_LOST
    );
    let values = [token.into(), now.into()].into_iter().chain(ids);
    write.execute_raw(store::sql(backend, &text, values)).await?;
    Ok(())
}

async fn waiting(write: &Write, run: &runs::Model, room: u64, now: DateTime<Utc>) -> Result<Vec<Candidate>> {
    let text = "SELECT i.id, i.subscription_id, i.period, i.subject, i.subject_id, i.invoice_id, i.losses, i.retries, \
                CASE WHEN EXISTS (SELECT 1 FROM run_items o WHERE o.subscription_id = i.subscription_id AND \
                o.period = i.period AND (o.subject_id = i.subject_id OR (o.subject_id IS NULL AND i.subject_id IS NULL)) \
                AND o.state = 'claimed' AND o.lease_expires_at >= ?) THEN 1 ELSE 0 END AS busy FROM run_items i \
                WHERE i.run_id = ? AND i.state = 'waiting' AND (i.due_at IS NULL OR i.due_at <= ?) \
                ORDER BY i.ordinal LIMIT ?";
    let room = i64::try_from(room).unwrap_or(i64::MAX);
    candidates(write, text, [now.into(), run.id.into(), now.into(), room.into()]).await
}

async fn candidates(
    write: &Write,
    text: &str,
    values: impl IntoIterator<Item = sea_orm::Value>,
) -> Result<Vec<Candidate>> {
    locked(write, text, values, Lock::SkipHeld).await
}

async fn locked(
    write: &Write,
    text: &str,
    values: impl IntoIterator<Item = sea_orm::Value>,
    lock: Lock,
) -> Result<Vec<Candidate>> {
    let backend = write.get_database_backend();
    let text = store::locking(backend, text, lock);
    let mut found = Vec::new();
    for row in write.query_all_raw(store::sql(backend, &text, values)).await? {
        let subject = Subject::read(&row.try_get::<String>("", "subject")?, row.try_get("", "subject_id")?)?;
        found.push(Candidate {
            id: row.try_get("", "id")?,
            key: Key { subscription: row.try_get("", "subscription_id")?, period: row.try_get("", "period")?, subject },
            invoice: row.try_get("", "invoice_id")?,
            losses: row.try_get("", "losses")?,
            retries: row.try_get("", "retries")?,
            busy: row.try_get::<i32>("", "busy")? == 1,
        });
    }
    Ok(found)
}

async fn next_token(write: &Write) -> Result<i64> {
    let text = "UPDATE fencing SET last_token = last_token + 1 WHERE id = 1 RETURNING last_token";
    let row = write.query_one_raw(store::sql(write.get_database_backend(), text, [])).await?;
    let row = row.ok_or_else(|| {
        Error::unopened(Unopened::NotKontor, "This database hands out no tokens. Run `kontor db migrate`.")
    })?;
    Ok(row.try_get("", "last_token")?)
}

/// Another run holds these at this moment: it works, this run reports them as skipped.
async fn skip(write: &Write, busy: &[Candidate], now: DateTime<Utc>) -> Result<()> {
    if busy.is_empty() {
        return Ok(());
    }
    let text = format!(
        "UPDATE run_items SET state = 'skipped', code = ?, updated_at = ? WHERE id IN ({})",
        places(busy.len())
    );
    let values = [code::IN_WORK.into(), now.into()].into_iter().chain(busy.iter().map(|one| one.id.into()));
    write.execute_raw(store::sql(write.get_database_backend(), &text, values)).await?;
    Ok(())
}

async fn take(
    write: &Write,
    process: &Process,
    pace: &Pace,
    chosen: &[Candidate],
    token: i64,
    now: DateTime<Utc>,
) -> Result<Vec<Claimed>> {
    if chosen.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "UPDATE run_items SET state = 'claimed', code = NULL, token = ?, worker_id = ?, lease_expires_at = ?, \
         updated_at = ? WHERE id IN ({})",
        places(chosen.len())
    );
    let values = [token.into(), process.id.into(), expiry(now, pace).into(), now.into()];
    let values = values.into_iter().chain(chosen.iter().map(|one| one.id.into()));
    write.execute_raw(store::sql(write.get_database_backend(), &text, values)).await?;
    let mut claimed = Vec::with_capacity(chosen.len());
    let mut opened = Vec::with_capacity(chosen.len());
    for one in chosen {
        let attempt = open_attempt(one, process, token, now);
        let (attempt_id, taken_over) = (attempt.id, one.losses > 0);
        claimed.push(Claimed { id: one.id, key: one.key, attempt: attempt_id, taken_over, retries: one.retries });
        opened.push(attempt);
    }
    insert_all(&**write, opened).await?;
    Ok(claimed)
}

fn open_attempt(one: &Candidate, process: &Process, token: i64, now: DateTime<Utc>) -> attempts::Model {
    attempts::Model {
        id: Uuid::now_v7(),
        item_id: Some(one.id),
        subscription_id: one.key.subscription,
        period: one.key.period,
        invoice_id: one.invoice,
        step: if one.invoice.is_some() { "render" } else { "issue" }.to_owned(),
        token,
        host: process.host.clone(),
        boot_id: process.boot_id.clone(),
        pid: process.pid,
        program_version: process.program_version.clone(),
        worker_id: Some(process.id),
        started_at: now,
        ended_at: None,
        outcome: "running".to_owned(),
        signal: None,
        code: None,
        message: None,
    }
}

/// When a lease taken now runs out.
fn expiry(now: DateTime<Utc>, pace: &Pace) -> DateTime<Utc> {
    now + TimeDelta::from_std(pace.lease).unwrap_or(TimeDelta::minutes(1))
}

/// Renews a lease; [`Error::Fenced`] when it ran out meanwhile.
pub async fn renew(store: &Store, token: i64, pace: &Pace) -> Result<()> {
    let write = store.write().await?;
    let expires = expiry(store::now(&*write).await?, pace);
    let text = "UPDATE run_items SET lease_expires_at = ?, token = ? WHERE token = ? AND state = 'claimed'";
    let statement = store::sql(store.backend(), text, [expires.into(), token.into(), token.into()]);
    write.execute_raw(statement).await?;
    write.commit().await
}
