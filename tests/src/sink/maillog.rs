//! The server's log, in the words and the order in which Postfix writes its own.
//!
//! What was cut before the final dot leaves the line with the Message-ID and no line of the queue manager. What was
//! kept leaves all lines, whatever the client was told.

use std::fmt::Arguments;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::Local;

/// The client, as the log names it.
pub(super) const CLIENT: &str = "localhost[127.0.0.1]";

/// The programs that work on a message one after another.
#[derive(Clone, Copy, Debug)]
pub(super) enum Program {
    /// Talks to the client; each connection has its own process.
    Receiver(usize),
    /// Reads the header.
    Cleanup,
    /// Takes the message into the queue and out of it.
    Queue,
    /// Passes it on.
    Sender,
}

pub(super) struct MailLog {
    text: Mutex<String>,
    file: Option<Mutex<File>>,
    process: usize,
    inode: AtomicUsize,
    microseconds: AtomicU32,
}

impl MailLog {
    pub(super) fn new(file: Option<&Path>) -> Self {
        let file = file.map(|path| {
            let file = File::options().create(true).append(true).open(path);
            Mutex::new(file.unwrap_or_else(|error| panic!("{} cannot be written: {error}", path.display())))
        });
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            text: Mutex::default(),
            file,
            process: usize::try_from(std::process::id()).unwrap_or_default(),
            inode: AtomicUsize::new(usize::try_from(since.as_millis() & 0xFF_FFFF).unwrap_or_default()),
            microseconds: AtomicU32::new(since.subsec_micros()),
        }
    }

    pub(super) fn text(&self) -> String {
        self.text.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A queue id like Postfix's short ones: microseconds, then the number of a file.
    pub(super) fn queue_id(&self) -> String {
        let microseconds = self.microseconds.fetch_add(7919, Ordering::Relaxed) & 0xF_FFFF;
        format!("{microseconds:05X}{:X}", self.inode.fetch_add(1, Ordering::Relaxed))
    }

    pub(super) fn write(&self, program: Program, words: Arguments<'_>) {
        let (name, process) = match program {
            Program::Receiver(connection) => ("smtpd", self.process + 3 + connection),
            Program::Cleanup => ("cleanup", self.process + 1),
            Program::Queue => ("qmgr", self.process),
            Program::Sender => ("smtp", self.process + 2),
        };
        let now = Local::now().format("%b %e %H:%M:%S");
        self.append(&format!("{now} sink postfix/{name}[{process}]: {words}\n"));
    }

    /// The lines of a message that was taken over and passed on.
    pub(super) fn passed_on(&self, queue_id: &str, from: &str, to: &[String], size: usize, answer: &str) {
        let recipients = to.len();
        self.write(
            Program::Queue,
            format_args!("{queue_id}: from=<{from}>, size={size}, nrcpt={recipients} (queue active)"),
        );
        for to in to {
            let domain = to.rsplit('@').next().unwrap_or_default();
            self.write(
                Program::Sender,
                format_args!(
                    "{queue_id}: to=<{to}>, relay=mx.{domain}[192.0.2.25]:25, delay=0.21, \
                     delays=0.02/0.01/0.09/0.09, dsn=2.0.0, status=sent ({answer})"
                ),
            );
        }
        self.write(Program::Queue, format_args!("{queue_id}: removed"));
    }

    fn append(&self, line: &str) {
        self.text.lock().unwrap_or_else(PoisonError::into_inner).push_str(line);
        if let Some(file) = &self.file {
            let written = file.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes());
            written.expect("the log can be written to its end");
        }
    }
}
