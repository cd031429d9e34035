//! Working on runs: claim a batch, drive it, and again, until told otherwise.
//!
//! A worker is this process or any other; they share nothing but rows. Several batches are in hand at once, so that one
//! is drawn while another waits for the database. Leases are renewed as long as a batch is in hand.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};
use std::time::Duration;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::batch::Batch;
use super::claim::{self, Claim};
use super::deliver::Mailer;
use super::workers;
use crate::delivery::Target;
use crate::identity::{Pace, Process};
use crate::invoice::settings::Settings;
use crate::store::{self, Store, entities::runs};
use crate::{Error, Result, canary, replay};

/// How long a worker bears with a database that is away before it says so and stops.
const PATIENCE: u32 = 120;

/// How often a host that is out of service looks whether it still is.
const OUT_OF_SERVICE: Duration = Duration::from_secs(2);

/// When a worker stops by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Never: it waits for runs to come.
    Stopped,
    /// When no run has anything left to do.
    Idle,
    /// When this run has ended, or was paused.
    RunEnds(Uuid),
}

/// A worker of this process.
#[derive(Clone, Debug)]
pub struct Worker {
    store: Store,
    process: Process,
    pace: Pace,
    mailer: Arc<Mailer>,
    stop: Arc<AtomicBool>,
}

impl Worker {
    /// Makes a worker; refuses when this program draws other bytes than it should, when the outbox cannot be written,
    /// or when mail of invented people would leave the machine.
    pub fn new(store: Store, target: Option<Target>, pace: Pace) -> Result<Self> {
        kontor_pdf::self_check().map_err(|error| {
            Error::Refused(format!("This program does not draw what it should; nothing was started. {error}"))
        })?;
        if store.is_for_show() && target.as_ref().is_some_and(|target| !target.is_local()) {
            return Err(Error::Refused(
                "This is a demo or test database: its mails go only to file:FOLDER or to this machine.".to_owned(),
            ));
        }
        let target = target.map(Target::ready).transpose()?;
        let process = Process::this();
        let mailer = Arc::new(Mailer::new(&store, target, &process.host, &pace));
        Ok(Self { store, process, pace, mailer, stop: Arc::default() })
    }

    /// A switch that makes the worker finish what it has in hand and stop.
    pub fn stop_switch(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stop)
    }

    /// The same worker under an id that whoever watches it has given it.
    pub fn known_as(mut self, id: Uuid) -> Self {
        self.process.id = id;
        self
    }

    /// Works, and notes its begin and its end.
    pub async fn work(&self, until: Until) -> Result<()> {
        // A row less is no reason to leave invoices undone.
        if let Err(error) = workers::begin(&self.store, &self.process).await {
            tracing::warn!(%error, "the begin of this worker could not be noted");
        }
        let patrol = tokio::spawn(patrol(self.store.clone(), self.process.clone(), self.pace.patrol));
        let outcome = self.all_lanes(until).await;
        patrol.abort();
        if let Err(error) = workers::end(&self.store, self.process.id, outcome.is_ok()).await {
            tracing::warn!(%error, "the end of this worker could not be noted");
        }
        outcome
    }

    async fn all_lanes(&self, until: Until) -> Result<()> {
        let mut lanes = JoinSet::new();
        let open = |lanes: &mut JoinSet<Result<()>>| {
            let worker = self.clone();
            lanes.spawn(async move { worker.lane(until).await });
        };
        for _ in 0..self.pace.lanes.max(1) {
            open(&mut lanes);
        }
        let mut outcome = Ok(());
        let mut panics = 0;
        while let Some(ended) = lanes.join_next().await {
            if let Err(error) = &ended
                && panics < PATIENCE
            {
                // What the lane had in hand waits for its lease to run out; the work goes on in a new one.
                tracing::error!(%error, "a lane panicked");
                panics += 1;
                open(&mut lanes);
                continue;
            }
            let ended = ended.unwrap_or_else(|error| Err(Error::Refused(format!("A worker stopped: {error}"))));
            if ended.is_err() {
                self.stop.store(true, Ordering::Relaxed);
                outcome = outcome.and(ended);
            }
        }
        self.mailer.close().await;
        outcome
    }

    async fn lane(&self, until: Until) -> Result<()> {
        let mut trailing = JoinSet::new();
        let mut outcome = self.claims(until, &mut trailing).await;
        while let Some(ended) = trailing.join_next().await {
            match concluded(ended) {
                // Its items were given back, or wait for their lease to run out: no reason to end otherwise than asked.
                Err(error) if error.is_passing() || waits_for_service(&error, until) => {
                    tracing::info!(%error, "the end of a batch is left to others");
                }
                ended => outcome = outcome.and(ended),
            }
        }
        outcome
    }

    /// Claims and drives one batch after another. Of a batch whose last letters are with the senders, the rest is
    /// `trailing`: it is waited for, but it holds up nobody.
    async fn claims(&self, until: Until, trailing: &mut JoinSet<Result<()>>) -> Result<()> {
        let only = match until {
            Until::RunEnds(run) => Some(run),
            _ => None,
        };
        let mut stumbles = 0;
        while !self.stop.load(Ordering::Relaxed) {
            // What became of a batch that trailed is borne with like what becomes of the next one.
            let step = match trailed(trailing) {
                Ok(()) => self.step(until, only, trailing).await,
                Err(error) => Err(error),
            };
            match step {
                Ok(true) => stumbles = 0,
                Ok(false) => return Ok(()),
                Err(error) if waits_for_service(&error, until) => {
                    tracing::info!(%error, "waiting to be put back into service");
                    tokio::time::sleep(self.pace.poll.max(OUT_OF_SERVICE)).await;
                }
                Err(error) if (error.is_passing() || error.is_duplicate()) && stumbles < PATIENCE => {
                    stumbles += 1;
                    tracing::info!(%error, stumbles, "waiting for the database");
                    tokio::time::sleep(Duration::from_millis(u64::from(stumbles.min(20)) * 25)).await;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The next thing to do; whether there may be more.
    async fn step(&self, until: Until, only: Option<Uuid>, trailing: &mut JoinSet<Result<()>>) -> Result<bool> {
        if self.replays(only).await? {
            return Ok(true);
        }
        match claim::claim(&self.store, &self.process, &self.pace, only).await? {
            Some(claim) => self.drive(claim, trailing).await.map(|()| true),
            None => self.rest(until).await,
        }
    }

    /// Replays come before runs, and whatever keeps this host from claiming: how it draws is what they are about. Who works
    /// for one run has no time for them. Where they cannot be read, the runs go on without them.
    async fn replays(&self, only: Option<Uuid>) -> Result<bool> {
        static TOLD: Once = Once::new();
        if only.is_some() {
            return Ok(false);
        }
        match replay::duty(&self.store, &self.process, &self.pace).await {
            Err(error) if !error.is_passing() && !error.is_duplicate() => {
                TOLD.call_once(|| tracing::error!(%error, "open replays cannot be read; the runs go on without them"));
                Ok(false)
            }
            drew => drew,
        }
    }

    /// Drives a batch until it has ended, or until all that is left of it is with the senders.
    async fn drive(&self, claim: Claim, trailing: &mut JoinSet<Result<()>>) -> Result<()> {
        let (released, mut is_released) = oneshot::channel();
        let worker = self.clone();
        let mut batch = tokio::spawn(async move { worker.batch(claim, released).await });
        tokio::select! {
            ended = &mut batch => concluded(ended),
            // A batch that ends without a word has dropped its end of the channel.
            told = &mut is_released => match told {
                Ok(()) => {
                    trailing.spawn(async move { concluded(batch.await) });
                    Ok(())
                }
                Err(_) => concluded(batch.await),
            },
        }
    }

    /// Drives a batch to its end; a panic in it costs its lease and nothing else.
    async fn batch(&self, claim: Claim, released: oneshot::Sender<()>) -> Result<()> {
        let token = claim.token;
        let renewing = tokio::spawn(keep_lease(self.store.clone(), token, self.pace.clone()));
        let worker = self.clone();
        let batch = tokio::spawn(async move {
            // A handful of rows, read with each claim: a rate that was added meanwhile holds from now on.
            let settings = Settings::load(worker.store.read()).await?;
            Batch::new(&worker.store, &worker.process, &settings, &worker.mailer, claim).drive(released).await
        });
        let ended = batch.await;
        renewing.abort();
        ended.unwrap_or_else(|error| {
            tracing::error!(%error, token, "a batch panicked; its items wait for their lease to run out");
            Ok(())
        })
    }

    /// Nothing to claim: close what is finished, and say whether to look again later.
    async fn rest(&self, until: Until) -> Result<bool> {
        close_finished(&self.store).await?;
        let open = match until {
            Until::Stopped => true,
            Until::Idle => open_runs(&self.store).await? > 0,
            Until::RunEnds(run) => {
                let run = runs::Entity::find_by_id(run).one(self.store.read()).await?;
                run.is_some_and(|run| matches!(run.state.as_str(), "running" | "cancelling"))
            }
        };
        if open {
            tokio::time::sleep(self.pace.poll).await;
        }
        Ok(open)
    }
}

/// Whoever works for good waits until a person has put the host back.
fn waits_for_service(error: &Error, until: Until) -> bool {
    until == Until::Stopped && matches!(error, Error::OutOfService { .. })
}

/// How the trailing batches ended that have ended by now, up to the first that came to grief.
fn trailed(trailing: &mut JoinSet<Result<()>>) -> Result<()> {
    while let Some(ended) = trailing.try_join_next() {
        concluded(ended)?;
    }
    Ok(())
}

/// How a task ended; one that was torn down has lost nothing but its lease.
fn concluded(ended: std::result::Result<Result<()>, tokio::task::JoinError>) -> Result<()> {
    ended.unwrap_or_else(|error| {
        tracing::error!(%error, "a batch was torn down; its items wait for their lease to run out");
        Ok(())
    })
}

/// Draws the references and a sample of stored documents at once and then now and then, as long as the worker works, and
/// notes what the machine's counters say.
async fn patrol(store: Store, process: Process, every: Duration) {
    let mut noted = None;
    loop {
        match workers::count_memory_errors(&store, process.id, noted).await {
            Ok(counted) => noted = counted,
            Err(error) => tracing::info!(%error, "the counters of the machine could not be noted"),
        }
        match canary::patrol(&store, &process).await {
            Ok(_) => {}
            Err(error) if error.is_passing() => tracing::info!(%error, "the patrol waits for the database"),
            Err(error) => tracing::error!(%error, "the patrol could not look at stored documents"),
        }
        tokio::time::sleep(every).await;
    }
}

async fn keep_lease(store: Store, token: i64, pace: Pace) {
    loop {
        tokio::time::sleep(pace.lease / 3).await;
        match claim::renew(&store, token, &pace).await {
            Ok(()) => {}
            Err(Error::Fenced) => return,
            Err(error) => tracing::info!(%error, token, "the lease could not be renewed"),
        }
    }
}

async fn open_runs(store: &Store) -> Result<u64> {
    let open = runs::Entity::find().filter(runs::Column::State.is_in(["running", "cancelling"]));
    Ok(open.count(store.read()).await?)
}

/// Ends runs whose last item has ended, and cancels the waiting items of those that are to be cancelled.
pub(super) async fn close_finished(store: &Store) -> Result<()> {
    let open = runs::Entity::find().filter(runs::Column::State.is_in(["running", "cancelling"]));
    for run in open.all(store.read()).await? {
        let text = "SELECT 1 AS one FROM run_items WHERE run_id = ? AND state IN ('waiting', 'claimed') LIMIT 1";
        let left = store.read().query_one_raw(store::sql(store.backend(), text, [run.id.into()])).await?;
        if left.is_some() {
            continue;
        }
        let write = store.write().await?;
        let text = "UPDATE runs SET state = CASE WHEN state = 'running' THEN 'done' ELSE 'cancelled' END, ended_at = ? \
                    WHERE id = ? AND state IN ('running', 'cancelling') AND NOT EXISTS (SELECT 1 FROM run_items i \
                    WHERE i.run_id = runs.id AND i.state IN ('waiting', 'claimed'))";
        let now = store::now(&*write).await?;
        write.execute_raw(store::sql(store.backend(), text, [now.into(), run.id.into()])).await?;
        write.commit().await?;
    }
    Ok(())
}
