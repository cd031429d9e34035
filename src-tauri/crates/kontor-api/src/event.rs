//! The command `watch`: what a window is told without asking, over one channel, in order. It begins with how things stand:
//! the connection, every run that is not over, every job.

use serde::Serialize;
use ts_rs::TS;

use crate::connection::Connection;
use crate::job::Job;
use crate::run::{RunProgress, RunRow};
use crate::start::Appearance;

/// Something that a window should know.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A database was opened or closed, was lost, or is back.
    Connection {
        /// How it stands; none when no database is open.
        connection: Option<Connection>,
    },
    /// A run got further, here or elsewhere: at most four times a second.
    Run {
        /// Where it stands.
        progress: RunProgress,
    },
    /// A run is over: the time for a notification.
    RunEnded {
        /// The run.
        row: RunRow,
        /// Where it ended.
        progress: RunProgress,
    },
    /// A job got further or ended.
    Job {
        /// How it stands.
        job: Job,
    },
    /// Rows changed. What is on the screen may be old: count again, or read again what is small.
    Changed {
        /// Which.
        parts: Vec<Part>,
        /// Whether this desk did it.
        is_own: bool,
    },
    /// The desktop changed what it prefers.
    Appearance {
        /// What it prefers now.
        appearance: Appearance,
    },
}

/// A part of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "these are the words of the house")]
pub enum Part {
    Registrations,
    Invoices,
    Deliveries,
    Payments,
    Failures,
    Runs,
    Notes,
    Reviews,
    SavedFilters,
    Findings,
    Repairs,
    Replays,
    Journal,
}
