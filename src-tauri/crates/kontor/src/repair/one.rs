//! One repair of one record, in one transaction: precondition, one statement, old and new of each field, the rule again,
//! the journal. Either all of it is written or nothing.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Map, json};
use uuid::Uuid;

use super::intent::{self, Bytes, Intent, Place};
use super::obstacle::{Obstacle, Outcome};
use super::record::{self, Change, Record};
use super::row::Row;
use super::table::Table;
use super::writing::{self, Writing};
use super::{Item, Order, document, redrawn, rules};
use crate::check::{self, Finding, finding};
use crate::delivery::evidence;
use crate::identity::Actor;
use crate::invoice::restore;
use crate::store::entities::repairs;
use crate::store::{self, Lock, Store, Write};
use crate::{Result, failpoint, journal, run};

/// The journal's word for a repair.
pub const APPLIED: &str = "repair.apply";

/// One act of a person: who, why, and the batch it makes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Act<'a> {
    /// The database.
    pub store: &'a Store,
    /// Who.
    pub actor: &'a Actor,
    /// Why.
    pub reason: &'a str,
}

impl Act<'_> {
    /// The batch.
    pub fn batch(&self) -> Uuid {
        self.actor.request
    }

    /// The request of one of its parts; it follows from the person's one, so that a repetition does nothing twice.
    pub fn part(&self, part: Uuid) -> Actor {
        Actor { request: Uuid::new_v5(&self.actor.request, part.as_bytes()), ..self.actor.clone() }
    }
}

/// A repair that is about to be written.
#[derive(Debug)]
pub(super) struct Ready<'a> {
    /// What a person ordered.
    pub order: &'a Order,
    /// The finding.
    pub finding: Finding,
    /// What is written.
    pub intent: Intent,
    /// The row.
    pub at: Place,
}

/// Applies one repair and tells what became of it.
pub(super) async fn apply(act: Act<'_>, ready: &Ready<'_>) -> Result<Item> {
    let mut tried = attempt(act, ready).await;
    if let Ok(Err(Obstacle::BreaksRule { rule })) = &tried
        && rules::was_broken_before(act.store, ready, rule).await?
    {
        // Nobody had asked that rule yet; now what it finds stands in the book.
        tried = attempt(act, ready).await;
    }
    match tried {
        Ok(Ok(repair)) => Ok(Item::applied(ready.order.finding, repair)),
        Ok(Err(obstacle)) => Ok(Item::refused(ready.order.finding, obstacle)),
        // The answer was lost, or another desk was first with the same request: the rows tell.
        Err(error) => match record::answered(act, ready.order).await? {
            Some(item) => Ok(item),
            None => match Obstacle::of(&error) {
                Some(obstacle) => Ok(Item::refused(ready.order.finding, obstacle)),
                None => Err(error),
            },
        },
    }
}

async fn attempt(act: Act<'_>, ready: &Ready<'_>) -> Result<Outcome<Uuid>> {
    let write = act.store.write().await?;
    let now = store::now(&*write).await?;
    lock(&write, ready.at).await?;
    let still = finding::by_id(&*write, ready.finding.id).await?;
    if let Some(obstacle) = precondition(&write, ready, &still).await? {
        return Ok(Err(obstacle));
    }
    let before = Record::read(&*write, &ready.intent, ready.at).await?;
    let Some(row) = before.first() else { return Ok(Err(Obstacle::RowMissing)) };
    let repair = record::open(&write, act, ready, &before, now).await?;
    if let Err(obstacle) = perform(&write, act, ready, row, repair, now).await? {
        return Ok(Err(obstacle));
    }
    let after = Record::read(&*write, &ready.intent, moved(ready)).await?;
    let changes = before.changes(&after);
    if changes.is_empty() {
        return Ok(Err(Obstacle::RowChanged));
    }
    if let Some(obstacle) = rules::after(act.store, &write, ready, &after).await? {
        return Ok(Err(obstacle));
    }
    record::close(&write, act, repair, &changes, &after, now).await?;
    note(&write, act, ready, &changes, now).await?;
    failpoint::hit("repair.before_commit")?;
    write.commit().await?;
    failpoint::hit("repair.after_commit")?;
    Ok(Ok(repair))
}

/// Whoever holds the row is waited for; `SQLite` holds everything already.
async fn lock(write: &Write, at: Place) -> Result<()> {
    let backend = write.get_database_backend();
    let text = format!("SELECT id FROM {} WHERE id = ?", at.table.name());
    let text = store::locking(backend, &text, Lock::Wait);
    write.execute_raw(store::sql(backend, &text, [at.id.into()])).await?;
    Ok(())
}

/// Why the row is not as it was found any more.
async fn precondition(write: &Write, ready: &Ready<'_>, still: &Finding) -> Result<Option<Obstacle>> {
    if check::is_corrupt(&**write).await? {
        return Ok(Some(Obstacle::DatabaseCorrupt));
    }
    if still.closed_at.is_some() {
        return Ok(Some(Obstacle::FindingClosed));
    }
    if let Some(staged) = ready.order.staged {
        let row = repairs::Entity::find_by_id(staged).one(&**write).await?;
        if row.is_none_or(|row| row.state != "staged") {
            return Ok(Some(Obstacle::NotApplied));
        }
    }
    let Some(row) = Row::read(&**write, ready.at.table, ready.at.id).await? else {
        return Ok(Some(Obstacle::RowMissing));
    };
    Ok((!is_as_found(still, &row) || !ready.order.saw(&row)).then_some(Obstacle::RowChanged))
}

/// Whether the row is as the rule found it: the field says the same, and nobody wrote the row since.
pub(super) fn is_as_found(finding: &Finding, row: &Row) -> bool {
    let is_own = finding.table == row.table.name() && finding.row == row.id.to_string();
    let cell = finding.field.as_deref().filter(|_| is_own).and_then(|field| row.cell(field));
    cell.is_none_or(|cell| cell.says(finding.current.as_deref()))
        && row.at("updated_at").is_none_or(|at| at <= finding.seen_at)
}

async fn perform(
    write: &Write,
    act: Act<'_>,
    ready: &Ready<'_>,
    row: &Row,
    repair: Uuid,
    now: DateTime<Utc>,
) -> Result<Outcome<()>> {
    match &ready.intent {
        Intent::Fields { at, values, is_own } => {
            let values = match writing::all_typed(values, *is_own) {
                Ok(values) => values,
                Err(obstacle) => return Ok(Err(obstacle)),
            };
            let is_state = at.table == Table::Deliveries && values.iter().any(|(column, _)| column.name == "state");
            let settles = is_state && (*is_own || ready.finding.settles());
            let done = writing::fields(write, row, Writing { at: *at, values, is_answered_for: *is_own }, now).await?;
            if settles && done.is_ok() {
                settled(write, act, *at, now).await?;
            }
            Ok(done)
        }
        Intent::Accept(_) => writing::accept(write, row, now).await,
        Intent::Invoice(id, content) => {
            let Some(version) = row.whole("version") else { return Ok(Err(Obstacle::RowChanged)) };
            let order = restore::Order { id: *id, version, content: content.clone(), reason: act.reason.to_owned() };
            restore::within(write, &act.part(ready.finding.id), &order, now).await?;
            Ok(Ok(()))
        }
        Intent::Document(_, Bytes::Anew) => redrawn::anew(write, act.actor, row, repair, now).await,
        Intent::Document(_, bytes) => document::bring_back(write, row, *bytes, repair, now).await,
        Intent::Redraw { invoice, document } => document::draw_again(write, *invoice, *document, now).await,
        Intent::Release(id) => {
            Ok(if run::release(write, *id, now).await? { Ok(()) } else { Err(Obstacle::FindingClosed) })
        }
        Intent::Rerun | Intent::Cancel(_) => Ok(Err(Obstacle::NeedsPerson)),
    }
}

/// What a person made of a mail is evidence of it, like any settlement; it stays when the repair is taken back.
async fn settled(write: &Write, act: Act<'_>, at: Place, now: DateTime<Utc>) -> Result<()> {
    let row = Row::read(&**write, at.table, at.id).await?;
    let Some(state) = row.and_then(|row| row.text("state")) else { return Ok(()) };
    let said = format!("{}: {}", act.actor.person, act.reason);
    if evidence::of_person(&**write, at.id, &state, &said, now).await? {
        let text = "UPDATE deliveries SET settled_at = ?, code = CASE WHEN state = 'accepted' THEN NULL ELSE code END \
                    WHERE id = ?";
        write.execute_raw(store::sql(write.get_database_backend(), text, [now.into(), at.id.into()])).await?;
    }
    Ok(())
}

/// Where the row stands afterwards: its key itself may have been what was damaged.
fn moved(ready: &Ready<'_>) -> Place {
    let Intent::Fields { at, values, .. } = &ready.intent else { return ready.at };
    let key = values.iter().find(|(column, _)| column.name == "id").and_then(|(_, value)| value.as_deref());
    key.and_then(|key| Uuid::parse_str(key).ok()).map_or(*at, |id| Place { id, ..*at })
}

async fn note(write: &Write, act: Act<'_>, ready: &Ready<'_>, changes: &[Change], now: DateTime<Utc>) -> Result<()> {
    let mut after = told(changes, |change| &change.new);
    after.insert("finding".to_owned(), json!(ready.finding.id));
    after.insert("rule".to_owned(), json!(ready.finding.rule));
    after.insert("evidence".to_owned(), json!(ready.finding.evidence));
    after.insert("batch".to_owned(), json!(act.batch()));
    let entry = journal::Entry {
        action: APPLIED,
        record: Some((ready.at.table.name(), moved(ready).id.to_string())),
        reason: act.reason,
        before: Some(told(changes, |change| &change.old).into()),
        after: Some(after.into()),
    };
    journal::record(&**write, &act.part(ready.finding.id), now, entry).await
}

/// Fields by name; those of another row than the first with its table.
pub(super) fn told(changes: &[Change], value: fn(&Change) -> &Option<String>) -> Map<String, serde_json::Value> {
    let first = changes.first().map(|change| change.at);
    let named = changes.iter().map(|change| {
        let is_other = Some(change.at) != first;
        let name = if is_other {
            format!("{} {}.{}", change.at.table.name(), change.at.id, change.field)
        } else {
            change.field.clone()
        };
        (name, json!(value(change)))
    });
    named.collect()
}

/// Finds out what an order is about, or why nothing comes of it.
pub(super) async fn ready<'a>(
    connection: &impl ConnectionTrait,
    order: &'a Order,
    finding: Finding,
) -> Result<Outcome<Ready<'a>>> {
    if finding.closed_at.is_some() {
        return Ok(Err(Obstacle::FindingClosed));
    }
    let intent = match intent::of(connection, &finding, order.value.as_deref(), order.is_named).await? {
        Ok(intent) => intent,
        Err(obstacle) => return Ok(Err(obstacle)),
    };
    let nowhere = Place { table: Table::Runs, id: Uuid::nil() };
    let at = intent.place().or_else(|| intent::place(&finding)).unwrap_or(nowhere);
    Ok(Ok(Ready { order, finding, intent, at }))
}
