//! From a cause to its damage: everything that a host had in hand in its bad time, what is known of it, drawing it again on
//! another machine, and putting it right in one go.
//!
//! A record counts as soon as an attempt of the host had it in hand: an invoice with its lines, documents and mails, and the
//! customer behind it. That is more than the host wrote, which is the safe side. What this module leaves out: finding the
//! host (`cause`), taking it out of service (`withdrawal`), and how anything is put right (`repair`, `run`).

mod examine;
mod figures;
mod hindrance;
mod list;
mod papers;
mod scope;
mod stage;
mod unproven;

pub use examine::{Examined, Far, examine};
pub use figures::{Damage, Failures, Findings, of, written_by};
pub use hindrance::Hindrance;
pub use list::{Entry, list};
pub use papers::{PaperState, Papers};
pub use scope::{Scope, Source, Traced, trace};
pub use stage::{ACTION, Plan, Refused, Staged, plan, stage};
pub(crate) use unproven::touched;
pub use unproven::{Doubt, doubts, unproven_among};
