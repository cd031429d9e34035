//! Rules, what they find, and what could put it right.
//!
//! A check asks each rule, notes what it finds as rows (`findings`) that open, stay and close by themselves, and holds out
//! a proposal with its evidence: proven, an independent copy, one candidate, several, none. Detection is one set-based
//! question per rule, or one pass over rows or documents in short pages; it reads, and writes nothing but findings, so
//! nobody is locked out. What this module leaves out: putting anything right (`repair`).

mod amounts;
mod book;
mod candidates;
mod doubt;
mod export;
mod facts;
pub mod finding;
mod hashes;
mod neighbours;
mod passes;
mod proposal;
pub mod quarantine;
mod question;
mod references;
pub mod rule;
pub mod rules;
mod scan;
mod sealed_row;
pub mod words;

pub use finding::{Finding, bring_back, set_aside};
pub use proposal::{Action, Candidate, Change, Evidence, Proposal, Reason, Target};
pub use rule::{Rule, Severity, Words};
pub use scan::{Options, Progress, Report, bare_sql, check, checked_at, is_corrupt, recheck, recheck_at_once};
pub use sealed_row::{Broken, SealedRow, broken_seal};
