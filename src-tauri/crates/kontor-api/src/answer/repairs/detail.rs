//! One repair: what it changed, and whether it can be taken back.

use kontor::repair::{self, Undo};
use kontor::store::entities::{repair_changes, repairs};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
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
            changes: told(kept.row_id, &changes),
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

/// Old and new per field; those of another row than the repair's own with its table.
fn told(row: Option<Uuid>, changes: &[repair_changes::Model]) -> Vec<ProposedChange> {
    let each = |of: &repair_changes::Model| {
        let is_other = of.row_id.is_some() && of.row_id != row;
        let name = match &of.table_name {
            Some(table) if is_other => format!("{table}.{}", of.field),
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
