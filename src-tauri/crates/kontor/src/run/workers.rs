//! Workers as rows: who worked where since when, and how it ended.
//!
//! A worker writes its own begin and its own end. One that dies cannot: whoever watches it (`kontor work`) buries it, with
//! exit status and signal, and gives back at once what it had in hand. Where the watcher is gone too, the next claim after
//! the lease notes that the worker is lost and that nobody saw why.

use std::time::Duration;

use chrono::{DateTime, Utc};
use kontor_pdf::RENDERER;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::claim::{self, Candidate, Why};
use super::code;
use crate::identity::Process;
use crate::store::{self, Store, Write, places};
use crate::{Result, machine};

/// How often a stumbling database is asked again.
const TRIES: u32 = 7;

/// How a worker's process ended, as its watcher saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Death {
    /// Id of the worker.
    pub worker: Uuid,
    /// Exit code, where it ended by itself.
    pub exit_code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Whether it ended for want of memory.
    pub is_out_of_memory: bool,
}

impl Death {
    fn said(&self) -> String {
        let ended = match (self.signal, self.exit_code) {
            (Some(signal), _) => format!("the process ended by signal {signal}"),
            (None, Some(code)) => format!("the process ended with exit code {code}"),
            (None, None) => "the process ended".to_owned(),
        };
        if self.is_out_of_memory { format!("{ended}, out of memory") } else { ended }
    }
}

/// Notes that a process begins to work; noting it twice (by the worker and by whoever watches it) is noting it once.
pub async fn begin(store: &Store, process: &Process) -> Result<()> {
    patiently(|| note_begin(store, process)).await
}

async fn note_begin(store: &Store, process: &Process) -> Result<()> {
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    let text = "INSERT INTO workers (id, host, boot_id, pid, program_version, renderer, kernel, started_at, outcome, \
                is_out_of_memory, memory_errors_before) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'running', ?, ?) \
                ON CONFLICT (id) DO NOTHING";
    let Process { id, host, boot_id, pid, program_version } = process.clone();
    let who = [id.into(), host.into(), boot_id.into(), pid.into(), program_version.into(), RENDERER.into()];
    let when = [machine::kernel().into(), now.into(), false.into(), machine::memory_errors().into()];
    write.execute_raw(store::sql(store.backend(), text, who.into_iter().chain(when))).await?;
    write.commit().await
}

/// Notes that a worker has ended by itself, well or not.
pub async fn end(store: &Store, worker: Uuid, is_well: bool) -> Result<()> {
    patiently(|| note_end(store, worker, is_well)).await
}

async fn note_end(store: &Store, worker: Uuid, is_well: bool) -> Result<()> {
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    let text = "UPDATE workers SET outcome = ?, ended_at = ?, memory_errors_after = ? WHERE id = ?";
    let outcome = if is_well { "done" } else { "failed" };
    let values = [outcome.into(), now.into(), machine::memory_errors().into(), worker.into()];
    write.execute_raw(store::sql(store.backend(), text, values)).await?;
    write.commit().await
}

/// Notes how many memory errors the machine has counted by now, and returns the number. A machine that goes down tells nobody;
/// what it had counted until then must stand there already.
pub(super) async fn count_memory_errors(store: &Store, worker: Uuid, noted: Option<i64>) -> Result<Option<i64>> {
    let counted = machine::memory_errors();
    if counted.is_none() || counted == noted {
        return Ok(noted);
    }
    let write = store.write().await?;
    let text = "UPDATE workers SET memory_errors_after = ? WHERE id = ?";
    write.execute_raw(store::sql(store.backend(), text, [counted.into(), worker.into()])).await?;
    write.commit().await?;
    Ok(counted)
}

/// Notes how a worker's process ended, closes the attempts it left open, and gives back what it had in hand. Returns how
/// many items that were.
pub async fn bury(store: &Store, death: &Death) -> Result<u64> {
    patiently(|| bury_once(store, death)).await
}

async fn bury_once(store: &Store, death: &Death) -> Result<u64> {
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    // The items first, as everywhere: whoever takes back what a lease ran out on holds items and then wants their worker.
    let dead = claim::held_by(&write, death.worker).await?;
    note(&write, death, now).await?;
    let message = death.said();
    let why = Why { code: code::PROCESS_KILLED, signal: death.signal, message: &message };
    claim::take_back(&write, &dead, why, now).await?;
    write.commit().await?;
    Ok(dead.len() as u64)
}

async fn note(write: &Write, death: &Death, now: DateTime<Utc>) -> Result<()> {
    // A worker that told its own end is believed, unless it was killed after that.
    let text = "UPDATE workers SET outcome = CASE WHEN ? THEN 'died' WHEN outcome IN ('running', 'lost') THEN ? ELSE \
                outcome END, ended_at = coalesce(ended_at, ?), exit_code = ?, signal = ?, is_out_of_memory = ?, \
                memory_errors_after = coalesce(?, memory_errors_after) WHERE id = ?";
    let otherwise = if death.exit_code == Some(0) { "done" } else { "died" };
    let values = [
        death.signal.is_some().into(),
        otherwise.into(),
        now.into(),
        death.exit_code.map(i64::from).into(),
        death.signal.map(i64::from).into(),
        death.is_out_of_memory.into(),
        machine::memory_errors().into(),
        death.worker.into(),
    ];
    write.execute_raw(store::sql(write.get_database_backend(), text, values)).await?;
    Ok(())
}

/// Those whose lease ran out are lost, until they are heard of again.
pub(super) async fn lose(write: &Write, dead: &[Candidate], now: DateTime<Utc>) -> Result<()> {
    let text = format!(
        "UPDATE workers SET outcome = 'lost', ended_at = ? WHERE outcome = 'running' AND id IN (SELECT worker_id FROM \
         run_items WHERE id IN ({}))",
        places(dead.len())
    );
    let values = std::iter::once(now.into()).chain(dead.iter().map(|one| one.id.into()));
    write.execute_raw(store::sql(write.get_database_backend(), &text, values)).await?;
    Ok(())
}

/// What only this process knows is written even when the database stumbles.
pub(crate) async fn patiently<T, F: Future<Output = Result<T>>>(work: impl Fn() -> F) -> Result<T> {
    let mut tries = 0;
    loop {
        match work().await {
            Err(error) if error.is_passing() && tries < TRIES => {
                tokio::time::sleep(Duration::from_millis(20 << tries)).await;
                tries += 1;
            }
            other => return other,
        }
    }
}
