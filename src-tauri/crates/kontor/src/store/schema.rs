//! The schema's version: which steps are applied, and whether this program knows them.

use kontor_migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend};

use super::DbUrl;
use crate::error::Unopened;
use crate::{Error, Result};

/// Where a database stands.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Status {
    /// `current`, `older`, `newer`, `empty` or `foreign`.
    pub state: &'static str,
    /// Newest step applied there.
    pub applied: Option<String>,
    /// Newest step this program knows.
    pub known: String,
    /// Steps that `kontor db migrate` would apply.
    pub pending: usize,
}

/// Reads where the database at `url` stands; changes nothing.
pub async fn status(url: &DbUrl) -> Result<Status> {
    let connection = super::open::connect(url, false).await?;
    read(&connection).await
}

/// Applies the missing steps. A database that is newer than this program, or not Kontor's, is left alone.
pub async fn migrate(connection: &DatabaseConnection) -> Result<()> {
    let status = read(connection).await?;
    match status.state {
        "newer" => Err(newer(&status)),
        "foreign" => {
            let sentence = "This database holds other tables and is not Kontor's; nothing was changed.";
            Err(Error::unopened(Unopened::NotKontor, sentence))
        }
        _ => Ok(Migrator::up(connection, None).await?),
    }
}

/// Refuses to work on a schema other than the one this program knows.
pub(super) async fn require_current(connection: &DatabaseConnection, url: &DbUrl) -> Result<()> {
    let status = read(connection).await?;
    match status.state {
        "current" => Ok(()),
        "newer" => Err(newer(&status)),
        "older" => Err(Error::unopened(
            Unopened::Older(status.pending),
            format!(
                "{url}: this database is older than this program ({} steps are missing). Make a backup, then run \
                 `kontor --db {url} db migrate` with the owner's login.",
                status.pending
            ),
        )),
        other => Err(Error::unopened(
            if other == "empty" { Unopened::Empty } else { Unopened::NotKontor },
            format!(
                "{url}: this is not a Kontor database. Check the address; `kontor --db {url} db migrate` makes the \
                 tables in an empty one."
            ),
        )),
    }
}

fn newer(status: &Status) -> Error {
    let step = status.applied.clone().unwrap_or_default();
    let sentence = format!(
        "This database is newer than this program (it has the step {step}). Install the newer Kontor; nothing was changed."
    );
    Error::unopened(Unopened::Newer(step), sentence)
}

async fn read(connection: &DatabaseConnection) -> Result<Status> {
    let known = kontor_migrations::names();
    let newest = kontor_migrations::newest();
    let tables = tables(connection).await?;
    if !tables.iter().any(|name| name == "seaql_migrations") {
        let state = if tables.is_empty() { "empty" } else { "foreign" };
        return Ok(Status { state, applied: None, known: newest, pending: known.len() });
    }
    let statement =
        super::sql(connection.get_database_backend(), "SELECT version FROM seaql_migrations ORDER BY version", []);
    let mut applied = Vec::new();
    for row in connection.query_all_raw(statement).await? {
        applied.push(row.try_get::<String>("", "version")?);
    }
    let pending = known.iter().filter(|name| !applied.contains(name)).count();
    let state = if applied.iter().any(|name| !known.contains(name)) {
        "newer"
    } else if pending > 0 {
        "older"
    } else {
        "current"
    };
    Ok(Status { state, applied: applied.pop(), known: newest, pending })
}

async fn tables(connection: &DatabaseConnection) -> Result<Vec<String>> {
    let backend = connection.get_database_backend();
    let text = match backend {
        DbBackend::Postgres => "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = current_schema()",
        _ => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    };
    let mut names = Vec::new();
    for row in connection.query_all_raw(super::sql(backend, text, [])).await? {
        names.push(row.try_get::<String>("", "name")?);
    }
    Ok(names)
}
