//! Cancelling: an issued invoice is never changed or deleted, so a cancellation invoice takes it back, under a number of
//! its own and naming the original by number and date. On request the period is invoiced again in the same transaction.
//!
//! Both papers are put up as one run, which draws, stores and mails them. What this module leaves out: that work (`run`),
//! and money that was paid already.

mod plan;

use chrono::{DateTime, NaiveDate, Utc};
use kontor_pdf::Content;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use serde::Serialize;
use uuid::Uuid;

use super::freeze::{Fresh, Subject, freeze};
use super::settings::Settings;
use super::{content, counterpart, issue, original, withdraw};
use crate::identity::Actor;
use crate::obstacle::Obstacle;
use crate::period::Period;
use crate::run::case::{self, Case};
use crate::run::{self, Key, NewItem, NewRun, code};
use crate::store::entities::{deliveries, invoices, journal as entries, runs};
use crate::store::{self, Store, Write};
use crate::{Error, Result, journal, seal, withdrawal};

pub use plan::{Difference, Plan, plan};

/// The journal's word for cancelling, with or without a new invoice.
pub const CANCEL: &str = "invoice.cancel";
/// The journal's word for a new invoice where the old one had been cancelled before.
const REISSUE: &str = "invoice.reissue";

/// How an invoice is to be cancelled.
#[derive(Clone, Debug)]
pub struct Order {
    /// Why; stands in the journal.
    pub reason: String,
    /// Date that the new papers bear.
    pub issue_on: NaiveDate,
    /// Whether the period is invoiced again, from today's data.
    pub reissue: bool,
    /// `deliver`, or `archive` to store the papers and mail nothing.
    pub last_step: &'static str,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cancelled {
    /// Number of the invoice that is cancelled.
    pub invoice: String,
    /// Number of the cancellation invoice.
    pub cancellation: String,
    /// Number of the new invoice of the period.
    pub reissued: Option<String>,
    /// It had been cancelled before; only the new invoice was issued now.
    pub cancelled_before: bool,
    /// The request had been answered before; nothing was written now.
    pub repeated: bool,
    /// The run that draws, stores and mails the papers.
    #[serde(skip)]
    pub run: Uuid,
}

/// Cancels an invoice by the number that a person typed, or says why not; then nothing is written.
///
/// Where it is cancelled already and its period has no valid invoice, an order to reissue issues that one alone.
pub async fn cancel(store: &Store, actor: &Actor, typed: &str, order: &Order) -> Result<Cancelled> {
    check_reason(order)?;
    cancel_one(store, actor, super::by_number(store, typed).await?, order).await
}

/// Cancels an invoice by its id.
pub async fn cancel_by_id(store: &Store, actor: &Actor, id: Uuid, order: &Order) -> Result<Cancelled> {
    check_reason(order)?;
    let invoice = invoices::Entity::find_by_id(id).one(store.read()).await?;
    let invoice = invoice.ok_or_else(|| Error::NotFound(format!("There is no invoice with the id {id}.")))?;
    cancel_one(store, actor, invoice, order).await
}

fn check_reason(order: &Order) -> Result<()> {
    if order.reason.trim().is_empty() {
        return Err(Error::Usage(
            "A cancellation needs a reason; it stands in the journal. Give one with --reason.".to_owned(),
        ));
    }
    Ok(())
}

async fn cancel_one(store: &Store, actor: &Actor, invoice: invoices::Model, order: &Order) -> Result<Cancelled> {
    if let Some(done) = answered(store, actor, &invoice).await? {
        return Ok(done);
    }
    check_date(store, order.issue_on).await?;
    // What dead workers held waits again, so that it can be taken back with the rest.
    run::reap(store).await?;
    match write(store, actor, &invoice, order).await {
        Ok(done) => Ok(done),
        // The answer was lost, or another desk was first with the same request: the rows tell.
        Err(error) => answered(store, actor, &invoice).await?.ok_or(error),
    }
}

async fn check_date(store: &Store, issue_on: NaiveDate) -> Result<()> {
    let today = store.today().await?;
    if issue_on <= today {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "{issue_on} lies in the future (today is {today}). A cancellation invoice bears the day it is issued; leave the \
         date out."
    )))
}

/// What an earlier call with the same request did.
async fn answered(store: &Store, actor: &Actor, invoice: &invoices::Model) -> Result<Option<Cancelled>> {
    let entry = match journal::done_before(store.read(), actor.request, CANCEL).await {
        Err(Error::Usage(_)) => journal::done_before(store.read(), actor.request, REISSUE).await?,
        other => other?,
    };
    let Some(entry) = entry else { return Ok(None) };
    if entry.row_key.as_deref() != Some(invoice.id.to_string().as_str()) {
        return Err(Error::Usage(format!(
            "The request id {} cancelled another invoice already; nothing was done. Use a new one.",
            actor.request
        )));
    }
    let run = runs::Entity::find().filter(runs::Column::RequestId.eq(actor.request)).one(store.read()).await?;
    let run = run.ok_or_else(|| Error::NotFound(format!("The run of the request {} is gone.", actor.request)))?;
    Ok(Some(told_before(&entry, run.id)))
}

fn told_before(entry: &entries::Model, run: Uuid) -> Cancelled {
    let after = entry.after.as_deref().and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
    let after = after.unwrap_or_default();
    let number = |name: &str| after[name].as_str().map(str::to_owned);
    Cancelled {
        invoice: number("number").unwrap_or_default(),
        cancellation: number("cancellation").unwrap_or_default(),
        reissued: number("reissued"),
        cancelled_before: entry.action == REISSUE,
        repeated: true,
        run,
    }
}

async fn write(store: &Store, actor: &Actor, found: &invoices::Model, order: &Order) -> Result<Cancelled> {
    let write = store.write().await?;
    // What is frozen here is what everybody draws and mails from.
    withdrawal::require_service(&*write, &actor.desk).await?;
    let now = store::now(&*write).await?;
    withdraw::items(&*write, found, now).await?;
    let invoice = invoices::Entity::find_by_id(found.id).lock_exclusive().one(&*write).await?;
    let invoice = invoice.ok_or_else(|| Error::NotFound(format!("{} is gone.", found.number)))?;
    check_kind(&*write, &invoice).await?;
    let before = cancelled_by(&*write, &invoice).await?;
    let cancellation = match &before {
        Some(by) if order.reissue => {
            check_not_before(order, by)?;
            check_free(&*write, &invoice).await?;
            None
        }
        Some(by) => return Err(cancelled_already(&invoice, by)),
        None => Some(take_back(&*write, &invoice, order, &actor.desk, now).await?),
    };
    let reissued = if order.reissue { Some(reissue(&*write, &invoice, order, &actor.desk, now).await?) } else { None };
    let run = put_up(&write, actor, &invoice, order, (cancellation.as_ref(), reissued.as_ref()), now).await?;
    let done = Cancelled {
        invoice: invoice.number.clone(),
        cancellation: cancellation.or(before).map(|row| row.number).unwrap_or_default(),
        reissued: reissued.map(|row| row.number),
        cancelled_before: invoice.state == "cancelled",
        repeated: false,
        run: run.id,
    };
    note(&write, actor, &invoice, order, &done, now).await?;
    write.commit().await?;
    Ok(done)
}

/// Only what left the house as an invoice can be cancelled.
async fn check_kind(connection: &impl ConnectionTrait, invoice: &invoices::Model) -> Result<()> {
    let number = &invoice.number;
    if let Some(original) = invoice.cancels_id.filter(|_| invoice.kind != "invoice") {
        let original = invoices::Entity::find_by_id(original).one(connection).await?;
        let original = original.map_or_else(|| "ORIGINAL".to_owned(), |row| row.number);
        let sentence = format!(
            "{number} is itself a cancellation invoice and cannot be cancelled; nothing was written. Its period is \
             invoiced again with `kontor invoices cancel {original} --reissue --reason …`."
        );
        return Err(Obstacle::IsCancellation.says(sentence).into());
    }
    if invoice.snapshot.is_some() {
        return Ok(());
    }
    // As in the guards of frozen columns: these may have arrived.
    let left = deliveries::Entity::find()
        .filter(deliveries::Column::InvoiceId.eq(invoice.id))
        .filter(deliveries::Column::State.is_in(["sending", "accepted", "unknown", "bounced"]));
    if invoice.state != "incomplete" && left.count(connection).await? > 0 {
        return Ok(());
    }
    let sentence = format!(
        "{number} never left the house: the old programs did not finish it, so there is nothing to cancel. A rerun issues \
         it for the first time: `kontor runs start --invoice {number} --reason …`. Nothing was written."
    );
    Err(Obstacle::NeverLeft.says(sentence).into())
}

async fn cancelled_by(connection: &impl ConnectionTrait, invoice: &invoices::Model) -> Result<Option<invoices::Model>> {
    let Some(id) = invoice.cancelled_by.filter(|_| invoice.state == "cancelled") else { return Ok(None) };
    Ok(invoices::Entity::find_by_id(id).one(connection).await?)
}

fn cancelled_already(invoice: &invoices::Model, by: &invoices::Model) -> Error {
    let sentence = format!(
        "{0} is cancelled already, by {1} of {2}; nothing was written. To invoice its period again: `kontor invoices \
         cancel {0} --reissue --reason …`.",
        invoice.number, by.number, by.issued_on
    );
    Obstacle::Cancelled { by: by.number.clone(), on: by.issued_on }.says(sentence).into()
}

/// A paper that follows another is not older than it.
fn check_not_before(order: &Order, earlier: &invoices::Model) -> Result<()> {
    if order.issue_on >= earlier.issued_on {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "{} is of {}; what follows it cannot bear the earlier date {}. Nothing was written.",
        earlier.number, earlier.issued_on, order.issue_on
    )))
}

/// The period of a cancelled invoice is invoiced again only where no other invoice stands for it.
async fn check_free(connection: &impl ConnectionTrait, invoice: &invoices::Model) -> Result<()> {
    let valid = invoices::Entity::find()
        .filter(invoices::Column::SubscriptionId.eq(invoice.subscription_id))
        .filter(invoices::Column::Period.eq(invoice.period))
        .filter(invoices::Column::Kind.eq("invoice"))
        .filter(invoices::Column::State.ne("cancelled"))
        .one(connection)
        .await?;
    match valid {
        None => Ok(()),
        Some(valid) => {
            let sentence = format!(
                "{} is cancelled already, and its period is invoiced again as {}; nothing was written.",
                invoice.number, valid.number
            );
            Err(Obstacle::PeriodTaken { number: valid.number }.says(sentence).into())
        }
    }
}

/// Writes the cancellation invoice and moves the original; the constraints ask for this order.
async fn take_back(
    connection: &impl ConnectionTrait,
    invoice: &invoices::Model,
    order: &Order,
    host: &str,
    now: DateTime<Utc>,
) -> Result<invoices::Model> {
    let content = original_content(connection, invoice).await?;
    check_not_before(order, invoice)?;
    let content = counterpart_of(invoice, &content, order.issue_on)?;
    let subject = Subject {
        registration_id: invoice.registration_id,
        subscription_id: invoice.subscription_id,
        period: invoice.period,
        cancels_id: Some(invoice.id),
    };
    let written = freeze(connection, vec![Fresh { content, subject }], host, now).await?.pop();
    let written = written.ok_or_else(|| Error::Refused("No cancellation invoice was written.".to_owned()))?;
    let text = "UPDATE invoices SET state = 'cancelled', cancelled_by = ?, seal = ?, version = version + 1, \
                updated_at = ? WHERE id = ? AND version = ?";
    let seal = seal::invoice(invoice.id, "cancelled", Some(written.id));
    let values = [written.id.into(), seal.into(), now.into(), invoice.id.into(), invoice.version.into()];
    let moved = connection.execute_raw(store::sql(connection.get_database_backend(), text, values)).await?;
    if moved.rows_affected() != 1 {
        return Err(Error::Refused(format!(
            "{} was changed meanwhile; nothing was written. Look at it again.",
            invoice.number
        )));
    }
    withdraw::mails(connection, invoice, &written.number, now).await?;
    // The period is not due again, so a number that was lost on it has to be explained now.
    issue::explain_gaps(connection, std::slice::from_ref(invoice)).await?;
    Ok(written)
}

/// What the invoice says. One that contradicts itself is put right first.
async fn original_content(connection: &impl ConnectionTrait, invoice: &invoices::Model) -> Result<Content> {
    original::content(connection, invoice).await.map_err(|error| match error {
        Error::Refused(sentence) => Obstacle::cause(code::CONTENT_CONTRADICTS).says(sentence).into(),
        other => other,
    })
}

fn counterpart_of(invoice: &invoices::Model, content: &Content, issue_on: NaiveDate) -> Result<Content> {
    counterpart::of(content, issue_on).map_err(|why| {
        let sentence = format!("{} cannot be cancelled: {why}. Nothing was written.", invoice.number);
        Obstacle::cause(code::CONTENT_CONTRADICTS).says(sentence).into()
    })
}

/// Issues the new invoice of the period from today's data.
async fn reissue(
    connection: &impl ConnectionTrait,
    invoice: &invoices::Model,
    order: &Order,
    host: &str,
    now: DateTime<Utc>,
) -> Result<invoices::Model> {
    let period = Period::containing(invoice.period);
    let case = case::load(connection, &[Key::period(invoice.subscription_id, invoice.period)]).await?.pop();
    let case = case.ok_or_else(|| impossible(period, Obstacle::Missing, "The subscription is missing"))?;
    let settings = Settings::load(connection).await?;
    let draft = drafted(&case, &settings, order.issue_on)?;
    issue::reissue(connection, draft, host, now).await
}

/// What a new invoice would say; the period's invoice is cancelled, or looked at as if it were.
fn drafted<'a>(case: &'a Case, settings: &Settings, issue_on: NaiveDate) -> Result<issue::Draft<'a>> {
    if !runs_in(case, case.period) {
        return Err(impossible(case.period, Obstacle::cause(code::NOT_DUE), &code::sentence(code::NOT_DUE)));
    }
    issue::draft(case, settings, issue_on)
        .map_err(|refusal| impossible(case.period, Obstacle::cause(refusal.code), &refusal.to_string()))
}

fn impossible(period: Period, obstacle: Obstacle, why: &str) -> Error {
    let sentence = format!(
        "A new invoice for {period} cannot be issued, so nothing was written. {why}. Correct this first, or cancel without \
         --reissue."
    );
    obstacle.says(sentence).into()
}

/// Whether the subscription runs in the period at all; whether it is still open today does not matter for a month past.
fn runs_in(case: &Case, period: Period) -> bool {
    let (from, to) = content::service(&case.subscription, period);
    from <= to
}

async fn put_up(
    write: &Write,
    actor: &Actor,
    invoice: &invoices::Model,
    order: &Order,
    (cancellation, reissued): (Option<&invoices::Model>, Option<&invoices::Model>),
    now: DateTime<Utc>,
) -> Result<runs::Model> {
    let (subscription, period) = (invoice.subscription_id, invoice.period);
    let items = cancellation.map(|row| NewItem::of_cancellation(subscription, period, row.id));
    let reissued = reissued.map(|row| NewItem::new(Key::period(subscription, period), Some(row.id)));
    let items = items.into_iter().chain(reissued).collect();
    let how = run::Order {
        reason: order.reason.clone(),
        issue_on: order.issue_on,
        last_step: order.last_step,
        covering: None,
        covering_en: None,
    };
    let new = NewRun {
        kind: "rerun",
        occasion: "cancellation",
        period: None,
        selection: serde_json::json!({ "cancel": invoice.number, "reissue": order.reissue }).to_string(),
        order: &how,
        covering: None,
        items,
    };
    run::put_up(&**write, actor, new, now).await
}

async fn note(
    write: &Write,
    actor: &Actor,
    invoice: &invoices::Model,
    order: &Order,
    done: &Cancelled,
    now: DateTime<Utc>,
) -> Result<()> {
    let before = serde_json::json!({ "number": invoice.number, "state": invoice.state });
    let after = serde_json::json!({
        "number": invoice.number, "state": "cancelled", "cancellation": done.cancellation, "reissued": done.reissued,
        "issue_on": order.issue_on, "last_step": order.last_step, "run": done.run,
    });
    let entry = journal::Entry {
        action: if done.cancelled_before { REISSUE } else { CANCEL },
        record: Some(("invoices", invoice.id.to_string())),
        reason: &order.reason,
        before: Some(before),
        after: Some(after),
    };
    journal::record(&**write, actor, now, entry).await
}
