//! The answers, a file per part of the work. A handler reads what was asked, calls the office, and puts what it says into
//! the words of the contract.
//!
//! Lists are read here rather than in `kontor`: a list is what a screen shows, its filters and columns are the screen's
//! (`list` has what all of them share). Whatever writes is `kontor`'s.

mod anchors;
mod causes;
mod conditions;
mod damage;
mod days;
mod deliveries;
mod desk;
mod document;
mod export;
mod failing;
mod failures;
mod files;
mod find;
mod findings;
mod hosts;
mod invoices;
mod journal;
mod kept;
mod list;
mod notes;
mod obstacles;
mod overview;
mod payments;
mod registrations;
mod repairs;
mod replays;
mod report;
mod runs;
mod saved;
mod search;
mod selection;
mod spot;
mod stored;
mod timeline;

pub(crate) use anchors::Anchors;
pub(crate) use document::document;
pub(crate) use failures::Failures;
pub(crate) use journal::Choices;
pub(crate) use kept::{Depends, Kept};
pub(crate) use overview::{Days, Totals};
pub(crate) use runs::{open_runs, orphaned_runs, run_detail};
pub(crate) use stored::word;

use serde::Serialize;
use uuid::Uuid;

use crate::failure::{Failure, Fault};
use crate::office::Office;
use crate::page::NumberedInvoice;
use crate::problem::Problem;
use crate::request::Ask;

/// What a handler answers.
pub(crate) type Answered<T> = Result<T, Problem>;

/// A request that can be answered.
pub(crate) trait Handle: Ask {
    /// Answers it.
    fn handle(self, office: &Office) -> impl Future<Output = Answered<Self::Answer>> + Send;
}

/// An invoice by its number, from two columns; none where there is none.
#[expect(clippy::option_option, reason = "whether it can be read, and whether it is there")]
pub(crate) fn numbered(values: &mut stored::Values<'_>, id: &str, number: &str) -> Option<Option<NumberedInvoice>> {
    let (id, number): (Option<Option<Uuid>>, Option<Option<String>>) = (values.get(id), values.get(number));
    Some(id?.zip(number?).map(|(id, number)| NumberedInvoice { id, number }))
}

/// A pattern that finds a word within a text of small letters.
pub(crate) fn like(word: &str) -> String {
    let escaped = word.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

/// A reason that a person gave; it must not be empty.
pub(crate) fn asked_reason(reason: &str) -> Answered<String> {
    match reason.trim() {
        "" => Err(Failure::invalid("reason", Fault::Required).into()),
        reason => Ok(reason.to_owned()),
    }
}

/// An answer as it crosses.
pub(crate) fn told(answer: &impl Serialize) -> Answered<String> {
    serde_json::to_string(answer).map_err(|error| Failure::unexpected(&error).into())
}
