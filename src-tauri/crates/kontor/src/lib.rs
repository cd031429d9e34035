//! The office's work on the database and the mail server: from a due period to a mailed invoice, and safely again
//! after any crash.
//!
//! One module per part of the work, named by its noun. This crate leaves out how anything looks (no window, no
//! terminal), how a page is drawn (`kontor-pdf`), and how the tables are made (`kontor-migrations`).

pub mod canary;
pub mod cause;
pub mod check;
pub mod damage;
pub mod delivery;
pub mod demo;
pub mod error;
pub mod failpoint;
pub mod first_seen;
pub mod identity;
pub mod invoice;
pub mod journal;
pub mod machine;
pub mod number;
pub mod obstacle;
pub mod period;
pub mod registration;
pub mod repair;
pub mod replay;
pub mod report;
pub mod run;
pub mod saved;
pub mod seal;
pub mod store;
pub mod withdrawal;

pub use error::{Error, Result};
