//! The answers, a file per part of the work. A handler reads what was asked, calls the office, and puts what it says into
//! the words of the contract.
//!
//! Lists are read here rather than in `kontor`: a list is what a screen shows, its filters and columns are the screen's
//! (`list` has what all of them share). Whatever writes is `kontor`'s.

mod anchors;
mod conditions;
mod desk;
mod document;
mod failing;
mod list;
mod pending;
mod search;
mod spot;
mod stored;

pub(crate) use anchors::Anchors;
pub(crate) use document::document;
pub(crate) use pending::{open_runs, orphaned_runs, run_detail};
use serde::Serialize;

use crate::failure::Failure;
use crate::office::Office;
use crate::problem::Problem;
use crate::request::Ask;

/// What a handler answers.
pub(crate) type Answered<T> = Result<T, Problem>;

/// A request that can be answered.
pub(crate) trait Handle: Ask {
    /// Answers it.
    fn handle(self, office: &Office) -> impl Future<Output = Answered<Self::Answer>> + Send;
}

/// An answer as it crosses.
pub(crate) fn told(answer: &impl Serialize) -> Answered<String> {
    serde_json::to_string(answer).map_err(|error| Failure::unexpected(&error).into())
}
