//! Staging: repairs that are noted for review, with the row as it is now; applying them comes later, perhaps by another
//! person.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::intent::Place;
use super::one::{self, Act};
use super::record::{self, Record};
use super::{Applied, Ended, Item, Order};
use crate::Result;
use crate::check::finding;
use crate::identity::Actor;
use crate::seal::hex;
use crate::store::entities::repairs;
use crate::store::{self, Store, insert_all, places};

/// Notes repairs; one that cannot be applied as things stand is refused. The same request a second time notes nothing.
pub async fn stage(store: &Store, actor: &Actor, orders: &[Order]) -> Result<Applied> {
    let act = Act { store, actor, reason: "" };
    let mut items = Vec::with_capacity(orders.len());
    for order in orders {
        items.push(one_staged(act, order).await?);
    }
    Ok(Applied::of(act.batch(), items))
}

async fn one_staged(act: Act<'_>, order: &Order) -> Result<Item> {
    if let Some(item) = record::answered(act, order).await? {
        return Ok(item);
    }
    let finding = finding::by_id(act.store.read(), order.finding).await?;
    let ready = match one::ready(act.store.read(), order, finding).await? {
        Ok(ready) => ready,
        Err(obstacle) => return Ok(Item::refused(order.finding, obstacle)),
    };
    let write = act.store.write().await?;
    let now = store::now(&*write).await?;
    let mut row = record::new(act, &ready.finding, order, ready.at, now);
    row.reason = None;
    let Place { table, id } = ready.at;
    let seen = Record::of(&*write, &[Place { table, id }]).await?;
    row.before_sha256 = seen.first().map(super::row::Row::sha256);
    let repair = row.id;
    insert_all(&*write, vec![row]).await?;
    write.commit().await?;
    Ok(Item { outcome: Ended::Applied, ..Item::applied(order.finding, repair) })
}

/// What is staged, the oldest first, as orders to apply. Whoever stages a finding names it.
pub async fn staged(store: &Store, only: &[Uuid]) -> Result<Vec<Order>> {
    let mut query = repairs::Entity::find().filter(repairs::Column::State.eq("staged"));
    if !only.is_empty() {
        query = query.filter(repairs::Column::Id.is_in(only.iter().copied()));
    }
    let rows =
        query.order_by_asc(repairs::Column::StagedAt).order_by_asc(repairs::Column::Id).all(store.read()).await?;
    let order = |row: repairs::Model| {
        Some(Order {
            finding: row.finding_id?,
            value: row.value,
            seen: row.before_sha256.as_deref().map(hex),
            is_named: true,
            staged: Some(row.id),
        })
    };
    Ok(rows.into_iter().filter_map(order).collect())
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
