//! `kontor work`, and working on a run that was just started.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kontor::Error;
use kontor::delivery::Target;
use kontor::identity;
use kontor::run::{Until, Worker};
use kontor::store::Store;
use tokio::sync::watch;
use uuid::Uuid;

use super::{Context, runs, supervise};
use crate::Ended;
use crate::args::{How, Pace, Work};
use crate::output::Output;

pub async fn run(context: &Context, command: Work) -> anyhow::Result<Ended> {
    let store = context.store().await?;
    // What hinders a worker is said once, before any is started.
    let worker = worker(context, &store, &command.pace, true)?;
    let until = if command.until_idle { Until::Idle } else { Until::Stopped };
    if let Some(id) = command.supervised {
        let worker = worker.known_as(id);
        supervise::heed(worker.stop_switch());
        tokio::spawn(stop_quietly(worker.stop_switch()));
        worker.work(until).await?;
        return Ok(Ended::Done);
    }
    if command.workers == 0 {
        stop_on_signal(&worker);
        worker.work(until).await?;
    } else {
        drop(worker);
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(async move {
            wait_for_signal().await;
            Output::remark("Finishing what is in hand …");
            // Nobody watches any more: then there is nothing to stop.
            let _ = stop.send(true);
            std::future::pending::<()>().await;
        });
        supervise::supervise(&store, command.workers, stopped).await?;
    }
    context.output.result(&serde_json::json!({ "stopped": true }), |_| String::new())?;
    Ok(Ended::Done)
}

/// A signal that reaches a whole group of processes reaches the workers too; whoever watches them speaks for all.
async fn stop_quietly(switch: Arc<AtomicBool>) {
    wait_for_signal().await;
    switch.store(true, Ordering::Relaxed);
}

/// The worker for a run that this command line starts; none with `--queue`.
pub fn worker_for(context: &Context, store: &Store, how: &How) -> kontor::Result<Option<Worker>> {
    if how.queue {
        return Ok(None);
    }
    worker(context, store, &how.pace, how.until == "deliver").map(Some)
}

/// A worker; one that mails needs a target.
pub fn worker(context: &Context, store: &Store, pace: &Pace, mails: bool) -> kontor::Result<Worker> {
    let target = target(context, store)?;
    if mails && target.is_none() {
        return Err(Error::Usage(
            "Where shall the mails go? Give --smtp file:FOLDER or --smtp smtps://USER@HOST, or set KONTOR_SMTP."
                .to_owned(),
        ));
    }
    let pace = identity::Pace {
        lease: Duration::from_secs_f64(pace.lease),
        batch: pace.batch,
        lanes: usize::try_from(pace.lanes).unwrap_or(2),
        poll: Duration::from_secs_f64((pace.lease / 4.0).clamp(0.05, 0.5)),
        retries: pace.retries,
        backoff: Duration::from_secs_f64(pace.backoff),
        patrol: Duration::from_secs_f64(pace.canary),
    };
    Worker::new(store.clone(), target.filter(|_| mails), pace)
}

fn target(context: &Context, store: &Store) -> kontor::Result<Option<Target>> {
    match &context.smtp {
        Some(text) => {
            let password = std::env::var("KONTOR_SMTP_PASSWORD").ok().filter(|password| !password.is_empty());
            text.parse::<Target>()?.with_password(password).map(Some)
        }
        None if store.installation().purpose == "demo" => Ok(Some(Target::File("outbox".into()))),
        None => Ok(None),
    }
}

/// Works on a run until it ends, is paused, or a signal says stop.
pub async fn until(store: &Store, worker: &Worker, run: Uuid) -> kontor::Result<()> {
    stop_on_signal(worker);
    runs::follow(store, worker, run).await?;
    if worker.stop_switch().load(Ordering::Relaxed) {
        runs::left_open(run);
    }
    Ok(())
}

/// Ctrl+C and SIGTERM: what is in hand is finished, nothing new is begun.
fn stop_on_signal(worker: &Worker) {
    let switch = worker.stop_switch();
    tokio::spawn(async move {
        wait_for_signal().await;
        switch.store(true, Ordering::Relaxed);
        Output::remark("Finishing what is in hand …");
    });
}

#[cfg(unix)]
async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn wait_for_signal() {
    let _ = tokio::signal::ctrl_c().await;
}
