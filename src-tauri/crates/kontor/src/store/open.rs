//! Opening a database with the settings Kontor relies on, and making a new one.

use std::time::Duration;

use chrono::NaiveDate;
use sea_orm::sqlx::ConnectOptions as _;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgSslMode};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr, EntityTrait};

use super::entities::{fencing, installation};
use super::{DbUrl, Store, schema};
use crate::error::Unopened;
use crate::{Error, Result};

/// What a new database is to be.
#[derive(Clone, Debug)]
pub struct NewDatabase {
    /// `production`, `test` or `demo`.
    pub purpose: &'static str,
    /// Name shown in the window.
    pub name: String,
    /// The day a demo database lives in.
    pub business_date: Option<NaiveDate>,
}

impl Store {
    /// Opens an existing database whose schema is the one this program knows.
    pub async fn open(url: &DbUrl) -> Result<Self> {
        Self::open_within(url, Duration::from_mins(1)).await
    }

    /// The same, where whoever needs a connection waits no longer than this for one: at a desk a person waits.
    pub async fn open_within(url: &DbUrl, patience: Duration) -> Result<Self> {
        let connection = connect_within(url, false, patience).await?;
        schema::require_current(&connection, url).await?;
        Self::over(connection).await
    }

    /// Opens a database, makes its tables where they are missing, and says what it is where nothing says so yet.
    pub async fn create(url: &DbUrl, new: &NewDatabase) -> Result<Self> {
        let connection = connect(url, true).await?;
        schema::migrate(&connection).await?;
        if installation::Entity::find_by_id(1).one(&connection).await?.is_none() {
            let now = super::now(&connection).await?;
            let row = installation::Model {
                id: 1,
                purpose: new.purpose.to_owned(),
                name: new.name.clone(),
                business_date: new.business_date,
                journal_seq: 0,
                journal_hash: crate::journal::GENESIS.to_owned(),
                created_at: now,
            };
            super::insert_all(&connection, vec![row]).await?;
        }
        if fencing::Entity::find_by_id(1).one(&connection).await?.is_none() {
            super::insert_all(&connection, vec![fencing::Model { id: 1, last_token: 0 }]).await?;
        }
        Self::over(connection).await
    }

    async fn over(connection: DatabaseConnection) -> Result<Self> {
        let installation = installation::Entity::find_by_id(1).one(&connection).await?.ok_or_else(|| {
            Error::unopened(
                Unopened::NotKontor,
                "This database does not say what it is. Run `kontor db migrate` with the owner's login once.",
            )
        })?;
        Ok(Self { connection, writers: std::sync::Arc::default(), installation: std::sync::Arc::new(installation) })
    }
}

/// Connects; with `make`, an embedded database that is missing is made.
pub(super) async fn connect(url: &DbUrl, make: bool) -> Result<DatabaseConnection> {
    connect_within(url, make, Duration::from_mins(1)).await
}

async fn connect_within(url: &DbUrl, make: bool, patience: Duration) -> Result<DatabaseConnection> {
    let mut options = match url {
        DbUrl::Sqlite(path) => {
            if !make && !path.exists() {
                let sentence = format!(
                    "There is no database at {}. `kontor --db {url} demo create` makes a demo there, `kontor --db {url} \
                     db migrate` an empty one.",
                    path.display()
                );
                return Err(Error::unopened(Unopened::FileMissing, sentence));
            }
            sqlite(path.clone(), make)
        }
        DbUrl::Postgres(address) => postgres(address)?,
    };
    options.sqlx_logging(false).acquire_timeout(patience).connect_timeout(Duration::from_secs(10).min(patience));
    Database::connect(options).await.map_err(|error| unreachable(url, &error))
}

fn sqlite(path: std::path::PathBuf, make: bool) -> ConnectOptions {
    let mut options = ConnectOptions::new(format!("sqlite:{}", path.display()));
    options.max_connections(4).map_sqlx_sqlite_opts(move |_| {
        SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(make)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(30))
            .disable_statement_logging()
    });
    options
}

/// How long the server bears with a process that stands still within a transaction. One that was stopped, swapped out or
/// lost its power there would otherwise keep its row locks, and everybody else would wait for it.
const STANDSTILL: (&str, &str) = ("idle_in_transaction_session_timeout", "60s");

/// At most three connections per process; TLS with full verification except to this machine. What the address itself
/// sets among the server's settings (`?options[NAME]=VALUE`) stands.
fn postgres(address: &str) -> Result<ConnectOptions> {
    let parsed: PgConnectOptions = address.parse().map_err(|_| {
        Error::Usage("This PostgreSQL address cannot be read. Write postgres://USER@HOST/DATABASE.".to_owned())
    })?;
    let host = parsed.get_host().to_owned();
    let local = parsed.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let mut options = ConnectOptions::new(address.to_owned());
    options.max_connections(3).map_sqlx_postgres_opts(move |given| {
        let mode = if local { given.get_ssl_mode() } else { PgSslMode::VerifyFull };
        let given = given.ssl_mode(mode).application_name("kontor").disable_statement_logging();
        let is_set = given.get_options().is_some_and(|set| set.contains(STANDSTILL.0));
        if is_set { given } else { given.options([STANDSTILL]) }
    });
    Ok(options)
}

fn unreachable(url: &DbUrl, error: &DbErr) -> Error {
    let text = error.to_string();
    let (reason, sentence) = why(url, &text);
    tracing::debug!(%text, "connecting failed");
    let sentence = sentence.map_or_else(|| format!("the database cannot be opened ({text})."), str::to_owned);
    Error::unopened(reason, format!("{url}: {sentence}"))
}

/// What the driver's words mean; those of a file that nobody foresaw are told as they are.
fn why(url: &DbUrl, text: &str) -> (Unopened, Option<&'static str>) {
    let has = |part: &str| text.contains(part);
    let (reason, sentence) = if has("3D000") || (has("database \"") && has("does not exist")) {
        let sentence =
            "there is no such database on this server. Create it with `createdb`, then run `kontor db migrate`.";
        (Unopened::DatabaseUnknown, sentence)
    } else if has("no password") || has("password missing") {
        (Unopened::PasswordNeeded, "the server refuses this login. Check user and password.")
    } else if has("password authentication failed") || has("28P01") || has("28000") {
        (Unopened::LoginRefused, "the server refuses this login. Check user and password.")
    } else if has("unable to open database file") {
        (Unopened::FileRefused, "the file cannot be opened. Check that its folder exists and may be written.")
    } else if has("file is not a database") {
        (Unopened::NotADatabase, "this file is no database.")
    } else if has("certificate") || has("TLS") || has("tls") {
        (Unopened::CertificateRefused, "the server's certificate cannot be verified. Check its name and the CA.")
    } else if has("database is locked") {
        (Unopened::Busy, "another program keeps the database busy. Try again in a moment.")
    } else if url.file().is_some() {
        let reason = if has("malformed") { Unopened::NotADatabase } else { Unopened::Other };
        return (reason, None);
    } else {
        (Unopened::ServerUnreachable, "the server cannot be reached. Check that it runs, its address and the network.")
    };
    (reason, Some(sentence))
}
