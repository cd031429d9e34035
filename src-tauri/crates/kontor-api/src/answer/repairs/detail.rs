//! One repair: what it changed, and whether it can be taken back.

use std::collections::HashMap;

use kontor::repair::{self, Undo};
use kontor::store::entities::{repair_changes, repairs};
use kontor::store::{self, places};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::super::{Answered, Handle};
use super::list::rows_of;
use super::whole;
use super::words::{change, obstacle};
use crate::failure::{Failure, RecordKind};
use crate::finding::ProposedChange;
use crate::journal::JournalFilter;
use crate::list::{Destination, ListQuery};
use crate::office::{Office, Open};
use crate::page::Stored;
use crate::repair::{RepairDetail, ShowRepair};

/// The field under which a repair keeps the run that it started.
const RUN: &str = "run";

impl Handle for ShowRepair {
    async fn handle(self, office: &Office) -> Answered<Stored<RepairDetail>> {
        let open = office.open()?;
        let missing = || Failure::not_found(RecordKind::Repair, self.id);
        let row = match rows_of(&open, vec![self.id]).await?.remove(&self.id).ok_or_else(missing)? {
            Stored::Whole(row) => row,
            Stored::Unreadable(row) => return Ok(Stored::Unreadable(row)),
        };
        let kept = repairs::Entity::find_by_id(self.id).one(open.store.read()).await?.ok_or_else(missing)?;
        let changes = changes(&open, self.id).await?;
        let run = changes.iter().find(|change| change.field == RUN);
        let run = run.and_then(|change| Uuid::parse_str(change.new_value.as_deref()?).ok());
        let key = kept.row_id.map_or_else(|| kept.row_key.clone(), |id| id.to_string());
        Ok(Stored::Whole(RepairDetail {
            changes: told(kept.row_id, &changes, &positions(&open, &changes).await?),
            applied_at: kept.applied_at,
            undone_at: kept.undone_at,
            undone_by: kept.undone_by,
            undone_reason: kept.undone_reason,
            undo_obstacle: undo_obstacle(&open, self.id).await?,
            batch_applied: applied(&open, kept.batch_id).await?,
            run: run.map(|id| Destination::Run { id }),
            can_compare: kept.known.is_some() && kept.state != "undone",
            journal: journal(key),
            row,
        }))
    }
}

async fn changes(open: &Open, repair: Uuid) -> Answered<Vec<repair_changes::Model>> {
    let query = repair_changes::Entity::find().filter(repair_changes::Column::RepairId.eq(repair));
    Ok(query.order_by_asc(repair_changes::Column::Position).all(open.store.read()).await?)
}

/// Places of an invoice's lines that were changed.
async fn positions(open: &Open, changes: &[repair_changes::Model]) -> Answered<HashMap<Uuid, i64>> {
    let of_line = |change: &&repair_changes::Model| change.table_name.as_deref() == Some("invoice_lines");
    let ids: Vec<Uuid> = changes.iter().filter(of_line).filter_map(|change| change.row_id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let text = format!("SELECT id, position FROM invoice_lines WHERE id IN ({})", places(ids.len()));
    let values = ids.into_iter().map(Into::into);
    let rows = open.store.read().query_all_raw(store::sql(open.store.backend(), &text, values)).await?;
    // A place that cannot be read may be the very damage; then the line is told by its table.
    let read = |row: &sea_orm::QueryResult| Some((row.try_get("", "id").ok()?, row.try_get("", "position").ok()?));
    Ok(rows.iter().filter_map(read).collect())
}

/// Old and new per field; those of another row than the repair's own with their place, or its table.
fn told(row: Option<Uuid>, changes: &[repair_changes::Model], positions: &HashMap<Uuid, i64>) -> Vec<ProposedChange> {
    let each = |of: &repair_changes::Model| {
        let is_other = of.row_id.is_some() && of.row_id != row;
        let position = of.row_id.and_then(|id| positions.get(&id)).filter(|_| is_other);
        let name = match (position, &of.table_name) {
            (Some(position), _) => format!("{position}.{}", of.field),
            (None, Some(table)) if is_other => format!("{table}.{}", of.field),
            _ => of.field.clone(),
        };
        change(&name, of.old_value.clone(), of.new_value.clone())
    };
    changes.iter().filter(|change| change.field != RUN).map(each).collect()
}

async fn undo_obstacle(open: &Open, repair: Uuid) -> Answered<Option<crate::repair::RepairObstacle>> {
    let plans = repair::undo_plan(&open.store, &Undo::Repairs(vec![repair])).await?;
    Ok(plans.first().and_then(|plan| plan.obstacle.as_ref()).map(obstacle))
}

async fn applied(open: &Open, batch: Option<Uuid>) -> Answered<i64> {
    let Some(batch) = batch else { return Ok(0) };
    let query = repairs::Entity::find().filter(repairs::Column::BatchId.eq(batch));
    let count = query.filter(repairs::Column::State.eq("applied")).count(open.store.read()).await?;
    Ok(whole(usize::try_from(count).unwrap_or(usize::MAX)))
}

fn journal(record: String) -> Destination {
    let filter = JournalFilter { record: Some(record), ..JournalFilter::default() };
    Destination::List { query: ListQuery::Journal { filter, order: None } }
}
