//! Sending an invoice again because a person asked for it: a new mail that carries the archived, unchanged PDF, says that
//! it is a repetition, and keeps who asked and why.
//!
//! Mails, run, items and the journal's entry are written in one transaction; workers then send the mails like any others.
//! What this module leaves out: a first mail that has not gone out yet (a rerun sends it), and sending itself (`run`).

mod earlier;
mod facts;
mod letter;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

pub use facts::facts_of;
pub use letter::{Hindered, Letter, Request, compose_each};
pub(crate) use letter::{compose_all, lock, obstacles};

use super::address;
use crate::identity::Actor;
use crate::obstacle::Obstacle;
use crate::run::{self, Key, NewItem, NewRun, Selection, Subject, code};
use crate::store::entities::runs;
use crate::store::{self, Store, Write, insert_all};
use crate::{Error, Result, invoice, journal};

/// The journal's word for sending again.
const ACTION: &str = "delivery.resend";

/// What is to be sent again.
#[derive(Clone, Debug)]
pub struct Order {
    /// Numbers of the invoices, as a person typed them.
    pub numbers: Vec<String>,
    /// Another address than the customer's.
    pub to: Option<String>,
    /// Why; stands in the journal and with the mail.
    pub reason: String,
}

/// The run that sends again.
#[derive(Clone, Debug)]
pub struct Resent {
    /// The run.
    pub run: runs::Model,
    /// Whether this request was answered before; nothing was queued now.
    pub repeated: bool,
}

/// Queues invoices to be sent again: all of them, or none and an error that says why.
pub async fn resend(store: &Store, actor: &Actor, order: &Order) -> Result<Resent> {
    check(order)?;
    if let Some(run) = asked_before(store, actor).await? {
        return Ok(Resent { run, repeated: true });
    }
    match attempt(store, actor, order).await {
        Ok(run) => Ok(Resent { run, repeated: false }),
        // The answer was lost, or another desk was faster with the same request: the rows tell.
        Err(error) => match asked_before(store, actor).await {
            Ok(Some(run)) => Ok(Resent { run, repeated: true }),
            _ => Err(error),
        },
    }
}

async fn attempt(store: &Store, actor: &Actor, order: &Order) -> Result<runs::Model> {
    let mut ids = Vec::with_capacity(order.numbers.len());
    for number in &order.numbers {
        let id = invoice::by_number(store, number).await?.id;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    let request = Request { actor: actor.clone(), to: order.to.clone(), reason: order.reason.clone() };
    let letters = compose_all(store, request, &ids).await?;
    let (ready, faults): (Vec<_>, Vec<_>) = letters.into_iter().partition(Result::is_ok);
    let faults: Vec<Hindered> = faults.into_iter().filter_map(Result::err).collect();
    if !faults.is_empty() {
        return Err(refused(&faults));
    }
    write(store, actor, &order.reason, ready.into_iter().flatten().collect(), Meanwhile::RefusesAll).await
}

/// Queues those of these invoices that can be sent again; the others stay as they are.
pub async fn resend_able(store: &Store, request: Request, ids: &[Uuid], most: u64) -> Result<Resent> {
    check_request(&request)?;
    let actor = request.actor.clone();
    if let Some(run) = asked_before(store, &actor).await? {
        return Ok(Resent { run, repeated: true });
    }
    match attempt_able(store, request, ids, most).await {
        Ok(run) => Ok(Resent { run, repeated: false }),
        Err(error) => match asked_before(store, &actor).await {
            Ok(Some(run)) => Ok(Resent { run, repeated: true }),
            _ => Err(error),
        },
    }
}

async fn attempt_able(store: &Store, request: Request, ids: &[Uuid], most: u64) -> Result<runs::Model> {
    let (actor, reason) = (request.actor.clone(), request.reason.clone());
    let (mut ready, mut faults) = (Vec::new(), Vec::new());
    compose_each(store, request, ids, |letter| match letter {
        Ok(letter) => ready.push(letter),
        Err(hindered) => faults.push(hindered),
    })
    .await?;
    let now = ready.len() as u64;
    if now > most {
        return Err(Error::Outdated { planned: most, now });
    }
    if ready.is_empty() {
        return Err(nothing(faults));
    }
    write(store, &actor, &reason, ready, Meanwhile::IsLeftOut).await
}

/// The one obstacle, where there is one invoice; otherwise that nothing of what was chosen can be sent.
fn nothing(faults: Vec<Hindered>) -> Error {
    match <[Hindered; 1]>::try_from(faults) {
        Ok([one]) => one.blocked.into(),
        Err(_) => Obstacle::NothingToDo.says("None of these invoices can be sent again; nothing was sent.").into(),
    }
}

fn check(order: &Order) -> Result<()> {
    check_reason(&order.reason)?;
    if order.numbers.is_empty() {
        return Err(Error::Usage("Which invoices shall be sent again? Give their numbers.".to_owned()));
    }
    order.to.as_deref().map_or(Ok(()), check_address)
}

fn check_reason(reason: &str) -> Result<()> {
    if reason.trim().is_empty() {
        return Err(Error::Usage(
            "Sending again needs a reason; it stands in the journal. Give one with --reason.".to_owned(),
        ));
    }
    Ok(())
}

fn check_address(to: &str) -> Result<()> {
    address::check(to).map(drop).map_err(|refusal| {
        Error::Usage(format!("The address after --to is none: {}. Nothing was sent; correct it.", refusal.detail))
    })
}

fn check_request(request: &Request) -> Result<()> {
    check_reason(&request.reason)?;
    request.to.as_deref().map_or(Ok(()), check_address)
}

fn refused(faults: &[Hindered]) -> Error {
    let sentences: Vec<&str> = faults.iter().map(|hindered| hindered.blocked.sentence.as_str()).collect();
    Error::Refused(format!("{}\nNothing was sent.", sentences.join("\n")))
}

/// The run that an earlier call with this request id left.
async fn asked_before(store: &Store, actor: &Actor) -> Result<Option<runs::Model>> {
    if journal::done_before(store.read(), actor.request, ACTION).await?.is_none() {
        return Ok(None);
    }
    Ok(runs::Entity::find().filter(runs::Column::RequestId.eq(actor.request)).one(store.read()).await?)
}

/// What becomes of an invoice that could be sent again and meanwhile cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meanwhile {
    /// Nothing is sent.
    RefusesAll,
    /// It is left out.
    IsLeftOut,
}

async fn write(
    store: &Store,
    actor: &Actor,
    reason: &str,
    mut letters: Vec<Letter>,
    meanwhile: Meanwhile,
) -> Result<runs::Model> {
    let today = store.today().await?;
    let write = store.write().await?;
    let ids: Vec<Uuid> = letters.iter().map(|letter| letter.row.invoice_id).collect();
    lock(&write, &ids).await?;
    // Another desk may have been faster, under another request.
    let faults = obstacles(&write, &letters.iter().collect::<Vec<_>>()).await?;
    if !faults.is_empty() && meanwhile == Meanwhile::RefusesAll {
        return Err(refused(&faults));
    }
    letters.retain(|letter| !faults.iter().any(|hindered| hindered.invoice == letter.row.invoice_id));
    if letters.is_empty() {
        return Err(nothing(faults));
    }
    let now = store::now(&*write).await?;
    let mails: Vec<serde_json::Value> = letters.iter().map(Letter::noted).collect();
    let single = letters.first().filter(|_| letters.len() == 1).map(|letter| letter.row.id.to_string());
    let kind = Kind { occasion: "resend", reason, issue_on: today };
    let run = queue(&write, actor, kind, letters, now).await?;
    let entry = journal::Entry {
        action: ACTION,
        record: Some(single.map_or_else(|| ("runs", run.id.to_string()), |id| ("deliveries", id))),
        reason,
        before: None,
        after: Some(serde_json::json!({ "run": run.id, "mails": mails })),
    };
    journal::record(&*write, actor, now, entry).await?;
    write.commit().await?;
    Ok(run)
}

/// What a person did that mails are sent again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind<'a> {
    /// `resend` or `settlement`.
    pub occasion: &'static str,
    /// Why.
    pub reason: &'a str,
    /// Today's date at the office.
    pub issue_on: NaiveDate,
}

/// Writes the mails, a run and an item for each.
pub(crate) async fn queue(
    write: &Write,
    actor: &Actor,
    kind: Kind<'_>,
    letters: Vec<Letter>,
    now: DateTime<Utc>,
) -> Result<runs::Model> {
    let numbers = letters.iter().map(|letter| letter.number.clone()).collect();
    let order = run::Order {
        reason: kind.reason.to_owned(),
        issue_on: kind.issue_on,
        last_step: "deliver",
        covering: None,
        covering_en: None,
    };
    let new = NewRun {
        kind: "rerun",
        occasion: kind.occasion,
        period: None,
        selection: serde_json::to_string(&Selection::Invoices(numbers)).unwrap_or_default(),
        order: &order,
        covering: None,
        items: letters.iter().map(item).collect(),
    };
    let run = run::put_up(&**write, actor, new, now).await?;
    insert_all(&**write, letters.into_iter().map(|letter| letter.queued_at(now)).collect()).await?;
    Ok(run)
}

fn item(letter: &Letter) -> NewItem {
    let subject = Subject::Resend(letter.row.id);
    let key = Key { subscription: letter.subscription, period: letter.period, subject };
    NewItem::new(key, Some(letter.row.invoice_id))
}

/// An address as the journal keeps it.
fn noted_address(address: &str) -> String {
    code::masked(address)
}
