//! Databases: the profiles that this desk keeps, opening one, and whether it can be reached.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::mail::MailSettings;
use crate::secret::Secret;

/// What a database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The real one.
    Production,
    /// For trying things; its mails stay on this machine.
    Test,
    /// Invented people; its mails stay on this machine.
    Demo,
}

/// A database that this desk knows.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Profile {
    /// Its id.
    pub id: Uuid,
    /// Name that the person gave it.
    pub name: String,
    /// Where it is.
    pub place: DatabasePlace,
    /// What it was when it was opened last.
    pub purpose: Option<Purpose>,
    /// When that was.
    pub opened_at: Option<DateTime<Utc>>,
    /// Where its password is.
    pub password: PasswordPlace,
    /// Where its mails go.
    pub mail: MailSettings,
}

/// Where a database is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum DatabasePlace {
    /// A file on this machine (`SQLite`).
    File {
        /// Its path.
        path: String,
    },
    /// The central database (`PostgreSQL`). Off this machine its certificate is verified in full.
    Server {
        /// Host name, address, or folder of a socket.
        host: String,
        /// Port; none takes 5432.
        port: Option<u16>,
        /// Name of the database.
        database: String,
        /// Login.
        user: String,
        /// PEM file of a certificate authority beyond those of the system.
        ca_file: Option<String>,
    },
}

/// Where a password is kept. It is never in a file, a log or an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PasswordPlace {
    /// There is none.
    None,
    /// In the system's keyring.
    Keyring,
    /// In memory, until the program ends.
    Session,
}

/// A password, and how long it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TS)]
pub struct NewPassword {
    /// The password.
    pub password: Secret,
    /// In the system's keyring; otherwise until the program ends. Without a keyring it is kept until the program ends
    /// in any case, and the profile says so.
    pub keep: bool,
}

/// Opens a database that this desk does not know yet, and keeps it as a profile when that works.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct OpenDatabase {
    /// Name of the profile; none takes the database's own.
    #[ts(optional)]
    pub name: Option<String>,
    /// Where it is.
    pub place: DatabasePlace,
    /// Its password, where it asks for one.
    #[ts(optional)]
    pub password: Option<NewPassword>,
}

/// Opens a database that this desk knows.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct OpenProfile {
    /// The profile.
    pub profile: Uuid,
    /// Its password, where none is kept or the kept one is refused.
    #[ts(optional)]
    pub password: Option<NewPassword>,
}

/// Changes a profile. One that is open keeps its connection.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct SaveProfile {
    /// The profile.
    pub profile: Uuid,
    /// Its name.
    pub name: String,
    /// Where the database is.
    pub place: DatabasePlace,
}

/// Forgets a profile and its passwords. The database stays as it is.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ForgetProfile {
    /// The profile.
    pub profile: Uuid,
}

/// Closes the database. What this desk has in hand of a run is finished first.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct CloseDatabase {}

/// An open database.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Connection {
    /// The profile it was opened by.
    pub profile: Uuid,
    /// Name of the database, as it says itself.
    pub name: String,
    /// What it is.
    pub purpose: Purpose,
    /// Whether it is a file on this machine; otherwise it is a server's.
    pub is_file: bool,
    /// Its file, or its server and name, without a login.
    pub address: String,
    /// The day a demo lives in.
    pub business_date: Option<NaiveDate>,
    /// Whether it can be reached.
    pub state: ConnectionState,
}

/// Whether the database can be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ConnectionState {
    /// It answers.
    Ok {
        /// Since when.
        since: DateTime<Utc>,
    },
    /// It does not. What is on the screen is as of then, and saving is locked until it is back.
    Lost {
        /// Since when.
        since: DateTime<Utc>,
        /// When it answered last.
        answered_at: DateTime<Utc>,
        /// When it is tried again.
        next_try_at: DateTime<Utc>,
    },
}
