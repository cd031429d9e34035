//! The integration tests: one binary, one `PostgreSQL` server, every database test on both databases.

mod bad_input;
mod cancel;
mod covering;
mod edges;
mod failpoints;
mod flow;
mod guards;
mod harness;
mod january;
mod journal;
mod kill;
mod restore;
mod schema;
mod smtp;
mod support;
mod withdraw;
