//! A person says what became of mails: they found out that these arrived, or that they did not.
//!
//! Only what nobody knows is settled this way: an unknown outcome, and a mail that a dead worker or an old program left
//! in `sending`. A mail that a worker has in hand is refused. One act of a person is one entry of the journal under one
//! request id, with the list of what happened to each mail; what was said of a single mail stands in its evidence.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::evidence::{self, Evidence};
use super::resend::{self, Kind, Letter};
use super::settle;
use crate::identity::Actor;
use crate::run::code;
use crate::store::{self, Lock, Store, Write, places};
use crate::{Error, Result, journal};

/// The journal's word for settling.
const ACTION: &str = "delivery.settle";
/// Mails handled together.
const PAGE: usize = 400;

/// SQL: whether a live worker has the mail `d` in hand. One value: the time. What an old program left without text
/// cannot be in anybody's hand.
pub const IN_HAND: &str = "(NOT (d.origin = 'legacy' AND d.message_head IS NULL) AND EXISTS (SELECT 1 FROM \
    run_items c JOIN invoices n ON n.id = d.invoice_id WHERE c.state = 'claimed' AND c.lease_expires_at >= ? AND \
    (c.subject_id = d.id OR (d.purpose = 'cancellation' AND c.subject_id = d.invoice_id) OR (d.purpose = 'invoice' AND \
    c.subject_id IS NULL AND c.subscription_id = n.subscription_id AND c.period = n.period))))";

/// Which mails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// These, by Message-ID.
    Mails(Vec<String>),
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
}

/// What happened to one mail.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct One {
    /// Its Message-ID.
    pub message_id: String,
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

#[derive(Clone, Debug, FromQueryResult)]
struct Row {
    id: Uuid,
    message_id: String,
    state: String,
    invoice_id: Uuid,
    invoice: String,
    in_hand: i32,
}

impl Row {
    /// Why a person cannot settle it; none when they can.
    fn obstacle(&self, verdict: &str) -> Option<String> {
        if self.state == "sending" && self.in_hand == 1 {
            return Some("a worker is sending it at this moment; wait until it is out".to_owned());
        }
        if settle::next("person", verdict, &self.state).is_some() {
            return None;
        }
        Some(match self.state.as_str() {
            "queued" | "deferred" => "it has not gone out yet; a rerun sends it".to_owned(),
            "accepted" => "the mail server took it; that is known already".to_owned(),
            "refused" => "the mail server refused it, or somebody settled it before".to_owned(),
            state => format!("it is {state} already"),
        })
    }

    fn ended(&self, after: &str, reason: Option<String>) -> One {
        One {
            message_id: self.message_id.clone(),
            invoice: self.invoice.clone(),
            before: self.state.clone(),
            after: after.to_owned(),
            outcome: if reason.is_none() { "settled" } else { "refused" }.to_owned(),
            reason,
        }
    }
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

fn bare(message_id: &str) -> String {
    message_id.trim().trim_start_matches('<').trim_end_matches('>').to_owned()
}

/// Message-IDs that were typed and are not there.
fn missing(which: &Which, rows: &[Row]) -> Vec<One> {
    let Which::Mails(typed) = which else { return Vec::new() };
    let unknown = typed.iter().map(|id| bare(id)).filter(|id| !rows.iter().any(|row| row.message_id == *id));
    unknown
        .map(|message_id| One {
            message_id,
            invoice: String::new(),
            before: String::new(),
            after: String::new(),
            outcome: "refused".to_owned(),
            reason: Some("there is no mail with this Message-ID; `kontor deliveries list` shows them".to_owned()),
        })
        .collect()
}

/// The mails, in the order of their ids, which is that of their making.
async fn rows(
    connection: &impl ConnectionTrait,
    which: &Which,
    now: DateTime<Utc>,
    lock: Option<Lock>,
) -> Result<Vec<Row>> {
    let pages: Vec<(String, Vec<Value>)> = match which {
        Which::AllUnknown => {
            let condition = format!("d.state = 'unknown' OR (d.state = 'sending' AND NOT {IN_HAND})");
            vec![(condition, vec![now.into()])]
        }
        Which::Mails(typed) => typed
            .chunks(PAGE)
            .map(|page| {
                let ids = page.iter().map(|id| bare(id).into()).collect();
                (format!("d.message_id IN ({})", places(page.len())), ids)
            })
            .collect(),
    };
    let backend = connection.get_database_backend();
    let mut found = Vec::new();
    for (condition, values) in pages {
        let text = format!(
            "SELECT d.id, d.message_id, d.state, d.invoice_id, i.number AS invoice, CASE WHEN {IN_HAND} THEN 1 ELSE 0 END \
             AS in_hand FROM deliveries d JOIN invoices i ON i.id = d.invoice_id WHERE {condition} ORDER BY d.id"
        );
        let text = lock.map_or_else(|| text.clone(), |lock| store::locking(backend, &text, lock));
        let values = [now.into()].into_iter().chain(values);
        for row in connection.query_all_raw(store::sql(backend, &text, values)).await? {
            found.push(Row::from_query_result(&row, "")?);
        }
    }
    Ok(found)
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
            match row.obstacle(verdict) {
                Some(reason) => self.ends.push(row.ended(&row.state, Some(reason))),
                None => open.push(row),
            }
        }
        open
    }

    /// Composes the mails that are sent again. What cannot be sent again is not settled either: the person asked for both.
    async fn composed(&mut self, store: &Store, open: Vec<Row>) -> Result<Vec<Row>> {
        let mut ids: Vec<Uuid> = Vec::with_capacity(open.len());
        for row in &open {
            if !ids.contains(&row.invoice_id) {
                ids.push(row.invoice_id);
            }
        }
        let mut obstacles = HashMap::new();
        for letter in resend::compose_all(store, self.actor, &ids, None, &self.order.reason).await? {
            match letter {
                Ok(letter) => drop(self.letters.insert(letter.row.invoice_id, letter)),
                Err((invoice, sentence)) => drop(obstacles.insert(invoice, sentence)),
            }
        }
        let (blocked, open) = open.into_iter().partition(|row| obstacles.contains_key(&row.invoice_id));
        for row in blocked as Vec<Row> {
            let reason = obstacles.get(&row.invoice_id).cloned();
            self.ends.push(row.ended(&row.state, reason));
        }
        Ok(open)
    }

    async fn write(mut self, store: &Store, open: Vec<Row>) -> Result<Settled> {
        let today = store.today().await?;
        let write = store.write().await?;
        let now = store::now(&*write).await?;
        let which = Which::Mails(open.into_iter().map(|row| row.message_id).collect());
        // Meanwhile a worker or a log may have been faster.
        let rows = rows(&*write, &which, now, Some(Lock::Wait)).await?;
        let open = self.judged(rows);
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
        let invoices: Vec<Uuid> = letters.iter().map(|letter| letter.row.invoice_id).collect();
        resend::lock(write, &invoices).await?;
        let faults = resend::obstacles(write, &letters).await?;
        if !faults.is_empty() {
            let sentences: Vec<String> = faults.into_iter().map(|(_, sentence)| sentence).collect();
            return Err(Error::Refused(format!("{}\nNothing was changed; try again.", sentences.join("\n"))));
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
