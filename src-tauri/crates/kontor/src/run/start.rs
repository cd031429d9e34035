//! Starting a run: its items are snapshotted in the transaction that creates it, with the journal's entry.

use chrono::{DateTime, Days, NaiveDate, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde::Serialize;
use uuid::Uuid;

use super::covering::Covering;
use super::hindrance::Hindrance;
use super::key::{Key, Subject};
use super::plan::{Plan, Selection, plan};
use crate::identity::Actor;
use crate::invoice::due;
use crate::period::Period;
use crate::store::entities::{run_items, runs};
use crate::store::{self, Store, insert_all};
use crate::{Result, journal};

/// The journal's word for starting a run.
const ACTION: &str = "run.start";

/// How a run is to be done.
#[derive(Clone, Debug)]
pub struct Order {
    /// Why; stands in the journal.
    pub reason: String,
    /// Date that newly issued invoices bear.
    pub issue_on: NaiveDate,
    /// `deliver`, or `archive` to stop before mailing.
    pub last_step: &'static str,
    /// Text that opens the mails of this run.
    pub covering: Option<String>,
    /// The same for customers whose language is English; none takes [`Order::covering`].
    pub covering_en: Option<String>,
}

/// A run that was asked for.
#[derive(Clone, Debug)]
pub struct Started {
    /// The run; none when there was nothing to do and nothing was written.
    pub run: Option<runs::Model>,
    /// What was planned; none when the request had been answered before.
    pub plan: Option<Plan>,
}

/// Reruns what the selection names and what can run.
pub async fn start(store: &Store, actor: &Actor, selection: &Selection, order: &Order) -> Result<Started> {
    start_planned(store, actor, selection, order, None).await
}

/// Runs what the selection names and what can run, unless that is more than the person was shown.
pub async fn start_planned(
    store: &Store,
    actor: &Actor,
    selection: &Selection,
    order: &Order,
    planned: Option<u64>,
) -> Result<Started> {
    if order.reason.trim().is_empty() {
        return Err(Hindrance::ReasonMissing.into());
    }
    let covering = Covering::of(order)?;
    if let Some(run) = by_request(store, actor).await? {
        return Ok(Started { run: Some(run), plan: None });
    }
    let period = selection.period();
    check_dates(store, period, order.issue_on).await?;
    let plan = plan(store, selection, order.issue_on).await?;
    if let Some(planned) = planned.filter(|planned| plan.eligible > *planned) {
        return Err(Hindrance::PlanOutdated { planned, now: plan.eligible }.into());
    }
    let able = plan.candidates.iter().filter(|candidate| candidate.obstacle.is_none());
    let items = able.map(|candidate| NewItem::new(candidate.key, candidate.invoice)).collect();
    let selection = serde_json::to_string(selection).unwrap_or_default();
    let kind = if period.is_some() { "invoice" } else { "rerun" };
    let new = NewRun { kind, occasion: "run", period, selection, order, covering, items };
    Ok(match create(store, actor, new).await? {
        Created::Nothing => Started { run: None, plan: Some(plan) },
        Created::New(run) => Started { run: Some(run), plan: Some(plan) },
        Created::Before(run) => Started { run: Some(run), plan: None },
    })
}

/// Invoices every subscription that is due in the period and has no invoice yet.
pub async fn start_period(store: &Store, actor: &Actor, period: Period, order: &Order) -> Result<Started> {
    if let Some(run) = by_request(store, actor).await? {
        return Ok(Started { run: Some(run), plan: None });
    }
    check_dates(store, Some(period), order.issue_on).await?;
    let keys = due::keys(store.read(), period).await?;
    let items = keys.into_iter().map(|key| NewItem::new(key, None)).collect();
    let selection = serde_json::to_string(&Selection::Due(period)).unwrap_or_default();
    let covering = Covering::of(order)?;
    let new = NewRun { kind: "invoice", occasion: "run", period: Some(period), selection, order, covering, items };
    let run = match create(store, actor, new).await? {
        Created::Nothing => None,
        Created::New(run) | Created::Before(run) => Some(run),
    };
    Ok(Started { run, plan: None })
}

/// An invoice bears no date of the future, and next month is the last that can be invoiced ahead.
pub async fn check_dates(store: &Store, period: Option<Period>, issue_on: NaiveDate) -> Result<()> {
    let today = store.today().await?;
    if issue_on > today {
        return Err(Hindrance::InFuture { on: issue_on, today }.into());
    }
    let latest = Period::containing(Period::containing(today).last_day() + Days::new(1));
    match period {
        Some(period) if period > latest => Err(Hindrance::TooFarAhead { period, today, latest }.into()),
        _ => Ok(()),
    }
}

/// The run that an earlier call with the request id of this actor left.
pub async fn by_request(store: &Store, actor: &Actor) -> Result<Option<runs::Model>> {
    let earlier = runs::Entity::find().filter(runs::Column::RequestId.eq(actor.request)).one(store.read()).await?;
    if earlier.as_ref().is_none_or(|run| run.occasion != "run") {
        // The id may have been used for something else.
        journal::done_before(store.read(), actor.request, ACTION).await?;
    }
    Ok(earlier)
}

#[derive(Serialize)]
struct Noted<'a> {
    kind: &'a str,
    selection: &'a str,
    total: i64,
    last_step: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    covering: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    covering_en: Option<&'a str>,
}

/// A run that is about to be written.
#[derive(Debug)]
pub(crate) struct NewRun<'a> {
    /// `invoice` or `rerun`.
    pub kind: &'static str,
    /// What the person did (`runs.occasion`).
    pub occasion: &'static str,
    /// The period, where it is about one.
    pub period: Option<Period>,
    /// What it is about, as JSON.
    pub selection: String,
    /// How it is to be done.
    pub order: &'a Order,
    /// The text that opens its mails, checked.
    pub covering: Option<Covering>,
    /// Its items.
    pub items: Vec<NewItem>,
}

/// An item that is about to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewItem {
    key: Key,
    invoice: Option<Uuid>,
}

impl NewItem {
    /// An item about this key; `invoice` is its invoice, where there is one.
    pub fn new(key: Key, invoice: Option<Uuid>) -> Self {
        Self { key, invoice }
    }

    /// An item about one cancellation invoice of a period.
    pub fn of_cancellation(subscription: Uuid, period: NaiveDate, cancellation: Uuid) -> Self {
        let subject = Subject::Cancellation(cancellation);
        Self::new(Key { subscription, period, subject }, Some(cancellation))
    }

    fn row(self, run: Uuid, ordinal: i64, now: DateTime<Utc>) -> run_items::Model {
        run_items::Model {
            id: Uuid::now_v7(),
            run_id: run,
            ordinal,
            subscription_id: self.key.subscription,
            period: self.key.period,
            invoice_id: self.invoice,
            state: "waiting".to_owned(),
            code: None,
            token: 0,
            worker_id: None,
            lease_expires_at: None,
            losses: 0,
            updated_at: now,
            subject: self.key.subject.word().to_owned(),
            subject_id: self.key.subject.id(),
            due_at: None,
            retries: 0,
        }
    }
}

enum Created {
    /// There was nothing to do; nothing was written.
    Nothing,
    /// It was written now.
    New(runs::Model),
    /// The same request had written it before.
    Before(runs::Model),
}

async fn create(store: &Store, actor: &Actor, new: NewRun<'_>) -> Result<Created> {
    if new.items.is_empty() {
        return Ok(Created::Nothing);
    }
    match write_run(store, actor, new).await {
        // The answer was lost, or another desk was first with the same request: the rows tell.
        Err(error) if error.is_passing() || error.is_duplicate() => match by_request(store, actor).await? {
            Some(run) => Ok(Created::Before(run)),
            None => Err(error),
        },
        other => other.map(Created::New),
    }
}

async fn write_run(store: &Store, actor: &Actor, new: NewRun<'_>) -> Result<runs::Model> {
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    let run = put_up(&*write, actor, new, now).await?;
    let noted = Noted {
        kind: &run.kind,
        selection: &run.selection,
        total: run.total,
        last_step: &run.last_step,
        covering: run.covering.as_deref(),
        covering_en: run.covering_en.as_deref(),
    };
    let entry = journal::Entry {
        action: ACTION,
        record: Some(("runs", run.id.to_string())),
        reason: &run.reason,
        before: None,
        after: serde_json::to_value(noted).ok(),
    };
    journal::record(&*write, actor, now, entry).await?;
    write.commit().await?;
    Ok(run)
}

/// Writes a run with its items in the transaction at hand; the journal's entry is the caller's.
pub(crate) async fn put_up(
    connection: &impl ConnectionTrait,
    actor: &Actor,
    new: NewRun<'_>,
    now: DateTime<Utc>,
) -> Result<runs::Model> {
    let NewRun { kind, occasion, period, selection, order, covering, items } = new;
    let (covering, covering_en) = covering.map_or((None, None), |texts| (Some(texts.text), texts.english));
    let run = runs::Model {
        id: Uuid::now_v7(),
        kind: kind.to_owned(),
        period: period.map(Period::first_day),
        issue_on: order.issue_on,
        last_step: order.last_step.to_owned(),
        selection,
        reason: order.reason.clone(),
        state: "running".to_owned(),
        total: i64::try_from(items.len()).unwrap_or(i64::MAX),
        person: actor.person.clone(),
        desk: actor.desk.clone(),
        request_id: actor.request,
        created_at: now,
        ended_at: None,
        occasion: occasion.to_owned(),
        covering,
        covering_en,
    };
    insert_all(connection, vec![run.clone()]).await?;
    let mut rows = Vec::with_capacity(items.len().min(10_000));
    for (ordinal, item) in (1..).zip(items) {
        rows.push(item.row(run.id, ordinal, now));
        if rows.len() == 10_000 {
            insert_all(connection, std::mem::take(&mut rows)).await?;
        }
    }
    insert_all(connection, rows).await?;
    Ok(run)
}
