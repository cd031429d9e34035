//! `kontor causes`.

use chrono::NaiveDate;
use clap::Args as ClapArgs;

/// Say where failures and damage concentrate, and what is behind it.
#[derive(Debug, ClapArgs)]
pub struct Causes {
    /// Only attempts from this day on, such as 2013-01-01 [default: all]
    #[arg(long, value_name = "DATE")]
    pub from: Option<NaiveDate>,
    /// Only attempts up to and on this day
    #[arg(long, value_name = "DATE")]
    pub to: Option<NaiveDate>,
}
