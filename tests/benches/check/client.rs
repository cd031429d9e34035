//! The database's own client: `sqlite3`, or `psql`.

use std::process::{Command, Stdio};
use std::time::Instant;

use kontor_tests::postgres::Cluster;

/// A client, and the database it asks.
pub enum Client<'a> {
    /// `sqlite3` on a file.
    Embedded(&'a str),
    /// `psql` at the server.
    Server(&'a str, &'a Cluster),
}

impl<'a> Client<'a> {
    /// The client of this address.
    pub fn of(url: &'a str, cluster: &'a Cluster) -> Self {
        match url.strip_prefix("sqlite:") {
            Some(file) => Self::Embedded(file),
            None => Self::Server(url, cluster),
        }
    }

    /// Asks all of these questions in one session and returns the seconds from its start to its end.
    pub fn asked(&self, questions: &[&str]) -> f64 {
        let text = questions.join(";\n");
        let begun = Instant::now();
        match self {
            Self::Embedded(file) => {
                let child = Command::new("sqlite3").arg(file).arg(&text).stdout(Stdio::null()).status();
                assert!(child.expect("sqlite3 is installed").success());
            }
            Self::Server(url, cluster) => drop(cluster.psql(url, &text)),
        }
        begun.elapsed().as_secs_f64()
    }
}
