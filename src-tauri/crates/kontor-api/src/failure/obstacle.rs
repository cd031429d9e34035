//! Why the state of a record does not allow something.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use ts_rs::TS;
use uuid::Uuid;

use crate::cause::Cause;
use crate::delivery::DeliveryState;
use crate::run::RunState;

/// Why the state of a record does not allow something. Buttons that are off say it before anybody presses them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Obstacle {
    /// The invoice is cancelled.
    Cancelled {
        /// Number of the cancellation invoice.
        by: String,
        /// Its date.
        on: NaiveDate,
    },
    /// It is itself a cancellation invoice.
    IsCancellation,
    /// It never left the house, so there is nothing to cancel or to repeat: a rerun issues it for the first time.
    NeverLeft,
    /// The month has another valid invoice.
    PeriodTaken {
        /// Its number.
        number: String,
    },
    /// There is no stored PDF.
    NoDocument,
    /// The stored PDF is damaged.
    DocumentDamaged,
    /// The PDF was replaced since it was looked at.
    DocumentReplaced,
    /// The mail has not gone out yet: a rerun sends it.
    NotSentYet {
        /// Its state.
        state: DeliveryState,
    },
    /// Nobody knows whether the mail arrived: that is settled first.
    OutcomeUnknown,
    /// What became of the mail is known already.
    Settled {
        /// Its state.
        state: DeliveryState,
    },
    /// A worker has it in hand at this moment.
    InHand {
        /// The run it belongs to, where known.
        run: Option<Uuid>,
    },
    /// It is complete; there is nothing to run.
    Complete,
    /// The run is in a state in which this is not possible.
    RunIs {
        /// That state.
        state: RunState,
    },
    /// Nothing of what was chosen can run.
    NothingToDo,
    /// It cannot run before this is put right.
    Cause {
        /// What is in the way.
        cause: Cause,
    },
    /// It is somebody else's.
    NotYours {
        /// Whose it is.
        person: String,
    },
    /// A value of the record cannot be read, so it is not changed here.
    Unreadable {
        /// Name of the column.
        field: String,
    },
    /// The host is out of service.
    HostOut {
        /// The host.
        host: String,
        /// Since when.
        since: DateTime<Utc>,
    },
    /// The host is in service.
    HostIn,
    /// A replay of the host is open already.
    ReplayOpen,
    /// Too few invoices have a sound frozen content.
    TooFewInputs {
        /// How many there are.
        found: i64,
        /// How many it takes.
        fewest: i64,
    },
    /// The host's failures were not reproduced by this replay, or not yet.
    NotReproduced,
    /// The replay is over already.
    ReplayOver,
    /// The host was confirmed with this replay already.
    ConfirmedBefore {
        /// By whom.
        person: String,
    },
    /// The profile is open at this moment.
    ProfileOpen,
}
