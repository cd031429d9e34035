//! The harness is trusted by every other test, so it is tested first.

mod databases;
mod process;
mod proxy;
mod sink;
