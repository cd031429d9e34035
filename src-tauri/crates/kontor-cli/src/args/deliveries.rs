//! What can be typed about mails.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

#[derive(Debug, Subcommand)]
pub enum Deliveries {
    /// List mails in the order they were queued
    List {
        /// Only those in this state
        #[arg(long, value_parser = ["queued", "sending", "accepted", "deferred", "refused", "unknown", "bounced"])]
        state: Option<String>,
        /// Only those to find out about: unknown, or left in sending by a worker that is gone
        #[arg(long, conflicts_with = "state")]
        unsettled: bool,
        /// Start after this Message-ID
        #[arg(long, value_name = "MESSAGE-ID")]
        after: Option<String>,
        /// How many at most
        #[arg(long, default_value_t = 50)]
        limit: u64,
    },
    #[command(flatten)]
    FindOut(FindOut),
}

/// The rest of `kontor deliveries`: finding out what became of mails.
#[derive(Debug, Subcommand)]
pub enum FindOut {
    /// Read the mail server's log (Postfix or OpenSMTPD) and settle the mails it tells of
    Evidence {
        /// The log, - for standard input; several are read in this order, so name the oldest first
        #[arg(long, required = true, value_name = "FILE")]
        maillog: Vec<PathBuf>,
    },
    /// Read mails that came back (RFC 3464): .eml files or a Maildir; nothing in it is changed
    Bounces {
        /// The folder
        folder: PathBuf,
    },
    /// Say of mails whose outcome is unknown whether they arrived
    Settle(Settle),
}

#[derive(Debug, ClapArgs)]
#[command(group(clap::ArgGroup::new("which").required(true).args(["message_ids", "all_unknown"])))]
pub struct Settle {
    /// Message-IDs
    #[arg(value_name = "MESSAGE-ID")]
    pub message_ids: Vec<String>,
    /// All mails whose outcome is unknown
    #[arg(long)]
    pub all_unknown: bool,
    #[command(flatten)]
    pub outcome: FoundOut,
    /// How you know; stands in the journal
    #[arg(long)]
    pub reason: String,
}

/// What a person found out.
#[derive(Debug, ClapArgs)]
#[command(group(clap::ArgGroup::new("outcome").required(true).args(["arrived", "not_arrived"])))]
pub struct FoundOut {
    /// They arrived
    #[arg(long)]
    pub arrived: bool,
    /// They did not arrive
    #[arg(long)]
    pub not_arrived: bool,
    /// Send those again; workers (`kontor work`) do it
    #[arg(long, requires = "not_arrived")]
    pub resend: bool,
}
