//! Causes: where failures and damage concentrate, what is behind it, and how sure that is.
//!
//! Attempts and findings of a span of days are counted by everything in which attempts differ (`count`). Each value is
//! asked whether more failures lie there than chance puts there (`hits`); what stands out is looked at again where the
//! others are alike (`explain`), so that a version is not blamed for the host it ran on; hosts are looked at for signs of
//! broken hardware (`signs`). Everything from the counts on is free of the database (`verdict`), and so is tried on a
//! thousand made-up months.
//!
//! The step is none of the attributes: it is where an attempt ended, and among those that failed the last one always looks
//! guilty. It is told with the cause. What was drawn again on other hosts is evidence too (`replayed`), and a person's word with it
//! confirms a cause. What this module leaves out: drawing (`replay`), and putting anything right.

mod count;
mod cube;
mod explain;
mod hits;
#[cfg(test)]
mod months;
mod odds;
mod replayed;
mod signs;
mod symptom;
mod traces;
mod verdict;
mod window;
pub mod words;

pub use count::Span;
pub(crate) use count::{FAILED, touched};
pub use cube::{Attribute, Cube};
pub use odds::Count;
pub use replayed::Replayed;
pub use signs::{Sign, Traces};
pub use verdict::{Cause, Level, Named, judge};
pub use window::Days;

use crate::store::Store;
use crate::{Error, Result};

/// What was found in a span of days.
#[derive(Clone, Debug)]
pub struct Found {
    /// Attempts that were looked at.
    pub attempts: u64,
    /// Those that failed or left damage.
    pub failures: u64,
    /// The causes, the surest first; what is explained by another one comes after those that stand by themselves.
    pub causes: Vec<Cause>,
}

/// Looks for causes; reads only.
pub async fn causes(store: &Store, span: Span) -> Result<Found> {
    if span.from.zip(span.to).is_some_and(|(from, to)| from > to) {
        return Err(Error::Usage("The first day is after the last one. Exchange --from and --to.".to_owned()));
    }
    let cube = count::cube(store, span).await?;
    let traces = traces::traces(store, span).await?;
    let Count { attempts, failures, .. } = cube.all();
    Ok(Found { attempts, failures, causes: judge(&cube, &traces) })
}
