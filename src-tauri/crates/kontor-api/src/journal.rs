//! The journal: who did what, when, from which desk and why; and whether its chain holds.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::list::Destination;
use crate::page::{By, ListAsk};

/// Entries that match, a page of them.
pub type ListJournal = ListAsk<JournalFilter, JournalSort>;

/// Which entries. What is left out does not narrow; several words of one field widen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JournalFilter {
    /// Of one of these persons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub persons: Vec<String>,
    /// One of these actions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<String>,
    /// About this record: an invoice's or a customer's number, or any record's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// Written on this day or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_from: Option<NaiveDate>,
    /// Written on this day or earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_to: Option<NaiveDate>,
}

/// Columns that entries are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum JournalSort {
    /// Place in the chain: the list's own order, newest first.
    Seq,
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct JournalRow {
    /// Place in the chain; lists take it as the entry's id.
    pub seq: i64,
    /// When.
    pub written_at: DateTime<Utc>,
    /// Who.
    pub by: By,
    /// What, as the journal's word, such as `run.start`. Older programs may have written words that are not known here.
    pub action: String,
    /// The record it is about.
    pub record: Option<JournalRecord>,
    /// Why.
    pub reason: String,
    /// Before and after, field by field.
    pub changes: Vec<FieldChange>,
    /// Id of the request.
    pub request_id: Uuid,
    /// Hash of the entry.
    pub hash: String,
}

/// The record that an entry is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct JournalRecord {
    /// Its table.
    pub table: String,
    /// Its key.
    pub key: String,
    /// The number or name that people know it by, where it is still there.
    pub label: Option<String>,
    /// Where it can be looked at.
    pub destination: Option<Destination>,
}

/// A field before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct FieldChange {
    /// Name of the field.
    pub field: String,
    /// What stood there.
    pub before: Option<String>,
    /// What stands there since.
    pub after: Option<String>,
}

/// What the journal can be filtered by.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ShowJournalChoices {}

/// What the journal can be filtered by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct JournalChoices {
    /// Persons who wrote.
    pub persons: Vec<String>,
    /// Actions that occur.
    pub actions: Vec<String>,
}

/// Walks the whole chain, as a job that ends with [`JournalVerdict`].
#[derive(Clone, Debug, Deserialize, TS)]
pub struct VerifyJournal {
    /// The head as it was noted elsewhere, such as on paper.
    #[ts(optional)]
    pub expect: Option<String>,
}

/// What the walk found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct JournalVerdict {
    /// Entries that hold.
    pub entries: i64,
    /// Hash of the last of them.
    pub head: String,
    /// The first thing that is wrong; none when the chain holds.
    pub fault: Option<JournalFault>,
    /// When it was verified.
    pub verified_at: DateTime<Utc>,
}

/// What is wrong with a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum JournalFault {
    /// An entry is missing.
    Missing {
        /// Its place.
        seq: i64,
    },
    /// An entry does not follow the one before it: something was inserted or reordered.
    OutOfOrder {
        /// Its place.
        seq: i64,
    },
    /// An entry was changed after it was written.
    Changed {
        /// Its place.
        seq: i64,
    },
    /// The chain does not contain the head that the database keeps: its end was cut off or replaced.
    Cut {
        /// The last entry there is.
        seq: i64,
    },
    /// The expected head does not occur: the end was cut off, or the hash belongs to another journal.
    HeadUnknown,
}
