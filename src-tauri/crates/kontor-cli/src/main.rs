//! The program `kontor`.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Drawing a PDF allocates and frees a heap of its own. The system's allocator hands those pages back after every
/// document and asks for them again with the next; this one keeps them (`make bench` has the figures).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    kontor_cli::run(std::env::args_os())
}
