//! What can go wrong, as far as somebody acts on the difference, and the sentence that says what to do.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use sea_orm::{DbErr, RuntimeErr, SqlErr};

use crate::obstacle::Blocked;
use crate::run::Hindrance;

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error whose `Display` is a sentence for the person at the desk: what happened, what it means, what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The question itself is impossible; nothing was tried.
    #[error("{0}")]
    Usage(String),
    /// What was named does not exist.
    #[error("{0}")]
    NotFound(String),
    /// It exists, but its state does not allow this.
    #[error("{0}")]
    Refused(String),
    /// The same, for a reason that somebody acts on.
    #[error("{0}")]
    Blocked(Blocked),
    /// More would happen now than the person was shown.
    #[error("{planned} were planned, but by now it would be {now}; nothing was written. Plan again.")]
    Outdated {
        /// What was shown.
        planned: u64,
        /// What it would be now.
        now: u64,
    },
    /// The database cannot be opened as asked.
    #[error("{sentence}")]
    Open {
        /// Why, for whoever acts on it.
        reason: Unopened,
        /// The same for a person at a terminal.
        sentence: String,
    },
    /// Input lines that cannot be taken; nothing was imported.
    #[error("{} of {lines} lines cannot be imported; nothing was imported. Correct them and import the file again.", faults.len())]
    Faulty {
        /// One entry per faulty line, in the order of the file.
        faults: Vec<LineFault>,
        /// Lines read, without the heading.
        lines: usize,
    },
    /// A run is not started or changed as asked.
    #[error(transparent)]
    Run(#[from] Hindrance),
    /// Damage is not told, or nothing is drawn.
    #[error(transparent)]
    Damage(#[from] crate::damage::Hindrance),
    /// A lease is over or a token is stale: somebody else has taken the work over.
    #[error("The lease on this work is over; another worker has taken it. Nothing was written.")]
    Fenced,
    /// A mail was written anew or is held back since it was taken in hand; nothing of it has left.
    #[error("A mail, or what is found about its invoice, changed while it waited to be sent. Nothing was sent.")]
    MailChanged,
    /// This host is out of service: it claims nothing and writes nothing.
    #[error(
        "{host} is out of service since {} (UTC): {}. Nothing was begun. Work on another host, or put this one back with \
         `kontor hosts return` once it was tested.",
        since.format("%Y-%m-%d %H:%M"),
        reason.trim_end_matches('.')
    )]
    OutOfService {
        /// The host.
        host: String,
        /// Since when.
        since: DateTime<Utc>,
        /// Why.
        reason: String,
    },
    /// The database said no, or is gone.
    #[error("{}", sentence(.0))]
    Database(#[source] DbErr),
    /// A file cannot be read or written.
    #[error("{}: {}", path.display(), io_sentence(source))]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// Why a database cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unopened {
    /// There is no such file.
    FileMissing,
    /// The file or its folder may not be opened.
    FileRefused,
    /// The file is no database, or a damaged one.
    NotADatabase,
    /// It is a database of something else, or does not say what it is.
    NotKontor,
    /// Its tables are not made yet.
    Empty,
    /// It is older than this program by so many steps.
    Older(usize),
    /// It is newer than this program: it has this step.
    Newer(String),
    /// The server cannot be reached.
    ServerUnreachable,
    /// The server has no database of this name.
    DatabaseUnknown,
    /// The server asks for a password.
    PasswordNeeded,
    /// The server refuses this user or password.
    LoginRefused,
    /// The server's certificate cannot be verified.
    CertificateRefused,
    /// Another program keeps it busy.
    Busy,
    /// Something else.
    Other,
}

/// One faulty line of an input file.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct LineFault {
    /// 1-based line number in the file, the heading being line 1.
    pub line: u64,
    /// What is wrong with it.
    pub reason: String,
}

impl Error {
    /// Wraps an I/O error with the path it happened on.
    pub fn file(path: impl AsRef<Path>, source: std::io::Error) -> Self {
        Self::File { path: path.as_ref().to_owned(), source }
    }

    /// A database that cannot be opened.
    pub(crate) fn unopened(reason: Unopened, sentence: impl Into<String>) -> Self {
        Self::Open { reason, sentence: sentence.into() }
    }

    /// Whether the question itself is impossible, so that asking in another way helps.
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Usage(_) => true,
            Self::Run(hindrance) => hindrance.is_usage(),
            _ => false,
        }
    }

    /// Whether the same work may succeed when it is tried again without anybody doing anything.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Database(error) => is_connection(error) || is_busy(error),
            _ => false,
        }
    }

    /// Whether the database went away, or was not there.
    pub fn is_connection_lost(&self) -> bool {
        matches!(self, Self::Database(error) if is_connection(error))
    }

    /// Whether another program keeps the database busy.
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Database(error) if is_busy(error))
    }

    /// Whether the disk that holds the database is full.
    pub fn is_disk_full(&self) -> bool {
        matches!(self, Self::Database(error) if is_disk_full(&error.to_string()))
    }

    /// Whether the database may only be read here.
    pub fn is_read_only(&self) -> bool {
        matches!(self, Self::Database(error) if is_read_only(&error.to_string()))
    }

    /// Name of the column whose stored value cannot be decoded, if that is what is wrong.
    pub fn undecodable(&self) -> Option<String> {
        let Self::Database(error) = self else { return None };
        match error {
            DbErr::Query(RuntimeErr::SqlxError(inner)) | DbErr::Exec(RuntimeErr::SqlxError(inner)) => match &**inner {
                sea_orm::SqlxError::ColumnDecode { index, .. } => Some(index.trim_matches('"').to_owned()),
                sea_orm::SqlxError::Decode(_) => Some(String::new()),
                _ => None,
            },
            DbErr::Type(_) | DbErr::TryIntoErr { .. } => Some(String::new()),
            _ => None,
        }
    }

    /// Whether a unique constraint refused the write.
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Database(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))))
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        if error.to_string().contains("kontor.fence") { Self::Fenced } else { Self::Database(error) }
    }
}

fn is_connection(error: &DbErr) -> bool {
    match error {
        DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner)) => {
            use sea_orm::sqlx::Error as Sqlx;
            match &**inner {
                Sqlx::Io(_) | Sqlx::Protocol(_) | Sqlx::PoolTimedOut | Sqlx::PoolClosed | Sqlx::WorkerCrashed => true,
                // Class 08: connection exceptions; 57P01-05: the server is going down or starting up, or has closed an
                // idle session; 25P03-04: it has closed one whose transaction stood still or took too long.
                Sqlx::Database(database) => database.code().is_some_and(|code| {
                    code.starts_with("08") || code.starts_with("57P") || code == "25P03" || code == "25P04"
                }),
                _ => false,
            }
        }
        _ => false,
    }
}

fn is_busy(error: &DbErr) -> bool {
    let text = error.to_string();
    // SQLite's busy and locked; PostgreSQL's serialisation failure and deadlock.
    text.contains("database is locked")
        || text.contains("database table is locked")
        || text.contains("deadlock detected")
        || text.contains("could not serialize")
        || text.contains("failpoint: database")
}

fn is_disk_full(text: &str) -> bool {
    text.contains("database or disk is full") || text.contains("No space left on device") || text.contains("53100")
}

fn is_read_only(text: &str) -> bool {
    text.contains("readonly database") || text.contains("read-only")
}

fn sentence(error: &DbErr) -> String {
    let text = error.to_string();
    if is_disk_full(&text) {
        return "The disk that holds the database is full; nothing was written. Make room and try again.".to_owned();
    }
    if is_read_only(&text) {
        return "The database may only be read here; nothing was written. Check the rights on its file.".to_owned();
    }
    if text.contains("database disk image is malformed") || text.contains("file is not a database") {
        return "The database file is damaged or is none; nothing was written. Restore it from a backup.".to_owned();
    }
    if is_busy(error) {
        return "Another program keeps the database busy; nothing was written. Try again in a moment.".to_owned();
    }
    if is_connection(error) {
        return "The connection to the database is lost; what was not confirmed counts as not done. Check the server \
                and try again."
            .to_owned();
    }
    format!("The database refused this; nothing was written ({text}).")
}

/// What the system's error means, without its number.
pub fn io_sentence(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        ErrorKind::PermissionDenied => "access is denied; check the rights on it".to_owned(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "the disk is full; make room and try again".to_owned(),
        ErrorKind::FileTooLarge => "the file may not grow this large here".to_owned(),
        ErrorKind::ReadOnlyFilesystem => "this disk may only be read".to_owned(),
        ErrorKind::NotADirectory => "this is a file where a folder is needed".to_owned(),
        ErrorKind::IsADirectory => "this is a folder where a file is needed".to_owned(),
        _ => error.to_string(),
    }
}
