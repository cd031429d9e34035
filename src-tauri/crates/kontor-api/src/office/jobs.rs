//! Long work of this desk: it reports, can be cancelled, and ends with an outcome.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::answer::Answered;
use crate::event::Event;
use crate::failure::{Failure, RecordKind};
use crate::host::Host;
use crate::job::{Job, JobKind, JobOutcome, JobStage, JobStageName};
use crate::problem::Problem;

/// Least time between two reports of one job.
const BETWEEN: Duration = Duration::from_millis(200);

/// The jobs of this desk; those that are over are kept, so that their files can be opened.
pub(crate) struct Jobs {
    host: Arc<dyn Host>,
    all: Arc<Mutex<HashMap<Uuid, Entry>>>,
}

struct Entry {
    job: Job,
    cancel: CancellationToken,
    told_at: Instant,
}

/// What a job reports through.
#[derive(Clone)]
pub(crate) struct JobHandle {
    id: Uuid,
    host: Arc<dyn Host>,
    all: Arc<Mutex<HashMap<Uuid, Entry>>>,
    cancel: CancellationToken,
}

impl Jobs {
    /// No jobs.
    pub fn new(host: Arc<dyn Host>) -> Self {
        Self { host, all: Arc::default() }
    }

    /// Starts a job. `work` watches [`JobHandle::is_cancelled`] and then ends with [`JobOutcome::Cancelled`], leaving
    /// nothing behind.
    pub fn start<W, F>(&self, kind: JobKind, stages: Vec<JobStage>, work: W) -> Job
    where
        W: FnOnce(JobHandle) -> F,
        F: Future<Output = Answered<JobOutcome>> + Send + 'static,
    {
        let job = Job { id: Uuid::now_v7(), kind, started_at: self.host.now(), stages, outcome: None };
        let cancel = CancellationToken::new();
        let entry = Entry { job: job.clone(), cancel: cancel.clone(), told_at: Instant::now() };
        lock(&self.all).insert(job.id, entry);
        let handle = JobHandle { id: job.id, host: Arc::clone(&self.host), all: Arc::clone(&self.all), cancel };
        let ending = handle.clone();
        let work = tokio::spawn(work(handle));
        tokio::spawn(async move {
            let outcome = match work.await {
                Ok(Ok(outcome)) => outcome,
                Ok(Err(problem)) => JobOutcome::Failed { failure: failure(problem, ending.host.now()) },
                Err(error) => JobOutcome::Failed { failure: Failure::unexpected(&error) },
            };
            ending.end(outcome);
        });
        job
    }

    /// Cancels a job; one that is over stays as it ended.
    pub fn cancel(&self, id: Uuid) -> Answered<()> {
        let all = lock(&self.all);
        let entry = all.get(&id).ok_or_else(|| Failure::not_found(RecordKind::Job, id))?;
        entry.cancel.cancel();
        Ok(())
    }

    /// Cancels everything.
    pub fn cancel_all(&self) {
        for entry in lock(&self.all).values() {
            entry.cancel.cancel();
        }
    }

    /// How a job stands.
    pub fn get(&self, id: Uuid) -> Answered<Job> {
        let job = lock(&self.all).get(&id).map(|entry| entry.job.clone());
        job.ok_or_else(|| Failure::not_found(RecordKind::Job, id).into())
    }

    /// Jobs that are not over.
    pub fn going_on(&self) -> Vec<Job> {
        lock(&self.all).values().map(|entry| &entry.job).filter(|job| job.outcome.is_none()).cloned().collect()
    }
}

impl JobHandle {
    /// Reports how far a stage is.
    pub fn report(&self, name: JobStageName, done: i64, total: Option<i64>) {
        let mut all = lock(&self.all);
        let Some(entry) = all.get_mut(&self.id) else { return };
        if let Some(stage) = entry.job.stages.iter_mut().find(|stage| stage.name == name) {
            (stage.done, stage.total) = (done, total.or(stage.total));
        }
        let is_due = entry.told_at.elapsed() >= BETWEEN;
        if is_due && entry.job.outcome.is_none() {
            entry.told_at = Instant::now();
            let job = entry.job.clone();
            drop(all);
            self.host.tell(Event::Job { job });
        }
    }

    /// Whether somebody cancelled it.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// Ends when somebody cancels it.
    pub async fn cancelled(&self) {
        self.cancel.cancelled().await;
    }

    fn end(&self, outcome: JobOutcome) {
        let mut all = lock(&self.all);
        let Some(entry) = all.get_mut(&self.id) else { return };
        entry.job.outcome = Some(outcome);
        let job = entry.job.clone();
        drop(all);
        self.host.tell(Event::Job { job });
    }
}

/// What the person is told of work that did not end; who watches the connection notes by itself that it is gone.
fn failure(problem: Problem, now: DateTime<Utc>) -> Failure {
    match problem {
        problem if problem.is_lost() => Failure::ConnectionLost { since: now },
        Problem::Failure(failure) => *failure,
        Problem::Office(error) => super::tell::failure(error),
    }
}

fn lock(all: &Mutex<HashMap<Uuid, Entry>>) -> MutexGuard<'_, HashMap<Uuid, Entry>> {
    all.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnAcquireErr, DbErr};

    use super::*;

    #[test]
    fn work_that_lost_its_database_says_so_and_is_no_stumble() {
        let now = Utc::now();
        let lost = failure(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout).into(), now);
        assert!(matches!(lost, Failure::ConnectionLost { since } if since == now), "{lost:?}");
        let other = failure(DbErr::Custom("nothing of the kind".to_owned()).into(), now);
        assert!(matches!(other, Failure::Unexpected { .. }), "{other:?}");
    }
}
