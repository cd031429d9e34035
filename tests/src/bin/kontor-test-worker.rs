//! The command `kontor` with failpoints, for tests to run and to kill as a process of its own.
//!
//! It belongs to this package so that cargo builds it together with the tests: they never meet a stale program.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Reads FAILPOINTS, and keeps what it says until the process ends.
    let _scenario = fail::FailScenario::setup();
    kontor_cli::run(std::env::args_os())
}
