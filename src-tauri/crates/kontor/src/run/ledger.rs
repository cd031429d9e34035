//! Where mails are written down: `sending` before a mail leaves, and what became of it.
//!
//! Several senders work side by side, each with its own connection to the mail server. What they have to write at the same
//! time goes into one transaction: whoever comes to the ledger first writes for all who wait. Each mail is still marked right
//! before its own DATA. A transaction that fails is tried again one entry at a time, so that a stale token hurts nobody else.
//! A host that is out of service marks nothing any more: what became of a mail that left before is written all the same.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::finish::{Ending, enter_step, finish};
use super::letter::Letter;
use crate::check::quarantine;
use crate::delivery::{Outcome, settle};
use crate::store::{self, Store};
use crate::{Error, Result, failpoint, withdrawal};

/// How often a stumbling database is asked again.
const TRIES: u32 = 7;

/// What is to be written.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A mail is about to leave.
    Mark {
        /// Fencing token of its item.
        token: i64,
        /// Its item.
        item: Uuid,
        /// The mail.
        delivery: Uuid,
        /// Hash of the message that is about to leave.
        sha256: [u8; 32],
    },
    /// A mail was tried, and its item ends, or waits for another try.
    Conclude {
        /// Fencing token of its item.
        token: i64,
        /// The mail.
        delivery: Uuid,
        /// The attempt it was tried in.
        attempt: Uuid,
        /// What became of it.
        outcome: Outcome,
        /// How the item ends.
        ending: Ending,
    },
}

impl Entry {
    /// This letter is about to leave.
    pub fn mark(token: i64, letter: &Letter) -> Self {
        Self::Mark { token, item: letter.item.id, delivery: letter.delivery, sha256: letter.paper.stored.sha256 }
    }

    fn token(&self) -> i64 {
        match self {
            Self::Mark { token, .. } | Self::Conclude { token, .. } => *token,
        }
    }
}

struct Waiting {
    entry: Entry,
    answer: oneshot::Sender<Result<()>>,
}

/// The ledger of one worker.
pub struct Ledger {
    store: Store,
    host: String,
    /// The target as it stands with mails that are being sent.
    target: String,
    waiting: Mutex<Vec<Waiting>>,
    turn: tokio::sync::Mutex<()>,
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Ledger").field("target", &self.target).finish_non_exhaustive()
    }
}

impl Ledger {
    /// An empty ledger of a worker at this host.
    pub fn new(store: Store, host: String, target: String) -> Self {
        Self { store, host, target, waiting: Mutex::default(), turn: tokio::sync::Mutex::default() }
    }

    /// Writes one entry, perhaps together with those of others; it is durable when this returns.
    pub async fn write(&self, entry: Entry) -> Result<()> {
        let (answer, answered) = oneshot::channel();
        self.waiting().push(Waiting { entry, answer });
        let turn = self.turn.lock().await;
        let all = std::mem::take(&mut *self.waiting());
        if !all.is_empty() {
            self.write_all(all).await;
        }
        drop(turn);
        // Whoever wrote for this one has been stopped in the middle; the rows tell what was done.
        answered.await.unwrap_or_else(|_| Err(Error::Refused("Writing down a mail was interrupted.".to_owned())))
    }

    /// Writes several entries that belong together in one transaction.
    pub async fn write_together(&self, entries: &[Entry]) -> Result<()> {
        self.persist_or_keep(entries).await
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn write_all(&self, all: Vec<Waiting>) {
        let (entries, answers): (Vec<_>, Vec<_>) = all.into_iter().map(|one| (one.entry, one.answer)).unzip();
        if self.persist(&entries).await.is_ok() {
            for answer in answers {
                answered(answer, Ok(()));
            }
            return;
        }
        for (entry, answer) in entries.iter().zip(answers) {
            answered(answer, self.persist_or_keep(std::slice::from_ref(entry)).await);
        }
    }

    /// Writes entries; where the lease is over, what the mail server said is kept all the same.
    async fn persist_or_keep(&self, entries: &[Entry]) -> Result<()> {
        let written = self.persist(entries).await;
        if matches!(written, Err(Error::Fenced)) && is_conclusion(entries) {
            let write = self.store.write().await?;
            let now = store::now(&*write).await?;
            settle_all(&write, entries, now).await?;
            write.commit().await?;
        }
        written
    }

    /// What became of a mail is known only here, so a database that stumbles is asked again before the knowledge is lost.
    async fn persist(&self, entries: &[Entry]) -> Result<()> {
        let mut tries = 0;
        loop {
            match self.persist_once(entries).await {
                Err(error) if error.is_passing() && tries < TRIES => {
                    tokio::time::sleep(std::time::Duration::from_millis(20 << tries)).await;
                    tries += 1;
                }
                // The answer to an earlier COMMIT was lost; the item has ended, as it should. Of several nobody knows which.
                Err(Error::Fenced) if tries > 0 && entries.len() == 1 && is_conclusion(entries) => return Ok(()),
                other => return other,
            }
        }
    }

    async fn persist_once(&self, entries: &[Entry]) -> Result<()> {
        let write = self.store.write().await?;
        let now = store::now(&*write).await?;
        self.mark(&write, entries, now).await?;
        settle_all(&write, entries, now).await?;
        end_all(&write, entries, now).await?;
        let (before, after) = if is_conclusion(entries) {
            ("settle.before_commit", "settle.after_commit")
        } else {
            ("send.before_commit", "send.after_commit")
        };
        failpoint::hit(before)?;
        write.commit().await?;
        failpoint::hit(after)
    }

    async fn mark(&self, write: &store::Write, entries: &[Entry], now: DateTime<Utc>) -> Result<()> {
        let mut mails = Vec::new();
        let mut by_token: BTreeMap<i64, Vec<Uuid>> = BTreeMap::new();
        for entry in entries {
            if let Entry::Mark { token, item, delivery, sha256 } = entry {
                mails.push((*delivery, *sha256));
                by_token.entry(*token).or_default().push(*item);
            }
        }
        if mails.is_empty() {
            return Ok(());
        }
        // Mails wait for minutes at a slow server; their host may have been withdrawn meanwhile, their PDF found wrong.
        withdrawal::require_service(&**write, &self.host).await?;
        for (token, items) in by_token {
            enter_step(&**write, &items, token, "deliver", now).await?;
        }
        if quarantine::is_any_mail(&**write, mails.iter().map(|(delivery, _)| *delivery)).await? {
            return Err(Error::MailChanged);
        }
        let marked = settle::mark_sending(&**write, &mails, &self.target, now).await?;
        if marked == mails.len() as u64 { Ok(()) } else { Err(Error::MailChanged) }
    }
}

fn answered(answer: oneshot::Sender<Result<()>>, result: Result<()>) {
    // A sender that was stopped meanwhile wants no answer.
    let _ = answer.send(result);
}

fn is_conclusion(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| matches!(entry, Entry::Conclude { .. }))
}

async fn settle_all(write: &store::Write, entries: &[Entry], now: DateTime<Utc>) -> Result<()> {
    let outcomes: Vec<_> = entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::Mark { .. } => None,
            Entry::Conclude { delivery, attempt, outcome, .. } => Some((*delivery, Some(*attempt), outcome)),
        })
        .collect();
    if outcomes.is_empty() { Ok(()) } else { settle::settle(&**write, &outcomes, now).await }
}

async fn end_all(write: &store::Write, entries: &[Entry], now: DateTime<Utc>) -> Result<()> {
    let mut by_token: BTreeMap<i64, Vec<Ending>> = BTreeMap::new();
    for entry in entries {
        if let Entry::Conclude { ending, .. } = entry {
            by_token.entry(entry.token()).or_default().push(ending.clone());
        }
    }
    for (token, endings) in by_token {
        finish(&**write, &endings, token, now).await?;
    }
    Ok(())
}
