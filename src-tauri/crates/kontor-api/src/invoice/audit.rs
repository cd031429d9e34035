//! Looking at the PDF of an invoice: the audit, and the reviewer's mark.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::page::By;

/// A mark that somebody looked at a PDF.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Review {
    /// Who.
    pub by: By,
    /// When.
    pub at: DateTime<Utc>,
}

/// Audits the stored PDF of an invoice.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct AuditInvoice {
    /// The invoice.
    pub invoice: Uuid,
}

/// What the audit of a PDF found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Audit {
    /// The document; none when there is none.
    pub document: Option<Uuid>,
    /// The four checks, in this order: present, hash, structure, text.
    pub checks: Vec<AuditCheck>,
    /// Pages, where they could be counted.
    pub pages: Option<i64>,
    /// Whether it is whole and says the right thing.
    pub is_sound: bool,
}

/// A check of a PDF.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct AuditCheck {
    /// Which.
    pub name: AuditCheckName,
    /// How it came out.
    pub outcome: AuditOutcome,
    /// What is wrong.
    pub fault: Option<AuditFault>,
    /// What the check says word for word, in English; shown on demand.
    pub detail: Option<String>,
}

/// A check of a PDF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AuditCheckName {
    /// There are bytes at all.
    Present,
    /// They have the archived hash.
    Hash,
    /// They are a whole PDF.
    Structure,
    /// The page says what the database says.
    Text,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AuditOutcome {
    /// All right.
    Passed,
    /// Something is wrong.
    Failed,
    /// It could not be done.
    NotDone,
}

/// What is wrong with a PDF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AuditFault {
    /// There is none.
    Missing,
    /// It is empty.
    Empty,
    /// It is not the file that was archived.
    WrongHash,
    /// It is not a whole PDF.
    Broken,
    /// It says something else than the database.
    WrongText,
}

/// Marks the PDF of an invoice as reviewed, or takes the mark away.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct MarkReviewed {
    /// Id of this request.
    pub request_id: Uuid,
    /// The invoice.
    pub invoice: Uuid,
    /// The document that the person looked at; another one by now is refused.
    pub document: Uuid,
    /// Whether it is reviewed.
    pub is_reviewed: bool,
}

/// The mark as it stands now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Reviewed {
    /// The mark; none when it was taken away.
    pub review: Option<Review>,
}
