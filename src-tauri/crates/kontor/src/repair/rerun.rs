//! What has to be issued, drawn or mailed goes into one run, after everything else was put right; cancellations are done by
//! the one function that cancels.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use super::intent::{Intent, Place};
use super::obstacle::{Obstacle, Outcome};
use super::one::{APPLIED, Act, Ready};
use super::table::Table;
use super::{Item, record};
use crate::check::{Finding, finding};
use crate::identity::Actor;
use crate::invoice::cancel;
use crate::period::Period;
use crate::run::plan::{self, Selection};
use crate::run::{self, Key, Subject};
use crate::store::entities::{deliveries, documents, invoices, repair_changes, run_items, runs};
use crate::store::{self, insert_all};
use crate::{Result, check, failpoint, journal};

/// Starts the run and cancels, and writes down what became of each.
pub(super) async fn all(
    act: Act<'_>,
    ready: Vec<(usize, Ready<'_>)>,
    items: &mut [Option<Item>],
) -> Result<Option<Uuid>> {
    let (cancelled, rerun): (Vec<_>, Vec<_>) =
        ready.into_iter().partition(|(_, ready)| matches!(ready.intent, Intent::Cancel(_)));
    for (index, ready) in &cancelled {
        let done = cancel(act, ready).await?;
        failpoint::hit("repair.after_cancel")?;
        items[*index] = Some(ended(act, ready, done).await?);
    }
    if rerun.is_empty() {
        return Ok(None);
    }
    let mut keys = HashMap::new();
    for (index, ready) in &rerun {
        if let Some(key) = key(act.store.read(), &ready.finding).await? {
            keys.insert(*index, key);
        }
    }
    let (run, taken, obstacles) = start(act, keys.values().copied().collect()).await?;
    failpoint::hit("repair.after_run")?;
    for (index, ready) in &rerun {
        let done = match (keys.get(index), &run) {
            (Some(key), Some(run)) if taken.contains(key) => Ok(("run", run.id.to_string())),
            (Some(key), _) => Err(obstacles.get(key).cloned().unwrap_or(Obstacle::RowChanged)),
            (None, _) => Err(Obstacle::RowMissing),
        };
        items[*index] = Some(ended(act, ready, done).await?);
    }
    Ok(run.map(|run| run.id))
}

/// The run of a batch has a request of its own.
fn runner(act: Act<'_>) -> Actor {
    act.part(Uuid::from_u128(1))
}

/// The run that an earlier call with the same request started.
pub(super) async fn earlier(act: Act<'_>) -> Result<Option<Uuid>> {
    Ok(run::by_request(act.store, &runner(act)).await?.map(|run| run.id))
}

type Started = (Option<runs::Model>, Vec<Key>, HashMap<Key, Obstacle>);

/// One run for exactly these; what cannot run says why.
async fn start(act: Act<'_>, mut keys: Vec<Key>) -> Result<Started> {
    keys.sort_unstable();
    keys.dedup();
    let store = act.store;
    let issue_on = store.today().await?;
    let actor = runner(act);
    let selection = Selection::Chosen { keys: keys.clone(), by: json!({ "repairs": act.batch() }) };
    let order =
        run::Order { reason: act.reason.to_owned(), issue_on, last_step: "deliver", covering: None, covering_en: None };
    let candidates = plan::candidates(store, &keys, issue_on).await?;
    let cause = |cause: &str| Obstacle::CannotRun { cause: cause.to_owned() };
    let obstacles = candidates.into_iter().filter_map(|one| Some((one.key, cause(one.obstacle?)))).collect();
    let run = run::start(store, &actor, &selection, &order).await?.run;
    let Some(run) = run else { return Ok((None, Vec::new(), obstacles)) };
    let rows = run_items::Entity::find().filter(run_items::Column::RunId.eq(run.id)).all(store.read()).await?;
    let taken = rows.iter().map(Key::of).collect::<Result<_>>()?;
    Ok((Some(run), taken, obstacles))
}

/// The same, by the finding's id.
pub(crate) async fn key_of(connection: &impl ConnectionTrait, id: Uuid) -> Result<Option<Key>> {
    key(connection, &finding::by_id(connection, id).await?).await
}

/// What of a subscription's period a finding is about.
pub(super) async fn key(connection: &impl ConnectionTrait, finding: &Finding) -> Result<Option<Key>> {
    let Some(Place { table, id }) = super::intent::place(finding) else { return Ok(None) };
    Ok(match table {
        Table::Invoices => of_invoice(connection, id).await?,
        Table::Documents => match documents::Entity::find_by_id(id).one(connection).await? {
            Some(document) => of_invoice(connection, document.invoice_id).await?,
            None => None,
        },
        Table::Deliveries => match deliveries::Entity::find_by_id(id).one(connection).await? {
            Some(mail) if mail.purpose == "resend" => {
                let key = of_invoice(connection, mail.invoice_id).await?;
                key.map(|key| Key { subject: Subject::Resend(mail.id), ..key })
            }
            Some(mail) => of_invoice(connection, mail.invoice_id).await?,
            None => None,
        },
        Table::RunItems => match run_items::Entity::find_by_id(id).one(connection).await? {
            Some(item) => Some(Key::of(&item)?),
            None => None,
        },
        Table::Subscriptions => first_day(finding).map(|day| Key::period(id, day)),
        _ => None,
    })
}

fn first_day(finding: &Finding) -> Option<NaiveDate> {
    let period: Period = finding.current.as_deref()?.parse().ok()?;
    Some(period.first_day())
}

async fn of_invoice(connection: &impl ConnectionTrait, id: Uuid) -> Result<Option<Key>> {
    let invoice = invoices::Entity::find_by_id(id).one(connection).await?;
    Ok(invoice.map(|invoice| {
        let is_invoice = invoice.kind == "invoice";
        let subject = if is_invoice { Subject::Period } else { Subject::Cancellation(invoice.id) };
        Key { subscription: invoice.subscription_id, period: invoice.period, subject }
    }))
}

/// Cancels, silently or by mail as any cancellation; a lost answer is found again by its request.
async fn cancel(act: Act<'_>, ready: &Ready<'_>) -> Result<Outcome<(&'static str, String)>> {
    let Intent::Cancel(id) = ready.intent else { return Ok(Err(Obstacle::NeedsPerson)) };
    let order = cancel::Order {
        reason: act.reason.to_owned(),
        issue_on: act.store.today().await?,
        reissue: false,
        last_step: "deliver",
    };
    // The journal's entry under this request is the cancellation's own.
    let actor = act.part(Uuid::new_v5(&ready.finding.id, b"cancel"));
    Ok(match cancel::cancel_by_id(act.store, &actor, id, &order).await {
        Ok(done) => Ok(("cancelled_by", done.cancellation)),
        Err(error) => Err(Obstacle::of(&error).ok_or(error)?),
    })
}

/// Writes down what was set going, or why not.
async fn ended(act: Act<'_>, ready: &Ready<'_>, done: Outcome<(&'static str, String)>) -> Result<Item> {
    let finding = ready.finding.id;
    let (field, value) = match done {
        Ok(done) => done,
        Err(obstacle) => {
            record::refuse(act, ready.order, &ready.finding, Some(&obstacle)).await?;
            return Ok(Item::refused(finding, obstacle));
        }
    };
    let write = act.store.write().await?;
    let now = store::now(&*write).await?;
    let mut row = record::new(act, &ready.finding, ready.order, ready.at, now);
    "applied".clone_into(&mut row.state);
    row.applied_at = Some(now);
    row.applied_by = Some(act.actor.person.clone());
    row.acted_at = Some(now);
    let repair = if let Some(staged) = ready.order.staged {
        let text = "UPDATE repairs SET state = 'applied', applied_at = ?, acted_at = ?, applied_by = ?, batch_id = ?, \
                    reason = ? WHERE id = ?";
        let person = act.actor.person.clone();
        let values = [now.into(), now.into(), person.into(), act.batch().into(), act.reason.into(), staged.into()];
        write.execute_raw(store::sql(write.get_database_backend(), text, values)).await?;
        staged
    } else {
        let id = row.id;
        insert_all(&*write, vec![row]).await?;
        id
    };
    let change = repair_changes::Model {
        id: Uuid::now_v7(),
        repair_id: repair,
        position: 1,
        field: field.to_owned(),
        old_value: None,
        new_value: Some(value.clone()),
        table_name: None,
        row_id: None,
        old_stored: None,
    };
    insert_all(&*write, vec![change]).await?;
    let after = json!({ field: value, "finding": finding, "rule": ready.finding.rule, "batch": act.batch() });
    let entry = journal::Entry {
        action: APPLIED,
        record: Some((ready.at.table.name(), ready.at.id.to_string())),
        reason: act.reason,
        before: None,
        after: Some(after),
    };
    // What was cancelled is right at once; what was started is once the run has done it.
    check::recheck_at_once(act.store, &*write, &ready.finding.rule, &ready.finding.row).await?;
    journal::record(&*write, &act.part(finding), now, entry).await?;
    write.commit().await?;
    Ok(Item::applied(finding, repair))
}
