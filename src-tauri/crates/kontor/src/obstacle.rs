//! Why the state of a record does not allow something, for whoever acts on the difference. The sentence for a person at a
//! terminal stands beside it; a window has words of its own.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Error;

/// Why the state of a record does not allow something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// It never left the house, so there is nothing to cancel or to repeat.
    NeverLeft,
    /// The period has another valid invoice.
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
    /// The mail has not gone out yet.
    NotSentYet {
        /// Its state.
        state: String,
    },
    /// What became of the mail is known already.
    Settled {
        /// Its state.
        state: String,
    },
    /// A worker has it in hand, or will take it.
    InHand {
        /// The run it belongs to.
        run: Option<Uuid>,
    },
    /// Something has to be put right first; a code of `run::code`.
    Cause {
        /// The code.
        cause: String,
    },
    /// The host is in service.
    HostIn,
    /// A value of the record cannot be read.
    Unreadable {
        /// Name of the column.
        field: String,
    },
    /// Nothing of what was chosen can be done.
    NothingToDo,
    /// A replay of the host is open already.
    ReplayOpen,
    /// Too few invoices have a sound frozen content.
    TooFewInputs {
        /// How many there are.
        found: u64,
        /// How many it takes.
        fewest: u64,
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
    /// There is no such record.
    Missing,
}

/// An obstacle, and the sentence that says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// What it is.
    pub obstacle: Obstacle,
    /// The same for a person at a terminal.
    pub sentence: String,
}

impl Obstacle {
    /// Something has to be put right first.
    pub fn cause(code: &str) -> Self {
        Self::Cause { cause: code.to_owned() }
    }

    /// The obstacle with its sentence.
    pub fn says(self, sentence: impl Into<String>) -> Blocked {
        Blocked { obstacle: self, sentence: sentence.into() }
    }
}

impl fmt::Display for Blocked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.sentence)
    }
}

impl From<Blocked> for Error {
    fn from(blocked: Blocked) -> Self {
        Self::Blocked(blocked)
    }
}
