//! `kontor work`.

use clap::Args as ClapArgs;
use uuid::Uuid;

use super::Pace;

/// Work on runs until stopped.
#[derive(Debug, ClapArgs)]
pub struct Work {
    /// Stop when no run has anything left to do
    #[arg(long)]
    pub until_idle: bool,
    /// Worker processes; this one watches them, starts dead ones anew, and notes how they died. With 0 it works itself
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=64))]
    pub workers: u16,
    /// Work under this id, with somebody watching
    #[arg(long, hide = true, value_name = "UUID")]
    pub supervised: Option<Uuid>,
    #[command(flatten)]
    pub pace: Pace,
}
