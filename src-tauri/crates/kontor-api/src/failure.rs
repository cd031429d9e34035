//! What a screen is told when something cannot be done: a code with its parameters.
//!
//! A code stands here only if somebody acts on it: the window opens another dialog, marks a field, locks saving, offers
//! to try again. Everything else is `unexpected`, with a number under which the log has it.

mod obstacle;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use ts_rs::TS;
use uuid::Uuid;

pub use obstacle::Obstacle;

use crate::page::By;

/// Why a request was not answered.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Failure {
    /// No database is open: the start screen follows.
    NotConnected,
    /// The database cannot be reached at this moment. Reading is tried again by itself; nothing was written.
    ConnectionLost {
        /// Since when.
        since: DateTime<Utc>,
    },
    /// The database went away before it said whether this was written. The same request with the same `request_id` finds
    /// out: it is done once in any case.
    AnswerLost {
        /// The id to repeat it with.
        request_id: Uuid,
    },
    /// Another program keeps the database busy; nothing was written. Try again in a moment.
    DatabaseBusy,
    /// A disk is full; nothing was written.
    DiskFull {
        /// Which.
        place: DiskPlace,
    },
    /// The database may only be read here; nothing was written.
    ReadOnly,
    /// The database cannot be opened.
    CannotOpen {
        /// Why.
        reason: OpenProblem,
    },
    /// What was named does not exist.
    NotFound {
        /// What it would be.
        record: RecordKind,
        /// The number or id that was asked for.
        key: String,
        /// Numbers one slip of the hand away that do exist.
        meant: Vec<String>,
    },
    /// Somebody changed the record since it was read; nothing was written.
    Conflict {
        /// Both versions.
        conflict: Box<Conflict>,
    },
    /// Fields that cannot be taken; nothing was written.
    Invalid {
        /// One entry per fault.
        faults: Vec<FieldFault>,
    },
    /// The state of the record does not allow this; nothing was written.
    Refused {
        /// Why.
        obstacle: Obstacle,
    },
    /// More would happen now than the person was shown; nothing was written. Plan again.
    PlanOutdated {
        /// What was shown.
        planned: i64,
        /// What it would be now.
        now: i64,
    },
    /// Nothing was ever worked on at a host of this name.
    HostUnknown,
    /// Nothing points to the host and it is not out of service: days are to be named.
    NoBadTime,
    /// Drawing on the suspect host itself, or with a program that draws something else, proves nothing: another desk is to do it.
    NotHere,
    /// No mail target is set for this database: the mail settings follow.
    MailTargetMissing,
    /// The mail server's login needs a password: it is asked for.
    MailPasswordNeeded,
    /// A demo or test database mails only to a folder or to this machine: the mail settings follow.
    MailTargetNotLocal,
    /// A file cannot be read or written.
    File {
        /// The file.
        path: String,
        /// Why.
        reason: FileProblem,
    },
    /// Something that nobody foresaw. The log has it under this number.
    Unexpected {
        /// The number.
        incident: Uuid,
    },
}

impl Failure {
    /// Something that nobody foresaw: the log gets it, and the person its number.
    pub(crate) fn unexpected(error: &(impl std::fmt::Display + ?Sized)) -> Self {
        let incident = Uuid::now_v7();
        tracing::error!(%incident, %error, "unexpected");
        Self::Unexpected { incident }
    }

    /// A field that cannot be taken.
    pub(crate) fn invalid(field: &str, fault: Fault) -> Self {
        Self::Invalid { faults: vec![FieldFault { field: field.to_owned(), fault }] }
    }

    /// Something that does not exist.
    #[expect(clippy::needless_pass_by_value, reason = "ids, numbers and texts alike, told once")]
    pub(crate) fn not_found(record: RecordKind, key: impl ToString) -> Self {
        Self::NotFound { record, key: key.to_string(), meant: Vec::new() }
    }

    /// The state of the record does not allow this.
    pub(crate) fn refused(obstacle: Obstacle) -> Self {
        Self::Refused { obstacle }
    }
}

/// Which disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DiskPlace {
    /// The database's.
    Database,
    /// That of a file being written.
    File,
    /// The outbox's.
    Outbox,
}

/// Why a database cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum OpenProblem {
    /// There is no such file.
    FileMissing {
        /// The file.
        path: String,
    },
    /// The file cannot be opened; its rights or its folder's say so.
    FileRefused {
        /// The file.
        path: String,
    },
    /// The file is no database, or a damaged one.
    NotADatabase {
        /// The file.
        path: String,
    },
    /// It is a database of something else.
    NotKontor,
    /// Its tables are not made yet.
    Empty,
    /// It is older than this program: `kontor db migrate` brings it up to date.
    Older {
        /// Steps that are missing.
        pending: i64,
    },
    /// It is newer than this program.
    Newer {
        /// Its newest step.
        applied: String,
    },
    /// There is something in the place already where a demo was to be made.
    Occupied {
        /// The file.
        path: String,
    },
    /// The server cannot be reached.
    ServerUnreachable {
        /// Where it was looked for.
        host: String,
    },
    /// The server has no database of this name.
    DatabaseUnknown {
        /// The name.
        database: String,
    },
    /// The server asks for a password: it is asked for.
    PasswordNeeded,
    /// The server refuses this user or password: it is asked for again.
    LoginRefused {
        /// The user.
        user: String,
    },
    /// The server's certificate cannot be verified: a CA file may be chosen.
    CertificateRefused {
        /// The server.
        host: String,
    },
    /// The file of the certificate authority cannot be read.
    CaFileUnreadable {
        /// The file.
        path: String,
    },
}

/// Why a file cannot be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FileProblem {
    /// It is not there, or its folder is not.
    Missing,
    /// Its rights forbid it.
    Denied,
    /// It is a folder, or its folder is a file.
    WrongKind,
    /// It has no program that shows it.
    NoViewer,
    /// The system says something else; the log has it.
    Other,
}

/// What something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "these are the words of the house")]
pub enum RecordKind {
    Registration,
    Mailbox,
    Subscription,
    Invoice,
    InvoiceLine,
    Document,
    Delivery,
    Evidence,
    Attempt,
    Run,
    RunItem,
    Payment,
    Note,
    SavedFilter,
    JournalEntry,
    Profile,
    Job,
    Finding,
    Repair,
    Replay,
    Host,
}

/// A field that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct FieldFault {
    /// Name of the field in the request, such as `email` or `reason`.
    pub field: String,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Fault {
    /// It is empty and must not be.
    Required,
    /// It is longer than it may be.
    TooLong {
        /// Most characters.
        most: i64,
    },
    /// It is no mail address.
    NotAnAddress,
    /// It is no VAT id.
    NotAVatId,
    /// It is no country of two letters.
    NotACountry,
    /// Characters that the invoice's fonts do not have.
    NotPrintable {
        /// These.
        characters: String,
    },
    /// Line breaks or control characters where none may stand.
    ControlCharacter,
    /// It lies outside what is possible.
    OutOfRange {
        /// Least.
        least: i64,
        /// Most.
        most: i64,
    },
    /// The day lies in the future.
    InFuture {
        /// Today at the office.
        today: NaiveDate,
    },
    /// The day is over, or it is today.
    NotToCome {
        /// Today at the office.
        today: NaiveDate,
    },
    /// The day lies before the paper that this one follows.
    TooEarly {
        /// The first day that is possible.
        earliest: NaiveDate,
    },
    /// The month is too far ahead.
    TooFarAhead {
        /// The last month that is possible.
        latest: crate::month::Month,
    },
    /// The name is taken.
    Taken,
    /// It cannot be read as what it should be.
    Malformed,
}

/// A record that somebody changed meanwhile: before, mine, now. Nothing is chosen for the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Conflict {
    /// What it is.
    pub record: RecordKind,
    /// Its id.
    pub id: Uuid,
    /// Number or name that people know it by.
    pub label: String,
    /// Version that is stored now; saving again names this one.
    pub version: i64,
    /// Who changed it; none when it was changed outside Kontor.
    pub changed_by: Option<By>,
    /// When.
    pub changed_at: DateTime<Utc>,
    /// Every field that either side changed.
    pub fields: Vec<ConflictField>,
}

/// A field of a record that somebody changed meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct ConflictField {
    /// Name of the field.
    pub field: String,
    /// What the person saw.
    pub before: Option<String>,
    /// What the person wants; `before` where they did not touch it.
    pub mine: Option<String>,
    /// What is stored now.
    pub now: Option<String>,
    /// Both changed it, to different values: the person chooses.
    pub is_overlapping: bool,
}
