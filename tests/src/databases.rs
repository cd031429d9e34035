//! Every database test runs on `SQLite` and on `PostgreSQL`: [`both_databases!`](crate::both_databases) writes it twice.
//!
//! A database is new and empty (no tables) and is removed with its [`TestDb`].

use std::path::Path;

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use tempfile::TempDir;

use crate::postgres::Cluster;

/// Which of the two databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file in the temporary folder of the test.
    Sqlite,
    /// A database of its own on the server of the test process.
    Postgres,
}

/// A database for one test, and a temporary folder for whatever else the test writes.
#[derive(Debug)]
pub struct TestDb {
    /// Address as `kontor --db` takes it.
    pub url: String,
    /// Which database it is.
    pub kind: Kind,
    /// Removed at the end of the test.
    pub dir: TempDir,
}

impl TestDb {
    /// A new database of this kind.
    pub fn new(kind: Kind) -> Self {
        let dir = tempfile::Builder::new().prefix("kontor-test-").tempdir().expect("the temporary folder is writable");
        let url = match kind {
            Kind::Sqlite => format!("sqlite:{}", dir.path().join("kontor.db").display()),
            Kind::Postgres => Cluster::shared().database(),
        };
        Self { url, kind, dir }
    }

    /// A new `SQLite` file (not made yet: opening with "create" makes it).
    pub fn sqlite() -> Self {
        Self::new(Kind::Sqlite)
    }

    /// A new `PostgreSQL` database.
    pub fn postgres() -> Self {
        Self::new(Kind::Postgres)
    }

    /// The temporary folder of this test.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A connection that passes by Kontor, to look at rows or to damage them.
    pub async fn connect(&self) -> DatabaseConnection {
        connect(&self.url).await
    }

    /// The one number that a query returns.
    pub async fn number(&self, sql: &str) -> i64 {
        number(&self.connect().await, sql).await
    }

    /// Runs one statement and returns the number of rows it changed.
    pub async fn execute(&self, sql: &str) -> u64 {
        let database = self.connect().await;
        let statement = Statement::from_string(database.get_database_backend(), sql);
        let done = database.execute_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        done.rows_affected()
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        // After a failure it stays, and goes with the server: a panic within a panic would hide the first.
        if self.kind == Kind::Postgres && !std::thread::panicking() {
            Cluster::shared().drop_database(&self.url);
        }
    }
}

/// Connects to a database by its address.
pub async fn connect(url: &str) -> DatabaseConnection {
    let mut options = sea_orm::ConnectOptions::new(url);
    options.max_connections(2).sqlx_logging(false);
    Database::connect(options).await.unwrap_or_else(|error| panic!("{url} cannot be opened: {error}"))
}

/// The one number that a query returns.
pub async fn number(database: &DatabaseConnection, sql: &str) -> i64 {
    let statement = Statement::from_string(database.get_database_backend(), sql);
    let row = database.query_one_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    let row = row.unwrap_or_else(|| panic!("{sql} returned no row"));
    row.try_get_by_index(0).unwrap_or_else(|error| panic!("{sql} returned no whole number: {error}"))
}

/// Runs the body of a test on a runtime of its own.
pub fn block_on<F: Future>(test: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(2).build();
    runtime.expect("a runtime starts").block_on(test)
}

/// Writes each test twice, as `name::sqlite` and `name::postgres`.
///
/// ```text
/// both_databases! {
///     async fn a_new_database_has_no_tables(db: TestDb) {
///         …
///     }
/// }
/// ```
#[macro_export]
macro_rules! both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($db:ident: $type:ty) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn test($db: $type) $body

            #[test]
            fn sqlite() {
                $crate::databases::block_on(test($crate::databases::TestDb::sqlite()));
            }

            #[test]
            fn postgres() {
                $crate::databases::block_on(test($crate::databases::TestDb::postgres()));
            }
        }
    )+};
}
