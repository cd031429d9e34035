//! A session bus of a test's own, as a desktop has one: the first window is found there by a second start.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// A bus; it ends with this.
pub struct Bus {
    process: Child,
    /// Its address.
    pub address: String,
}

impl Bus {
    /// Starts a bus.
    pub fn start() -> Self {
        let mut process = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--print-address"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("dbus-daemon does not start ({error}); `make test` installs it"));
        let mut address = String::new();
        let output = process.stdout.take().expect("its output is a pipe");
        BufReader::new(output).read_line(&mut address).expect("a bus says its address");
        Self { process, address: address.trim().to_owned() }
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
