//! A screen that nobody looks at: one Xvfb for all tests of the process. It ends when this process does.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Large enough for a window at 4K.
const SCREEN: &str = "3840x2160x24";

/// The name of the display, such as `:5`.
pub fn display() -> &'static str {
    static DISPLAY: OnceLock<String> = OnceLock::new();
    DISPLAY.get_or_init(start)
}

fn start() -> String {
    static SERVER: Mutex<Option<Child>> = Mutex::new(None);
    // The guardian ends the server as soon as its standard input ends, which the kernel sees to however this process ends.
    let guardian =
        "Xvfb -displayfd 1 -screen 0 \"$1\" -nolisten tcp 2>/dev/null & server=$!; cat >/dev/null; kill $server";
    let mut server = Command::new("sh")
        .args(["-c", guardian, "sh", SCREEN])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a shell starts");
    let mut number = String::new();
    let output = server.stdout.take().expect("its output is a pipe");
    BufReader::new(output).read_line(&mut number).expect("Xvfb says its display");
    assert!(!number.trim().is_empty(), "Xvfb does not start; `make test` installs it");
    *SERVER.lock().unwrap_or_else(PoisonError::into_inner) = Some(server);
    format!(":{}", number.trim())
}
