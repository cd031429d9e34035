//! Who of this desk works on runs: one worker per run, until it ends or is paused. Other processes may work on the same
//! runs; they share nothing but rows.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kontor::delivery::Target;
use kontor::identity::Pace;
use kontor::run::{Until, Worker};
use kontor::store::Store;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::answer::Answered;
use crate::failure::Failure;

/// Who of this desk works on runs.
pub(crate) struct Crew {
    store: Store,
    pace: Pace,
    target: Mutex<Mail>,
    at_work: Mutex<HashMap<Uuid, AtWork>>,
    is_over: AtomicBool,
    call: Notify,
}

/// Where mails go.
#[derive(Clone, Debug)]
pub(crate) enum Mail {
    /// Nobody said.
    Unset,
    /// There.
    Target(Target),
    /// There, but its login's password has to be asked for.
    PasswordNeeded,
}

struct AtWork {
    stop: Arc<AtomicBool>,
    work: JoinHandle<()>,
}

impl Crew {
    /// Nobody works yet.
    pub fn new(store: Store, mail: Mail, pace: Pace) -> Self {
        Self {
            store,
            pace,
            target: Mutex::new(mail),
            at_work: Mutex::default(),
            is_over: AtomicBool::new(false),
            call: Notify::new(),
        }
    }

    /// From now on mails go there. Runs in hand keep the target that they began with.
    pub fn mail_to(&self, mail: Mail) {
        *self.target.lock().unwrap_or_else(PoisonError::into_inner) = mail;
    }

    /// Where mails go; what is missing is said.
    pub fn target(&self) -> Answered<Target> {
        match &*self.target.lock().unwrap_or_else(PoisonError::into_inner) {
            Mail::Target(target) if self.store.is_for_show() && !target.is_local() => {
                Err(Failure::MailTargetNotLocal.into())
            }
            Mail::Target(target) => Ok(target.clone()),
            Mail::Unset => Err(Failure::MailTargetMissing.into()),
            Mail::PasswordNeeded => Err(Failure::MailPasswordNeeded.into()),
        }
    }

    /// Where mails go, as people read it; none when nobody said.
    pub fn target_name(&self) -> Option<String> {
        match &*self.target.lock().unwrap_or_else(PoisonError::into_inner) {
            Mail::Target(target) => Some(target.to_string()),
            Mail::Unset | Mail::PasswordNeeded => None,
        }
    }

    /// Works on a run until it ends; one that is worked on here already is left alone. A run that mails needs a target.
    pub fn work_on(&self, run: Uuid, mails: bool) -> Answered<()> {
        let target = if mails { Some(self.target()?) } else { None };
        let mut at_work = lock(&self.at_work);
        at_work.retain(|_, each| !each.work.is_finished());
        if at_work.contains_key(&run) || self.is_over.load(Ordering::Relaxed) {
            return Ok(());
        }
        let worker = Worker::new(self.store.clone(), target, self.pace.clone())?;
        let stop = worker.stop_switch();
        let work = tokio::spawn(async move {
            if let Err(error) = worker.work(Until::RunEnds(run)).await {
                tracing::error!(%error, %run, "this desk stopped working on a run");
            }
        });
        at_work.insert(run, AtWork { stop, work });
        self.call.notify_one();
        Ok(())
    }

    /// Ends when somebody was called to work, so that whoever follows the runs looks at once.
    pub async fn called(&self) {
        self.call.notified().await;
    }

    /// Whether this desk works on a run.
    pub fn works_on(&self, run: Uuid) -> bool {
        lock(&self.at_work).get(&run).is_some_and(|each| !each.work.is_finished())
    }

    /// Finishes what is in hand, and begins nothing more.
    pub async fn finish(&self) {
        self.is_over.store(true, Ordering::Relaxed);
        let at_work: Vec<AtWork> = lock(&self.at_work).drain().map(|(_, each)| each).collect();
        for each in &at_work {
            each.stop.store(true, Ordering::Relaxed);
        }
        for each in at_work {
            if let Err(error) = each.work.await {
                tracing::error!(%error, "a worker of this desk was torn down; its items wait for their lease to run out");
            }
        }
    }
}

fn lock(at_work: &Mutex<HashMap<Uuid, AtWork>>) -> MutexGuard<'_, HashMap<Uuid, AtWork>> {
    at_work.lock().unwrap_or_else(PoisonError::into_inner)
}
