//! Kontor without a window: the same work on the command line.
//!
//! With `--json` standard output carries exactly one JSON document; everything else goes to standard error. Exit codes:
//! 0 done, 1 failed, 2 wrong usage, 3 done but some items failed. What this crate leaves out: any work of its own.

mod args;
mod commands;
mod output;
mod progress;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use kontor::Error;

use args::Args;
use output::Output;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Everything asked for was done.
    Done,
    /// It was done, but some items failed.
    SomeFailed,
    /// It was not done to the end, or the answer is no.
    NotDone,
}

/// Runs one command line and returns its exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args = match Args::try_parse_from(arguments) {
        Ok(args) => args,
        Err(error) => {
            // Help and version are not errors; clap knows the difference.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    start_logging(args.verbose);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("kontor: The system gives this program no threads: {error}");
            return ExitCode::from(1);
        }
    };
    let output = Output::new(args.json);
    match runtime.block_on(commands::dispatch(args, output)) {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::SomeFailed) => ExitCode::from(3),
        Ok(Ended::NotDone) => ExitCode::from(1),
        Err(error) => complain(&error, output),
    }
}

fn complain(error: &anyhow::Error, output: Output) -> ExitCode {
    let known = error.downcast_ref::<Error>();
    if let Some(Error::Faulty { faults, lines }) = known {
        for fault in faults {
            eprintln!("line {}: {}", fault.line, fault.reason);
        }
        let answer = serde_json::json!({ "imported": 0, "lines": lines, "faults": faults });
        let _ = output.result(&answer, |_| String::new());
    }
    eprintln!("kontor: {error}");
    tracing::debug!(?error, "the command failed");
    if known.is_some_and(Error::is_usage) { ExitCode::from(2) } else { ExitCode::from(1) }
}

fn start_logging(verbose: u8) {
    use tracing_subscriber::EnvFilter;
    let level = ["warn", "info", "debug"][usize::from(verbose.min(2))];
    let filter = EnvFilter::try_from_env("KONTOR_LOG")
        .unwrap_or_else(|_| EnvFilter::new(format!("warn,rustls_platform_verifier=off,lopdf=off,kontor={level}")));
    // A second call in one process (tests) keeps the first subscriber.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(Output::is_watched())
        .without_time()
        .try_init();
}
