//! Who acts: the person at the desk, and the process on its host.

use std::time::Duration;

use uuid::Uuid;

use crate::machine;

/// A person's action: who, from where, why, and the id under which a repetition is recognised.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Login name of the person.
    pub person: String,
    /// Name of the desk (the machine the person sits at).
    pub desk: String,
    /// Request id: the same id a second time returns the first result instead of doing it twice.
    pub request: Uuid,
}

impl Actor {
    /// The person the operating system knows, at this machine, with a fresh request id.
    pub fn of_this_desk() -> Self {
        let person = ["KONTOR_PERSON", "USER", "LOGNAME", "USERNAME"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.trim().is_empty()))
            .unwrap_or_else(|| "unknown".to_owned());
        Self { person, desk: host_name(), request: Uuid::now_v7() }
    }
}

/// A process, as it signs its attempts.
#[derive(Clone, Debug)]
pub struct Process {
    /// Id of this process as a worker, new with every start.
    pub id: Uuid,
    /// Host name.
    pub host: String,
    /// Id of the host's present boot; empty where the system tells none.
    pub boot_id: String,
    /// Process id.
    pub pid: i64,
    /// Program version.
    pub program_version: String,
}

impl Process {
    /// This process.
    pub fn this() -> Self {
        Self {
            id: Uuid::now_v7(),
            host: host_name(),
            boot_id: machine::boot_id(),
            pid: i64::from(std::process::id()),
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

fn host_name() -> String {
    std::env::var("KONTOR_HOST").ok().filter(|name| !name.trim().is_empty()).unwrap_or_else(|| {
        hostname::get().map_or_else(|_| "unknown".to_owned(), |name| name.to_string_lossy().into_owned())
    })
}

/// How a worker works; tests shorten the lease.
#[derive(Clone, Debug)]
pub struct Pace {
    /// How long a claim holds without being renewed.
    pub lease: Duration,
    /// Items claimed at once.
    pub batch: u64,
    /// Batches in hand at once.
    pub lanes: usize,
    /// How often a worker without work looks for some.
    pub poll: Duration,
    /// How often a mail that was put off is tried again within its run.
    pub retries: u32,
    /// How long the first of these tries is waited for; each further one twice as long.
    pub backoff: Duration,
    /// How often a worker draws the reference invoices and some of other hosts' documents again.
    pub patrol: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            lease: Duration::from_mins(1),
            batch: 64,
            lanes: 2,
            poll: Duration::from_millis(500),
            retries: 3,
            backoff: Duration::from_secs(30),
            patrol: Duration::from_mins(1),
        }
    }
}
