//! The same inputs drawn on a suspect host, on another one, and on the suspect host again.
//!
//! A person asks for it (`ask`); workers draw a leg each, in order, on whichever host a leg is for (`duty`, `leg`); from what
//! the legs gave follows what it says about the host (`verdict`), and only then may a person note the host as the cause
//! (`settle`). The pages are drawn and compared, never stored: no invoice, document or mail is touched.
//!
//! What this module leaves out: trying hosts unasked (`canary`), and taking them out of service (`withdrawal`).

mod ask;
mod draw;
mod duty;
mod found;
mod inputs;
mod leg;
mod list;
mod settle;
mod verdict;
pub mod words;

pub use ask::{ASKED, Order, ask};
pub use duty::duty;
pub use found::{Drawn, Found};
pub use list::{Leg, Replay, State, Waiting, by_id, list, of_host, others, show};
pub use settle::{CANCELLED, CONFIRMED, cancel, confirm};
pub use verdict::{Judged, LegSaid, Verdict, judge};

/// Inputs that are drawn unless somebody says otherwise, and how often each per leg.
pub const LIMIT: u64 = 40;
/// See [`LIMIT`].
pub const ROUNDS: u64 = 5;
/// With fewer inputs a replay says nothing.
pub const FEWEST_INPUTS: usize = 5;
/// So that a leg takes minutes at most.
pub const MOST_INPUTS: u64 = 500;
/// See [`MOST_INPUTS`].
pub const MOST_ROUNDS: u64 = 50;
/// Suspect host, another one, suspect host again.
pub const LEGS: i64 = 3;
/// The leg of the other host.
pub const OTHER: i64 = 2;
