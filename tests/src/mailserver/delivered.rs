//! What the server made of the mail it got, read from its Maildirs and its log.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A message in a Maildir.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The Maildir: a domain, or an address that has its own.
    pub mailbox: String,
    /// Envelope sender; empty for a bounce.
    pub from: String,
    /// Envelope recipient.
    pub to: String,
    /// Its `Message-ID`, with angle brackets.
    pub message_id: Option<String>,
    /// The file.
    pub path: PathBuf,
    /// What is in it, with the headers that the server put before it, and line feeds as line ends.
    pub text: String,
}

/// Every message below this folder.
pub(super) fn all(folder: &Path) -> Vec<Delivered> {
    let mut found = Vec::new();
    for mailbox in files(folder) {
        let name = mailbox.file_name().unwrap_or_default().to_string_lossy().into_owned();
        found.extend(files(&mailbox.join("new")).into_iter().filter_map(|path| read(&name, path)));
    }
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

fn read(mailbox: &str, path: PathBuf) -> Option<Delivered> {
    let text = String::from_utf8_lossy(&std::fs::read(&path).ok()?).into_owned();
    let head = text.split("\n\n").next()?.replace("\n ", " ").replace("\n\t", " ");
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let from = header("return-path").unwrap_or_default().trim_matches(['<', '>']).to_owned();
    let to = header("x-original-to").unwrap_or_default();
    let (message_id, mailbox) = (header("message-id"), mailbox.to_owned());
    Some(Delivered { mailbox, from, to, message_id, path, text })
}

/// Message-IDs of the mails that got into the queue. One that waits there gets active again and again, and counts once.
pub(super) fn accepted(log: &str) -> BTreeMap<String, usize> {
    let mut ids = BTreeMap::new();
    let mut active = BTreeSet::new();
    for line in log.lines() {
        let Some((queue_id, words)) = line.split_once("]: ").and_then(|(_, rest)| rest.split_once(": ")) else {
            continue;
        };
        if let Some(id) = words.strip_prefix("message-id=") {
            ids.insert(queue_id, id);
        }
        if words.ends_with("(queue active)") {
            active.insert(queue_id);
        }
    }
    let mut counts = BTreeMap::new();
    for queue_id in active {
        *counts.entry(ids.get(queue_id).copied().unwrap_or_default().to_owned()).or_default() += 1;
    }
    counts
}
