//! The harness is trusted by every other test, so it is tested first.

mod client;
mod databases;
mod mailproxy;
mod mailserver;
mod process;
mod proxy;
mod sink;
mod sink_faults;
mod sink_log;
mod sink_security;
