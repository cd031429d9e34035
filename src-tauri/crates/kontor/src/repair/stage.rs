//! Staging: repairs that are noted for review, with the record as it is now; applying them comes later, perhaps by another
//! person.

use std::collections::HashSet;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::intent::{Intent, Place};
use super::known::Known;
use super::obstacle::Obstacle;
use super::one::Act;
use super::plan::{self, Draft};
use super::record::{self, Record};
use super::table::Table;
use super::{Applied, Item, Order};
use crate::Result;
use crate::identity::Actor;
use crate::seal::hex;
use crate::store::entities::repairs;
use crate::store::{self, Store, insert_all, places};

/// Repairs that are noted in one transaction.
const CHUNK: usize = 100;

/// Notes repairs; one that cannot be applied as things stand is refused. The same request a second time notes nothing.
pub async fn stage(store: &Store, actor: &Actor, orders: &[Order]) -> Result<Applied> {
    let act = Act { store, actor, reason: "" };
    let mut items = Vec::with_capacity(orders.len());
    for part in orders.chunks(CHUNK) {
        match some(act, part).await {
            // The same request was sent twice at once, and the other one noted them.
            Err(error) if error.is_duplicate() => items.extend(some(act, part).await?),
            noted => items.extend(noted?),
        }
    }
    Ok(Applied::of(act.batch(), items))
}

async fn some(act: Act<'_>, orders: &[Order]) -> Result<Vec<Item>> {
    let drafts = plan::drafts(act.store, orders).await?;
    let write = act.store.write().await?;
    let now = store::now(&*write).await?;
    let mut known = waiting(&*write, orders).await?;
    let mut rows = Vec::with_capacity(orders.len());
    let mut items = Vec::with_capacity(orders.len());
    for (order, draft) in orders.iter().zip(drafts) {
        if let Some(item) = record::answered_staged(&*write, act, order).await? {
            items.push(item);
            continue;
        }
        let obstacle = draft.plan.obstacle.clone().or_else(|| {
            let is_new = known.insert(order.finding);
            (!is_new).then_some(Obstacle::StagedAlready)
        });
        if let Some(obstacle) = obstacle {
            items.push(Item::refused(order.finding, obstacle));
            continue;
        }
        let row = noted(&*write, act, order, draft, now).await?;
        items.push(Item::applied(order.finding, row.id));
        rows.push(row);
    }
    insert_all(&*write, rows).await?;
    write.commit().await?;
    Ok(items)
}

/// Findings of these orders that something is staged for.
async fn waiting(connection: &impl ConnectionTrait, orders: &[Order]) -> Result<HashSet<Uuid>> {
    let of_these = repairs::Column::FindingId.is_in(orders.iter().map(|order| order.finding));
    let query = repairs::Entity::find().filter(of_these).filter(repairs::Column::State.eq("staged"));
    let query = query.select_only().column(repairs::Column::FindingId);
    let found: Vec<Option<Uuid>> = query.into_tuple().all(connection).await?;
    Ok(found.into_iter().flatten().collect())
}

async fn noted(
    connection: &impl ConnectionTrait,
    act: Act<'_>,
    order: &Order,
    draft: Draft,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<repairs::Model> {
    let at = draft.at.unwrap_or(Place { table: Table::Runs, id: Uuid::nil() });
    let mut row = record::new(act, &draft.finding, order, at, now);
    row.reason = None;
    // What only a run or a cancellation does looks at the record itself, when it does it.
    if let Some(intent) = draft.intent.filter(|intent| !matches!(intent, Intent::Rerun | Intent::Cancel(_))) {
        let seen = Record::read(connection, &intent, at).await?;
        row.before_sha256 = seen.first().map(super::row::Row::sha256);
        row.known = Known::seen(&seen, draft.plan.fields).text();
    }
    Ok(row)
}

/// What is staged, the oldest first, as orders to apply. Whoever stages a finding names it.
pub async fn staged(store: &Store, only: &[Uuid]) -> Result<Vec<Order>> {
    Ok(orders(&staged_rows(store, only).await?))
}

/// Rows of what is staged as orders to apply.
pub fn orders(rows: &[repairs::Model]) -> Vec<Order> {
    let order = |row: &repairs::Model| {
        Some(Order {
            finding: row.finding_id?,
            value: row.value.clone(),
            seen: row.before_sha256.as_deref().map(hex),
            is_named: true,
            staged: Some(row.id),
            is_confirmed: false,
        })
    };
    rows.iter().filter_map(order).collect()
}

/// The rows of what is staged, the oldest first.
pub async fn staged_rows(store: &Store, only: &[Uuid]) -> Result<Vec<repairs::Model>> {
    let query = || repairs::Entity::find().filter(repairs::Column::State.eq("staged"));
    if only.is_empty() {
        let query = query().order_by_asc(repairs::Column::StagedAt).order_by_asc(repairs::Column::Id);
        return Ok(query.all(store.read()).await?);
    }
    let mut rows = Vec::with_capacity(only.len());
    for part in only.chunks(500) {
        rows.extend(query().filter(repairs::Column::Id.is_in(part.iter().copied())).all(store.read()).await?);
    }
    rows.sort_by_key(|row| (row.staged_at, row.id));
    Ok(rows)
}

/// Takes repairs back from the stage and returns how many; nothing had been written of them.
pub async fn unstage(store: &Store, ids: &[Uuid]) -> Result<u64> {
    let write = store.write().await?;
    let mut taken = 0;
    for part in ids.chunks(500) {
        let text = format!("DELETE FROM repairs WHERE state = 'staged' AND id IN ({})", places(part.len()));
        let values = part.iter().map(|id| (*id).into());
        taken += write.execute_raw(store::sql(store.backend(), &text, values)).await?.rows_affected();
    }
    write.commit().await?;
    Ok(taken)
}
