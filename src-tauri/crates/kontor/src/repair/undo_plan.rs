//! What taking repairs back would put back, field by field, and what stands against it; reads only.
//!
//! Of several repairs of one record the last goes back first, so each is held against the rows as those before it would
//! have left them. Only what the database itself forbids shows not before it is tried.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::Serialize;
use uuid::Uuid;

use super::Undo;
use super::intent::Place;
use super::obstacle::Obstacle;
use super::plan::FieldPlan;
use super::record::{ADDED, Overlay, Record, named};
use super::row::Cell;
use super::undo::{changes, is_final, is_left, of_row, place, repairs_of, touched, went};
use crate::Result;
use crate::store::Store;
use crate::store::entities::{findings, repair_changes, repairs};

/// What taking one repair back would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UndoPlan {
    /// The repair.
    pub repair: Uuid,
    /// The finding it was for.
    pub finding: Option<Uuid>,
    /// The rule of that finding.
    pub rule: Option<String>,
    /// Table of the record.
    pub table: String,
    /// Key of its row.
    pub row: String,
    /// Fields with what stands there and what would.
    pub fields: Vec<FieldPlan>,
    /// What stands against it.
    pub obstacle: Option<Obstacle>,
}

/// Plans; writes nothing. Of a batch only what is applied.
pub async fn undo_plan(store: &Store, what: &Undo) -> Result<Vec<UndoPlan>> {
    let mut repairs = repairs_of(store, what).await?;
    if matches!(what, Undo::Batch(_)) {
        repairs.retain(|repair| repair.state == "applied");
    }
    let rules = rules(store, &repairs).await?;
    let mut rows = Overlay::new();
    let mut plans = Vec::with_capacity(repairs.len());
    for repair in &repairs {
        let changes = changes(store.read(), repair.id).await?;
        let (fields, obstacle) = one(store, repair, &changes, &mut rows).await?;
        plans.push(UndoPlan {
            repair: repair.id,
            finding: repair.finding_id,
            rule: repair.finding_id.and_then(|finding| rules.get(&finding).cloned()),
            table: repair.table_name.clone(),
            row: repair.row_key.clone(),
            fields,
            obstacle,
        });
    }
    Ok(plans)
}

async fn rules(store: &Store, repairs: &[repairs::Model]) -> Result<BTreeMap<Uuid, String>> {
    use findings::Column;
    let mut rules = BTreeMap::new();
    for part in repairs.chunks(500) {
        let of_these = Column::Id.is_in(part.iter().filter_map(|row| row.finding_id));
        let query = findings::Entity::find().filter(of_these).select_only().columns([Column::Id, Column::Rule]);
        rules.extend(query.into_tuple::<(Uuid, String)>().all(store.read()).await?);
    }
    Ok(rules)
}

async fn one(
    store: &Store,
    repair: &repairs::Model,
    changes: &[repair_changes::Model],
    rows: &mut Overlay,
) -> Result<(Vec<FieldPlan>, Option<Obstacle>)> {
    if repair.state != "applied" {
        return Ok((Vec::new(), Some(Obstacle::NotApplied)));
    }
    let (Some(before), Some(after), Some(first)) = (&repair.before_sha256, &repair.after_sha256, place(repair)) else {
        return Ok((Vec::new(), Some(Obstacle::Final)));
    };
    let places = touched(first, changes);
    let record = Record::of(store.read(), &places).await?.over(rows);
    let fields = fields(first, &record, changes);
    if is_final(&repair.table_name, changes) {
        return Ok((fields, Some(Obstacle::Final)));
    }
    if !is_left(store.read(), repair, &record, after, rows).await? {
        return Ok((fields, Some(Obstacle::RowChanged)));
    }
    let mut tried = rows.clone();
    put_back(&record, &places, changes, &mut tried);
    let back = Record::of(store.read(), &went(first, &places, changes)).await?.over(&tried);
    if !is_left(store.read(), repair, &back, before, &tried).await? {
        return Ok((fields, Some(Obstacle::RowChanged)));
    }
    *rows = tried;
    Ok((fields, None))
}

/// What stands there now, and what would.
fn fields(first: Place, record: &Record, changes: &[repair_changes::Model]) -> Vec<FieldPlan> {
    let field = |change: &repair_changes::Model| {
        let row = of_row(change).and_then(|at| Some((at, record.row(at)?)));
        let name = row.map_or_else(|| change.field.clone(), |(at, row)| named(Some(first), at, row, &change.field));
        let is_whole_row = change.field == ADDED;
        let now = row.and_then(|(_, row)| row.cell(&change.field)).and_then(Cell::shown);
        let old = if is_whole_row { change.new_value.clone() } else { now };
        FieldPlan { field: name, old, new: change.old_value.clone() }
    };
    changes.iter().map(field).collect()
}

/// The rows as they would be.
fn put_back(record: &Record, places: &[Place], changes: &[repair_changes::Model], rows: &mut Overlay) {
    for at in places {
        let of_this = || changes.iter().filter(|change| of_row(change) == Some(*at));
        let Some(mut row) = record.row(*at).cloned() else { continue };
        if of_this().any(|change| change.field == ADDED) {
            rows.insert((at.table, at.id), None);
            continue;
        }
        for change in of_this() {
            if let Some(cell) = row.cells.iter_mut().find(|cell| cell.column.name == change.field) {
                cell.stored.clone_from(&change.old_stored);
            }
        }
        let key = of_this().find(|change| change.field == "id").and_then(|change| change.old_value.as_deref());
        if let Some(key) = key.and_then(|key| Uuid::parse_str(key).ok()) {
            rows.insert((at.table, at.id), None);
            row.id = key;
        }
        rows.insert((row.table, row.id), Some(row));
    }
}
