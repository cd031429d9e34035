//! `kontor check` and `kontor rules`.

// Not `expect`: clippy and rustdoc each see only one of the two.
#![allow(clippy::doc_markdown, reason = "the terminal shows these comments as they stand")]

use std::path::PathBuf;

use clap::Args as ClapArgs;

/// Ask the rules, and list what they find.
#[derive(Debug, ClapArgs)]
pub struct Check {
    /// Only these rules, by id [default: all]
    #[arg(long = "rule", value_name = "ID")]
    pub rules: Vec<String>,
    /// Compare with what others still have: a CSV file such as the sign-up site's export
    ///
    /// It has a heading; customers are found by customer_number or mailbox. Other columns: kind, company, first_name,
    /// last_name, street, postal_code, city, country, email, start_date, vat_id, language, quota_bytes.
    #[arg(long, value_name = "FILE.csv")]
    pub compare: Option<PathBuf>,
    /// Seals, hashes and documents: only of rows that changed since the last whole check
    #[arg(long)]
    pub changed: bool,
    /// Then seal rows of the sign-up site and the old programs that passed all rules, as first seen
    ///
    /// From then on every change outside Kontor shows. Rows about which, or about whose record, something is found stay
    /// unsealed until it is settled.
    #[arg(long, conflicts_with_all = ["rules", "changed"])]
    pub seal_first_seen: bool,
}

/// List the rules: what is wrong, why it matters, how it is repaired, when it is not.
#[derive(Debug, ClapArgs)]
pub struct Rules {
    /// Only this rule, with all its words
    pub id: Option<String>,
    /// Print the question of the rule as SQL for the database at hand; of all rules where none is named
    #[arg(long)]
    pub sql: bool,
}
