//! Finding out from a mail server's log: Postfix (classic syslog or RFC 3339 times, any instance name) and `OpenSMTPD`.
//!
//! Lines are matched by Message-ID and queue id, by a queue id that an earlier reply named, and by the return path of the
//! mail. That a client sent a Message-ID is not acceptance (it may have been cut off before the final dot): only the
//! queue manager's line, or one about the delivery, is. The log is read line by line; kept in memory are the messages
//! in the queue at that moment, not the log.
//!
//! The same event counts once for a mail, however often it is logged (a mail that is put off for days has a hundred such
//! lines) and however often the log is read. What this module leaves out: compressed logs, other servers.

mod line;
mod opensmtpd;
mod postfix;
mod thread;

use std::collections::HashSet;
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::evidence::{self, Evidence, Mail, Recorded, fingerprint, kept};
use crate::identity::Actor;
use crate::run::code;
use crate::store::{self, Store};
use crate::{Error, Result, journal};
use line::Stamp;
use thread::Threads;

/// The journal's word for reading a log.
const ACTION: &str = "delivery.evidence";
/// Lines read at once.
const LINES: usize = 4_096;
/// Longest line that is looked at; what is beyond is left out.
const LONGEST_LINE: usize = 32 * 1024;

/// What a server says happened to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    /// It is in the queue: the server has taken it.
    Queued,
    /// It was handed on, or lies in the mailbox.
    Delivered,
    /// It could not be handed on yet.
    Deferred,
    /// It went back to its sender.
    Bounced,
    /// It could not be handed on for too long, and went back.
    Expired,
    /// The server did not take it at that time.
    PutOff,
    /// The server refuses this recipient.
    RecipientRejected,
    /// The server refuses this message.
    Rejected,
}

/// One event of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Event {
    said: Said,
    text: String,
}

/// What came of reading logs.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Lines read.
    pub lines: u64,
    /// Mails of this database that the lines are about.
    pub mails: u64,
    /// Messages that belong to none of them.
    pub others: u64,
    /// What was written down.
    #[serde(flatten)]
    pub recorded: Recorded,
    /// Whether this request was answered before.
    #[serde(default)]
    pub repeated: bool,
}

impl Said {
    /// Verdict and code that follow.
    fn verdict(self) -> (&'static str, Option<&'static str>) {
        match self {
            // What is put off further on was taken here all the same.
            Self::Queued | Self::Delivered | Self::Deferred => ("accepted", None),
            Self::Bounced | Self::Expired => ("bounced", Some(code::MAIL_BOUNCED)),
            Self::PutOff => ("deferred", Some(code::MAIL_DEFERRED)),
            Self::RecipientRejected => ("refused", Some(code::RECIPIENT_REFUSED)),
            Self::Rejected => ("refused", Some(code::MAIL_REFUSED)),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Delivered => "sent",
            Self::Deferred => "deferred further on",
            Self::Bounced => "bounced",
            Self::Expired => "expired",
            Self::PutOff => "put off",
            Self::RecipientRejected => "recipient rejected",
            Self::Rejected => "rejected",
        }
    }

    /// Whether it happened before the server took the message; it may then happen again with other words.
    fn is_before(self) -> bool {
        matches!(self, Self::PutOff | Self::RecipientRejected | Self::Rejected)
    }
}

impl Event {
    fn new(said: Said, text: &str) -> Self {
        Self { said, text: text.trim().to_owned() }
    }

    /// The evidence that it is about a mail.
    fn evidence(&self, mail: &Mail, queue_id: Option<&str>, at: Option<Stamp>, now: DateTime<Utc>) -> Evidence {
        let (verdict, code) = self.said.verdict();
        let left = mail.sending_at.unwrap_or(mail.queued_at);
        let detail = kept(&format!("{}: {}", self.said.words(), self.text));
        let told_apart = if self.said.is_before() { detail.as_str() } else { "" };
        let parts = [queue_id.unwrap_or_default(), self.said.words(), told_apart];
        Evidence {
            delivery: mail.id,
            attempt: None,
            source: "maillog",
            verdict,
            code,
            reply_code: line::reply_code(&self.text),
            fingerprint: Some(fingerprint("maillog", mail.id, &parts)),
            seen_at: at.and_then(|at| at.near(left)).filter(|at| mail.fits(*at, now)).unwrap_or(now),
            queue_id: queue_id.map(str::to_owned),
            detail,
        }
    }
}

/// A log to read.
pub type Log = Box<dyn BufRead + Send>;

/// Opens a log; `-` is standard input.
pub fn open(path: &Path) -> Result<Log> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    let file = std::fs::File::open(path).map_err(|error| Error::file(path, error))?;
    let mut log = BufReader::with_capacity(256 * 1024, file);
    // A folder opens like a file and fails when it is read.
    if log.fill_buf().map_err(|error| Error::file(path, error))?.starts_with(&[0x1f, 0x8b]) {
        return Err(Error::Usage(format!(
            "{0} is compressed. Unpack it on the way: zcat {0} | kontor deliveries evidence --maillog -",
            path.display()
        )));
    }
    Ok(Box::new(log))
}

/// Reads logs, the oldest first, and settles what they tell of. `seen` hears how many lines were read.
pub async fn read(store: &Store, actor: &Actor, logs: Vec<Log>, seen: &mut dyn FnMut(u64)) -> Result<Report> {
    if let Some(entry) = journal::done_before(store.read(), actor.request, ACTION).await? {
        let earlier = entry.after.and_then(|text| serde_json::from_str::<Report>(&text).ok()).unwrap_or_default();
        return Ok(Report { repeated: true, ..earlier });
    }
    let mut reading = Reading { store, threads: Threads::default(), mails: HashSet::new(), report: Report::default() };
    for log in logs {
        let mut log = Some(log);
        while let Some(open) = log.take() {
            let (lines, rest) = next_lines(open).await?;
            reading.take(&lines).await?;
            seen(reading.report.lines);
            log = rest;
        }
    }
    reading.settle().await?;
    let report = reading.report;
    note(store, actor, &report).await?;
    Ok(report)
}

/// A log on its way through the matching.
struct Reading<'a> {
    store: &'a Store,
    threads: Threads,
    mails: HashSet<Uuid>,
    report: Report,
}

impl Reading<'_> {
    async fn take(&mut self, lines: &[Vec<u8>]) -> Result<()> {
        for bytes in lines {
            self.report.lines += 1;
            self.threads.take(&line::framed(&String::from_utf8_lossy(bytes)));
            if self.threads.is_full() {
                self.settle().await?;
            }
        }
        Ok(())
    }

    /// Asks the database whose the messages are, and writes down what is about its mails.
    async fn settle(&mut self) -> Result<()> {
        let now = self.store.now().await?;
        let found = self.threads.resolve(self.store.read(), now).await?;
        self.mails.extend(found.evidence.iter().map(|one| one.delivery));
        self.report.mails = self.mails.len() as u64;
        self.report.others += found.others;
        self.report.recorded.add(evidence::record(self.store, found.evidence).await?);
        Ok(())
    }
}

/// Reads some lines away from the threads that talk to the database; `None` when the log is at its end.
async fn next_lines(mut log: Log) -> Result<(Vec<Vec<u8>>, Option<Log>)> {
    let read = tokio::task::spawn_blocking(move || {
        let mut lines = Vec::with_capacity(LINES);
        while lines.len() < LINES {
            match next_line(&mut log)? {
                Some(line) => lines.push(line),
                None => return Ok((lines, None)),
            }
        }
        Ok((lines, Some(log)))
    });
    let read: std::io::Result<_> = read.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
    read.map_err(|error| Error::file("the log", error))
}

/// The next line, cut at [`LONGEST_LINE`].
fn next_line(log: &mut dyn BufRead) -> std::io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let mut any = false;
    loop {
        let buffer = match log.fill_buf() {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            other => other?,
        };
        if buffer.is_empty() {
            return Ok(any.then_some(line));
        }
        any = true;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let part = &buffer[..end.unwrap_or(buffer.len())];
        line.extend_from_slice(&part[..part.len().min(LONGEST_LINE - line.len())]);
        let used = end.map_or(buffer.len(), |end| end + 1);
        log.consume(used);
        if end.is_some() {
            return Ok(Some(line));
        }
    }
}

/// A person read the log: that stands in the journal, unless nothing came of it.
async fn note(store: &Store, actor: &Actor, report: &Report) -> Result<()> {
    if report.recorded.added == 0 {
        return Ok(());
    }
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    let entry = journal::Entry {
        action: ACTION,
        record: None,
        reason: "mail log",
        before: None,
        after: serde_json::to_value(report).ok(),
    };
    journal::record(&*write, actor, now, entry).await?;
    write.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_any_length_and_bytes_are_read() {
        let text = [b"one\n".as_slice(), b"\xff\xfe\n", &b"x".repeat(100_000), b"\n\nlast"].concat();
        let mut log: Log = Box::new(BufReader::with_capacity(7, std::io::Cursor::new(text)));
        let mut lengths = Vec::new();
        while let Some(line) = next_line(&mut *log).expect("memory can be read") {
            lengths.push(line.len());
        }
        assert_eq!(lengths, [3, 2, LONGEST_LINE, 0, 4]);
    }
}
