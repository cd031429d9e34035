//! Messages on their way through a log: lines are gathered by queue id until it is known whose the message is.
//!
//! A queue id is used again later, and a log begins in the middle of things. So a new Message-ID begins a new message, and
//! a message that is known by its queue id alone must fit in time.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::super::address;
use super::super::evidence::{Evidence, Keys, Mail, Mails};
use super::line::{Line, Stamp};
use super::postfix::Note;
use super::{Event, opensmtpd, postfix};
use crate::Result;

/// Messages asked about together.
const FULL: usize = 400;
/// Lines after which it is asked all the same.
const LONG: usize = 50_000;
/// Messages of others that are remembered while they are in the queue; they can be forgotten at the cost of a question.
const REMEMBERED: usize = 500_000;

/// One message.
#[derive(Clone, Debug)]
struct Thread {
    queue_id: Option<String>,
    message_id: Option<String>,
    sender: Option<String>,
    /// The mail it is, once that is known.
    mail: Option<Box<Mail>>,
    /// The server has taken it.
    taken: bool,
    first: Option<Stamp>,
    events: Vec<(Option<Stamp>, Event)>,
}

/// All messages in hand.
#[derive(Debug, Default)]
pub(super) struct Threads {
    open: HashMap<String, Thread>,
    /// Queue ids that belong to others at the moment.
    foreign: HashSet<String>,
    /// Messages that no later line can be about.
    closed: Vec<Thread>,
    /// Messages begun, and lines taken, since the database was last asked.
    begun: usize,
    lines: usize,
}

/// What was found out.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub evidence: Vec<Evidence>,
    pub others: u64,
}

impl Thread {
    fn new(queue_id: Option<&str>, first: Option<Stamp>) -> Self {
        Self {
            queue_id: queue_id.map(str::to_owned),
            message_id: None,
            sender: None,
            mail: None,
            taken: false,
            first,
            events: Vec::new(),
        }
    }

    fn came_from(&mut self, sender: &str) {
        if self.sender.is_none() {
            self.sender = Some(sender.to_owned());
        }
    }

    fn add(&mut self, at: Option<Stamp>, event: Event) {
        self.taken |= !event.said.is_before();
        self.events.push((at, event));
    }

    /// Finds the mail it is, if it is one of ours.
    fn find(&self, known: &Mails, now: DateTime<Utc>) -> Option<Mail> {
        let returns = self.sender.as_deref().and_then(address::delivery_of);
        if let Some(mail) = returns.and_then(|id| known.own.get(&id)).filter(|mail| self.is_own(mail)) {
            return Some(mail.clone());
        }
        if let Some(id) = &self.message_id {
            return known.named.get(id).cloned();
        }
        let named = self.queue_id.as_ref().and_then(|id| known.queued.get(id))?;
        let fits = |mail: &&Mail| {
            let left = mail.sending_at.unwrap_or(mail.queued_at);
            self.first.is_none_or(|at| at.near(left).is_some_and(|at| mail.fits(at, now)))
        };
        let mut fitting = named.iter().filter(|mail| self.is_own(mail)).filter(fits);
        fitting.next().filter(|_| fitting.next().is_none()).cloned()
    }
}

impl Thread {
    /// Whether the envelope, as far as it was seen, is that of the mail itself.
    fn is_own(&self, mail: &Mail) -> bool {
        self.sender.as_deref().is_none_or(|sender| mail.came_from(sender))
    }

    /// Hands out what happened so far; `false` when the message is none of ours.
    fn hand_out(&mut self, known: &Mails, now: DateTime<Utc>, found: &mut Found) -> bool {
        if self.mail.is_none() {
            self.mail = self.find(known, now).map(Box::new);
        }
        let events = std::mem::take(&mut self.events);
        let Some(mail) = &self.mail else {
            found.others += 1;
            return false;
        };
        // Where somebody else passes the mail on, it has arrived; what becomes of theirs is not about ours.
        let is_own = self.is_own(mail);
        let counts = |event: &Event| is_own || event.said.verdict().0 == "accepted";
        let events = events.iter().filter(|(_, event)| counts(event));
        found.evidence.extend(events.map(|(at, event)| event.evidence(mail, self.queue_id.as_deref(), *at, now)));
        true
    }
}

impl Threads {
    /// Takes a line; foreign ones are left out.
    pub fn take(&mut self, line: &Line<'_>) {
        self.lines += 1;
        if let Some(entry) = postfix::read(line) {
            self.take_postfix(line, entry);
        } else if let Some(entry) = opensmtpd::read(line) {
            // Each of its lines says everything.
            let mut thread = Thread::new(Some(entry.message), line.at);
            thread.came_from(entry.sender);
            thread.add(line.at, entry.event);
            self.closed.push(thread);
        }
    }

    fn take_postfix(&mut self, line: &Line<'_>, entry: postfix::Entry<'_>) {
        let Some(id) = entry.queue_id else {
            if let Note::Rejected(sender, event) = entry.note {
                let mut thread = Thread::new(None, line.at);
                thread.came_from(sender);
                thread.add(line.at, event);
                self.closed.push(thread);
            }
            return;
        };
        if self.is_foreign(id, &entry.note) {
            return;
        }
        match entry.note {
            Note::Named(name) => self.begin(id, line.at).message_id = Some(name.to_owned()),
            Note::Gone => self.closed.extend(self.open.remove(id)),
            Note::Happened(event) => self.thread(id, line.at).add(line.at, event),
            Note::Queued(sender, event) => {
                let thread = self.thread(id, line.at);
                thread.came_from(sender);
                if let Some(event) = event {
                    thread.add(line.at, event);
                }
            }
            Note::Rejected(sender, event) => {
                let thread = self.thread(id, line.at);
                thread.came_from(sender);
                thread.add(line.at, event);
            }
        }
    }

    /// Whether a line is about a message of others. The id may be given out again, and a return path tells what a Message-ID
    /// did not.
    fn is_foreign(&mut self, id: &str, note: &Note<'_>) -> bool {
        if !self.foreign.contains(id) {
            return false;
        }
        let begins = match note {
            Note::Named(_) => true,
            Note::Queued(sender, _) | Note::Rejected(sender, _) => address::delivery_of(sender).is_some(),
            Note::Happened(_) | Note::Gone => false,
        };
        if begins || *note == Note::Gone {
            self.foreign.remove(id);
        }
        !begins
    }

    /// The message that now has this queue id.
    fn begin(&mut self, id: &str, at: Option<Stamp>) -> &mut Thread {
        // A recipient may have been rejected before the message had a name.
        let same = self.open.get(id).is_some_and(|thread| thread.message_id.is_none() && !thread.taken);
        if !same && let Some(earlier) = self.open.remove(id) {
            self.closed.push(earlier);
        }
        self.thread(id, at)
    }

    fn thread(&mut self, id: &str, at: Option<Stamp>) -> &mut Thread {
        if !self.open.contains_key(id) {
            self.begun += 1;
        }
        self.open.entry(id.to_owned()).or_insert_with(|| Thread::new(Some(id), at))
    }

    /// Whether it is time to ask.
    pub fn is_full(&self) -> bool {
        self.begun >= FULL || self.closed.len() >= FULL || self.lines >= LONG
    }

    /// Asks whose the messages are, and hands out what happened to ours.
    pub async fn resolve(&mut self, connection: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Found> {
        let known = Mails::find(connection, self.keys()).await?;
        Ok(self.settle(&known, now))
    }

    fn keys(&self) -> Keys {
        let mut keys = Keys::default();
        for thread in self.open.values().chain(&self.closed).filter(|one| one.mail.is_none()) {
            keys.ids.extend(thread.sender.as_deref().and_then(address::delivery_of));
            match &thread.message_id {
                Some(name) => drop(keys.names.insert(name.clone())),
                None => keys.queue_ids.extend(thread.queue_id.clone()),
            }
        }
        keys
    }

    fn settle(&mut self, known: &Mails, now: DateTime<Utc>) -> Found {
        let mut found = Found::default();
        for mut thread in std::mem::take(&mut self.closed) {
            thread.hand_out(known, now, &mut found);
        }
        let foreign = &mut self.foreign;
        self.open.retain(|id, thread| {
            let is_ours = thread.hand_out(known, now, &mut found);
            if !is_ours {
                foreign.insert(id.clone());
            }
            is_ours
        });
        (self.begun, self.lines) = (0, 0);
        if foreign.len() > REMEMBERED {
            foreign.clear();
        }
        found
    }
}

#[cfg(test)]
#[path = "thread_tests.rs"]
mod tests;
