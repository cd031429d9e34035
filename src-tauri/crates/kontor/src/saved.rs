//! Lists under a name: a person's own, or a work list for all. They are in the database, so that a person finds them at
//! every desk.
//!
//! What this module leaves out: what a list, a filter or a column is; the window's words for them are kept as they are.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::identity::Actor;
use crate::store::entities::saved_filters::{self as filters, Column};
use crate::store::{self, Lock, Store, Write, insert_all};
use crate::{Result, journal, seal};

/// The journal's words.
const SAVED: &str = "filter.save";
const DELETED: &str = "filter.delete";

/// Longest name, in characters.
pub const LONGEST: usize = 120;

/// What is to be saved.
#[derive(Clone, Debug)]
pub struct Order {
    /// The filter that is changed, with the version that the person saw; none makes a new one.
    pub filter: Option<(Uuid, i64)>,
    /// Which list.
    pub list: String,
    /// Its name.
    pub name: String,
    /// Filter and order, as JSON.
    pub query: String,
    /// Columns, as JSON.
    pub columns: Option<String>,
    /// Whether all see it.
    pub is_shared: bool,
}

/// What became of it.
#[derive(Clone, Debug)]
pub enum Kept {
    /// It stands like this; when it was taken away, like this until then.
    Done(filters::Model),
    /// It was changed since it was read; nothing was written.
    Conflict(filters::Model),
    /// There is none.
    Missing,
    /// It is this person's.
    NotYours(String),
    /// The person has another under this name.
    Taken,
}

/// A person's own filters, and those that are shared, by name.
pub async fn seen_by(store: &Store, person: &str) -> Result<Vec<filters::Model>> {
    let seen = Condition::any().add(Column::Person.eq(person)).add(Column::IsShared.eq(true));
    let query = filters::Entity::find().filter(seen).order_by_asc(Column::Name).order_by_asc(Column::Id);
    Ok(query.all(store.read()).await?)
}

/// Saves a filter.
pub async fn save(store: &Store, actor: &Actor, order: &Order) -> Result<Kept> {
    if let Some(kept) = answered(store, actor, SAVED).await? {
        return Ok(kept);
    }
    match attempt(store, actor, order).await {
        Err(error) if error.is_passing() || error.is_duplicate() => match answered(store, actor, SAVED).await? {
            Some(kept) => Ok(kept),
            // Two windows of one person took the same name at once.
            None if error.is_duplicate() => Ok(Kept::Taken),
            None => Err(error),
        },
        done => done,
    }
}

/// Takes a filter away.
pub async fn delete(store: &Store, actor: &Actor, id: Uuid, version: i64) -> Result<Kept> {
    if let Some(kept) = answered(store, actor, DELETED).await? {
        return Ok(kept);
    }
    match remove(store, actor, id, version).await {
        Err(error) if error.is_passing() || error.is_duplicate() => answered(store, actor, DELETED).await?.ok_or(error),
        done => done,
    }
}

/// What an earlier call with the same request left; a filter that is gone meanwhile, as the journal has it.
async fn answered(store: &Store, actor: &Actor, action: &str) -> Result<Option<Kept>> {
    let Some(entry) = journal::done_before(store.read(), actor.request, action).await? else { return Ok(None) };
    let id = entry.row_key.as_deref().and_then(|key| key.parse::<Uuid>().ok()).unwrap_or_default();
    if let Some(row) = filters::Entity::find_by_id(id).one(store.read()).await? {
        return Ok(Some(Kept::Done(row)));
    }
    let stored = if action == DELETED { entry.before } else { entry.after };
    let stored: Value = stored.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let text = |name: &str| stored[name].as_str().map(str::to_owned);
    Ok(Some(Kept::Done(filters::Model {
        id,
        person: entry.person,
        list: text("list").unwrap_or_default(),
        name: text("name").unwrap_or_default(),
        query: text("query").unwrap_or_default(),
        columns: text("columns"),
        is_shared: stored["is_shared"] == json!(true),
        created_at: entry.written_at,
        updated_at: entry.written_at,
        version: stored["version"].as_i64().unwrap_or(1),
        seal: None,
    })))
}

async fn attempt(store: &Store, actor: &Actor, order: &Order) -> Result<Kept> {
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    let before = match order.filter {
        None => None,
        Some((id, version)) => match mine(&write, actor, id, version).await? {
            Kept::Done(row) => Some(row),
            other => return Ok(other),
        },
    };
    let same = filters::Entity::find()
        .filter(Column::Person.eq(&actor.person))
        .filter(Column::List.eq(&order.list))
        .filter(Column::Name.eq(&order.name))
        .one(&*write)
        .await?;
    if same.is_some_and(|same| before.as_ref().is_none_or(|before| before.id != same.id)) {
        return Ok(Kept::Taken);
    }
    let row = row(actor, order, before.as_ref(), now);
    if before.is_some() {
        update(&write, &row).await?;
    } else {
        insert_all(&*write, vec![row.clone()]).await?;
    }
    note(&write, actor, SAVED, now, (before.as_ref(), Some(&row))).await?;
    write.commit().await?;
    Ok(Kept::Done(row))
}

async fn remove(store: &Store, actor: &Actor, id: Uuid, version: i64) -> Result<Kept> {
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    let row = match mine(&write, actor, id, version).await? {
        Kept::Done(row) => row,
        other => return Ok(other),
    };
    filters::Entity::delete_by_id(id).exec(&*write).await?;
    note(&write, actor, DELETED, now, (Some(&row), None)).await?;
    write.commit().await?;
    Ok(Kept::Done(row))
}

/// The filter as it stands, if it is the person's and as the person saw it.
async fn mine(write: &Write, actor: &Actor, id: Uuid, version: i64) -> Result<Kept> {
    let backend = write.get_database_backend();
    let text = store::locking(backend, "SELECT id FROM saved_filters WHERE id = ?", Lock::Wait);
    write.execute_raw(store::sql(backend, &text, [id.into()])).await?;
    Ok(match filters::Entity::find_by_id(id).one(&**write).await? {
        None => Kept::Missing,
        Some(row) if row.person != actor.person => Kept::NotYours(row.person),
        Some(row) if row.version != version => Kept::Conflict(row),
        Some(row) => Kept::Done(row),
    })
}

fn row(actor: &Actor, order: &Order, before: Option<&filters::Model>, now: DateTime<Utc>) -> filters::Model {
    let mut row = filters::Model {
        id: before.map_or_else(Uuid::now_v7, |before| before.id),
        person: actor.person.clone(),
        list: order.list.clone(),
        name: order.name.clone(),
        query: order.query.clone(),
        columns: order.columns.clone(),
        is_shared: order.is_shared,
        created_at: before.map_or(now, |before| before.created_at),
        updated_at: now,
        version: before.map_or(1, |before| before.version + 1),
        seal: None,
    };
    row.seal = Some(seal::saved_filter(&row));
    row
}

async fn update(write: &Write, row: &filters::Model) -> Result<()> {
    let text = "UPDATE saved_filters SET list = ?, name = ?, query = ?, columns = ?, is_shared = ?, updated_at = ?, \
                version = ?, seal = ? WHERE id = ?";
    let values = [
        row.list.clone().into(),
        row.name.clone().into(),
        row.query.clone().into(),
        row.columns.clone().into(),
        row.is_shared.into(),
        row.updated_at.into(),
        row.version.into(),
        row.seal.clone().into(),
        row.id.into(),
    ];
    write.execute_raw(store::sql(write.get_database_backend(), text, values)).await?;
    Ok(())
}

async fn note(
    write: &Write,
    actor: &Actor,
    action: &'static str,
    now: DateTime<Utc>,
    (before, after): (Option<&filters::Model>, Option<&filters::Model>),
) -> Result<()> {
    let noted = |row: &filters::Model| {
        json!({
            "list": row.list, "name": row.name, "query": row.query, "columns": row.columns, "is_shared": row.is_shared,
            "version": row.version,
        })
    };
    let entry = journal::Entry {
        action,
        record: before.or(after).map(|row| ("saved_filters", row.id.to_string())),
        reason: "",
        before: before.map(noted),
        after: after.map(noted),
    };
    journal::record(&**write, actor, now, entry).await
}
