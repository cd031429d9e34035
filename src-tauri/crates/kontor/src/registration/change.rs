//! Saving changed contact data: the row with its seal and its words for searching, the journal's entry, and the runs that
//! send invoices to the new address, in one transaction.
//!
//! Invoices that were issued keep name and address. What a change would send is looked at as the row is about to be, so
//! that a mail refused for the old address goes out to the new one.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use super::contact::{Fault, Field, faults};
use super::{search_text, sort_name};
use crate::delivery::resend::{self, Letter, Request};
use crate::identity::Actor;
use crate::invoice::settings::Settings;
use crate::obstacle::Obstacle;
use crate::run::case::{self, Case};
use crate::run::{self, Key, NewItem, NewRun, plan};
use crate::store::entities::{mailboxes, registrations, runs};
use crate::store::{self, Lock, Store, Write};
use crate::{Result, journal, seal};

/// The journal's word for changed contact data.
pub const ACTION: &str = "registration.contact";

/// A change of one field, as the person saw it.
#[derive(Clone, Debug)]
pub struct Change {
    /// The field.
    pub field: Field,
    /// What stood there.
    pub old: Option<String>,
    /// What is to stand there.
    pub new: Option<String>,
}

/// What is to be saved.
#[derive(Clone, Debug)]
pub struct Order {
    /// The registration.
    pub registration: Uuid,
    /// Version that the person saw.
    pub version: i64,
    /// The changes.
    pub changes: Vec<Change>,
    /// Why; may be empty.
    pub reason: String,
    /// What is open and shall be finished with the new data.
    pub rerun: Vec<Key>,
    /// Invoices that shall be sent again, to the new address.
    pub resend: Vec<Uuid>,
}

/// What became of it.
#[derive(Clone, Debug)]
pub enum Changed {
    /// It was saved.
    Saved(Saved),
    /// Somebody changed the record since it was read; nothing was written.
    Conflict(Box<Conflict>),
    /// Fields that cannot be taken; nothing was written.
    Invalid(Vec<(Field, Fault)>),
    /// There is no such registration.
    Missing,
}

/// What was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Version that is stored now.
    pub version: i64,
    /// The runs that send.
    pub runs: Vec<Uuid>,
    /// The request had been answered before; nothing was written now.
    pub repeated: bool,
}

/// A record that somebody changed meanwhile.
#[derive(Clone, Debug)]
pub struct Conflict {
    /// As it stands now.
    pub now: registrations::Model,
    /// What the journal has of the version that the person saw, of the fields that were changed since.
    pub seen: BTreeMap<Field, Option<String>>,
    /// Who changed it last; none when that was done outside Kontor.
    pub by: Option<(String, String)>,
}

/// Saves changes: all of them, or none.
pub async fn save(store: &Store, actor: &Actor, order: &Order) -> Result<Changed> {
    if let Some(saved) = answered(store, actor, order.registration).await? {
        return Ok(saved);
    }
    match attempt(store, actor, order).await {
        // The answer was lost, or the same request came twice at once: the rows tell.
        Err(error) if error.is_passing() || error.is_duplicate() => {
            answered(store, actor, order.registration).await?.ok_or(error)
        }
        done => done,
    }
}

/// Ids of the requests that send; they follow from the person's one, so that a repetition sends nothing twice.
fn sending(request: Uuid) -> [Uuid; 2] {
    [b"rerun".as_slice(), b"resend"].map(|what| Uuid::new_v5(&request, what))
}

/// What an earlier call with the same request left.
async fn answered(store: &Store, actor: &Actor, registration: Uuid) -> Result<Option<Changed>> {
    if journal::done_before(store.read(), actor.request, ACTION).await?.is_none() {
        return Ok(None);
    }
    let Some(row) = registrations::Entity::find_by_id(registration).one(store.read()).await? else {
        return Ok(Some(Changed::Missing));
    };
    let query = runs::Entity::find().filter(runs::Column::RequestId.is_in(sending(actor.request)));
    let runs = query.order_by_asc(runs::Column::Id).all(store.read()).await?;
    let runs = runs.into_iter().map(|run| run.id).collect();
    Ok(Some(Changed::Saved(Saved { version: row.version, runs, repeated: true })))
}

async fn attempt(store: &Store, actor: &Actor, order: &Order) -> Result<Changed> {
    let Some(seen) = registrations::Entity::find_by_id(order.registration).one(store.read()).await? else {
        return Ok(Changed::Missing);
    };
    let today = store.today().await?;
    let letters = letters(store, actor, order, &seen).await?;
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    let Some(before) = locked(&write, order.registration).await? else { return Ok(Changed::Missing) };
    let is_as_seen = order.changes.iter().all(|change| change.field.of(&before) == change.old);
    if before.version != order.version || !is_as_seen {
        drop(write);
        return Ok(Changed::Conflict(Box::new(conflict(store, before, order.version).await?)));
    }
    let mut after = changed(&before, &order.changes);
    let faults = faults(&before, &after);
    if !faults.is_empty() {
        return Ok(Changed::Invalid(faults));
    }
    let is_changed = moved(&before, &after).next().is_some();
    if is_changed {
        write_row(&write, &before, &mut after, now).await?;
    }
    let act = Act { actor, reason: &order.reason, today, now };
    let runs: Vec<Uuid> =
        [rerun(&write, act, &order.rerun).await?, resend(&write, act, letters).await?].into_iter().flatten().collect();
    if is_changed || !runs.is_empty() {
        note(&write, act, (&before, &after), &runs).await?;
        write.commit().await?;
    }
    Ok(Changed::Saved(Saved { version: after.version, runs, repeated: false }))
}

/// The row as it would be.
pub fn changed(row: &registrations::Model, changes: &[Change]) -> registrations::Model {
    let mut after = row.clone();
    for change in changes {
        change.field.set(&mut after, change.new.as_deref());
    }
    after
}

/// Fields in which two rows differ.
fn moved<'a>(
    before: &'a registrations::Model,
    after: &'a registrations::Model,
) -> impl Iterator<Item = Field> + use<'a> {
    Field::ALL.into_iter().filter(move |field| field.of(before) != field.of(after))
}

async fn locked(write: &Write, id: Uuid) -> Result<Option<registrations::Model>> {
    let backend = write.get_database_backend();
    let text = store::locking(backend, "SELECT id FROM registrations WHERE id = ?", Lock::Wait);
    write.execute_raw(store::sql(backend, &text, [id.into()])).await?;
    Ok(registrations::Entity::find_by_id(id).one(&**write).await?)
}

/// The one place where a registration is written again: version, seal and words go with it.
async fn write_row(
    write: &Write,
    before: &registrations::Model,
    after: &mut registrations::Model,
    now: DateTime<Utc>,
) -> Result<()> {
    let query = mailboxes::Entity::find().filter(mailboxes::Column::RegistrationId.eq(before.id));
    let mailbox = query.order_by_asc(mailboxes::Column::Id).one(&**write).await?;
    after.version = before.version + 1;
    after.updated_at = now;
    after.search_text = search_text(after, mailbox.as_ref().map_or("", |mailbox| &mailbox.address));
    after.sort_name = sort_name(after);
    after.seal = Some(seal::registration(after));
    let set: Vec<String> = Field::ALL.iter().map(|field| format!("{} = ?", field.name())).collect();
    let text = format!(
        "UPDATE registrations SET {}, search_text = ?, sort_name = ?, seal = ?, version = ?, updated_at = ? WHERE id = ?",
        set.join(", ")
    );
    let mut values: Vec<sea_orm::Value> = Field::ALL.iter().map(|field| field.of(after).into()).collect();
    values.extend([
        after.search_text.clone().into(),
        after.sort_name.clone().into(),
        after.seal.clone().into(),
        after.version.into(),
        now.into(),
        after.id.into(),
    ]);
    write.execute_raw(store::sql(write.get_database_backend(), &text, values)).await?;
    Ok(())
}

/// Who does it, why and when.
#[derive(Clone, Copy)]
struct Act<'a> {
    actor: &'a Actor,
    reason: &'a str,
    today: NaiveDate,
    now: DateTime<Utc>,
}

/// Starts the run that finishes what is open, if anything shall be.
async fn rerun(write: &Write, act: Act<'_>, keys: &[Key]) -> Result<Option<Uuid>> {
    if keys.is_empty() {
        return Ok(None);
    }
    let settings = Settings::load(&**write).await?;
    let mut items = Vec::with_capacity(keys.len());
    for case in case::load(&**write, keys).await? {
        if let Some(obstacle) = obstacle(&case, &settings, act.today) {
            return Err(obstacle.says("This invoice cannot be finished now; nothing was written.").into());
        }
        items.push(NewItem::new(case.key, case.invoice.as_ref().map(|invoice| invoice.id)));
    }
    if items.len() != keys.len() {
        return Err(Obstacle::Missing.says("What was to be sent is gone; nothing was written.").into());
    }
    let selection = plan::Selection::Chosen { keys: keys.to_vec(), by: json!({ "registration": ACTION }) };
    let order = run::Order {
        reason: act.reason.to_owned(),
        issue_on: act.today,
        last_step: "deliver",
        covering: None,
        covering_en: None,
    };
    let new = NewRun {
        kind: "rerun",
        occasion: "run",
        period: None,
        selection: serde_json::to_string(&selection).unwrap_or_default(),
        order: &order,
        covering: None,
        items,
    };
    let [request, _] = sending(act.actor.request);
    let actor = Actor { request, ..act.actor.clone() };
    Ok(Some(run::put_up(&**write, &actor, new, act.now).await?.id))
}

/// Why something open cannot be finished with the data of its case; none when it can, and reaches the new address.
pub fn obstacle(case: &Case, settings: &Settings, today: NaiveDate) -> Option<Obstacle> {
    if let Some(mail) =
        case.open_delivery().filter(|mail| mail.document_id.is_some() && mail.recipient != case.registration.email)
    {
        // It is written already, and goes where it was written to.
        return Some(Obstacle::NotSentYet { state: mail.state.clone() });
    }
    plan::obstacle(case, settings, today).map(Obstacle::cause)
}

/// Composes what is sent again; all of it can be, or nothing is saved.
async fn letters(store: &Store, actor: &Actor, order: &Order, seen: &registrations::Model) -> Result<Vec<Letter>> {
    if order.resend.is_empty() {
        return Ok(Vec::new());
    }
    let [_, request] = sending(actor.request);
    let request = Request {
        actor: Actor { request, ..actor.clone() },
        to: Some(changed(seen, &order.changes).email),
        reason: order.reason.clone(),
    };
    let mut letters = Vec::with_capacity(order.resend.len());
    for letter in resend::compose_all(store, request, &order.resend).await? {
        letters.push(letter.map_err(|hindered| hindered.blocked)?);
    }
    Ok(letters)
}

/// Queues what is sent again, if anything is.
async fn resend(write: &Write, act: Act<'_>, letters: Vec<Letter>) -> Result<Option<Uuid>> {
    if letters.is_empty() {
        return Ok(None);
    }
    let ids: Vec<Uuid> = letters.iter().map(|letter| letter.row.invoice_id).collect();
    resend::lock(write, &ids).await?;
    // Another desk may have been faster, under another request.
    if let Some(hindered) = resend::obstacles(write, &letters.iter().collect::<Vec<_>>()).await?.into_iter().next() {
        return Err(hindered.blocked.into());
    }
    let [_, request] = sending(act.actor.request);
    let actor = Actor { request, ..act.actor.clone() };
    let kind = resend::Kind { occasion: "resend", reason: act.reason, issue_on: act.today };
    Ok(Some(resend::queue(write, &actor, kind, letters, act.now).await?.id))
}

async fn note(
    write: &Write,
    act: Act<'_>,
    (before, after): (&registrations::Model, &registrations::Model),
    runs: &[Uuid],
) -> Result<()> {
    let fields = |row: &registrations::Model| -> serde_json::Map<String, Value> {
        let values = moved(before, after).map(|field| (field.name().to_owned(), json!(field.of(row))));
        values.chain([("version".to_owned(), json!(row.version))]).collect()
    };
    let mut written = fields(after);
    if !runs.is_empty() {
        written.insert("runs".to_owned(), json!(runs));
    }
    let entry = journal::Entry {
        action: ACTION,
        record: Some(("registrations", after.id.to_string())),
        reason: act.reason,
        before: Some(fields(before).into()),
        after: Some(written.into()),
    };
    journal::record(&**write, act.actor, act.now, entry).await
}

/// Who wrote a version, where that was done in Kontor.
pub async fn written_by(store: &Store, registration: Uuid, version: i64) -> Result<Option<(String, String)>> {
    let entries = journal::of_record(store.read(), "registrations", &registration.to_string()).await?;
    let wrote = entries.into_iter().rev().find(|entry| {
        let after: Value = entry.after.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        entry.action == ACTION && after["version"] == json!(version)
    });
    Ok(wrote.map(|entry| (entry.person, entry.desk)))
}

/// What the journal has of the changes since a version.
async fn conflict(store: &Store, now: registrations::Model, version: i64) -> Result<Conflict> {
    let mut conflict = Conflict { seen: BTreeMap::new(), by: None, now };
    let entries = journal::of_record(store.read(), "registrations", &conflict.now.id.to_string()).await?;
    for entry in entries.into_iter().filter(|entry| entry.action == ACTION) {
        let read = |text: &Option<String>| -> Value {
            text.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
        };
        let (before, after) = (read(&entry.before), read(&entry.after));
        if after["version"].as_i64().unwrap_or(0) <= version {
            continue;
        }
        for (name, value) in before.as_object().into_iter().flatten() {
            if let Some(field) = Field::named(name) {
                conflict.seen.entry(field).or_insert_with(|| value.as_str().map(str::to_owned));
            }
        }
        let is_newest = after["version"] == json!(conflict.now.version);
        conflict.by = is_newest.then_some((entry.person, entry.desk));
    }
    Ok(conflict)
}
