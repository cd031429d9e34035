//! Why a run is not started or changed as asked: a reason for whoever acts on it, whose `Display` is the sentence for a
//! person at a terminal. Nothing was written in any case.

use chrono::NaiveDate;

use crate::delivery::message::Unfit;
use crate::period::Period;

/// Why a run is not started or changed as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Hindrance {
    /// No reason was given.
    #[error("A rerun needs a reason; it stands in the journal. Give one with --reason.")]
    ReasonMissing,
    /// Invoices would bear a date of the future.
    #[error("{on} lies in the future (today is {today}). An invoice bears the day it is issued; leave the date out.")]
    InFuture {
        /// The date that was asked for.
        on: NaiveDate,
        /// Today at the office.
        today: NaiveDate,
    },
    /// The period lies too far ahead.
    #[error("{period} is too far ahead (today is {today}). Periods up to {latest} can be invoiced; check the month.")]
    TooFarAhead {
        /// The period that was asked for.
        period: Period,
        /// Today at the office.
        today: NaiveDate,
        /// The last one that is possible.
        latest: Period,
    },
    /// More would run than the person was shown.
    #[error("{now} invoices can run now, {planned} were planned. Nothing was started; plan again.")]
    PlanOutdated {
        /// What the person was shown.
        planned: u64,
        /// What it would be now.
        now: u64,
    },
    /// A covering text is none.
    #[error(transparent)]
    Text(#[from] Unfit),
    /// There is an English covering text alone.
    #[error("An English covering text needs the other one beside it. Give both, or the one for all.")]
    EnglishAlone,
    /// There is a covering text, but the run does not mail.
    #[error(
        "This run stops before mailing, so there are no mails that a covering text could open. Leave it out, and give \
         it to the run that mails."
    )]
    NothingToCover,
    /// The run is in a state in which this is not possible.
    #[error("The run is {state}; this is possible only while it is {possible}. Nothing was changed.")]
    StateIs {
        /// That state, as it is stored.
        state: String,
        /// The states in which it is possible.
        possible: String,
    },
}

impl Hindrance {
    /// Whether the question itself was impossible; otherwise the rows as they stand say no.
    pub fn is_usage(&self) -> bool {
        !matches!(self, Self::PlanOutdated { .. } | Self::StateIs { .. })
    }
}
