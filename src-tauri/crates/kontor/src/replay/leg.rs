//! One leg in hand: taken under a lease by the database's clock, drawn round by round, and ended.
//!
//! Its row is the fence: whoever finds it no longer running writes nothing. A leg whose lease runs out, or whose worker was
//! seen to die, is closed as `died`, with what it drew until then.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use kontor_pdf::RENDERER;
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::draw::{self, Input};
use super::found::{Drawn, Found};
use super::{LEGS, OTHER, inputs};
use crate::identity::{Pace, Process};
use crate::run::workers::patiently;
use crate::store::entities::{replay_legs, replays};
use crate::store::{self, Store, Write, insert_all};
use crate::{Result, failpoint};

/// Legs that nobody draws any more. That a worker counts as lost says only that a lease of its batches ran out: it may live, and
/// draw; a leg has a lease of its own.
const DEAD: &str = "outcome = 'running' AND (lease_expires_at < ? OR EXISTS (SELECT 1 FROM workers w WHERE w.id = \
                    replay_legs.worker_id AND w.outcome IN ('died', 'failed') AND w.ended_at >= \
                    replay_legs.started_at))";

/// A leg in hand.
pub(super) struct Taken {
    id: Uuid,
    rounds: i64,
    inputs: Arc<Vec<Input>>,
    is_witnessed: bool,
}

impl Taken {
    /// Takes a leg; none when another worker was faster, or when the replay does not say what to draw.
    pub async fn take(
        store: &Store,
        process: &Process,
        pace: &Pace,
        (replay, position): (&replays::Model, i64),
    ) -> Result<Option<Self>> {
        let Some(ids) = inputs::ids(replay) else { return Ok(None) };
        // Read before the leg is taken: a database that stumbles here is no sign against the host.
        let mut inputs = draw::load(store, &ids).await?;
        if position == OTHER {
            draw::load_originals(store, &replay.host, &mut inputs).await?;
        }
        let leg = Self {
            id: Uuid::now_v7(),
            rounds: replay.rounds,
            inputs: Arc::new(inputs),
            is_witnessed: position == OTHER,
        };
        match leg.begin(store, process, pace, (replay, position)).await {
            Ok(has_begun) => Ok(has_begun.then_some(leg)),
            Err(error) if error.is_duplicate() => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn begin(
        &self,
        store: &Store,
        process: &Process,
        pace: &Pace,
        (replay, position): (&replays::Model, i64),
    ) -> Result<bool> {
        let write = store.write().await?;
        let now = store::now(&*write).await?;
        let text = "SELECT state FROM replays WHERE id = ?";
        let text = store::locking(store.backend(), text, store::Lock::Wait);
        let row = write.query_one_raw(store::sql(store.backend(), &text, [replay.id.into()])).await?;
        if row.is_none_or(|row| row.try_get::<String>("", "state").is_ok_and(|state| state != "open")) {
            return Ok(false);
        }
        let row = replay_legs::Model {
            id: self.id,
            replay_id: replay.id,
            position,
            host: process.host.clone(),
            boot_id: process.boot_id.clone(),
            worker_id: process.id,
            program_version: process.program_version.clone(),
            renderer: RENDERER.to_owned(),
            started_at: now,
            lease_expires_at: Some(expiry(now, pace)),
            ended_at: None,
            outcome: "running".to_owned(),
            drawings: 0,
            found: None,
        };
        insert_all(&*write, vec![row]).await?;
        write.commit().await?;
        Ok(true)
    }

    /// Draws the leg to its end, or until its replay is over or the leg is somebody else's to close.
    pub async fn draw(self, store: &Store, pace: &Pace) -> Result<()> {
        let mut found = self.nothing_yet().await;
        for _ in 0..self.rounds {
            let mut drawing = Box::pin(draw::round(&self.inputs));
            let round = loop {
                tokio::select! {
                    round = &mut drawing => break round,
                    () = tokio::time::sleep(pace.lease / 3) => { self.keep(store, pace, &found).await; }
                }
            };
            for (drawn, what) in found.inputs.iter_mut().zip(round) {
                drawn.count(what);
            }
            if !self.keep(store, pace, &found).await {
                break;
            }
            failpoint::hit("replay.after_round")?;
        }
        patiently(|| self.end(store, &found)).await
    }

    async fn nothing_yet(&self) -> Found {
        let stored = if self.is_witnessed { draw::sound_originals(&self.inputs).await } else { Vec::new() };
        let mut stored = stored.into_iter();
        let nothing =
            |input: &Input| Drawn { invoice: input.invoice, stored: stored.next().flatten(), ..Drawn::default() };
        Found { inputs: self.inputs.iter().map(nothing).collect() }
    }

    /// Renews the lease with what came out so far. No, when there is nothing to be drawn for any more; a database that
    /// stumbles is no reason to stop.
    async fn keep(&self, store: &Store, pace: &Pace, found: &Found) -> bool {
        let kept = self.renew(store, pace, found).await;
        kept.unwrap_or_else(|error| {
            tracing::info!(%error, "the lease on a leg could not be renewed");
            true
        })
    }

    async fn renew(&self, store: &Store, pace: &Pace, found: &Found) -> Result<bool> {
        let write = store.write().await?;
        let expires = expiry(store::now(&*write).await?, pace);
        let text = "UPDATE replay_legs SET lease_expires_at = ?, drawings = ?, found = ? WHERE id = ? AND outcome = 'running' \
                    AND EXISTS (SELECT 1 FROM replays r WHERE r.id = replay_legs.replay_id AND r.state = 'open')";
        let values = [expires.into()].into_iter().chain(told(found)).chain([self.id.into()]);
        let changed = write.execute_raw(store::sql(store.backend(), text, values)).await?;
        write.commit().await?;
        Ok(changed.rows_affected() > 0)
    }

    async fn end(&self, store: &Store, found: &Found) -> Result<()> {
        let write = store.write().await?;
        let now = store::now(&*write).await?;
        let text = "UPDATE replay_legs SET outcome = 'done', ended_at = ?, lease_expires_at = NULL, drawings = ?, found = ? \
                    WHERE id = ? AND outcome = 'running'";
        let values = [now.into()].into_iter().chain(told(found)).chain([self.id.into()]);
        write.execute_raw(store::sql(store.backend(), text, values)).await?;
        end_replays(&write, now).await?;
        write.commit().await
    }
}

fn told(found: &Found) -> [Value; 2] {
    let text = serde_json::to_string(found).unwrap_or_default();
    [i64::try_from(found.drawings()).unwrap_or(i64::MAX).into(), text.into()]
}

fn expiry(now: DateTime<Utc>, pace: &Pace) -> DateTime<Utc> {
    now + TimeDelta::from_std(pace.lease).unwrap_or(TimeDelta::minutes(1))
}

/// Closes legs that nobody draws any more, and replays whose last one that was.
pub(super) async fn close_dead(store: &Store) -> Result<()> {
    let now = store.now().await?;
    let look = format!("SELECT 1 AS one FROM replay_legs WHERE {DEAD} LIMIT 1");
    if store.read().query_one_raw(store::sql(store.backend(), &look, [now.into()])).await?.is_none() {
        return Ok(());
    }
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    let text = format!("UPDATE replay_legs SET outcome = 'died', ended_at = ?, lease_expires_at = NULL WHERE {DEAD}");
    write.execute_raw(store::sql(store.backend(), &text, [now.into(), now.into()])).await?;
    end_replays(&write, now).await?;
    write.commit().await
}

/// A replay is over with its last leg.
async fn end_replays(write: &Write, now: DateTime<Utc>) -> Result<()> {
    let text = "UPDATE replays SET state = 'done', ended_at = ? WHERE state = 'open' AND EXISTS (SELECT 1 FROM replay_legs l \
                WHERE l.replay_id = replays.id AND l.position = ? AND l.outcome <> 'running')";
    write.execute_raw(store::sql(write.get_database_backend(), text, [now.into(), LEGS.into()])).await?;
    Ok(())
}
