//! `kontor repairs`.

// Not `expect`: clippy and rustdoc each see only one of the two.
#![allow(clippy::doc_markdown, reason = "the terminal shows these comments as they stand")]

use clap::{Args as ClapArgs, Subcommand};
use uuid::Uuid;

/// Repairs of what the rules found.
#[derive(Debug, Subcommand)]
pub enum Repairs {
    /// Say what would be changed, what happens besides, and what stands against it; writes nothing
    Plan {
        #[command(flatten)]
        which: Chosen,
    },
    /// Apply proposals, each record in a transaction of its own
    ///
    /// A repair is written only if the row is still as it was found and the rules find nothing about it afterwards. What
    /// touches money, numbers or identity and is not proven has to be named with --finding. Workers (`kontor work`) do
    /// what has to be issued, drawn or mailed.
    Apply {
        #[command(flatten)]
        which: Chosen,
        /// Why; stands in the journal
        #[arg(long)]
        reason: String,
        /// Do not ask again before many are applied
        #[arg(long)]
        yes: bool,
    },
    /// Take repairs back: every column as it was, or nothing where the row changed since
    Undo {
        #[command(flatten)]
        which: Taken,
        /// Why; stands in the journal
        #[arg(long)]
        reason: String,
    },
    /// List repairs, newest first
    List {
        /// Only those in this state
        #[arg(long, value_parser = ["staged", "applied", "refused", "undone"])]
        state: Option<String>,
        /// Only those of this batch
        #[arg(long, value_name = "ID")]
        batch: Option<Uuid>,
        /// Only those of this finding
        #[arg(long, value_name = "ID")]
        finding: Option<Uuid>,
        /// Only those of this rule's findings
        #[arg(long, value_name = "ID")]
        rule: Option<String>,
        /// How many at most
        #[arg(long, default_value_t = 50)]
        limit: u64,
    },
}

/// Which findings.
#[derive(Debug, ClapArgs)]
#[command(group(clap::ArgGroup::new("findings").required(true).args(["finding", "rule", "all_proven"])))]
pub struct Chosen {
    /// These findings, by id
    #[arg(long, value_name = "ID", num_args = 1..)]
    pub finding: Vec<Uuid>,
    /// All open findings of this rule
    #[arg(long, value_name = "ID")]
    pub rule: Option<String>,
    /// All open findings whose proposal is proven
    #[arg(long)]
    pub all_proven: bool,
    /// For one finding: what is to stand there, your own value or one of the candidates; empty for no value
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["rule", "all_proven"])]
    pub value: Option<String>,
}

/// Which repairs.
#[derive(Debug, ClapArgs)]
#[command(group(clap::ArgGroup::new("repairs").required(true).args(["repair", "batch", "finding", "rule"])))]
pub struct Taken {
    /// These repairs, by id
    #[arg(long, value_name = "ID", num_args = 1..)]
    pub repair: Vec<Uuid>,
    /// All repairs of one batch
    #[arg(long, value_name = "ID")]
    pub batch: Option<Uuid>,
    /// Those of these findings that are applied
    #[arg(long, value_name = "ID", num_args = 1..)]
    pub finding: Vec<Uuid>,
    /// Those of this rule's findings that are applied
    #[arg(long, value_name = "ID")]
    pub rule: Option<String>,
}
