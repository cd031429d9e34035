//! `kontor causes`.

// Not `expect`: clippy and rustdoc each see only one of the two.
#![allow(clippy::doc_markdown, reason = "the terminal shows these comments as they stand")]

use chrono::NaiveDate;
use clap::{Args as ClapArgs, Subcommand};
use kontor::replay::{FEWEST_INPUTS, LIMIT, MOST_INPUTS, MOST_ROUNDS, ROUNDS};

/// Say where failures and damage concentrate, and what is behind it.
#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Causes {
    /// Only attempts from this day on, such as 2013-01-01 [default: all]
    #[arg(long, value_name = "DATE")]
    pub from: Option<NaiveDate>,
    /// Only attempts up to and on this day
    #[arg(long, value_name = "DATE")]
    pub to: Option<NaiveDate>,
    /// What to do about one
    #[command(subcommand)]
    pub command: Option<OfCause>,
}

/// What to do about a cause.
#[derive(Debug, Subcommand)]
pub enum OfCause {
    /// Say what a host had in hand in its bad time, draw it again here, and put it right in one go
    ///
    /// The bad time is that of its withdrawal, or else the days of its cause, unless days are given.
    Damage(Damage),
    /// Draw the same invoices on a suspect host, on another one, and on the suspect one again
    ///
    /// Workers (`kontor work`) on both hosts do it, also on one that is out of service. Nothing that is drawn is stored or
    /// mailed; only the hashes are compared.
    Replay(Replay),
    /// List replays, newest first, with what they wait for or what they say
    Replays {
        /// Only those of this host
        #[arg(long)]
        host: Option<String>,
    },
    /// Note a host as the cause, once a replay has reproduced its failures
    Confirm(Settled),
    /// Take back a replay that is still open
    CancelReplay(Settled),
}

/// Which hosts, and how much is drawn.
#[derive(Debug, ClapArgs)]
pub struct Replay {
    /// The suspect host
    #[arg(long)]
    pub host: String,
    /// The host it is held against [default: whichever other one comes first]
    #[arg(long, value_name = "HOST")]
    pub other: Option<String>,
    /// How often each invoice is drawn per leg
    #[arg(long, default_value_t = ROUNDS, value_parser = clap::value_parser!(u64).range(1..=MOST_ROUNDS))]
    pub rounds: u64,
    /// How many invoices at most: first those that failed there or left damage, then others it had in hand, then any
    #[arg(long, default_value_t = LIMIT, value_parser = clap::value_parser!(u64).range(FEWEST_INPUTS as u64..=MOST_INPUTS))]
    pub limit: u64,
    /// Why; stands in the journal
    #[arg(long)]
    pub reason: String,
}

/// A replay, and why.
#[derive(Debug, ClapArgs)]
pub struct Settled {
    /// Id of the replay, or its first characters
    #[arg(long, value_name = "ID")]
    pub replay: String,
    /// Why; stands in the journal
    #[arg(long)]
    pub reason: String,
}

/// The damage of a host.
#[derive(Debug, ClapArgs)]
pub struct Damage {
    /// The host
    #[arg(long, value_name = "NAME")]
    pub host: String,
    /// First day of its bad time
    #[arg(long, value_name = "DATE", requires = "to")]
    pub from: Option<NaiveDate>,
    /// Last day
    #[arg(long, value_name = "DATE", requires = "from")]
    pub to: Option<NaiveDate>,
    /// List each record
    #[arg(long, conflicts_with_all = ["examine", "stage"])]
    pub list: bool,
    /// Draw each document again on this machine, and ask all rules
    #[arg(long, conflicts_with = "stage")]
    pub examine: bool,
    /// Stage what has a sure enough proposal, and start one run over what is open
    #[arg(long, requires = "reason")]
    pub stage: bool,
    /// Why; stands in the journal
    #[arg(long, requires = "stage")]
    pub reason: Option<String>,
}
