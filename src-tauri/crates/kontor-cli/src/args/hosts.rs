//! `kontor hosts`.

use chrono::NaiveDate;
use clap::Subcommand;

/// Hosts that work on runs, and taking one out of service.
#[derive(Debug, Subcommand)]
pub enum Hosts {
    /// List them: since when they draw right, which are out of service, and how much of their work is unproven
    List,
    /// Take one out of service: it begins nothing more, and what it wrote in these days is unproven
    Withdraw {
        /// Its name
        host: String,
        /// First day on which its work is unproven [default: from now on]
        #[arg(long, value_name = "DATE")]
        from: Option<NaiveDate>,
        /// Last such day [default: until it is put back]
        #[arg(long, value_name = "DATE", requires = "from")]
        to: Option<NaiveDate>,
        /// Why; stands in the journal
        #[arg(long)]
        reason: String,
    },
    /// Put one back into service; what it wrote meanwhile stays unproven until it is drawn again elsewhere
    Return {
        /// Its name
        host: String,
        /// Why; stands in the journal
        #[arg(long)]
        reason: String,
    },
}
