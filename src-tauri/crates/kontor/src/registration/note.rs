//! Notes about a customer: anybody writes them, anybody corrects them, and the journal keeps what stood there.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::identity::Actor;
use crate::store::entities::{journal as entries, notes, registrations};
use crate::store::{self, Store, Write, insert_all};
use crate::{Error, Result, journal, seal};

/// The journal's words.
pub const ADDED: &str = "note.add";
/// A note was changed.
pub const EDITED: &str = "note.edit";
/// A note was taken away.
pub const DELETED: &str = "note.delete";

/// Longest note, in characters.
pub const LONGEST: usize = 10_000;

/// What became of a note.
#[derive(Clone, Debug)]
pub enum Noted {
    /// It stands like this; when it was taken away, like this until then.
    Done(notes::Model),
    /// Somebody changed it since it was read; nothing was written.
    Conflict {
        /// As it stands now.
        now: notes::Model,
        /// The text that the person saw, as far as the journal has it.
        seen: Option<String>,
        /// Who changed it, where that was done in Kontor.
        by: Option<(String, String)>,
    },
    /// There is none (any more), or no such customer.
    Missing,
}

/// What is to be done with a note.
#[derive(Clone, Copy, Debug)]
enum Deed<'a> {
    Add { registration: Uuid, text: &'a str },
    Edit { note: Uuid, version: i64, text: &'a str },
    Delete { note: Uuid, version: i64 },
}

/// Adds a note.
pub async fn add(store: &Store, actor: &Actor, registration: Uuid, text: &str) -> Result<Noted> {
    once(store, actor, Deed::Add { registration, text: text.trim() }).await
}

/// Changes a note.
pub async fn edit(store: &Store, actor: &Actor, note: Uuid, version: i64, text: &str) -> Result<Noted> {
    once(store, actor, Deed::Edit { note, version, text: text.trim() }).await
}

/// Takes a note away.
pub async fn delete(store: &Store, actor: &Actor, note: Uuid, version: i64) -> Result<Noted> {
    once(store, actor, Deed::Delete { note, version }).await
}

async fn once(store: &Store, actor: &Actor, deed: Deed<'_>) -> Result<Noted> {
    if let Some(noted) = answered(store, actor, deed).await? {
        return Ok(noted);
    }
    let done = match deed {
        Deed::Add { registration, text } => write_new(store, actor, registration, text).await,
        Deed::Edit { note, version, text } => write_changed(store, actor, note, version, Some(text)).await,
        Deed::Delete { note, version } => write_changed(store, actor, note, version, None).await,
    };
    match done {
        // The answer was lost, or the same request came twice at once: the rows tell.
        Err(error) if error.is_passing() || error.is_duplicate() => answered(store, actor, deed).await?.ok_or(error),
        done => done,
    }
}

/// What an earlier call with the same request left.
async fn answered(store: &Store, actor: &Actor, deed: Deed<'_>) -> Result<Option<Noted>> {
    let action = match deed {
        Deed::Add { .. } => ADDED,
        Deed::Edit { .. } => EDITED,
        Deed::Delete { .. } => DELETED,
    };
    let Some(entry) = journal::done_before(store.read(), actor.request, action).await? else { return Ok(None) };
    let stored = if action == DELETED { &entry.before } else { &entry.after };
    let stored: Value = stored.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let id = stored["note"].as_str().and_then(|id| id.parse::<Uuid>().ok()).unwrap_or_default();
    let row = notes::Entity::find_by_id(id).one(store.read()).await?;
    Ok(Some(row.map_or_else(|| gone(&entry, id, &stored), Noted::Done)))
}

/// A note that was taken away, as the journal has it.
fn gone(entry: &entries::Model, id: Uuid, stored: &Value) -> Noted {
    Noted::Done(notes::Model {
        id,
        registration_id: entry.row_key.as_deref().and_then(|key| key.parse().ok()).unwrap_or_default(),
        text: stored["text"].as_str().unwrap_or_default().to_owned(),
        person: entry.person.clone(),
        desk: entry.desk.clone(),
        created_at: entry.written_at,
        updated_at: entry.written_at,
        version: stored["version"].as_i64().unwrap_or(1),
        seal: None,
    })
}

async fn write_new(store: &Store, actor: &Actor, registration: Uuid, text: &str) -> Result<Noted> {
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    if registrations::Entity::find_by_id(registration).one(&*write).await?.is_none() {
        return Ok(Noted::Missing);
    }
    let mut row = notes::Model {
        id: Uuid::now_v7(),
        registration_id: registration,
        text: text.to_owned(),
        person: actor.person.clone(),
        desk: actor.desk.clone(),
        created_at: now,
        updated_at: now,
        version: 1,
        seal: None,
    };
    row.seal = Some(seal::note(&row));
    insert_all(&*write, vec![row.clone()]).await?;
    note(&write, actor, ADDED, now, (None, Some(&row))).await?;
    write.commit().await?;
    Ok(Noted::Done(row))
}

/// Gives a note another text, or takes it away.
async fn write_changed(store: &Store, actor: &Actor, id: Uuid, version: i64, text: Option<&str>) -> Result<Noted> {
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    let backend = write.get_database_backend();
    let lock = store::locking(backend, "SELECT id FROM notes WHERE id = ?", store::Lock::Wait);
    write.execute_raw(store::sql(backend, &lock, [id.into()])).await?;
    let Some(before) = notes::Entity::find_by_id(id).one(&*write).await? else { return Ok(Noted::Missing) };
    if before.version != version {
        drop(write);
        return conflict(store, before, version).await;
    }
    let Some(text) = text else {
        notes::Entity::delete_by_id(id).exec(&*write).await?;
        note(&write, actor, DELETED, now, (Some(&before), None)).await?;
        write.commit().await?;
        return Ok(Noted::Done(before));
    };
    let mut after = notes::Model { text: text.to_owned(), updated_at: now, version: version + 1, ..before.clone() };
    after.seal = Some(seal::note(&after));
    let statement = "UPDATE notes SET text = ?, updated_at = ?, version = ?, seal = ? WHERE id = ?";
    let values = [text.into(), now.into(), after.version.into(), after.seal.clone().into(), id.into()];
    write.execute_raw(store::sql(backend, statement, values)).await?;
    note(&write, actor, EDITED, now, (Some(&before), Some(&after))).await?;
    write.commit().await?;
    Ok(Noted::Done(after))
}

async fn conflict(store: &Store, now: notes::Model, version: i64) -> Result<Noted> {
    let entries = journal::of_record(store.read(), "registrations", &now.registration_id.to_string()).await?;
    let (mut seen, mut by) = (None, None);
    for entry in entries {
        let after: Value = entry.after.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        if after["note"] != json!(now.id) {
            continue;
        }
        if after["version"] == json!(version) {
            seen = after["text"].as_str().map(str::to_owned);
        }
        if after["version"] == json!(now.version) {
            by = Some((entry.person, entry.desk));
        }
    }
    Ok(Noted::Conflict { now, seen, by })
}

/// The journal's entry stands with the customer: a note that is gone has no record of its own.
async fn note(
    write: &Write,
    actor: &Actor,
    action: &'static str,
    now: DateTime<Utc>,
    (before, after): (Option<&notes::Model>, Option<&notes::Model>),
) -> Result<()> {
    let noted = |row: &notes::Model| json!({ "note": row.id, "version": row.version, "text": row.text });
    let registration = before.or(after).map(|row| row.registration_id);
    let registration = registration.ok_or_else(|| Error::NotFound("There is no such note.".to_owned()))?;
    let entry = journal::Entry {
        action,
        record: Some(("registrations", registration.to_string())),
        reason: "",
        before: before.map(noted),
        after: after.map(noted),
    };
    journal::record(&**write, actor, now, entry).await
}
