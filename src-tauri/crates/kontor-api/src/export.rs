//! Lists as files. The window gives headings and words, so that a file reads like the screen; amounts and dates are
//! written as numbers and dates, and no cell ever starts a formula.

use std::collections::BTreeMap;

use serde::Deserialize;
use ts_rs::TS;
use uuid::Uuid;

use crate::contact::Language;
use crate::list::ListQuery;

/// Lets the person choose a file and writes a list to it, as a job. Answers with the job, or nothing when they changed
/// their mind.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ExportList {
    /// The list.
    pub query: ListQuery,
    /// Only these rows of it; none takes all.
    #[ts(optional)]
    pub only: Option<Vec<String>>,
    /// Rows that are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// Columns, in their order.
    pub columns: Vec<ExportColumn>,
    /// Kind of file.
    pub format: ExportFormat,
    /// Language of the person: in German a CSV file has semicolons and decimal commas.
    pub language: Language,
    /// Title of the dialog, in that language.
    pub title: String,
    /// Name of the file without ending, in that language.
    pub file_name: String,
}

/// A column of a file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TS)]
pub struct ExportColumn {
    /// Name of the row's field; a dot leads into a field of a field, as in `invoice.number`.
    pub field: String,
    /// Its heading.
    pub title: String,
    /// What to write for the words of the field, such as „aktiv“ for `active`. What is missing is written as it is.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub words: BTreeMap<String, String>,
}

/// Kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// Comma-separated values, UTF-8 with a byte order mark, so that Excel reads umlauts.
    Csv,
    /// Excel's own.
    Xlsx,
}

/// Opens a file that an export wrote, in the system's own program.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct OpenExport {
    /// The job that wrote it.
    pub job: Uuid,
}
