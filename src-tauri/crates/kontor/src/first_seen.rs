//! Sealing rows that came from elsewhere: the sign-up site's and the old programs' have no seal.
//!
//! It is a step of its own, after a check in which every rule looked at everything: a row that was there when it began and
//! about which, and about whose record, no finding above `info` is open, is sealed as it stands. That is written down
//! beside it (`first_seals`), because such a seal says "unchanged since it was first seen", and not "correct". Rows are
//! sealed in short transactions; `version` and `updated_at` stay, since nothing that people see has changed. What this
//! module leaves out: the seal itself (`seal`), and what becomes of it later (whoever edits the row seals it anew).

mod held;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ConnectionTrait, EntityTrait, FromQueryResult, Iterable, PrimaryKeyToColumn, QueryFilter, QueryOrder, QueryResult,
    QuerySelect, QueryTrait, Value,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use self::held::Held;
use crate::check::Report;
use crate::identity::Actor;
use crate::store::entities::{first_seals, invoices, mailboxes, payments, registrations, subscriptions};
use crate::store::{self, Store, Write, insert_all, places};
use crate::{Error, Result, journal, seal};

/// The journal's word for it.
pub const ACTION: &str = "rows.first_seen";
/// Rows sealed in one transaction.
const PAGE: u64 = 500;

/// How many rows were sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Registrations.
    pub registrations: u64,
    /// Mailboxes.
    pub mailboxes: u64,
    /// Subscriptions.
    pub subscriptions: u64,
    /// Invoices of the old programs: their progress.
    pub invoices: u64,
    /// Payments.
    pub payments: u64,
    /// Rows without a seal that stay so: something is found about them or their record, they changed since the check began,
    /// or they had a seal once.
    pub held: u64,
}

impl Sealed {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.registrations + self.mailboxes + self.subscriptions + self.invoices + self.payments
    }
}

/// Seals what passed all rules of this check. Done again it finds nothing left to do; the same request returns the first
/// result.
pub async fn seal(store: &Store, actor: &Actor, report: &Report, cancel: &AtomicBool) -> Result<Sealed> {
    let Some(since) = report.whole_since else {
        return Err(Error::Usage(
            "Rows are sealed only after a check in which every rule looked at everything; check without --rule and \
             --changed, to its end."
                .to_owned(),
        ));
    };
    if let Some(entry) = journal::done_before(store.read(), actor.request, ACTION).await? {
        return Ok(entry.after.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default());
    }
    let held = Held::read(store.read()).await?;
    let walk = Walk { store, since, held: &held, cancel };
    let mut sealed = Sealed::default();
    let customers = |id: &Uuid| held.customers.contains(id);
    sealed.registrations =
        walk.table::<registrations::Entity>(seal::registration, |row| customers(&row.id), &mut sealed.held).await?;
    sealed.mailboxes =
        walk.table::<mailboxes::Entity>(seal::mailbox, |row| customers(&row.registration_id), &mut sealed.held).await?;
    sealed.subscriptions = walk
        .table::<subscriptions::Entity>(seal::subscription, |row| customers(&row.registration_id), &mut sealed.held)
        .await?;
    let progress = |row: &invoices::Model| seal::invoice(row.id, &row.state, row.cancelled_by);
    sealed.invoices =
        walk.table::<invoices::Entity>(progress, |row| held.invoices.contains(&row.id), &mut sealed.held).await?;
    sealed.payments = walk.table::<payments::Entity>(seal::payment, |_| false, &mut sealed.held).await?;
    if sealed.total() > 0 {
        note(store, actor, &sealed).await?;
    }
    Ok(sealed)
}

async fn note(store: &Store, actor: &Actor, sealed: &Sealed) -> Result<()> {
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    let after = serde_json::to_value(sealed).ok();
    let reason = "passed all rules";
    journal::record(&*write, actor, now, journal::Entry { action: ACTION, record: None, reason, before: None, after })
        .await?;
    write.commit().await
}

/// Which of these rows were sealed as they were first seen, and when.
pub async fn of(connection: &impl ConnectionTrait, table: &str, rows: &[Uuid]) -> Result<HashMap<Uuid, DateTime<Utc>>> {
    let mut seen = HashMap::new();
    for part in rows.chunks(500) {
        let text = format!(
            "SELECT row_id, seen_at FROM first_seals WHERE row_id IN ({}) AND table_name = ?",
            places(part.len())
        );
        let values = part.iter().map(|id| (*id).into()).chain([table.into()]);
        for row in connection.query_all_raw(store::sql(connection.get_database_backend(), &text, values)).await? {
            seen.insert(row.try_get("", "row_id")?, row.try_get("", "seen_at")?);
        }
    }
    Ok(seen)
}

/// One way through all tables.
struct Walk<'a> {
    store: &'a Store,
    /// Rows that changed since are left alone: no rule has looked at them.
    since: DateTime<Utc>,
    held: &'a Held,
    cancel: &'a AtomicBool,
}

/// A row that is about to be sealed.
struct Unsealed<M> {
    id: Uuid,
    is_old: bool,
    /// None where a value cannot be decoded.
    model: Option<M>,
}

impl Walk<'_> {
    async fn table<E>(
        &self,
        seal: fn(&E::Model) -> Vec<u8>,
        is_held: impl Fn(&E::Model) -> bool,
        held: &mut u64,
    ) -> Result<u64>
    where
        E: EntityTrait,
        E::Model: FromQueryResult,
        E::PrimaryKey: PrimaryKeyToColumn<Column = E::Column> + Iterable,
    {
        let table = E::default().table_name().to_owned();
        let (mut after, mut sealed) = (None, 0);
        while !self.cancel.load(Ordering::Relaxed) {
            let write = self.store.write().await?;
            let (read, page) = self.page::<E>(&write, after).await?;
            after = page.last().map(|row| row.id);
            let ids: Vec<Uuid> = page.iter().map(|row| row.id).collect();
            // Somebody else may have checked meanwhile, and found something.
            let mut spared = held::found_about(&*write, &ids).await?;
            spared.extend(of(&*write, &table, &ids).await?.into_keys());
            let spare = |id: &Uuid| spared.contains(id) || self.held.rows.contains(id);
            let ready = |row: &Unsealed<E::Model>| {
                let model = row.model.as_ref().filter(|model| row.is_old && !spare(&row.id) && !is_held(model))?;
                Some((row.id, seal(model)))
            };
            let seals: Vec<(Uuid, Vec<u8>)> = page.iter().filter_map(ready).collect();
            *held += (page.len() - seals.len()) as u64;
            sealed += seals.len() as u64;
            put(&write, &table, seals).await?;
            write.commit().await?;
            // Rows that were passed by count too: a page that lacks one of them is not the last. Without any key there is
            // no way on.
            if read < PAGE || after.is_none() {
                break;
            }
        }
        Ok(sealed)
    }

    /// How many rows there were, and those whose keys can be decoded.
    async fn page<E>(&self, write: &Write, after: Option<Uuid>) -> Result<(u64, Vec<Unsealed<E::Model>>)>
    where
        E: EntityTrait,
        E::Model: FromQueryResult,
        E::PrimaryKey: PrimaryKeyToColumn<Column = E::Column> + Iterable,
    {
        let mut query = E::find().filter(Expr::col("seal").is_null()).limit(PAGE).lock_exclusive();
        for key in E::PrimaryKey::iter() {
            query = query.order_by_asc(key.into_column());
        }
        if let Some(after) = after {
            query = query.filter(Expr::col("id").gt(after));
        }
        let rows = write.query_all_raw(query.build(write.get_database_backend())).await?;
        let unsealed = |row: &QueryResult| {
            // A row whose key cannot be decoded is passed by; it is a finding of its own.
            let id = row.try_get::<Uuid>("", "id").ok()?;
            let changed = row.try_get::<DateTime<Utc>>("", "updated_at").ok();
            let is_old = changed.is_some_and(|at| at < self.since);
            Some(Unsealed { id, is_old, model: E::Model::from_query_result(row, "").ok() })
        };
        Ok((rows.len() as u64, rows.iter().filter_map(unsealed).collect()))
    }
}

/// Writes seals, and that they are first ones.
async fn put(write: &Write, table: &str, seals: Vec<(Uuid, Vec<u8>)>) -> Result<()> {
    if seals.is_empty() {
        return Ok(());
    }
    let now = store::now(&**write).await?;
    let text = format!(
        "UPDATE {table} SET seal = CASE id{} END WHERE seal IS NULL AND id IN ({})",
        " WHEN ? THEN ?".repeat(seals.len()),
        places(seals.len())
    );
    let cases = seals.iter().flat_map(|(id, seal)| -> [Value; 2] { [(*id).into(), seal.clone().into()] });
    let values: Vec<Value> = cases.chain(seals.iter().map(|(id, _)| (*id).into())).collect();
    write.execute_raw(store::sql(write.get_database_backend(), &text, values)).await?;
    let row = |(id, _): &(Uuid, Vec<u8>)| first_seals::Model {
        id: Uuid::now_v7(),
        table_name: table.to_owned(),
        row_id: *id,
        seen_at: now,
    };
    insert_all(&**write, seals.iter().map(row).collect()).await
}

/// Ids as a set.
type Ids = HashSet<Uuid>;
