//! A session bus of a test's own, as a desktop has one: the first window is found there by a second start, and notifications
//! go over it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::waits::PATIENCE;

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

/// Somebody who hears every call to the desktop's notifications on a bus.
pub struct Notifications {
    process: Child,
    heard: tempfile::NamedTempFile,
}

impl Notifications {
    /// Listens from now on.
    pub fn on(bus: &Bus) -> Self {
        let heard = tempfile::NamedTempFile::new().expect("the temporary folder is writable");
        let process = Command::new("dbus-monitor")
            .args(["--address", &bus.address, "interface='org.freedesktop.Notifications',member='Notify'"])
            .stdin(Stdio::null())
            .stdout(heard.reopen().expect("the file is there"))
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("dbus-monitor does not start ({error}); `make test` installs it"));
        let listener = Self { process, heard };
        // The bus greets who comes with its name and, once it hears everything, takes the name away again.
        let begun = Instant::now();
        while !listener.heard().contains("NameLost") {
            assert!(begun.elapsed() < PATIENCE, "nobody listens on the bus: {}", listener.heard());
            std::thread::sleep(Duration::from_millis(20));
        }
        listener
    }

    /// What was heard so far, call by call, with the texts in their order.
    pub fn calls(&self) -> Vec<Vec<String>> {
        let heard = self.heard();
        let calls = heard.split("\nmethod call ").skip(1);
        let texts = |call: &str| {
            let lines = call.lines().filter_map(|line| line.strip_prefix("   string \"")?.strip_suffix('"'));
            lines.map(str::to_owned).collect()
        };
        calls.filter(|call| call.contains("member=Notify")).map(texts).collect()
    }

    fn heard(&self) -> String {
        std::fs::read_to_string(self.heard.path()).expect("the file is there")
    }
}

impl Drop for Notifications {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
