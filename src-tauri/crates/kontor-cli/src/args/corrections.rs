//! What can be typed to correct an invoice.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args as ClapArgs;
use uuid::Uuid;

use super::Pace;

#[derive(Debug, ClapArgs)]
pub struct Cancel {
    /// Invoice number
    pub number: String,
    /// Why; stands in the journal
    #[arg(long)]
    pub reason: String,
    /// Invoice the period again, from today's data; on its own where the invoice is cancelled already
    #[arg(long)]
    pub reissue: bool,
    /// Store the PDFs and mail nothing, for instance because the customer never got the invoice
    #[arg(long)]
    pub no_mail: bool,
    /// Date on the new papers [default: today; in a demo: the demo's day]
    #[arg(long, value_name = "DATE")]
    pub date: Option<NaiveDate>,
    /// Only put the run up; workers (`kontor work`) do it
    #[arg(long)]
    pub queue: bool,
    #[command(flatten)]
    pub pace: Pace,
}

#[derive(Debug, ClapArgs)]
pub struct Restore {
    /// Invoice number, as the list shows it
    #[arg(required_unless_present = "id", conflicts_with = "id")]
    pub number: Option<String>,
    /// Id of the invoice, where its number is what is damaged
    #[arg(long, value_name = "UUID")]
    pub id: Option<Uuid>,
    /// Why; stands in the journal
    #[arg(long)]
    pub reason: String,
    /// An independent copy of the frozen content [default: the one in the database]
    #[arg(long, value_name = "FILE")]
    pub content: Option<PathBuf>,
}
