//! The program `kontor`.

use std::process::ExitCode;

fn main() -> ExitCode {
    kontor_cli::run(std::env::args_os())
}
