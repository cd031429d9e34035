//! `kontor work` watches its workers: processes of their own, started anew when one dies, and buried with what was seen.
//!
//! A worker is this same program with a hidden argument. Its standard input is the line to whoever watches it: the word
//! `stop` says that it shall finish what it has in hand, and so does the end of the line, when the watcher is gone.

use std::io::Write as _;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use kontor::identity::Process;
use kontor::run::workers::{self, Death};
use kontor::store::Store;
use kontor::{Error, machine};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStderr, Command};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use uuid::Uuid;

/// A worker that lived this long did not die of its start.
const LONG_LIVED: Duration = Duration::from_secs(10);
/// Pause before a worker that died at once is started anew, twice as long each time, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// What the allocator says before it ends a process that wants more memory than there is.
const OUT_OF_MEMORY: &[u8] = b"memory allocation of";

/// Keeps so many workers at work until all have ended by themselves, or until `stop` says so.
pub async fn supervise(store: &Store, count: u16, stop: watch::Receiver<bool>) -> kontor::Result<()> {
    let kills = Arc::new(Mutex::new(Kills { told: machine::out_of_memory_kills() }));
    let mut places = JoinSet::new();
    for _ in 0..count {
        let place = Place { store: store.clone(), stop: stop.clone(), kills: Arc::clone(&kills) };
        places.spawn(place.keep());
    }
    let mut outcome = Ok(());
    while let Some(ended) = places.join_next().await {
        let ended = ended.unwrap_or_else(|error| Err(Error::Refused(format!("Watching a worker stopped: {error}"))));
        outcome = outcome.and(ended);
    }
    outcome
}

/// Room for one worker after another.
struct Place {
    store: Store,
    stop: watch::Receiver<bool>,
    kills: Arc<Mutex<Kills>>,
}

/// Kills for want of memory. The system counts them for all workers together, and each is the death of one of them.
#[derive(Debug)]
struct Kills {
    /// As many as have been accounted for; none where nobody counts.
    told: Option<i64>,
}

impl Kills {
    /// Whether a worker that has just been killed is one of those the system counts by now; then that one is accounted for.
    fn take_one(&mut self, count: Option<i64>) -> bool {
        if let (Some(told), Some(count)) = (self.told, count)
            && count > told
        {
            self.told = Some(told + 1);
            return true;
        }
        // A counter that began anew, or is told for the first time, says nothing of this death.
        self.told = count.or(self.told);
        false
    }
}

impl Place {
    async fn keep(mut self) -> kontor::Result<()> {
        let mut pause = FIRST_PAUSE;
        while !*self.stop.borrow() {
            let begun = Instant::now();
            let death = self.one_life().await?;
            match death.exit_code {
                Some(0) => return Ok(()),
                // It has said itself what hindered it, and would say it again.
                Some(code) => return Err(Error::Refused(format!("A worker ended with exit code {code}."))),
                None => {}
            }
            if begun.elapsed() >= LONG_LIVED {
                pause = FIRST_PAUSE;
            }
            let _ = tokio::time::timeout(pause, self.stop.wait_for(|stop| *stop)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        Ok(())
    }

    /// Starts a worker, waits for its end, and notes what was seen of it.
    async fn one_life(&mut self) -> kontor::Result<Death> {
        let (worker, mut child) = start()?;
        if let Some(pid) = child.id() {
            let process = Process { id: worker, pid: i64::from(pid), ..Process::this() };
            // The worker notes it too.
            if let Err(error) = workers::begin(&self.store, &process).await {
                tracing::warn!(%error, "the begin of a worker could not be noted");
            }
        }
        let said = child.stderr.take().map(listen);
        let status = self.end_of(&mut child).await?;
        let wanted_memory = match said {
            Some(said) => said.await.unwrap_or(false),
            None => false,
        };
        let was_killed = signal(status) == Some(9) && self.was_for_want_of_memory();
        let death = Death {
            worker,
            exit_code: status.code(),
            signal: signal(status),
            is_out_of_memory: status.code().is_none() && (wanted_memory || was_killed),
        };
        match workers::bury(&self.store, &death).await {
            Ok(0) => {}
            Ok(items) => tracing::warn!(?death, items, "a worker died; what it had in hand waits again"),
            // The lease runs out by itself, and the next claim notes that nobody saw the cause.
            Err(error) => tracing::error!(%error, ?death, "a worker's end could not be noted"),
        }
        Ok(death)
    }

    fn was_for_want_of_memory(&self) -> bool {
        let mut kills = self.kills.lock().unwrap_or_else(PoisonError::into_inner);
        kills.take_one(machine::out_of_memory_kills())
    }

    /// Waits until the worker ends; tells it to stop when that is wanted.
    async fn end_of(&mut self, child: &mut Child) -> kontor::Result<ExitStatus> {
        let mut line = child.stdin.take();
        let ended =
            |status: std::io::Result<ExitStatus>| status.map_err(|error| Error::file("a worker's process", error));
        tokio::select! {
            status = child.wait() => return ended(status),
            _ = self.stop.wait_for(|stop| *stop) => {}
        }
        if let Some(line) = &mut line {
            // A worker that ended meanwhile hears nothing any more.
            let _ = line.write_all(b"stop\n").await;
            let _ = line.flush().await;
        }
        ended(child.wait().await)
    }
}

/// This program once more, as a worker under a new id.
fn start() -> kontor::Result<(Uuid, Child)> {
    let worker = Uuid::now_v7();
    let program = std::env::current_exe().map_err(|error| Error::file("this program", error))?;
    let child = Command::new(&program)
        .args(std::env::args_os().skip(1))
        .args(["--supervised", &worker.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    Ok((worker, child.map_err(|error| Error::file(&program, error))?))
}

/// Passes on what a worker says, and returns whether it died for want of memory.
fn listen(stderr: ChildStderr) -> JoinHandle<bool> {
    tokio::spawn(async move {
        let (mut reader, mut line, mut wanted_memory) = (BufReader::new(stderr), Vec::new(), false);
        while reader.read_until(b'\n', &mut line).await.is_ok_and(|length| length > 0) {
            wanted_memory |= line.starts_with(OUT_OF_MEMORY);
            // Whoever reads along may have gone.
            let _ = std::io::stderr().write_all(&line);
            line.clear();
        }
        wanted_memory
    })
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_status: ExitStatus) -> Option<i32> {
    None
}

/// Heeds the line to the watcher: at the word `stop`, and when the watcher is gone, the switch is set.
pub fn heed(switch: Arc<AtomicBool>) {
    std::thread::spawn(move || {
        let mut word = String::new();
        // Whatever comes, a word, the end or an error: it is time to stop.
        let _ = std::io::stdin().read_line(&mut word);
        switch.store(true, Ordering::Relaxed);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kill_for_want_of_memory_is_the_death_of_one_worker() {
        let mut kills = Kills { told: Some(2) };
        assert!(!kills.take_one(Some(2)), "somebody killed it");
        assert!(kills.take_one(Some(3)));
        assert!(!kills.take_one(Some(3)), "another worker that a person kills days later");
        // Two at the same moment: both are counted before the first is looked at.
        assert!(kills.take_one(Some(5)) && kills.take_one(Some(5)) && !kills.take_one(Some(5)));
    }

    #[test]
    fn a_counter_that_says_nothing_accuses_nobody() {
        let mut kills = Kills { told: None };
        assert!(!kills.take_one(None));
        assert!(!kills.take_one(Some(4)), "told for the first time");
        assert!(!kills.take_one(None));
        assert!(kills.take_one(Some(5)));
        assert!(!kills.take_one(Some(0)), "it began anew");
        assert!(kills.take_one(Some(1)));
    }
}
