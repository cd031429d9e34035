//! What a screen may ask of the office: one list of requests with their answers ([`Request`]), the documents it may
//! fetch ([`Document`]), what it is told without asking ([`Event`]), and the errors it can act on ([`Failure`]).
//!
//! No answer holds a sentence. What a person reads crosses as a code with parameters, and the window has the words, so
//! that a screen can be read in two languages. The words of the rules are the exception: they stand beside each rule, for
//! the command line too, and cross in both languages. Names are those of the database and of the command line, in snake case,
//! on both sides; money is whole cents, sizes are bytes, times are UTC (RFC 3339), days are days at the office.
//!
//! [`Office`] answers: it keeps this desk's profiles and settings, the open database with its connection, and the work
//! of this desk, be it a job or a run. The answers themselves stand in `answer`, a file per part of the work.
//!
//! `ui/src/generated/api.ts` is made of these types and committed; `typescript` fails when it is stale. What this crate
//! leaves out: any window (`Host` is all that it knows of one), and whatever the office does (`kontor`).

mod answer;
pub mod call;
pub mod cause;
pub mod causes;
pub mod connection;
pub mod contact;
pub mod damage;
pub mod delivery;
pub mod document;
pub mod event;
pub mod export;
pub mod failure;
pub mod find;
pub mod finding;
pub mod host;
pub mod hosts;
pub mod invoice;
pub mod job;
pub mod journal;
pub mod list;
pub mod mail;
pub mod month;
mod office;
pub mod overview;
pub mod page;
pub mod payment;
mod problem;
pub mod registration;
pub mod repair;
pub mod replays;
pub mod report;
pub mod request;
pub mod run;
pub mod saved;
pub mod secret;
pub mod settings;
pub mod start;
pub mod timeline;
#[cfg(test)]
mod typescript;

pub use document::Document;
pub use event::Event;
pub use failure::Failure;
pub use host::Host;
pub use office::Office;
pub use request::{Access, Ask, Request};
