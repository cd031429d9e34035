//! The integration tests: one binary, one `PostgreSQL` server, every database test on both databases.

mod bad_input;
mod cancel;
mod check;
mod covering;
mod desk;
mod edges;
mod evidence;
mod evidence_of_truth;
mod failpoints;
mod flow;
mod guards;
mod harness;
mod january;
mod journal;
mod kill;
mod outcomes;
mod patience;
mod postfix;
mod resend;
mod restore;
mod schema;
mod smtp;
mod support;
mod truth;
mod twin;
mod withdraw;
