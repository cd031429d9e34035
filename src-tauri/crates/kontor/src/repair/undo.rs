//! Taking repairs back: every column as it was stored, the seal included, or nothing. Refused where the row changed since.

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use uuid::Uuid;

use super::apply::{Far, Tell, check_reason};
use super::intent::Place;
use super::obstacle::{Obstacle, Outcome};
use super::one::Act;
use super::record::{ADDED, Overlay, Record, let_through};
use super::row::{Row, written};
use super::table::Table;
use super::{Applied, Ended, Item, rules};
use crate::check::finding;
use crate::identity::Actor;
use crate::store::entities::{repair_changes, repairs};
use crate::store::{self, Lock, Store, Write};
use crate::{Error, Result, failpoint, journal, withdrawal};

/// The journal's word for taking a repair back.
pub const UNDONE: &str = "repair.undo";

/// What is to be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undo {
    /// These repairs.
    Repairs(Vec<Uuid>),
    /// All that one act applied.
    Batch(Uuid),
}

/// Takes repairs back, the last first; one that cannot be taken back stops no other. A desk that is out of service
/// takes nothing back.
pub async fn undo(store: &Store, actor: &Actor, what: &Undo, reason: &str) -> Result<Applied> {
    undo_watched(store, actor, what, reason, &mut |_| (), &AtomicBool::new(false)).await
}

/// The same, telling how far it is. When it is cancelled, what was not begun stays applied, and is not among the items.
pub async fn undo_watched(
    store: &Store,
    actor: &Actor,
    what: &Undo,
    reason: &str,
    tell: Tell<'_>,
    cancel: &AtomicBool,
) -> Result<Applied> {
    check_reason(reason)?;
    let act = Act { store, actor, reason };
    let repairs = repairs_of(store, what).await?;
    let mut items = Vec::with_capacity(repairs.len());
    for (index, repair) in repairs.iter().enumerate() {
        if cancel.load(Ordering::Relaxed) {
            break;
        }
        tell(Far { done: index as u64, total: repairs.len() as u64 });
        items.push(one(act, repair).await?);
    }
    Ok(Applied::of(act.batch(), items))
}

/// The repairs that are meant, the last first.
pub(super) async fn repairs_of(store: &Store, what: &Undo) -> Result<Vec<repairs::Model>> {
    let query = match what {
        Undo::Repairs(ids) => repairs::Entity::find().filter(repairs::Column::Id.is_in(ids.iter().copied())),
        Undo::Batch(batch) => repairs::Entity::find()
            .filter(repairs::Column::BatchId.eq(*batch))
            .filter(repairs::Column::State.is_in(["applied", "undone"])),
    };
    let query = query.order_by_desc(repairs::Column::AppliedAt).order_by_desc(repairs::Column::Id);
    let rows = query.all(store.read()).await?;
    let wanted = match what {
        Undo::Repairs(ids) => ids.iter().find(|id| !rows.iter().any(|row| row.id == **id)),
        Undo::Batch(batch) => Some(batch).filter(|_| rows.is_empty()),
    };
    match wanted {
        Some(id) => Err(Error::NotFound(format!("There is no repair {id}. `kontor repairs list` shows them."))),
        None => Ok(rows),
    }
}

async fn one(act: Act<'_>, repair: &repairs::Model) -> Result<Item> {
    let item = |outcome, obstacle| Item { finding: repair.finding_id, repair: Some(repair.id), outcome, obstacle };
    if is_done_before(act, repair).await? {
        return Ok(item(Ended::Undone, None));
    }
    withdrawal::require_service(act.store.read(), &act.actor.desk).await?;
    match attempt(act, repair).await {
        Ok(Ok(())) => Ok(item(Ended::Undone, None)),
        Ok(Err(obstacle)) => Ok(item(Ended::Refused, Some(obstacle))),
        Err(_) if is_done_before(act, repair).await? => Ok(item(Ended::Undone, None)),
        Err(error) => match Obstacle::of(&error) {
            Some(obstacle) => Ok(item(Ended::Refused, Some(obstacle))),
            None if error.is_connection_lost() => Err(error),
            None => Ok(item(Ended::Refused, Some(Obstacle::Said { sentence: error.to_string() }))),
        },
    }
}

async fn is_done_before(act: Act<'_>, repair: &repairs::Model) -> Result<bool> {
    let request = act.part(repair.id).request;
    Ok(journal::done_before(act.store.read(), request, UNDONE).await?.is_some())
}

async fn attempt(act: Act<'_>, repair: &repairs::Model) -> Result<Outcome<()>> {
    let write = act.store.write().await?;
    let now = store::now(&*write).await?;
    let current = locked(&write, repair.id).await?;
    if current.as_ref().is_none_or(|row| row.state != "applied") {
        return Ok(Err(Obstacle::NotApplied));
    }
    let changes = changes(&*write, repair.id).await?;
    let (Some(before), Some(after), Some(first)) = (&repair.before_sha256, &repair.after_sha256, place(repair)) else {
        return Ok(Err(Obstacle::Final));
    };
    if is_final(&repair.table_name, &changes) {
        return Ok(Err(Obstacle::Final));
    }
    let places = touched(first, &changes);
    let now_stored = Record::of(&*write, &places).await?;
    if !is_left(&*write, repair, &now_stored, after, &Overlay::new()).await? {
        return Ok(Err(Obstacle::RowChanged));
    }
    put_back(&write, repair, &places, &changes, now).await?;
    let back = Record::of(&*write, &went(first, &places, &changes)).await?;
    if !is_left(&*write, repair, &back, before, &Overlay::new()).await? {
        return Err(Error::Refused(
            "The record would not be exactly as it was before the repair; nothing was written.".to_owned(),
        ));
    }
    finish(&write, act, repair, &changes, now).await?;
    failpoint::hit("repair.undo_before_commit")?;
    write.commit().await?;
    failpoint::hit("repair.undo_after_commit")?;
    Ok(Ok(()))
}

async fn locked(write: &Write, repair: Uuid) -> Result<Option<repairs::Model>> {
    let backend = write.get_database_backend();
    let text = store::locking(backend, "SELECT id FROM repairs WHERE id = ?", Lock::Wait);
    write.execute_raw(store::sql(backend, &text, [repair.into()])).await?;
    Ok(repairs::Entity::find_by_id(repair).one(&**write).await?)
}

/// What a repair changed, in the order in which it was kept.
pub(super) async fn changes(connection: &impl ConnectionTrait, repair: Uuid) -> Result<Vec<repair_changes::Model>> {
    let query = repair_changes::Entity::find().filter(repair_changes::Column::RepairId.eq(repair));
    Ok(query.order_by_asc(repair_changes::Column::Position).all(connection).await?)
}

/// The row that a repair is about.
pub(super) fn place(repair: &repairs::Model) -> Option<Place> {
    Some(Place { table: Table::named(&repair.table_name)?, id: repair.row_id? })
}

/// What the record of a repair takes in beside the rows it changed: the other lines of an invoice.
pub(super) async fn is_left(
    connection: &impl ConnectionTrait,
    repair: &repairs::Model,
    record: &Record,
    sha256: &[u8],
    rows: &Overlay,
) -> Result<bool> {
    if record.sha256() == sha256 {
        return Ok(true);
    }
    let (Some(id), "invoices") = (repair.row_id, repair.table_name.as_str()) else { return Ok(false) };
    let at = Place { table: Table::Invoices, id };
    let whole = Record::read(connection, &super::intent::Intent::Invoice(id, None), at).await?;
    Ok(whole.over(rows).sha256() == sha256)
}

/// A mail that is settled does not go back to where it would be sent once more, and no document is deleted.
pub(super) fn is_final(table: &str, changes: &[repair_changes::Model]) -> bool {
    const OPEN: [&str; 3] = ["queued", "sending", "deferred"];
    let is_reopened = |change: &&repair_changes::Model| {
        change.field == "state" && change.old_value.as_deref().is_some_and(|old| OPEN.contains(&old))
    };
    let is_paper = |change: &repair_changes::Model| {
        change.field == ADDED && change.table_name.as_deref() == Some(Table::Documents.name())
    };
    table == "run_items"
        || changes.iter().any(is_paper)
        || (table == "deliveries" && changes.iter().any(|change| is_reopened(&change)))
}

/// The row of a change.
pub(super) fn of_row(change: &repair_changes::Model) -> Option<Place> {
    Some(Place { table: Table::named(change.table_name.as_deref()?)?, id: change.row_id? })
}

/// The rows that a repair changed, its own first.
pub(super) fn touched(first: Place, changes: &[repair_changes::Model]) -> Vec<Place> {
    let mut places = vec![first];
    for at in changes.iter().filter_map(of_row) {
        if !places.contains(&at) {
            places.push(at);
        }
    }
    places
}

/// Where the rows are once they are back: the key of the first may have been changed, too.
pub(super) fn went(first: Place, places: &[Place], changes: &[repair_changes::Model]) -> Vec<Place> {
    let key = changes.iter().find(|change| change.field == "id" && of_row(change) == Some(first));
    let key = key.and_then(|change| Uuid::parse_str(change.old_value.as_deref()?).ok());
    places.iter().map(|at| if *at == first { Place { id: key.unwrap_or(at.id), ..*at } } else { *at }).collect()
}

async fn put_back(
    write: &Write,
    repair: &repairs::Model,
    places: &[Place],
    changes: &[repair_changes::Model],
    now: DateTime<Utc>,
) -> Result<()> {
    for at in places {
        let of_this: Vec<&repair_changes::Model> =
            changes.iter().filter(|change| of_row(change) == Some(*at)).collect();
        if of_this.is_empty() {
            continue;
        }
        let_through(write, repair.id, at.id).await?;
        if of_this.iter().any(|change| change.field == ADDED) {
            let text = format!("DELETE FROM {} WHERE id = ?", at.table.name());
            write.execute_raw(store::sql(write.get_database_backend(), &text, [at.id.into()])).await?;
        } else if let Some(row) = Row::read(&**write, at.table, at.id).await? {
            back(write, &row, &of_this, now).await?;
        }
    }
    Ok(())
}

/// One UPDATE with everything as it was stored; what counts changes goes on.
async fn back(write: &Write, row: &Row, changes: &[&repair_changes::Model], now: DateTime<Utc>) -> Result<()> {
    let backend = write.get_database_backend();
    let (mut set, mut values) = (Vec::new(), Vec::new());
    for change in changes {
        let column = row.table.column(&change.field);
        let column = column.ok_or_else(|| Error::Refused(format!("There is no column {}.", change.field)))?;
        let (place, value) = written(&**write, &column, change.old_stored.as_deref())?;
        set.push(format!("{} = {place}", column.name));
        values.push(value);
    }
    if row.table.column("version").is_some() {
        set.push("version = version + 1".to_owned());
    }
    if row.table.column("updated_at").is_some() {
        set.push("updated_at = ?".to_owned());
        values.push(now.into());
    }
    values.push(row.id.into());
    let text = format!("UPDATE {} SET {} WHERE id = ?", row.table.name(), set.join(", "));
    write.execute_raw(store::sql(backend, &text, values)).await?;
    Ok(())
}

/// The repair's own row, the finding, the journal.
async fn finish(
    write: &Write,
    act: Act<'_>,
    repair: &repairs::Model,
    changes: &[repair_changes::Model],
    now: DateTime<Utc>,
) -> Result<()> {
    let text = "UPDATE repairs SET state = 'undone', is_open = ?, undone_at = ?, acted_at = ?, row_id = ?, undone_by = ?, \
                undone_reason = ? WHERE id = ?";
    let (person, reason) = (act.actor.person.clone().into(), act.reason.into());
    let values = [false.into(), now.into(), now.into(), repair.row_id.into(), person, reason, repair.id.into()];
    write.execute_raw(store::sql(write.get_database_backend(), text, values)).await?;
    if let Some(finding) = repair.finding_id {
        let finding = finding::by_id(&**write, finding).await?;
        rules::reopened(act.store, write, &finding).await?;
    }
    let fields = |value: fn(&repair_changes::Model) -> &Option<String>| {
        let named = changes.iter().map(|change| (change.field.clone(), json!(value(change))));
        named.collect::<serde_json::Map<_, _>>()
    };
    let mut after = fields(|change| &change.old_value);
    after.insert("repair".to_owned(), json!(repair.id));
    let table = place(repair).map(|at| at.table.name());
    let entry = journal::Entry {
        action: UNDONE,
        record: table.zip(repair.row_id).map(|(table, id)| (table, id.to_string())),
        reason: act.reason,
        before: Some(fields(|change| &change.new_value).into()),
        after: Some(after.into()),
    };
    journal::record(&**write, &act.part(repair.id), now, entry).await
}
