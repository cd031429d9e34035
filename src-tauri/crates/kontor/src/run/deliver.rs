//! Sending a batch's mails and writing down what became of them.
//!
//! Files are checkable (a message is there or it is not), so a batch of them goes out together. A mail server tells
//! nothing afterwards, so `sending` is committed for each message right before its DATA (`senders`).

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::code::{self, Refusal};
use super::finish::Ending;
use super::ledger::{Entry, Ledger};
use super::letter::Letter;
use super::senders::Senders;
use crate::delivery::address::Address;
use crate::delivery::{Outcome, Target, Verdict, file};
use crate::identity::Pace;
use crate::store::Store;
use crate::{Error, Result, failpoint};

/// Files written side by side, so that one sync does not wait for another.
const WRITERS: usize = 4;

/// Sends mails to one target.
#[derive(Debug)]
pub struct Mailer {
    way: Option<Way>,
    /// The target as it stands with mails that are being sent.
    noted: Option<String>,
}

#[derive(Debug)]
enum Way {
    Files(PathBuf, Ledger),
    Server(Senders),
}

impl Mailer {
    /// A mailer; without a target it serves runs that end with the archive.
    pub fn new(store: &Store, target: Option<Target>, host: &str, pace: &Pace) -> Self {
        let noted = target.as_ref().map(|target| target.noted(host));
        let ledger = || Ledger::new(store.clone(), host.to_owned(), noted.clone().unwrap_or_default());
        let way = target.map(|target| match target {
            Target::File(folder) => Way::Files(folder, ledger()),
            Target::Smtp(server) => Way::Server(Senders::new(server, ledger(), pace)),
        });
        Self { way, noted }
    }

    /// The target as it stands with mails that are being sent.
    pub fn noted(&self) -> Option<&str> {
        self.noted.as_deref()
    }

    /// Sends the letters and ends their items. `released` is told when nothing of the batch waits for a sender any more.
    pub async fn deliver(
        &self,
        token: i64,
        letters: Vec<Letter>,
        sender: Option<Address>,
        released: Option<oneshot::Sender<()>>,
    ) -> Result<()> {
        if letters.is_empty() {
            return Ok(());
        }
        match &self.way {
            Some(Way::Files(folder, ledger)) => to_files(ledger, token, letters, folder.clone()).await,
            Some(Way::Server(senders)) => senders.send(token, letters, sender, released).await,
            None => Err(Error::Usage("This worker has no mail target. Give one with --smtp.".to_owned())),
        }
    }

    /// Ends the connections that are still open.
    pub async fn close(&self) {
        if let Some(Way::Server(senders)) = &self.way {
            senders.close().await;
        }
    }
}

async fn to_files(ledger: &Ledger, token: i64, letters: Vec<Letter>, folder: PathBuf) -> Result<()> {
    ledger.write_together(&letters.iter().map(|letter| Entry::mark(token, letter)).collect::<Vec<_>>()).await?;
    let letters = Arc::new(letters);
    let mut writers = Vec::with_capacity(WRITERS);
    let share = letters.len().div_ceil(WRITERS);
    for start in (0..letters.len()).step_by(share) {
        let (letters, folder) = (Arc::clone(&letters), folder.clone());
        writers.push(tokio::task::spawn_blocking(move || {
            let part = &letters[start..letters.len().min(start + share)];
            write_part(part, &folder)
        }));
    }
    let mut outcomes = Vec::with_capacity(letters.len());
    for writer in writers {
        let part = writer.await.map_err(|error| Error::Refused(format!("Writing the mails stopped: {error}")))?;
        outcomes.extend(part);
    }
    failpoint::hit("deliver.after_message")?;
    let concluded = letters.iter().zip(outcomes).map(|(letter, outcome)| Entry::Conclude {
        token,
        delivery: letter.delivery,
        attempt: letter.item.attempt,
        ending: ending(letter, &outcome),
        outcome,
    });
    ledger.write_together(&concluded.collect::<Vec<_>>()).await
}

fn write_part(letters: &[Letter], folder: &std::path::Path) -> Vec<Outcome> {
    let mut files = Vec::with_capacity(letters.len());
    let mut damaged = Vec::new();
    for letter in letters {
        match letter.message() {
            Some(bytes) => files.push(file::Letter { message_id: letter.paper.stored.message_id.clone(), bytes }),
            None => damaged.push(letter.item.id),
        }
    }
    let mut written = file::write_all(folder, &files).into_iter();
    let refusal = || Refusal::new(code::DOCUMENT_DAMAGED, "the stored message does not have its hash");
    let mut outcome_of = |letter: &Letter| {
        if damaged.contains(&letter.item.id) { None } else { written.next() }
            .unwrap_or_else(|| Outcome::deferred("file", refusal()))
    };
    letters.iter().map(&mut outcome_of).collect()
}

/// A file that cannot be written waits for a person: a full disk does not empty itself.
fn ending(letter: &Letter, outcome: &Outcome) -> Ending {
    match &outcome.verdict {
        Verdict::Accepted => Ending::done(&letter.item),
        Verdict::Deferred(code) | Verdict::Refused(code) => {
            Ending::failed(&letter.item, Refusal::new(code, outcome.detail.clone()))
        }
        Verdict::Unknown => Ending::failed(&letter.item, Refusal::new(code::OUTCOME_UNKNOWN, outcome.detail.clone())),
    }
}
