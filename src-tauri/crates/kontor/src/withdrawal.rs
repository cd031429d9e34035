//! Hosts that are taken out of service, and what they wrote meanwhile or before.
//!
//! A host is withdrawn by a canary that came out otherwise, or by a person who has a reason. From then on it claims nothing
//! (`run::claim` asks in the transaction that claims), and what it wrote since a point in time is *unproven*: a hash or seal
//! that was made there says only what the host believed. A person puts it back, with a reason; what it wrote stays unproven
//! until it was drawn again elsewhere. What this module leaves out: the canaries (`canary`), and looking for the damage
//! (`damage`).

mod hosts;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use uuid::Uuid;

pub use hosts::{Host, Withdrawn, hosts, hosts_out};

use crate::identity::Actor;
use crate::obstacle::Obstacle;
use crate::store::entities::withdrawals;
use crate::store::{self, Store, Write, insert_all};
use crate::{Error, Result, journal};

/// The journal's word for taking a host out of service.
pub const WITHDRAWN: &str = "host.withdraw";
/// The journal's word for putting it back.
pub const RETURNED: &str = "host.return";

/// What is asked when a person takes a host out of service.
#[derive(Clone, Debug)]
pub struct Order {
    /// The host.
    pub host: String,
    /// What it wrote from then on is unproven; none says from now on.
    pub from: Option<DateTime<Utc>>,
    /// The first moment from which on its work is trusted again; none while it is out of service.
    pub until: Option<DateTime<Utc>>,
    /// Why; stands in the journal.
    pub reason: String,
}

/// Takes a host out of service. The same request a second time returns what the first one did.
pub async fn withdraw(store: &Store, actor: &Actor, order: &Order) -> Result<withdrawals::Model> {
    if order.reason.trim().is_empty() {
        return Err(Error::Usage("Taking a host out of service needs a reason; it stands in the journal.".to_owned()));
    }
    match (order.from, order.until) {
        (None, Some(_)) => {
            return Err(Error::Usage(
                "A bad time that has an end needs its begin too: say from when on the host's work is unproven."
                    .to_owned(),
            ));
        }
        (Some(from), Some(until)) if from >= until => {
            return Err(Error::Usage(
                "The time from which the host is trusted again lies before its bad time. Exchange the two days."
                    .to_owned(),
            ));
        }
        _ => {}
    }
    if let Some(done) = by_request(store, actor.request).await? {
        return Ok(done);
    }
    journal::done_before(store.read(), actor.request, WITHDRAWN).await?;
    if !is_known(store, &order.host).await? {
        let host = &order.host;
        return Err(Error::NotFound(format!("Nothing was ever worked on at a host {host:?}. Check its name.")));
    }
    let write = store.write().await?;
    journal::one_at_a_time(&*write).await?;
    let now = store::now(&*write).await?;
    if let Some(open) = open(&*write, &order.host).await? {
        // The same request, asked twice at once.
        return if open.request_id == actor.request { Ok(open) } else { Err(out_of_service(&open)) };
    }
    let row = withdrawals::Model {
        id: Uuid::now_v7(),
        host: order.host.clone(),
        source: "person".to_owned(),
        suspect_from_at: order.from.unwrap_or(now).min(now),
        suspect_until_at: order.until,
        withdrawn_at: now,
        canary_id: None,
        person: actor.person.clone(),
        desk: actor.desk.clone(),
        reason: order.reason.clone(),
        request_id: actor.request,
        returned_at: None,
        returned_by: None,
        returned_reason: None,
    };
    note(&write, actor, row.clone(), now).await?;
    write.commit().await?;
    Ok(row)
}

/// Writes a withdrawal with its entry in the journal, in the transaction at hand; the head is locked from here on.
pub(crate) async fn note(write: &Write, actor: &Actor, row: withdrawals::Model, now: DateTime<Utc>) -> Result<()> {
    insert_all(&**write, vec![row.clone()]).await?;
    let after = json!({
        "host": row.host, "source": row.source, "suspect_from": row.suspect_from_at,
        "suspect_until": row.suspect_until_at, "canary": row.canary_id,
    });
    let entry = journal::Entry {
        action: WITHDRAWN,
        record: Some(("withdrawals", row.id.to_string())),
        reason: &row.reason,
        before: None,
        after: Some(after),
    };
    journal::record(&**write, actor, now, entry).await
}

/// Puts a host back into service. The same request a second time does nothing more.
pub async fn put_back(store: &Store, actor: &Actor, host: &str, reason: &str) -> Result<()> {
    if reason.trim().is_empty() {
        return Err(Error::Usage(
            "Putting a host back into service needs a reason; it stands in the journal.".to_owned(),
        ));
    }
    if journal::done_before(store.read(), actor.request, RETURNED).await?.is_some() {
        return Ok(());
    }
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    let Some(row) = open(&*write, host).await? else {
        return Err(Obstacle::HostIn
            .says(format!("The host {host:?} is not out of service; nothing was changed."))
            .into());
    };
    let text = "UPDATE withdrawals SET returned_at = ?, returned_by = ?, returned_reason = ? WHERE id = ? AND returned_at \
                IS NULL";
    let values = [now.into(), actor.person.clone().into(), reason.into(), row.id.into()];
    let changed = write.execute_raw(store::sql(store.backend(), text, values)).await?;
    if changed.rows_affected() == 0 {
        return Err(Obstacle::HostIn
            .says(format!("Somebody else has just put {host:?} back; nothing was changed."))
            .into());
    }
    let entry = journal::Entry {
        action: RETURNED,
        record: Some(("withdrawals", row.id.to_string())),
        reason,
        before: Some(json!({ "host": host, "withdrawn": row.withdrawn_at })),
        after: None,
    };
    journal::record(&*write, actor, now, entry).await?;
    write.commit().await
}

/// All withdrawals, those that are open first, the newest first.
pub async fn list(connection: &impl ConnectionTrait) -> Result<Vec<withdrawals::Model>> {
    let query = withdrawals::Entity::find().order_by_desc(withdrawals::Column::WithdrawnAt);
    let mut rows = query.order_by_desc(withdrawals::Column::Id).all(connection).await?;
    rows.sort_by_key(|row| row.returned_at.is_some());
    Ok(rows)
}

/// The hosts that are out of service, by name.
pub async fn out(connection: &impl ConnectionTrait) -> Result<Vec<String>> {
    let query = withdrawals::Entity::find().filter(withdrawals::Column::ReturnedAt.is_null());
    let rows = query.order_by_asc(withdrawals::Column::Host).all(connection).await?;
    Ok(rows.into_iter().map(|row| row.host).collect())
}

/// The open withdrawal of a host.
pub async fn open(connection: &impl ConnectionTrait, host: &str) -> Result<Option<withdrawals::Model>> {
    let query = withdrawals::Entity::find().filter(withdrawals::Column::Host.eq(host));
    Ok(query.filter(withdrawals::Column::ReturnedAt.is_null()).one(connection).await?)
}

/// Up to when the work of a withdrawn host is suspect from `since` on, as far as no withdrawal says so yet.
pub(crate) async fn lacks(
    connection: &impl ConnectionTrait,
    open: &withdrawals::Model,
    since: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>> {
    let until = if open.suspect_until_at.is_some() { open.withdrawn_at } else { open.suspect_from_at };
    let rows = withdrawals::Entity::find().filter(withdrawals::Column::Host.eq(&open.host)).all(connection).await?;
    let covers =
        |row: &withdrawals::Model| row.suspect_from_at <= since && suspect_until(row).is_none_or(|ends| ends >= until);
    Ok((since < until && !rows.iter().any(covers)).then_some(until))
}

/// Whether a row only adds time to the withdrawal that was open then: such rows end as they begin.
pub(crate) fn is_addition(row: &withdrawals::Model) -> bool {
    row.returned_at == Some(row.withdrawn_at)
}

/// An open withdrawal with all the time that was added to it since.
pub(crate) fn widened(open: &withdrawals::Model, all: &[withdrawals::Model]) -> withdrawals::Model {
    let added =
        |row: &&withdrawals::Model| row.host == open.host && is_addition(row) && row.withdrawn_at >= open.withdrawn_at;
    let mut wide = open.clone();
    for row in all.iter().filter(added) {
        wide.suspect_from_at = wide.suspect_from_at.min(row.suspect_from_at);
        wide.suspect_until_at =
            wide.suspect_until_at.max(row.suspect_until_at).filter(|_| wide.suspect_until_at.is_some());
    }
    wide
}

/// Refuses work on a host that is out of service; call it in the transaction that writes.
pub async fn require_service(connection: &impl ConnectionTrait, host: &str) -> Result<()> {
    match open(connection, host).await? {
        Some(row) => Err(out_of_service(&row)),
        None => Ok(()),
    }
}

pub(crate) fn out_of_service(row: &withdrawals::Model) -> Error {
    Error::OutOfService { host: row.host.clone(), since: row.withdrawn_at, reason: row.reason.clone() }
}

/// The first moment from which on a withdrawn host's work is trusted again; none while it is out of service.
pub fn suspect_until(row: &withdrawals::Model) -> Option<DateTime<Utc>> {
    row.suspect_until_at.or(row.returned_at)
}

async fn by_request(store: &Store, request: Uuid) -> Result<Option<withdrawals::Model>> {
    let query = withdrawals::Entity::find().filter(withdrawals::Column::RequestId.eq(request));
    Ok(query.one(store.read()).await?)
}

/// Whether anything was ever worked on at a host of this name.
pub(crate) async fn is_known(store: &Store, host: &str) -> Result<bool> {
    for table in ["attempts", "workers", "number_allocations"] {
        let text = format!("SELECT 1 AS one FROM {table} WHERE host = ? LIMIT 1");
        let statement = store::sql(store.backend(), &text, [host.into()]);
        if store.read().query_one_raw(statement).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
