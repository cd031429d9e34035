//! The journal: who did what, when, from which desk, and why, as one append-only hash chain.
//!
//! It records what people do; steps of the pipeline are attempts, not entries. Each entry's hash covers its canonical
//! text and the hash before it, so an edited, inserted, deleted or reordered entry shows; the head kept in
//! `installation` (and on paper) shows a cut tail. An entry's request id is unique: it is how a repeated action is
//! recognised.

mod list;
mod verify;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

pub use list::{Filter, list};
pub use verify::{Fault, Verdict, verify, walk};

use crate::error::Unopened;
use crate::identity::Actor;
use crate::seal::{Canonical, hex};
use crate::store::{self, Lock, entities::journal};
use crate::{Error, Result};

/// Hash that the first entry follows.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What a person did.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The action, such as `run.start`.
    pub action: &'static str,
    /// Table and key of the record, where it concerns one.
    pub record: Option<(&'static str, String)>,
    /// Why.
    pub reason: &'a str,
    /// State before, as JSON.
    pub before: Option<serde_json::Value>,
    /// State after, as JSON.
    pub after: Option<serde_json::Value>,
}

/// Adds an entry. Call it last in the transaction of the action: the head is locked from here to the commit.
pub async fn record(
    connection: &impl ConnectionTrait,
    actor: &Actor,
    now: DateTime<Utc>,
    entry: Entry<'_>,
) -> Result<()> {
    let (seq, previous) = lock_head(connection).await?;
    let mut row = journal::Model {
        seq: seq + 1,
        written_at: now,
        person: actor.person.clone(),
        desk: actor.desk.clone(),
        action: entry.action.to_owned(),
        table_name: entry.record.as_ref().map(|(table, _)| (*table).to_owned()),
        row_key: entry.record.map(|(_, key)| key),
        reason: entry.reason.to_owned(),
        before: entry.before.map(|value| value.to_string()),
        after: entry.after.map(|value| value.to_string()),
        request_id: actor.request,
        previous_hash: previous,
        hash: String::new(),
    };
    row.hash = hash(&row);
    let head = row.hash.clone();
    store::insert_all(connection, vec![row]).await?;
    let text = "UPDATE installation SET journal_seq = ?, journal_hash = ? WHERE id = 1";
    let statement = store::sql(connection.get_database_backend(), text, [(seq + 1).into(), head.into()]);
    connection.execute_raw(statement).await?;
    Ok(())
}

/// The entry that an earlier call with this request id left, if there was one. An id that was used for another action is
/// refused: answering with that action's result would say that this one was done.
pub async fn done_before(
    connection: &impl ConnectionTrait,
    request: Uuid,
    action: &str,
) -> Result<Option<journal::Model>> {
    let entry = journal::Entity::find().filter(journal::Column::RequestId.eq(request)).one(connection).await?;
    match entry {
        Some(entry) if entry.action != action => Err(Error::Usage(format!(
            "The request id {request} was used for “{}” already; nothing was done. Use a new one.",
            entry.action
        ))),
        entry => Ok(entry),
    }
}

/// All entries about a record, oldest first.
pub async fn of_record(connection: &impl ConnectionTrait, table: &str, key: &str) -> Result<Vec<journal::Model>> {
    let query = journal::Entity::find().filter(journal::Column::TableName.eq(table));
    let query = query.filter(journal::Column::RowKey.eq(key)).order_by_asc(journal::Column::Seq);
    Ok(query.all(connection).await?)
}

/// Lets one action of this kind through at a time, where what is found decides what is written: whoever comes second waits
/// here and finds what the first one did.
pub(crate) async fn one_at_a_time(connection: &impl ConnectionTrait) -> Result<()> {
    lock_head(connection).await.map(|_| ())
}

async fn lock_head(connection: &impl ConnectionTrait) -> Result<(i64, String)> {
    let backend = connection.get_database_backend();
    let text = store::locking(backend, "SELECT journal_seq, journal_hash FROM installation WHERE id = 1", Lock::Wait);
    let row = connection.query_one_raw(store::sql(backend, &text, [])).await?;
    let row = row.ok_or_else(|| Error::unopened(Unopened::NotKontor, "This database does not say what it is."))?;
    Ok((row.try_get("", "journal_seq")?, row.try_get("", "journal_hash")?))
}

/// Hash of an entry: SHA-256 over its fields in canonical bytes (see `seal`), the hash before it among them.
fn hash(row: &journal::Model) -> String {
    let digest = Canonical::of("journal")
        .whole(row.seq)
        .at(row.written_at)
        .text(&row.person)
        .text(&row.desk)
        .text(&row.action)
        .maybe_text(row.table_name.as_deref())
        .maybe_text(row.row_key.as_deref())
        .text(&row.reason)
        .maybe_text(row.before.as_deref())
        .maybe_text(row.after.as_deref())
        .uuid(row.request_id)
        .text(&row.previous_hash)
        .sha256();
    hex(&digest)
}
