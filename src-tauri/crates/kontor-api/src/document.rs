//! The command `document`: raw bytes, because a PDF is no JSON.
//!
//! It answers with the bytes as they are stored, damaged or not; what is wrong with them is the audit's to say. Where
//! there are none it fails with `not_found`.

use serde::Deserialize;
use ts_rs::TS;
use uuid::Uuid;

use crate::month::Month;
use crate::report::{PaperLanguage, ReportForm};

/// A document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Document {
    /// The stored original of an invoice, as PDF.
    Invoice {
        /// The invoice.
        id: Uuid,
    },
    /// A stored document, discarded ones too, as PDF.
    Stored {
        /// The document.
        id: Uuid,
    },
    /// The report of a month.
    Report {
        /// The month.
        month: Month,
        /// Language of the paper.
        language: PaperLanguage,
        /// On paper, or the same figures as a table.
        form: ReportForm,
    },
    /// The exact message of a mail, as `.eml`.
    Message {
        /// The mail.
        id: Uuid,
    },
}
