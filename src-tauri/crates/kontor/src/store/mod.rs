//! The database: opening it, writing in transactions, its clock. Only this module knows which of the two it is.
//!
//! On `SQLite` one writer at a time: a queue inside the process keeps writers from waiting on each other's lock, and
//! each transaction begins immediate, because upgrading a reading one fails in spite of the timeout. On `PostgreSQL`
//! transactions run side by side and rows are locked.

mod digest;
pub mod entities;
pub mod form;
mod grouping;
mod integrity;
mod kinds;
mod open;
mod schema;
pub mod search;
mod url;

use std::ops::Deref;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, EntityTrait, IntoActiveModel,
    IsolationLevel, Iterable, ModelTrait, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
    Value,
};
use tokio::sync::{Mutex, OwnedMutexGuard};

pub use digest::has_hash;
pub use grouping::{domain, hour, read_hour};
pub use integrity::{Integrity, integrity};
pub use kinds::{greatest, wrong_kind};
pub use open::NewDatabase;
pub use schema::{Status, migrate, status};
pub use url::DbUrl;

use crate::error::Unopened;
use crate::{Error, Result};
use entities::installation;

/// An open database whose schema is the one this program knows.
#[derive(Clone, Debug)]
pub struct Store {
    connection: DatabaseConnection,
    writers: Arc<Mutex<()>>,
    installation: Arc<installation::Model>,
}

impl Store {
    /// What this database is.
    pub fn installation(&self) -> &installation::Model {
        &self.installation
    }

    /// The connection, for reading.
    pub fn read(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// Which database it is.
    pub fn backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }

    /// Begins a writing transaction; dropping it without [`Write::commit`] rolls it back.
    pub async fn write(&self) -> Result<Write> {
        let sqlite = self.backend() == DbBackend::Sqlite;
        let turn = if sqlite { Some(Arc::clone(&self.writers).lock_owned().await) } else { None };
        let transaction = self
            .connection
            .begin_with_options(TransactionOptions {
                sqlite_transaction_mode: sqlite.then_some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            })
            .await?;
        Ok(Write { transaction, _turn: turn })
    }

    /// Begins a reading transaction in which everything is as it was at one moment, whoever writes meanwhile. Dropping it
    /// ends it.
    pub async fn snapshot(&self) -> Result<DatabaseTransaction> {
        // `SQLite` shows every reading transaction one moment; there is nothing to choose.
        let postgres = self.backend() == DbBackend::Postgres;
        let options = TransactionOptions {
            isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
            access_mode: postgres.then_some(AccessMode::ReadOnly),
            ..TransactionOptions::default()
        };
        Ok(self.connection.begin_with_options(options).await?)
    }

    /// The database's clock, in whole microseconds.
    pub async fn now(&self) -> Result<DateTime<Utc>> {
        now(&self.connection).await
    }

    /// Today's date at the office; a demo database lives in its own time.
    pub async fn today(&self) -> Result<NaiveDate> {
        match self.installation.business_date {
            Some(date) => Ok(date),
            None => Ok(self.now().await?.with_timezone(&chrono_tz::Europe::Berlin).date_naive()),
        }
    }

    /// After many rows were written at once: `PostgreSQL` plans by what it last counted, and counts again by itself only
    /// minutes later. `SQLite` follows the indexes and needs no counting. The rows are written whatever comes of this.
    pub async fn count_anew(&self) {
        if self.backend() == DbBackend::Postgres
            && let Err(error) = self.connection.execute_unprepared("ANALYZE").await
        {
            tracing::info!(%error, "the rows could not be counted anew");
        }
    }

    /// Closes the connections; an embedded database then takes its journal back into its file.
    pub async fn close(self) -> Result<()> {
        Ok(self.connection.close().await?)
    }

    /// Whether this database holds invented people only, so that no mail may leave the machine.
    pub fn is_for_show(&self) -> bool {
        self.installation.purpose != "production"
    }
}

/// A writing transaction.
#[derive(Debug)]
pub struct Write {
    transaction: DatabaseTransaction,
    _turn: Option<OwnedMutexGuard<()>>,
}

impl Write {
    /// Makes everything written durable.
    pub async fn commit(self) -> Result<()> {
        Ok(self.transaction.commit().await?)
    }
}

impl Deref for Write {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.transaction
    }
}

/// The database's clock, in whole microseconds. `SQLite` has none of its own: its clock is this machine's.
pub async fn now(connection: &impl ConnectionTrait) -> Result<DateTime<Utc>> {
    if connection.get_database_backend() == DbBackend::Sqlite {
        return Ok(Utc::now().trunc_subsecs(6));
    }
    let statement = Statement::from_string(DbBackend::Postgres, "SELECT clock_timestamp() AS now");
    let row = connection.query_one_raw(statement).await?;
    let row = row.ok_or_else(|| Error::unopened(Unopened::Other, "The database told no time."))?;
    let now: DateTime<Utc> = row.try_get("", "now")?;
    Ok(now.trunc_subsecs(6))
}

/// SQL with `?` for each value, spelled for the database at hand. Table and column names are the program's own.
pub fn sql(backend: DbBackend, text: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    let values: Vec<Value> = values.into_iter().collect();
    if backend != DbBackend::Postgres {
        return Statement::from_sql_and_values(backend, text, values);
    }
    let mut spelled = String::with_capacity(text.len() + 16);
    let mut number = 0;
    for character in text.chars() {
        if character == '?' {
            number += 1;
            spelled.push_str(&format!("${number}"));
        } else {
            spelled.push(character);
        }
    }
    Statement::from_sql_and_values(backend, spelled, values)
}

/// How rows are locked while they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// Wait for whoever holds them.
    Wait,
    /// Leave out what others hold; the table's alias in the query is `i`.
    SkipHeld,
}

/// Makes a reading statement lock its rows. On `SQLite` a writing transaction holds everything already.
pub fn locking(backend: DbBackend, text: &str, lock: Lock) -> String {
    match (backend, lock) {
        (DbBackend::Postgres, Lock::Wait) => format!("{text} FOR UPDATE"),
        (DbBackend::Postgres, Lock::SkipHeld) => format!("{text} FOR UPDATE OF i SKIP LOCKED"),
        _ => text.to_owned(),
    }
}

/// Inserts any number of rows, in statements small enough for both databases' limit of parameters.
pub async fn insert_all<M>(connection: &impl ConnectionTrait, rows: Vec<M>) -> Result<()>
where
    M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
    <M::Entity as EntityTrait>::ActiveModel: Send,
{
    let columns = <M::Entity as EntityTrait>::Column::iter().count().max(1);
    // SQLite takes 32,766 parameters, PostgreSQL 65,535; longer statements gain nothing.
    let chunk = (16_000 / columns).clamp(1, 500);
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let part: Vec<_> = rows.by_ref().take(chunk).map(IntoActiveModel::into_active_model).collect();
        M::Entity::insert_many(part).exec_without_returning(connection).await?;
    }
    Ok(())
}

/// `?, ?, ?` for `count` values of a list.
pub fn places(count: usize) -> String {
    vec!["?"; count].join(", ")
}
