//! The one way back for frozen columns: the rows of an invoice follow its frozen content again.
//!
//! Only content that has the hash it was frozen with is taken; it comes from the row itself or, where that is damaged too,
//! from an independent copy. A restoration is written first and opens the database's guards for this one change. What
//! this module leaves out: invoices of the old programs, which were never frozen, and stored PDFs.

use chrono::{DateTime, Utc};
use kontor_pdf::content::{Content, sha256};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Value};
use serde::Serialize;
use uuid::Uuid;

use super::deviation::{self, Changes, Deviation, Rows};
use crate::identity::Actor;
use crate::store::entities::{invoices, journal as entries, restorations};
use crate::store::{self, Lock, Store, Write, insert_all};
use crate::{Error, Result, journal};

/// The journal's word for a restoration.
pub const ACTION: &str = "invoice.restore";

/// What is to be restored.
#[derive(Clone, Debug)]
pub struct Order {
    /// The invoice.
    pub id: Uuid,
    /// Version that the person saw; one that was changed since is not restored.
    pub version: i64,
    /// Bytes of an independent copy; none takes those of the row.
    pub content: Option<Vec<u8>>,
    /// Why; stands in the journal.
    pub reason: String,
}

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// Id of the invoice.
    pub id: Uuid,
    /// Number, as the content has it.
    pub number: String,
    /// Version of the row now.
    pub version: i64,
    /// Old and new value of each field.
    pub changes: Vec<Deviation>,
    /// The request had been answered before; nothing was written now.
    pub repeated: bool,
}

/// Id and version of an invoice by its number, exactly as the row has it: a number may be what is damaged.
pub async fn by_number(store: &Store, typed: &str) -> Result<(Uuid, i64)> {
    let exact = find(store, invoices::Column::Number.eq(typed.trim().to_uppercase())).await?;
    match exact {
        Some(found) => Ok(found),
        None => super::by_number(store, typed).await.map(|row| (row.id, row.version)),
    }
}

/// Id and version of an invoice by its id.
pub async fn by_id(store: &Store, id: Uuid) -> Result<(Uuid, i64)> {
    let found = find(store, invoices::Column::Id.eq(id)).await?;
    found.ok_or_else(|| Error::NotFound(format!("There is no invoice with the id {id}.")))
}

async fn find(store: &Store, condition: sea_orm::sea_query::SimpleExpr) -> Result<Option<(Uuid, i64)>> {
    let query = invoices::Entity::find().filter(condition).select_only();
    let query = query.columns([invoices::Column::Id, invoices::Column::Version]);
    Ok(query.into_tuple().one(store.read()).await?)
}

/// Restores the rows of an invoice, or says why not; then nothing is written.
pub async fn restore(store: &Store, actor: &Actor, order: &Order) -> Result<Restored> {
    if order.reason.trim().is_empty() {
        return Err(Error::Usage(
            "A restoration needs a reason; it stands in the journal. Give one with --reason.".to_owned(),
        ));
    }
    if let Some(done) = answered(store, actor, order.id).await? {
        return Ok(done);
    }
    match write(store, actor, order).await {
        Ok(done) => Ok(done),
        // The answer was lost, or another desk was first with the same request: the rows tell.
        Err(error) => match answered(store, actor, order.id).await? {
            Some(done) => Ok(done),
            None if error.is_duplicate() => Err(Error::Refused(
                "Another invoice bears this number or is valid for this period; nothing was written. Cancel one of \
                 them first."
                    .to_owned(),
            )),
            None => Err(error),
        },
    }
}

/// What an earlier call with the same request restored.
async fn answered(store: &Store, actor: &Actor, id: Uuid) -> Result<Option<Restored>> {
    let Some(entry) = journal::done_before(store.read(), actor.request, ACTION).await? else { return Ok(None) };
    if entry.row_key.as_deref() != Some(id.to_string().as_str()) {
        return Err(Error::Usage(format!(
            "The request id {} restored another invoice already; nothing was done. Use a new one.",
            actor.request
        )));
    }
    Ok(Some(told_before(id, &entry)))
}

fn told_before(id: Uuid, entry: &entries::Model) -> Restored {
    let read = |text: &Option<String>| -> serde_json::Value {
        text.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    };
    let after = read(&entry.after);
    Restored {
        id,
        number: after["number"].as_str().unwrap_or_default().to_owned(),
        version: after["version"].as_i64().unwrap_or(0),
        changes: of_fields(&read(&entry.before)["fields"], &after["fields"]),
        repeated: true,
    }
}

async fn write(store: &Store, actor: &Actor, order: &Order) -> Result<Restored> {
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    let (rows, done) = restored(&write, actor, order, now).await?;
    note(&write, actor, &order.reason, &rows, &done, now).await?;
    write.commit().await?;
    Ok(done)
}

/// Restores within the transaction at hand; the journal's entry is the caller's.
pub(crate) async fn within(write: &Write, actor: &Actor, order: &Order, now: DateTime<Utc>) -> Result<Restored> {
    restored(write, actor, order, now).await.map(|(_, done)| done)
}

async fn restored(write: &Write, actor: &Actor, order: &Order, now: DateTime<Utc>) -> Result<(Rows, Restored)> {
    let rows = deviation::read(&**write, order.id, Some(Lock::Wait)).await?;
    if rows.version != order.version {
        return Err(Error::Refused(format!(
            "{} was changed meanwhile (it has version {}, not {}); nothing was written. Look at it again.",
            rows.number(),
            rows.version,
            order.version
        )));
    }
    let (content, bytes) = frozen(&rows, order.content.as_deref())?;
    let changes = rows.changes(&**write, &content, &bytes).await?;
    if changes.told.is_empty() {
        return Err(Error::Refused(format!(
            "{} stands as it was frozen; there is nothing to restore.",
            content.number
        )));
    }
    insert_all(&**write, vec![restoration(&rows, actor, order, now)]).await?;
    apply(write, &rows, &changes, now).await?;
    let done = Restored {
        id: order.id,
        number: content.number,
        version: rows.version + 1,
        changes: changes.told,
        repeated: false,
    };
    Ok((rows, done))
}

async fn note(
    write: &Write,
    actor: &Actor,
    reason: &str,
    rows: &Rows,
    done: &Restored,
    now: DateTime<Utc>,
) -> Result<()> {
    let state = |number: &str, version: i64, value: fn(&Deviation) -> &Option<String>| {
        Some(serde_json::json!({ "number": number, "version": version, "fields": fields(&done.changes, value) }))
    };
    let entry = journal::Entry {
        action: ACTION,
        record: Some(("invoices", done.id.to_string())),
        reason,
        before: state(&rows.number(), rows.version, |change| &change.old),
        after: state(&done.number, done.version, |change| &change.new),
    };
    journal::record(&**write, actor, now, entry).await
}

/// The content an invoice was frozen with: the row's own, or the copy that was given, if it has the hash.
pub(crate) fn frozen(rows: &Rows, copy: Option<&[u8]>) -> Result<(Content, Vec<u8>)> {
    let number = rows.number();
    let (Some(stored), Some(hash)) = (&rows.snapshot, &rows.sha256) else {
        return Err(Error::Refused(format!(
            "{number} is an invoice of the old programs and was never frozen, so there is nothing to hold it against. \
             Nothing was written."
        )));
    };
    let bytes = copy.unwrap_or(stored);
    if sha256(bytes)[..] != hash[..] {
        let what = if copy.is_some() { "The copy that was given" } else { "The frozen content" };
        return Err(Error::Refused(format!(
            "{what} does not have the hash that {number} was frozen with; nothing was written. Give an undamaged copy, \
             from a backup for instance: `kontor invoices restore {number} --content FILE --reason …`."
        )));
    }
    let content = Content::from_bytes(bytes).map_err(|error| {
        Error::Refused(format!("The frozen content of {number} cannot be read ({error}); nothing was written."))
    })?;
    Ok((content, bytes.to_vec()))
}

fn restoration(rows: &Rows, actor: &Actor, order: &Order, now: DateTime<Utc>) -> restorations::Model {
    restorations::Model {
        id: Uuid::now_v7(),
        invoice_id: rows.id,
        invoice_version: rows.version,
        snapshot_sha256: rows.sha256.clone().unwrap_or_default(),
        person: actor.person.clone(),
        reason: order.reason.clone(),
        request_id: actor.request,
        restored_at: now,
    }
}

/// Lines first: once the invoice has its new version, the guards are closed again. A missing line is added at the end,
/// when the invoice knows again how many it has.
async fn apply(write: &Write, rows: &Rows, changes: &Changes, now: DateTime<Utc>) -> Result<()> {
    let set = |fields: &[(&'static str, Value)]| -> String {
        fields.iter().map(|(column, _)| format!("{column} = ?")).collect::<Vec<_>>().join(", ")
    };
    let backend = write.get_database_backend();
    for (id, fields) in &changes.lines {
        let text = format!("UPDATE invoice_lines SET {} WHERE id = ?", set(fields));
        let values = fields.iter().map(|(_, value)| value.clone()).chain([(*id).into()]);
        write.execute_raw(store::sql(backend, &text, values)).await?;
    }
    let mut fields = changes.invoice.clone();
    fields.push(("updated_at", now.into()));
    let text = format!("UPDATE invoices SET {}, version = version + 1 WHERE id = ? AND version = ?", set(&fields));
    let values = fields.into_iter().map(|(_, value)| value).chain([rows.id.into(), rows.version.into()]);
    let moved = write.execute_raw(store::sql(backend, &text, values)).await?;
    if moved.rows_affected() != 1 {
        return Err(Error::Refused(format!("{} was changed meanwhile; nothing was written.", rows.number())));
    }
    insert_all(&**write, changes.missing.clone()).await
}

/// Fields by name, `gross_cents` of the invoice and `1.gross_cents` of its first line.
fn fields(changes: &[Deviation], value: fn(&Deviation) -> &Option<String>) -> serde_json::Value {
    let named = changes.iter().map(|change| {
        let name = match change.line {
            Some(line) => format!("{line}.{}", change.field),
            None => change.field.clone(),
        };
        (name, value(change).clone().into())
    });
    serde_json::Value::Object(named.collect())
}

fn of_fields(old: &serde_json::Value, new: &serde_json::Value) -> Vec<Deviation> {
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let mut changes: Vec<Deviation> = new
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| {
            let (line, field) = match name.split_once('.') {
                Some((line, field)) => (line.parse().ok(), field),
                None => (None, name.as_str()),
            };
            Deviation { line, field: field.to_owned(), old: text(&old[name]), new: text(value) }
        })
        .collect();
    changes.sort();
    changes
}
