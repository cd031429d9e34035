//! What a repair leaves behind: the rows it wrote, before and after, and its own row.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::intent::{Bytes, Intent, Place};
use super::known::Known;
use super::obstacle::Obstacle;
use super::one::{Act, Ready};
use super::row::{Cell, Row};
use super::table::Table;
use super::{Item, Order, redrawn};
use crate::check::Finding;
use crate::store::entities::{invoice_lines, repair_changes, repairs};
use crate::store::{self, Write, insert_all};
use crate::{Error, Result};

/// Stands for a whole row that was added.
pub(super) const ADDED: &str = "(row)";

/// The rows that a repair writes, in a fixed order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Record(Vec<(Place, Option<Row>)>);

/// One field that was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// Its row, as its key is now.
    pub at: Place,
    /// The column, or [`ADDED`].
    pub field: String,
    /// What stood there.
    pub old: Option<String>,
    /// What stands there.
    pub new: Option<String>,
    /// What stood there, as it was stored.
    pub stored: Option<String>,
}

impl Record {
    /// Reads what an intent writes.
    pub async fn read(connection: &impl ConnectionTrait, intent: &Intent, at: Place) -> Result<Self> {
        let mut places = vec![at];
        match intent {
            Intent::Invoice(id, _) => {
                let query = invoice_lines::Entity::find().filter(invoice_lines::Column::InvoiceId.eq(*id));
                let query = query.order_by_asc(invoice_lines::Column::Id).select_only();
                let lines: Vec<Uuid> = query.column(invoice_lines::Column::Id).into_tuple().all(connection).await?;
                places.extend(lines.into_iter().map(|id| Place { table: Table::InvoiceLines, id }));
            }
            Intent::Redraw { document, .. } => places.push(Place { table: Table::Documents, id: *document }),
            Intent::Document(_, Bytes::Exchanged(other)) => places.push(Place { id: *other, ..at }),
            Intent::Document(id, Bytes::Anew) => {
                let mails = redrawn::unsent(connection, *id).await?.into_iter();
                places.extend(mails.map(|id| Place { table: Table::Deliveries, id }));
            }
            _ => {}
        }
        Self::of(connection, &places).await
    }

    /// Reads these rows.
    pub async fn of(connection: &impl ConnectionTrait, places: &[Place]) -> Result<Self> {
        let mut rows = Vec::with_capacity(places.len());
        for at in places {
            rows.push((*at, Row::read(connection, at.table, at.id).await?));
        }
        Ok(Self(rows))
    }

    /// The row that the repair is about.
    pub fn first(&self) -> Option<&Row> {
        self.0.first()?.1.as_ref()
    }

    /// The rows.
    pub fn places(&self) -> impl Iterator<Item = Place> + '_ {
        self.0.iter().map(|(at, _)| *at)
    }

    /// SHA-256 over all of them, whether they are there or not.
    pub fn sha256(&self) -> Vec<u8> {
        let mut digest = Sha256::new();
        let mut rows: Vec<&Row> = self.0.iter().filter_map(|(_, row)| row.as_ref()).collect();
        rows.sort_by_key(|row| (row.table, row.id));
        for row in rows {
            digest.update(row.sha256());
        }
        digest.finalize().to_vec()
    }

    /// What differs afterwards, but for what counts changes. The first row may have got another key.
    pub fn changes(&self, after: &Self) -> Vec<Change> {
        let mut changes = Vec::new();
        for (index, (at, row)) in after.0.iter().enumerate() {
            let Some(row) = row else { continue };
            let before = if index == 0 {
                self.first()
            } else {
                self.0.iter().find(|(one, _)| one == at).and_then(|(_, row)| row.as_ref())
            };
            match before {
                Some(before) => changes.extend(differing(*at, before, row)),
                None => changes.push(Change {
                    at: *at,
                    field: ADDED.to_owned(),
                    old: None,
                    new: row.text("description").or_else(|| row.cell("sha256").and_then(Cell::shown)),
                    stored: None,
                }),
            }
        }
        changes
    }

    /// What people are told of all of it, by name: the columns of the first row, those of an invoice's lines as `1.net_cents`.
    pub fn told(&self) -> BTreeMap<String, Option<String>> {
        let rows = self.0.iter().filter_map(|(at, row)| Some((*at, row.as_ref()?)));
        let first = self.0.first().map(|(at, _)| *at);
        let cells = rows.flat_map(|(at, row)| row.cells.iter().map(move |cell| (at, row, cell)));
        let cells = cells.filter(|(_, _, cell)| !cell.counts());
        cells.map(|(at, row, cell)| (named(first, at, row, cell.column.name), cell.shown())).collect()
    }

    /// The same, with these rows in place of those that stand there.
    pub fn over(mut self, rows: &Overlay) -> Self {
        for (at, row) in &mut self.0 {
            if let Some(put) = rows.get(&(at.table, at.id)) {
                row.clone_from(put);
            }
        }
        self
    }

    /// One of its rows.
    pub fn row(&self, at: Place) -> Option<&Row> {
        self.0.iter().find(|(one, _)| *one == at)?.1.as_ref()
    }
}

/// Rows as they would be, by table and key; none where there would be none.
pub(super) type Overlay = HashMap<(Table, Uuid), Option<Row>>;

/// The name of a field of a record: an invoice's lines are told by their position.
pub(super) fn named(first: Option<Place>, at: Place, row: &Row, column: &str) -> String {
    if first.is_none_or(|first| first == at) {
        return column.to_owned();
    }
    match row.whole("position") {
        Some(position) if at.table == Table::InvoiceLines => format!("{position}.{column}"),
        _ => format!("{}.{column}", at.table.name()),
    }
}

fn differing(at: Place, before: &Row, after: &Row) -> Vec<Change> {
    let pairs = before.cells.iter().zip(&after.cells);
    let differ = pairs.filter(|(old, new)| old.stored != new.stored && !old.counts());
    differ
        .map(|(old, new)| Change {
            at,
            field: old.column.name.to_owned(),
            old: old.shown(),
            new: new.shown(),
            stored: old.stored.clone(),
        })
        .collect()
}

/// Opens the repair: from here to [`close`] the guards let its row be written.
pub(super) async fn open(
    write: &Write,
    act: Act<'_>,
    ready: &Ready<'_>,
    before: &Record,
    now: DateTime<Utc>,
) -> Result<Uuid> {
    let repair = if let Some(staged) = ready.order.staged {
        staged
    } else {
        let row = new(act, &ready.finding, ready.order, ready.at, now);
        let id = row.id;
        insert_all(&**write, vec![row]).await?;
        id
    };
    let text = "UPDATE repairs SET before_sha256 = ? WHERE id = ?";
    let values = [before.sha256().into(), repair.into()];
    write.execute_raw(store::sql(write.get_database_backend(), text, values)).await?;
    let_through(write, repair, ready.at.id).await?;
    Ok(repair)
}

/// A repair that is not written yet.
pub(super) fn new(act: Act<'_>, finding: &Finding, order: &Order, at: Place, now: DateTime<Utc>) -> repairs::Model {
    let action = finding.proposal.as_ref().map_or("set_fields", |proposal| proposal.action.word());
    repairs::Model {
        id: Uuid::now_v7(),
        finding_id: Some(finding.id),
        table_name: at.table.name().to_owned(),
        row_key: at.id.to_string(),
        action: if order.value.is_some() { "set_fields" } else { action }.to_owned(),
        state: "staged".to_owned(),
        reason: Some(act.reason.to_owned()),
        person: act.actor.person.clone(),
        desk: act.actor.desk.clone(),
        request_id: act.part(finding.id).request,
        batch_id: Some(act.batch()),
        staged_at: now,
        applied_at: None,
        undone_at: None,
        value: order.value.clone(),
        row_id: Some(at.id),
        before_sha256: None,
        after_sha256: None,
        refusal: None,
        is_open: false,
        known: None,
        applied_by: None,
        acted_at: None,
        undone_by: None,
        undone_reason: None,
    }
}

/// Lets one row be written past the guards, in this transaction only.
pub(super) async fn let_through(write: &Write, repair: Uuid, row: Uuid) -> Result<()> {
    let text = "UPDATE repairs SET is_open = ?, row_id = ? WHERE id = ?";
    let values = [true.into(), row.into(), repair.into()];
    write.execute_raw(store::sql(write.get_database_backend(), text, values)).await?;
    Ok(())
}

/// Closes it as applied.
pub(super) async fn close(
    write: &Write,
    act: Act<'_>,
    repair: Uuid,
    changes: &[Change],
    after: &Record,
    now: DateTime<Utc>,
) -> Result<()> {
    let rows = (1..).zip(changes).map(|(position, change)| repair_changes::Model {
        id: Uuid::now_v7(),
        repair_id: repair,
        position,
        field: change.field.clone(),
        old_value: change.old.clone(),
        new_value: change.new.clone(),
        table_name: Some(change.at.table.name().to_owned()),
        row_id: Some(change.at.id),
        old_stored: change.stored.clone(),
    });
    insert_all(&**write, rows.collect()).await?;
    let first = after.places().next().map(|at| at.id);
    let text = "UPDATE repairs SET state = 'applied', is_open = ?, applied_at = ?, after_sha256 = ?, row_id = ?, \
                row_key = ?, reason = ?, batch_id = ?, known = ?, applied_by = ?, acted_at = ? WHERE id = ? AND state = 'staged'";
    let values = [
        false.into(),
        now.into(),
        after.sha256().into(),
        first.into(),
        first.map(|id| id.to_string()).unwrap_or_default().into(),
        act.reason.into(),
        act.batch().into(),
        Known::left(after).text().into(),
        act.actor.person.clone().into(),
        now.into(),
        repair.into(),
    ];
    let moved = write.execute_raw(store::sql(write.get_database_backend(), text, values)).await?;
    if moved.rows_affected() == 1 { Ok(()) } else { Err(Error::Fenced) }
}

/// Writes down that nothing was written, and why, so that a repetition is told the same. None says that another repair had put it right.
pub(super) async fn refuse(act: Act<'_>, order: &Order, finding: &Finding, obstacle: Option<&Obstacle>) -> Result<()> {
    let write = act.store.write().await?;
    let now = store::now(&*write).await?;
    let at = super::intent::place(finding);
    let refusal = obstacle.and_then(|obstacle| serde_json::to_string(obstacle).ok());
    if let Some(staged) = order.staged {
        let text = "UPDATE repairs SET state = 'refused', refusal = ?, batch_id = ?, reason = ?, applied_by = ?, \
                    acted_at = ? WHERE id = ? AND state = 'staged'";
        let person = act.actor.person.clone();
        let values = [refusal.into(), act.batch().into(), act.reason.into(), person.into(), now.into(), staged.into()];
        write.execute_raw(store::sql(write.get_database_backend(), text, values)).await?;
        return write.commit().await;
    }
    let mut row = new(act, finding, order, at.unwrap_or(Place { table: Table::Runs, id: Uuid::nil() }), now);
    row.table_name.clone_from(&finding.table);
    row.row_key.clone_from(&finding.row);
    row.row_id = at.map(|at| at.id);
    "refused".clone_into(&mut row.state);
    row.refusal = refusal;
    row.applied_by = Some(act.actor.person.clone());
    row.acted_at = Some(now);
    match insert_all(&*write, vec![row]).await {
        // The same request was sent twice at once, and the other one wrote it down.
        Err(error) if error.is_duplicate() => Ok(()),
        Err(error) => Err(error),
        Ok(()) => write.commit().await,
    }
}

/// What an earlier call with the same request made of an order.
pub(super) async fn answered(act: Act<'_>, order: &Order) -> Result<Option<Item>> {
    let connection = act.store.read();
    let row = if let Some(staged) = order.staged {
        let row = repairs::Entity::find_by_id(staged).one(connection).await?;
        row.filter(|row| row.state != "staged" && row.batch_id == Some(act.batch()))
    } else {
        let request = act.part(order.finding).request;
        repairs::Entity::find().filter(repairs::Column::RequestId.eq(request)).one(connection).await?
    };
    Ok(row.map(|row| told(order.finding, &row)))
}

/// What an earlier call with the same request noted of an order.
pub(super) async fn answered_staged(
    connection: &impl ConnectionTrait,
    act: Act<'_>,
    order: &Order,
) -> Result<Option<Item>> {
    let request = act.part(order.finding).request;
    let row = repairs::Entity::find().filter(repairs::Column::RequestId.eq(request)).one(connection).await?;
    Ok(row.map(|row| told(order.finding, &row)))
}

/// What an earlier call with the same request made of findings that are not ordered any more, because they are closed.
pub(super) async fn earlier(act: Act<'_>, orders: &[Order]) -> Result<Vec<Item>> {
    let query = repairs::Entity::find()
        .filter(repairs::Column::BatchId.eq(act.batch()))
        .filter(repairs::Column::State.ne("staged"))
        .order_by_asc(repairs::Column::Id);
    let ordered: HashSet<Uuid> = orders.iter().map(|order| order.finding).collect();
    let rows = query.all(act.store.read()).await?;
    let items = rows.iter().filter_map(|row| Some(told(row.finding_id?, row)));
    Ok(items.filter(|item| item.finding.is_none_or(|finding| !ordered.contains(&finding))).collect())
}

fn told(finding: Uuid, row: &repairs::Model) -> Item {
    if row.state != "refused" {
        return Item::applied(finding, row.id);
    }
    let refusal = row.refusal.as_deref().and_then(|text| serde_json::from_str(text).ok());
    refusal.map_or_else(|| Item::resolved(finding), |obstacle| Item::refused(finding, obstacle))
}
