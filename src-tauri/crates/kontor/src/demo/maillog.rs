//! The mail server's log as a file: lines of many mails, in the order of their time.
//!
//! Mails are drawn one after another, but their lines interleave, and some come hours later. Only lines that a later mail
//! could still precede are held back.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::part::Part;
use crate::Result;

/// Name of the machine, as syslog writes it.
const MACHINE: &str = "mail";

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub at: DateTime<Utc>,
    /// What follows the name of the machine.
    pub text: String,
}

impl Line {
    /// The line as it stands in the file: local time without a year (RFC 3164, 4.1.2).
    fn written(&self) -> String {
        let at = self.at.with_timezone(&chrono_tz::Europe::Berlin);
        format!("{} {MACHINE} {}\n", at.format("%b %e %H:%M:%S"), self.text)
    }
}

/// The file on its way.
#[derive(Debug)]
pub(super) struct MailLog {
    part: Part,
    /// Time and place in the order of coming, which decides between lines of one instant.
    waiting: BinaryHeap<Reverse<(DateTime<Utc>, u64, String)>>,
    count: u64,
}

impl MailLog {
    /// Begins it.
    pub fn begin(place: &Path) -> Result<Self> {
        Ok(Self { part: Part::begin(place)?, waiting: BinaryHeap::new(), count: 0 })
    }

    /// Takes lines, and writes those before a time that no later line precedes.
    pub fn add(&mut self, lines: Vec<Line>, no_later_before: DateTime<Utc>) -> Result<()> {
        for line in lines {
            self.waiting.push(Reverse((line.at, self.count, line.written())));
            self.count += 1;
        }
        self.write_until(no_later_before)
    }

    fn write_until(&mut self, until: DateTime<Utc>) -> Result<()> {
        while self.waiting.peek().is_some_and(|Reverse((at, ..))| *at < until) {
            let Some(Reverse((.., text))) = self.waiting.pop() else { break };
            self.part.write(text.as_bytes())?;
        }
        Ok(())
    }

    /// Writes the rest and makes the content durable.
    pub fn end(&mut self) -> Result<()> {
        self.write_until(DateTime::<Utc>::MAX_UTC)?;
        self.part.end()
    }

    /// Moves the file to its place.
    pub fn publish(self) -> Result<()> {
        self.part.publish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::calendar::{berlin, day};

    #[test]
    fn lines_stand_in_the_order_of_their_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("maillog");
        let at = |seconds: u64| berlin(day(2013, 1, 2), seconds * 1_000);
        let line = |seconds: u64, text: &str| Line { at: at(seconds), text: text.to_owned() };
        let mut log = MailLog::begin(&place).expect("a file");
        log.add(vec![line(10, "a"), line(7_200, "e"), line(10, "b")], at(10)).expect("written");
        log.add(vec![line(12, "d"), line(11, "c")], at(12)).expect("written");
        log.end().expect("written");
        log.publish().expect("moved");
        let text = std::fs::read_to_string(&place).expect("a file");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "Jan  2 00:00:10 mail a");
        assert_eq!(lines[4], "Jan  2 02:00:00 mail e");
        let order: String = lines.iter().filter_map(|line| line.chars().last()).collect();
        assert_eq!(order, "abcde");
    }
}
