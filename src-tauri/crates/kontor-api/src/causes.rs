//! Causes: where failures and damage concentrate, what is behind it, and how sure that is.
//!
//! What speaks for a cause and against it is written once, in both languages, beside the arithmetic: it crosses as
//! [`Bilingual`]. What this module leaves out: confirming one.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::finding::Bilingual;
use crate::list::Destination;

/// Where failures concentrate, in these days.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ShowCauses {
    /// First day at the office; none takes all before.
    #[ts(optional)]
    pub from: Option<NaiveDate>,
    /// Last day; none takes all after.
    #[ts(optional)]
    pub to: Option<NaiveDate>,
}

/// Where failures concentrate.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct FoundCauses {
    /// Attempts that were looked at.
    pub attempts: i64,
    /// Those that failed or left damage.
    pub failures: i64,
    /// The causes: those that stand by themselves first, the surest of them first.
    pub causes: Vec<FoundCause>,
}

/// How sure a cause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CauseLevel {
    /// Striking, but too few failures to tell.
    TooFew,
    /// More often than elsewhere, but the effect is small, or something else is behind it.
    Uneven,
    /// The failures point here.
    PointsTo,
    /// Independent signs speak for the host's hardware.
    HardwareSuspected,
    /// A person had it tried on another host and back.
    Confirmed,
}

/// A value of something in which attempts differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct CauseValue {
    /// In what they differ, such as `host`.
    pub attribute: String,
    /// The same in words.
    pub name: Bilingual,
    /// The value.
    pub value: String,
}

/// Days, the first and the last among them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct CauseDays {
    /// The first.
    pub from: String,
    /// The last.
    pub to: String,
}

/// What failures can come from.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct FoundCause {
    /// What it is.
    pub at: CauseValue,
    /// How sure.
    pub level: CauseLevel,
    /// Attempts there that failed or left damage.
    pub failures: i64,
    /// All attempts there.
    pub attempts: i64,
    /// How many of a thousand attempts failed elsewhere.
    pub elsewhere_per_mille: i64,
    /// The days in which it was bad.
    pub days: Option<CauseDays>,
    /// What is behind it.
    pub explained_by: Option<CauseValue>,
    /// What it cannot be told apart from.
    pub inseparable: Vec<CauseValue>,
    /// Signs of broken hardware.
    pub signs: Vec<Bilingual>,
    /// What speaks for it.
    pub evidence: Vec<Bilingual>,
    /// What speaks against it.
    pub against: Vec<Bilingual>,
    /// The open invoices that failed there.
    pub affected: Option<Destination>,
}
