//! What can be typed. The doc comments are the built-in help.

// Not `expect`: clippy and rustdoc each see only one of the two.
#![allow(clippy::doc_markdown, rustdoc::bare_urls, reason = "the terminal shows these comments as they stand")]

mod causes;
mod check;
mod corrections;
mod deliveries;
mod hosts;
mod pace;
mod repairs;
mod report;
mod work;

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{ArgAction, Args as ClapArgs, Parser, Subcommand};
use uuid::Uuid;

pub use causes::{Causes, Damage, OfCause, Replay, Settled};
pub use check::{Check, Rules};
pub use corrections::{Cancel, Restore};
pub use deliveries::{Deliveries, FindOut, FoundOut, Settle};
pub use hosts::Hosts;
pub use pace::{How, Pace};
pub use repairs::{Chosen, Repairs, Taken};
pub use report::Report;
pub use work::Work;

/// The back office of a mail service: registrations, invoices, reruns.
#[derive(Debug, Parser)]
#[command(name = "kontor", version, about, max_term_width = 110)]
pub struct Args {
    /// Database: sqlite:FILE or postgres://USER@HOST/DATABASE
    #[arg(long, env = "KONTOR_DB", global = true, value_name = "URL")]
    pub db: Option<String>,
    /// Print one JSON document on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// Where mails go: file:FOLDER, smtps://USER@HOST, smtp://USER@HOST:587 (STARTTLS) or smtp://127.0.0.1:PORT
    ///
    /// Default of a demo: file:outbox. The password of USER stands in KONTOR_SMTP_PASSWORD. Options follow a question mark:
    /// senders=N (connections at once, 16), rate=N (most mails a minute), ca=FILE (certificate authority), tls=required
    /// (on this machine too), and how many seconds a phase may take: connect=30, command=300, block=180, reply=600.
    #[arg(long, env = "KONTOR_SMTP", global = true, value_name = "TARGET")]
    pub smtp: Option<String>,
    /// Request id: the same id a second time returns the first result instead of doing it twice
    #[arg(long, global = true, value_name = "UUID")]
    pub request_id: Option<Uuid>,
    /// Say more on standard error (-v, -vv)
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a demo database
    #[command(subcommand)]
    Demo(Demo),
    /// The database itself
    #[command(subcommand)]
    Db(Db),
    /// Customers
    #[command(subcommand)]
    Registrations(Registrations),
    /// Invoices
    #[command(subcommand)]
    Invoices(Invoices),
    /// Runs over failed or due invoices
    #[command(subcommand)]
    Runs(Runs),
    /// Mails
    #[command(subcommand)]
    Deliveries(Deliveries),
    /// Look for inconsistent records: open, see and close findings, and list those that are open
    Check(Check),
    /// List the rules, or explain one
    Rules(Rules),
    /// Repairs of what the rules found
    #[command(subcommand)]
    Repairs(Repairs),
    /// How a month went: figures, and the report on paper
    Report(Report),
    /// Say where failures and damage concentrate, and what is behind it
    Causes(Causes),
    /// Hosts that work on runs, and taking one out of service
    #[command(subcommand)]
    Hosts(Hosts),
    /// Work on runs until stopped
    Work(Work),
    /// What people did
    #[command(subcommand)]
    Journal(Journal),
}

#[derive(Debug, Subcommand)]
pub enum Demo {
    /// Make the mail service of January 2013 in an empty database
    Create {
        /// Registrations, 1 to 1,000,000
        #[arg(long, default_value_t = 8_532, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
        registrations: u64,
        /// How many of them the old programs invoiced; the others are not due yet [default: all, at most 10,000]
        #[arg(long)]
        invoiced: Option<u64>,
        /// Seed: the same seed makes the same database
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// january-2013 or none
        #[arg(long, default_value = "january-2013")]
        incident: String,
        /// Write what was damaged, and how, to this file
        #[arg(long, value_name = "FILE")]
        truth: Option<PathBuf>,
        /// Write the mail server's log of that month (Postfix) to this file
        #[arg(long, value_name = "FILE")]
        maillog: Option<PathBuf>,
        /// Write the reports of mails that came back into this folder, new or empty
        #[arg(long, value_name = "FOLDER")]
        bounces: Option<PathBuf>,
        /// Write what the sign-up site still has of every registration to this file; columns: customer_number, kind,
        /// company, first_name, last_name, street, postal_code, city, country, email, mailbox, start_date, vat_id,
        /// language, quota_bytes
        #[arg(long, value_name = "FILE.csv")]
        signup_export: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub enum Db {
    /// Say what this database is and whether its tables are those of this program
    Status,
    /// Make the tables, or bring them up to date
    Migrate {
        /// What a new database is for: production, test or demo
        #[arg(long, default_value = "production", value_parser = ["production", "test", "demo"])]
        purpose: String,
        /// Name of a new database
        #[arg(long, default_value = "Kontor")]
        name: String,
    },
    /// Add company, tariffs and VAT rates from a JSON file
    Settings {
        /// The file
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub enum Registrations {
    /// List them in the order of their numbers
    List {
        /// Part of a name, a number or an address
        #[arg(long)]
        search: Option<String>,
        /// Start after this customer number
        #[arg(long, value_name = "NUMBER")]
        after: Option<String>,
        /// How many at most
        #[arg(long, default_value_t = 50)]
        limit: u64,
    },
    /// Show one with its subscriptions and invoices
    Show {
        /// Customer number
        number: String,
    },
    /// Import a CSV file: all of it or nothing
    Import {
        /// The file; columns: company, first_name, last_name, street, postal_code, city, country, email, mailbox,
        /// start_date, vat_id, language
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub enum Invoices {
    /// Invoice every subscription that is due in a period and has no invoice yet
    Run {
        /// The month, such as 2013-01
        #[arg(long)]
        period: String,
        /// Date on the invoices [default: today; in a demo: the demo's day]
        #[arg(long, value_name = "DATE")]
        date: Option<NaiveDate>,
        #[command(flatten)]
        how: How,
    },
    /// List them in the order of their numbers
    List {
        /// Only this month's
        #[arg(long)]
        period: Option<String>,
        /// Only those in this state
        #[arg(long, value_parser = ["incomplete", "issued", "archived", "cancelled"])]
        state: Option<String>,
        /// Only those whose newest mail is in this state
        #[arg(long, value_parser = ["none", "queued", "sending", "accepted", "deferred", "refused", "unknown", "bounced"])]
        delivery: Option<String>,
        /// Start after this number
        #[arg(long, value_name = "NUMBER")]
        after: Option<String>,
        /// How many at most
        #[arg(long, default_value_t = 50)]
        limit: u64,
    },
    /// Show one with its lines, mails and attempts
    Show {
        /// Invoice number
        number: String,
    },
    /// Save the stored PDF
    Pdf {
        /// Invoice number
        number: String,
        /// File to write [default: NUMBER.pdf]
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Check stored PDFs: present, hash, structure, text
    Audit {
        /// Invoice numbers [default: all]
        numbers: Vec<String>,
    },
    /// Take an invoice back with a cancellation invoice, and mail it
    Cancel(Cancel),
    /// Put the rows of an invoice right again after what it was frozen with
    Restore(Restore),
    /// Send invoices again: the archived PDF, unchanged, in a new mail that says so
    Resend {
        /// Invoice numbers
        #[arg(required = true, value_name = "NUMBER")]
        numbers: Vec<String>,
        /// Why; stands in the journal
        #[arg(long)]
        reason: String,
        /// Send them to this address instead of the customer's
        #[arg(long, value_name = "ADDRESS")]
        to: Option<String>,
        /// Only queue the mails; workers (`kontor work`) send them
        #[arg(long)]
        queue: bool,
        #[command(flatten)]
        pace: Pace,
    },
}

#[derive(Clone, Debug, ClapArgs)]
pub struct Which {
    /// All open invoices
    #[arg(long, conflicts_with_all = ["group", "invoice"])]
    pub all: bool,
    /// Only those of this cause
    #[arg(long, value_name = "CODE", conflicts_with = "invoice")]
    pub group: Vec<String>,
    /// Only these numbers
    #[arg(long, value_name = "NUMBER", num_args = 1..)]
    pub invoice: Vec<String>,
}

/// A text that opens mails.
#[derive(Clone, Debug, ClapArgs)]
pub struct Covering {
    /// A text that opens the mails of this run
    #[arg(long, value_name = "FILE")]
    pub covering: Option<PathBuf>,
    /// The same for customers whose language is English [default: the same text]
    #[arg(long, value_name = "FILE", requires = "covering")]
    pub covering_en: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Runs {
    /// Say what would run, what cannot, and why; writes nothing. With --covering, show the mails as they would go out
    Plan {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        covering: Covering,
    },
    /// Rerun open invoices
    Start {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        covering: Covering,
        /// Why; stands in the journal
        #[arg(long)]
        reason: String,
        /// Date on invoices issued now [default: today; in a demo: the demo's day]
        #[arg(long, value_name = "DATE")]
        date: Option<NaiveDate>,
        #[command(flatten)]
        how: How,
    },
    /// List runs, newest first
    List {
        /// How many at most
        #[arg(long, default_value_t = 20)]
        limit: u64,
    },
    /// Show progress and what failed, with all attempts
    Show {
        /// Run id, or its first characters
        run: String,
        /// How many failed items at most
        #[arg(long, default_value_t = 100)]
        limit: u64,
    },
    /// Claim nothing more until resumed
    Pause {
        /// Run id, or its first characters
        run: String,
        /// Why; stands in the journal
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Go on with a run, and work on it
    Resume {
        /// Run id, or its first characters
        run: String,
        /// Why; stands in the journal
        #[arg(long, default_value = "")]
        reason: String,
        /// Leave the work to `kontor work`
        #[arg(long)]
        queue: bool,
        #[command(flatten)]
        pace: Pace,
    },
    /// Take back what has not begun
    Cancel {
        /// Run id, or its first characters
        run: String,
        /// Why; stands in the journal
        #[arg(long, default_value = "")]
        reason: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum Journal {
    /// List entries, newest first
    List {
        /// Only this person's
        #[arg(long)]
        person: Option<String>,
        /// Only those about this record: its id, or an invoice's number
        #[arg(long)]
        record: Option<String>,
        /// Only those before this entry
        #[arg(long, value_name = "SEQ")]
        before: Option<i64>,
        /// How many at most
        #[arg(long, default_value_t = 50)]
        limit: u64,
    },
    /// Verify the whole chain
    Verify {
        /// The head noted elsewhere
        #[arg(long, value_name = "HASH")]
        expect: Option<String>,
    },
}
