//! The databases that are looked at: demos of any length, made once.

use std::path::Path;
use std::process::Command;

use kontor_tests::postgres::Cluster;
use serde_json::Value;

use crate::harness::Window;

/// A database that is looked at.
pub struct Demo {
    /// What it is called.
    pub name: &'static str,
    /// Where it is, as the desk's file has it.
    pub place: Value,
}

/// A demo in a file, which is kept for the next time.
pub fn sqlite(base: &Path, size: usize) -> Demo {
    let path = base.join(format!("kontor-bench-window-{size}.db"));
    let url = format!("sqlite:{}", path.display());
    if !path.exists() {
        create(&url, size);
    }
    Demo { name: "SQLite", place: Window::place(&url) }
}

/// A demo on the bench's own server.
pub fn postgres(cluster: &Cluster, size: usize) -> Demo {
    let url = cluster.database();
    create(&url, size);
    Demo { name: "PostgreSQL", place: Window::place(&url) }
}

fn create(url: &str, size: usize) {
    let program = std::env::var_os("KONTOR_BIN").expect("KONTOR_BIN names the program: use `make bench-window`");
    let made = Command::new(program)
        .args(["--db", url, "--json", "demo", "create", "--registrations", &size.to_string(), "--invoiced", "10000"])
        .output()
        .expect("the program starts");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}
