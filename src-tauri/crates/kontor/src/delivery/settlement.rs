//! A person says what became of mails: they found out that these arrived, or that they did not.
//!
//! Only what nobody knows is settled this way: an unknown outcome, and a mail that a dead worker or an old program left
//! in `sending`. A mail that a worker has in hand is refused. One act of a person is one entry of the journal under one
//! request id, with the list of what happened to each mail; what was said of a single mail stands in its evidence.

mod mails;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::evidence::{self, Evidence};
use super::resend::{self, Kind, Letter};
use super::settle;
use crate::identity::Actor;
use crate::obstacle::{Blocked, Obstacle};
use crate::run::code;
use crate::store::{self, Lock, Store, Write};
use crate::{Error, Result, journal};

pub use mails::{IN_HAND, newest_mail, obstacle};
use mails::{Row, missing, rows};

/// The journal's word for settling.
const ACTION: &str = "delivery.settle";
/// Mails handled together.
const PAGE: usize = 400;

/// Which mails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// These, by Message-ID.
    Mails(Vec<String>),
    /// These, by id.
    Ids(Vec<Uuid>),
    /// All whose outcome is unknown.
    AllUnknown,
}

/// What a person found out.
#[derive(Clone, Debug)]
pub struct Order {
    /// Which mails.
    pub which: Which,
    /// Whether they arrived.
    pub arrived: bool,
    /// Send those again that did not arrive.
    pub resend: bool,
    /// How the person knows; stands in the journal.
    pub reason: String,
    /// How many mails the person was shown; more than these are refused.
    pub most: Option<u64>,
}

impl Order {
    /// More than the person was shown are not settled.
    fn holds(&self, found: usize) -> Result<()> {
        let now = found as u64;
        match self.most {
            Some(planned) if now > planned => Err(Error::Outdated { planned, now }),
            _ => Ok(()),
        }
    }
}

/// What happened to one mail.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct One {
    /// Its id; none where there is no such mail.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// Its Message-ID.
    pub message_id: String,
    /// Id of its invoice; none where there is no such mail.
    #[serde(default)]
    pub invoice_id: Option<Uuid>,
    /// Number of its invoice; empty where there is no such mail.
    pub invoice: String,
    /// State before.
    pub before: String,
    /// State after.
    pub after: String,
    /// `settled` or `refused`.
    pub outcome: String,
    /// Why it was refused.
    pub reason: Option<String>,
    /// The same for whoever acts on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub obstacle: Option<Obstacle>,
}

/// What happened.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct Settled {
    /// Mails that were settled.
    pub settled: u64,
    /// Mails that were not.
    pub refused: u64,
    /// The run that sends them again, where that was asked for.
    pub run: Option<Uuid>,
    /// Whether this request was answered before.
    #[serde(default)]
    pub repeated: bool,
    /// Each mail.
    pub mails: Vec<One>,
}

/// Settles the mails that can be settled; what cannot is listed with its reason and stays.
pub async fn settle(store: &Store, actor: &Actor, order: &Order) -> Result<Settled> {
    check(order)?;
    if let Some(earlier) = asked_before(store, actor).await? {
        return Ok(earlier);
    }
    match attempt(store, actor, order).await {
        Ok(answer) if answer.settled > 0 => Ok(answer),
        // The answer was lost, or another desk was faster with the same request: the rows tell.
        other => match asked_before(store, actor).await {
            Ok(Some(earlier)) => Ok(earlier),
            _ => other,
        },
    }
}

async fn attempt(store: &Store, actor: &Actor, order: &Order) -> Result<Settled> {
    let rows = rows(store.read(), &order.which, store.now().await?, None).await?;
    if rows.is_empty() && matches!(order.which, Which::Ids(_)) {
        return Err(Obstacle::NothingToDo.says("None of these mails is there; nothing was written.").into());
    }
    order.holds(rows.len())?;
    let mut act = Act { order, actor, ends: missing(&order.which, &rows), letters: HashMap::new() };
    let mut open = act.judged(rows);
    if order.resend {
        open = act.composed(store, open).await?;
    }
    if open.is_empty() { Ok(act.answer(None)) } else { act.write(store, open).await }
}

fn check(order: &Order) -> Result<()> {
    if order.reason.trim().is_empty() {
        return Err(Error::Usage(
            "Settling needs a reason: how do you know? It stands in the journal. Give it with --reason.".to_owned(),
        ));
    }
    if order.arrived && order.resend {
        return Err(Error::Usage(
            "What arrived is not sent again here; `kontor invoices resend` sends an invoice once more.".to_owned(),
        ));
    }
    if order.which == Which::Mails(Vec::new()) {
        return Err(Error::Usage("Which mails? Give their Message-IDs, or --all-unknown.".to_owned()));
    }
    Ok(())
}

async fn asked_before(store: &Store, actor: &Actor) -> Result<Option<Settled>> {
    let entry = journal::done_before(store.read(), actor.request, ACTION).await?;
    let earlier = entry.and_then(|entry| serde_json::from_str::<Settled>(&entry.after?).ok());
    Ok(earlier.map(|earlier| Settled { repeated: true, ..earlier }))
}

/// One act of a person, on its way.
struct Act<'a> {
    order: &'a Order,
    actor: &'a Actor,
    ends: Vec<One>,
    /// Mails that will be sent again, by invoice.
    letters: HashMap<Uuid, Letter>,
}

impl Act<'_> {
    fn verdict(&self) -> &'static str {
        if self.order.arrived { "accepted" } else { "refused" }
    }

    /// Notes what cannot be settled and returns the others.
    fn judged(&mut self, rows: Vec<Row>) -> Vec<Row> {
        let verdict = self.verdict();
        let mut open = Vec::with_capacity(rows.len());
        for row in rows {
            match row.blocked(verdict) {
                Some(blocked) => self.ends.push(row.ended(&row.state, Some(blocked))),
                None => open.push(row),
            }
        }
        open
    }

    /// Composes the mails that are sent again. What cannot be sent again is not settled either: the person asked for both.
    async fn composed(&mut self, store: &Store, open: Vec<Row>) -> Result<Vec<Row>> {
        let mut seen = HashSet::with_capacity(open.len());
        let ids: Vec<Uuid> = open.iter().map(|row| row.invoice_id).filter(|id| seen.insert(*id)).collect();
        let request = resend::Request { actor: self.actor.clone(), to: None, reason: self.order.reason.clone() };
        let mut obstacles = HashMap::new();
        for letter in resend::compose_all(store, request, &ids).await? {
            match letter {
                Ok(letter) => drop(self.letters.insert(letter.row.invoice_id, letter)),
                Err(hindered) => drop(obstacles.insert(hindered.invoice, hindered.blocked)),
            }
        }
        Ok(self.without(open, &obstacles))
    }

    /// Leaves out what cannot be sent again.
    fn without(&mut self, open: Vec<Row>, obstacles: &HashMap<Uuid, Blocked>) -> Vec<Row> {
        let (blocked, open): (Vec<Row>, Vec<Row>) =
            open.into_iter().partition(|row| obstacles.contains_key(&row.invoice_id));
        for row in blocked {
            let blocked = obstacles.get(&row.invoice_id).cloned();
            self.ends.push(row.ended(&row.state, blocked));
        }
        open
    }

    /// Another desk may have been faster with sending one of them again.
    async fn sendable(&mut self, write: &Write, open: Vec<Row>) -> Result<Vec<Row>> {
        let letters: Vec<&Letter> = open.iter().filter_map(|row| self.letters.get(&row.invoice_id)).collect();
        if letters.is_empty() {
            return Ok(open);
        }
        let invoices: Vec<Uuid> = letters.iter().map(|letter| letter.row.invoice_id).collect();
        resend::lock(write, &invoices).await?;
        let faults = resend::obstacles(write, &letters).await?;
        let obstacles = faults.into_iter().map(|hindered| (hindered.invoice, hindered.blocked)).collect();
        Ok(self.without(open, &obstacles))
    }

    async fn write(mut self, store: &Store, open: Vec<Row>) -> Result<Settled> {
        let today = store.today().await?;
        let write = store.write().await?;
        let now = store::now(&*write).await?;
        let which = Which::Ids(open.into_iter().map(|row| row.id).collect());
        // Meanwhile a worker or a log may have been faster.
        let rows = rows(&*write, &which, now, Some(Lock::Wait)).await?;
        self.order.holds(rows.len() + self.ends.len())?;
        let open = self.judged(rows);
        let open = self.sendable(&write, open).await?;
        if open.is_empty() {
            return Ok(self.answer(None));
        }
        self.move_states(&write, &open, now).await?;
        let run = self.queue(&write, &open, today, now).await?;
        let verdict = self.verdict();
        self.ends.extend(open.iter().map(|row| row.ended(verdict, None)));
        let record = open.first().filter(|_| open.len() == 1).map(|row| ("deliveries", row.id.to_string()));
        let before = open.first().filter(|_| open.len() == 1).map(|row| serde_json::json!({ "state": row.state }));
        let (actor, reason) = (self.actor, &self.order.reason);
        let answer = self.answer(run);
        let after = serde_json::to_value(&answer).ok();
        let entry = journal::Entry { action: ACTION, record, reason, before, after };
        journal::record(&*write, actor, now, entry).await?;
        write.commit().await?;
        Ok(answer)
    }

    async fn move_states(&self, write: &Write, open: &[Row], now: DateTime<Utc>) -> Result<()> {
        for page in open.chunks(PAGE) {
            let evidence: Vec<Evidence> = page.iter().map(|row| self.evidence(row, now)).collect();
            settle::follow(&**write, &evidence, now).await?;
            evidence::insert(&**write, evidence).await?;
        }
        Ok(())
    }

    fn evidence(&self, row: &Row, now: DateTime<Utc>) -> Evidence {
        let arrived = self.order.arrived;
        Evidence {
            delivery: row.id,
            attempt: None,
            source: "person",
            verdict: self.verdict(),
            code: (!arrived).then_some(code::NOT_ARRIVED),
            reply_code: None,
            detail: evidence::kept(&format!("{}: {}", self.actor.person, self.order.reason)),
            seen_at: now,
            queue_id: None,
            fingerprint: None,
        }
    }

    /// Queues what is sent again.
    async fn queue(
        &mut self,
        write: &Write,
        open: &[Row],
        today: chrono::NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<Option<Uuid>> {
        let letters: Vec<Letter> = open.iter().filter_map(|row| self.letters.remove(&row.invoice_id)).collect();
        if letters.is_empty() {
            return Ok(None);
        }
        let kind = Kind { occasion: "settlement", reason: &self.order.reason, issue_on: today };
        Ok(Some(resend::queue(write, self.actor, kind, letters, now).await?.id))
    }

    fn answer(self, run: Option<Uuid>) -> Settled {
        let settled = self.ends.iter().filter(|one| one.reason.is_none()).count() as u64;
        let refused = self.ends.len() as u64 - settled;
        Settled { settled, refused, run, repeated: false, mails: self.ends }
    }
}
