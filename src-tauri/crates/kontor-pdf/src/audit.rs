//! Looks at a stored PDF as if it came from a stranger: is it there, is it the archived file, is it a whole PDF, does
//! the page say what the database says.
//!
//! The four checks do not lean on each other: a file with a wrong hash is still opened and read, and a file with a
//! broken table of objects is still read as far as its text can be found. No input makes this code panic. Left out:
//! embedded data, PDF/A conformance, and what to do about a finding.

mod said;
mod structure;
mod text;

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::NaiveDate;
use lopdf::Document;

pub use said::Said;

use crate::content::{Content, sha256};
use crate::draw::hex;

const READER_FAILED: &str = "The file makes the PDF reader fail.";

/// What the database says about a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Invoice number.
    pub number: String,
    /// Date of issue.
    pub issued_on: NaiveDate,
    /// Name or company as printed first in the address window.
    pub recipient: String,
    /// Gross total in cents; negative on a cancellation invoice.
    pub gross_cents: i64,
    /// SHA-256 of the archived file, where known.
    pub sha256: Option<[u8; 32]>,
    /// Number of pages, where known.
    pub pages: Option<u32>,
}

impl Expected {
    /// What a document drawn from this content must say; hash and page count are not known from the content alone.
    pub fn of(content: &Content) -> Self {
        let recipient = &content.recipient;
        let company = recipient.company.as_ref().filter(|company| !company.trim().is_empty());
        Self {
            number: content.number.clone(),
            issued_on: content.issued_on,
            recipient: company.unwrap_or(&recipient.name).clone(),
            gross_cents: content.gross_cents,
            sha256: None,
            pages: None,
        }
    }
}

/// Outcome of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// The document is right in this respect.
    Passed,
    /// It is not; an English sentence says how.
    Failed(String),
    /// It could not be checked: there was nothing to compare with, or an earlier check failed so badly that nothing
    /// could be read.
    NotDone,
}

impl Check {
    /// Whether the check found something wrong.
    pub fn is_failed(&self) -> bool {
        matches!(self, Self::Failed(_))
    }

    fn of(result: Result<(), String>) -> Self {
        result.map_or_else(Self::Failed, |()| Self::Passed)
    }
}

/// The four checks of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// There are bytes at all.
    pub present: Check,
    /// They have the archived SHA-256.
    pub hash: Check,
    /// They are a whole PDF: header, table of objects, trailer, end marker, page tree, streams, page count.
    pub structure: Check,
    /// The pages say number, date, recipient and gross total of the database.
    pub text: Check,
    /// Number of pages, where the page tree could be read.
    pub pages: Option<u32>,
}

impl Audit {
    /// Whether the document is present, whole and says the right thing. A hash that nobody knows does not count
    /// against it; a wrong hash does.
    pub fn is_good(&self) -> bool {
        !self.hash.is_failed()
            && [&self.present, &self.structure, &self.text].into_iter().all(|check| *check == Check::Passed)
    }
}

/// Audits the bytes of a document against what the database says.
pub fn audit(bytes: Option<&[u8]>, expected: &Expected) -> Audit {
    let Some(bytes) = bytes.filter(|bytes| !bytes.is_empty()) else {
        let present = Check::Failed(
            if bytes.is_some() { "The stored file is empty." } else { "There is no stored file." }.to_owned(),
        );
        return Audit { present, hash: Check::NotDone, structure: Check::NotDone, text: Check::NotDone, pages: None };
    };
    let document = guarded(|| structure::load(bytes)).unwrap_or_else(|| Err(READER_FAILED.to_owned()));
    let (structure, pages) = check_structure(bytes, &document, expected);
    let text = check_text(bytes, document.ok(), expected, &structure);
    Audit { present: Check::Passed, hash: check_hash(bytes, expected), structure, text, pages }
}

fn check_hash(bytes: &[u8], expected: &Expected) -> Check {
    let Some(archived) = expected.sha256 else { return Check::NotDone };
    let found = sha256(bytes);
    if found == archived {
        return Check::Passed;
    }
    Check::Failed(format!("The file has SHA-256 {}, but {} was archived.", hex(&found), hex(&archived)))
}

fn check_structure(bytes: &[u8], document: &Result<Document, String>, expected: &Expected) -> (Check, Option<u32>) {
    let outcome = guarded(|| structure::check(bytes, document));
    let pages = match outcome {
        Some(Ok(pages)) => pages,
        Some(Err(fault)) => return (Check::Failed(fault), None),
        None => return (Check::Failed(READER_FAILED.to_owned()), None),
    };
    let check = match expected.pages {
        Some(wanted) if wanted != pages => {
            Check::Failed(format!("The file has {pages} pages, but {wanted} were archived."))
        }
        _ => Check::Passed,
    };
    (check, Some(pages))
}

fn check_text(bytes: &[u8], document: Option<Document>, expected: &Expected, structure: &Check) -> Check {
    let read = || document.map_or_else(|| text::load(bytes), Ok).and_then(|document| text::extract(&document));
    match guarded(read) {
        Some(Ok(text)) => Check::of(text::compare(&text, expected)),
        Some(Err(_)) | None if structure.is_failed() => Check::NotDone,
        Some(Err(fault)) => Check::Failed(fault),
        None => Check::Failed("The text of the file makes the PDF reader fail.".to_owned()),
    }
}

/// The text of the pages as a reader extracts it.
#[cfg(test)]
pub(crate) fn page_text(bytes: &[u8]) -> Result<String, String> {
    text::load(bytes).and_then(|document| text::extract(&document))
}

/// Runs the PDF reader. It indexes and subtracts on values from the file, and damaged files are what it is given
/// here, so a panic inside it is one more way of saying "damaged" (the profiles of this workspace unwind).
fn guarded<T>(read: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(read)).ok()
}

#[cfg(test)]
mod tests;
