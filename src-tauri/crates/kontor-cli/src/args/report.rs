//! `kontor report`.

// Not `expect`: clippy and rustdoc each see only one of the two.
#![allow(clippy::doc_markdown, reason = "the terminal shows these comments as they stand")]

use std::path::PathBuf;

use clap::Args as ClapArgs;
use kontor::period::Period;

/// How a month went: registrations, invoices and whether all are there, mails, repairs, storage, what is open.
#[derive(Debug, ClapArgs)]
pub struct Report {
    /// The month, such as 2013-01
    #[arg(long, value_name = "MONTH")]
    pub month: Period,
    /// Write the report: FILE.pdf on paper, FILE.csv or FILE.json the same figures; may be given several times
    #[arg(short, long, value_name = "FILE")]
    pub output: Vec<PathBuf>,
    /// Language of the paper
    #[arg(long, value_parser = ["de", "en"], default_value = "de", value_name = "LANGUAGE")]
    pub language: String,
}
