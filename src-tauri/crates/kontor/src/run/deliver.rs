//! Sending a batch's mails and writing down what became of them.
//!
//! Files are checkable (a message is there or it is not), so a batch of them goes out together. A mail server tells
//! nothing afterwards, so `sending` is committed for one message at a time, immediately before DATA.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::claim::Claimed;
use super::code::{self, Refusal};
use super::finish::{Ending, enter_step, finish};
use super::papers::Paper;
use crate::delivery::address::{self, Address};
use crate::delivery::message::{self, Stored};
use crate::delivery::smtp::Session;
use crate::delivery::{Outcome, Target, Verdict, file, settle};
use crate::store::entities::{deliveries, documents};
use crate::store::{self, Store};
use crate::{Error, Result, failpoint};

/// Files written side by side, so that one sync does not wait for another.
const WRITERS: usize = 4;
/// How often a stumbling database is asked again.
const TRIES: u32 = 7;

/// A mail ready to go out.
#[derive(Debug)]
pub struct Letter {
    /// The item it belongs to.
    pub item: Claimed,
    /// The delivery's id.
    pub delivery: Uuid,
    /// PDF, message and recipient.
    pub paper: Paper,
}

impl Letter {
    /// The row of a mail that is queued now.
    pub fn row(&self, invoice: Uuid, document: Uuid, now: DateTime<Utc>) -> deliveries::Model {
        let stored = &self.paper.stored;
        deliveries::Model {
            id: self.delivery,
            invoice_id: invoice,
            document_id: Some(document),
            purpose: "invoice".to_owned(),
            origin: "kontor".to_owned(),
            recipient: self.paper.recipient.clone(),
            message_id: stored.message_id.clone(),
            message_head: Some(stored.head.clone()),
            message_tail: Some(stored.tail.clone()),
            message_sha256: Some(stored.sha256.to_vec()),
            state: "queued".to_owned(),
            target: None,
            code: None,
            tries: 0,
            queued_at: now,
            sending_at: None,
            settled_at: None,
            person: None,
            reason: None,
            request_id: None,
            return_path: None,
        }
    }

    /// A mail that was stored before.
    pub fn stored(item: &Claimed, row: deliveries::Model, document: documents::Model) -> Result<Self, Refusal> {
        let whole = (row.message_head, row.message_tail, row.message_sha256.and_then(|hash| hash.try_into().ok()));
        let (Some(head), Some(tail), Some(sha256)) = whole else {
            return Err(Refusal::new(code::INTERNAL, "the stored mail has no text"));
        };
        let stored = Stored { message_id: row.message_id, head, tail, sha256 };
        let paper = Paper { pdf: document.bytes, stored, recipient: row.recipient };
        Ok(Self { item: item.clone(), delivery: row.id, paper })
    }

    fn message(&self) -> Option<Vec<u8>> {
        let stored = &self.paper.stored;
        message::whole(&stored.head, &self.paper.pdf, &stored.tail, &stored.sha256)
    }
}

/// The way to a mail server.
struct Route<'a> {
    host: &'a str,
    port: u16,
    sender: Option<Address>,
}

/// Sends mails to one target.
#[derive(Clone, Debug)]
pub struct Mailer {
    target: Option<Target>,
    /// The target as it stands with mails that are being sent.
    noted: Option<String>,
}

impl Mailer {
    /// A mailer; without a target it serves runs that end with the archive.
    pub fn new(target: Option<Target>, host: &str) -> Self {
        let noted = target.as_ref().map(|target| target.noted(host));
        Self { target, noted }
    }

    /// The target as it stands with mails that are being sent.
    pub fn noted(&self) -> Option<&str> {
        self.noted.as_deref()
    }

    /// Sends the letters and ends their items.
    pub async fn deliver(
        &self,
        store: &Store,
        token: i64,
        letters: Vec<Letter>,
        sender: Option<Address>,
    ) -> Result<()> {
        if letters.is_empty() {
            return Ok(());
        }
        match &self.target {
            Some(Target::File(folder)) => self.to_files(store, token, letters, folder.clone()).await,
            Some(Target::Smtp { host, port }) => {
                let route = Route { host, port: *port, sender };
                self.to_server(store, token, letters, route).await
            }
            None => Err(Error::Usage("This worker has no mail target. Give one with --smtp.".to_owned())),
        }
    }

    async fn to_files(&self, store: &Store, token: i64, letters: Vec<Letter>, folder: PathBuf) -> Result<()> {
        self.mark(store, token, &letters).await?;
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
        let pairs: Vec<_> = letters.iter().zip(&outcomes).collect();
        conclude(store, token, &pairs).await
    }

    async fn to_server(&self, store: &Store, token: i64, letters: Vec<Letter>, route: Route<'_>) -> Result<()> {
        let mut session: Option<Session> = None;
        for letter in &letters {
            if session.as_ref().is_none_or(|session| !session.is_usable()) {
                session = None;
                match Session::open(route.host, route.port).await {
                    Ok(opened) => session = Some(opened),
                    Err(refusal) => {
                        let outcome = Outcome::deferred("connection", refusal);
                        conclude(store, token, &[(letter, &outcome)]).await?;
                        continue;
                    }
                }
            }
            let Some(open) = session.as_mut() else { continue };
            let outcome = self.send(store, token, letter, &route, open).await?;
            failpoint::hit("deliver.after_message")?;
            conclude(store, token, &[(letter, &outcome)]).await?;
        }
        if let Some(session) = session {
            session.close().await;
        }
        Ok(())
    }

    async fn send(
        &self,
        store: &Store,
        token: i64,
        letter: &Letter,
        route: &Route<'_>,
        session: &mut Session,
    ) -> Result<Outcome> {
        let refuse = |refusal| Ok(Outcome::deferred("connection", refusal));
        let Some(message) = letter.message() else {
            return refuse(Refusal::new(code::DOCUMENT_DAMAGED, "the stored message does not have its hash"));
        };
        let to = match address::check(&letter.paper.recipient) {
            Ok(address) => address,
            Err(refusal) => return refuse(refusal),
        };
        let Some(from) = &route.sender else {
            return refuse(Refusal::new(code::SETTINGS_MISSING, "the issuing company has no mail address"));
        };
        if let Err(outcome) = session.announce(from, &to).await {
            return Ok(outcome);
        }
        if let Err(error) = self.mark(store, token, std::slice::from_ref(letter)).await {
            session.withdraw().await;
            return Err(error);
        }
        Ok(session.transmit(&message).await)
    }

    /// Commits `sending`; from here on a takeover knows that the message may be on its way. Nothing has been sent yet,
    /// so a lost answer may simply be asked for again.
    async fn mark(&self, store: &Store, token: i64, letters: &[Letter]) -> Result<()> {
        let mut tries = 0;
        loop {
            match self.mark_once(store, token, letters).await {
                Err(error) if error.is_passing() && tries < TRIES => pause(&mut tries).await,
                other => return other,
            }
        }
    }

    async fn mark_once(&self, store: &Store, token: i64, letters: &[Letter]) -> Result<()> {
        let target = self.noted().unwrap_or_default();
        let write = store.write().await?;
        let now = store::now(&*write).await?;
        let items: Vec<Uuid> = letters.iter().map(|letter| letter.item.id).collect();
        enter_step(&*write, &items, token, "deliver", now).await?;
        let ids: Vec<Uuid> = letters.iter().map(|letter| letter.delivery).collect();
        if settle::mark_sending(&*write, &ids, target, now).await? != ids.len() as u64 {
            return Err(Error::Fenced);
        }
        failpoint::hit("send.before_commit")?;
        write.commit().await?;
        failpoint::hit("send.after_commit")
    }
}

async fn pause(tries: &mut u32) {
    tokio::time::sleep(std::time::Duration::from_millis(20 << *tries)).await;
    *tries += 1;
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

/// Writes evidence, states and endings. What became of a mail is known only here, so a database that stumbles is asked
/// again before the knowledge is given up.
async fn conclude(store: &Store, token: i64, pairs: &[(&Letter, &Outcome)]) -> Result<()> {
    let mut tries = 0;
    loop {
        match conclude_once(store, token, pairs).await {
            Err(error) if error.is_passing() && tries < TRIES => pause(&mut tries).await,
            // The answer to an earlier COMMIT was lost; the items have ended, as they should.
            Err(Error::Fenced) if tries > 0 => return Ok(()),
            other => return other,
        }
    }
}

/// When the lease is over, the evidence still counts.
async fn conclude_once(store: &Store, token: i64, pairs: &[(&Letter, &Outcome)]) -> Result<()> {
    let settled: Vec<_> =
        pairs.iter().map(|(letter, outcome)| (letter.delivery, Some(letter.item.attempt), *outcome)).collect();
    let endings: Vec<_> = pairs.iter().map(|(letter, outcome)| ending(letter, outcome)).collect();
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    settle::settle(&*write, &settled, now).await?;
    match finish(&*write, &endings, token, now).await {
        Ok(()) => {
            failpoint::hit("settle.before_commit")?;
            write.commit().await?;
            failpoint::hit("settle.after_commit")
        }
        Err(Error::Fenced) => {
            drop(write);
            let write = store.write().await?;
            settle::settle(&*write, &settled, now).await?;
            write.commit().await?;
            Err(Error::Fenced)
        }
        Err(error) => Err(error),
    }
}

fn ending(letter: &Letter, outcome: &Outcome) -> Ending {
    match &outcome.verdict {
        Verdict::Accepted => Ending::done(&letter.item),
        Verdict::Deferred(code) | Verdict::Refused(code) => {
            Ending::failed(&letter.item, Refusal::new(code, outcome.detail.clone()))
        }
        Verdict::Unknown => Ending::failed(&letter.item, Refusal::new(code::OUTCOME_UNKNOWN, outcome.detail.clone())),
    }
}
