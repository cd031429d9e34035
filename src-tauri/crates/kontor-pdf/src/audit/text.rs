//! Does the page say what the database says?
//!
//! Values are looked for behind their labels and as whole lines, so that "1,00" is not found inside "31,00", nor the
//! date of issue in the service period, nor the cancelled number instead of the cancelling one. Blanks and line breaks
//! do not count, for long names wrap. Left out: the position on the page.

use lopdf::Document;
use unicode_normalization::UnicodeNormalization;

use super::Expected;
use super::structure::MAX_STREAM;
use crate::content::Language;
use crate::font::prepare;
use crate::format::{date, money};
use crate::words::{DE, EN};

/// Reads a file that is broken as far as it can be repaired: structure is another check's business.
pub(super) fn load(bytes: &[u8]) -> Result<Document, String> {
    let options = lopdf::LoadOptions { max_decompressed_size: Some(MAX_STREAM), ..lopdf::LoadOptions::default() };
    Document::load_mem_with_options(bytes, options).map_err(fault)
}

#[expect(clippy::needless_pass_by_value, reason = "used as an error mapping")]
fn fault(error: lopdf::Error) -> String {
    format!("The text of the pages cannot be read: {error}.")
}

/// The text of all pages, in drawing order, one line per text object.
pub(super) fn extract(document: &Document) -> Result<String, String> {
    let pages: Vec<u32> = document.get_pages().into_keys().collect();
    if pages.is_empty() {
        return Err("The file has no pages to read.".to_owned());
    }
    document.extract_text_with_limit(&pages, MAX_STREAM).map_err(fault)
}

/// Which of the values the text lacks.
pub(super) fn compare(text: &str, expected: &Expected) -> Result<(), String> {
    let page = Page::read(text);
    let languages = [Language::De, Language::En];
    let dates = languages.map(|language| date(expected.issued_on, language));
    let gross = languages.map(|language| money(expected.gross_cents, language));
    let euros = gross[0].replace('€', "EUR");
    let checks = [
        ("number", expected.number.clone(), page.labelled([DE.number, EN.number], &[&expected.number])),
        ("date", dates[0].clone(), page.labelled([DE.date, EN.date], &[&dates[0], &dates[1]])),
        ("recipient", expected.recipient.clone(), page.has_line(&expected.recipient)),
        ("gross total", gross[0].clone(), page.labelled([DE.total, EN.total], &[&gross[0], &gross[1], &euros])),
    ];
    let missing: Vec<String> = checks
        .into_iter()
        .filter(|(.., found)| !found)
        .map(|(what, value, _)| format!("{what} \"{}\"", prepare(&value)))
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("The pages do not say: {}.", missing.join(", "))) }
}

/// Text without blanks, and where its lines begin.
#[derive(Debug)]
pub(super) struct Page {
    chars: Vec<char>,
    /// One entry per character and one for the end.
    begins: Vec<bool>,
}

impl Page {
    pub(super) fn read(text: &str) -> Self {
        let mut page = Self { chars: Vec::new(), begins: Vec::new() };
        for line in text.lines() {
            let mut begins = true;
            for ch in bare(line) {
                page.chars.push(ch);
                page.begins.push(begins);
                begins = false;
            }
        }
        page.begins.push(true);
        page
    }

    /// A label at the beginning of a line, followed by one of the values to the end of a line.
    fn labelled(&self, labels: [&str; 2], values: &[&str]) -> bool {
        labels.iter().any(|label| {
            ["", ":"].iter().any(|colon| {
                values.iter().any(|value| self.has_line(&format!("{label}{colon}{value}")) && !value.is_empty())
            })
        })
    }

    /// What stands behind a label at the beginning of a line, to the end of that line or, where the label is one by itself,
    /// of the next.
    pub(super) fn behind(&self, labels: [&str; 2]) -> impl Iterator<Item = String> {
        let labels = labels.map(|label| bare(label).collect::<Vec<char>>());
        let begins = (0..self.chars.len()).filter(|start| self.begins[*start]);
        begins.filter_map(move |start| {
            let label = labels.iter().find(|label| self.chars[start..].starts_with(label))?;
            let mut from = start + label.len();
            from += usize::from(self.chars.get(from) == Some(&':'));
            let to = (from + 1..self.begins.len()).find(|end| self.begins[*end])?;
            Some(self.chars[from..to].iter().collect())
        })
    }

    /// The value alone on its line or lines.
    pub(super) fn has_line(&self, value: &str) -> bool {
        let value: Vec<char> = bare(value).collect();
        if value.is_empty() {
            return false;
        }
        let starts = self.chars.windows(value.len()).enumerate();
        starts
            .filter(|(_, found)| *found == value)
            .any(|(start, _)| self.begins[start] && self.begins[start + value.len()])
    }
}

/// The text as drawn, without blanks and with marks apart from their letters: a line may break between them.
fn bare(text: &str) -> impl Iterator<Item = char> {
    let text: String = prepare(text).chars().filter(|ch| !ch.is_whitespace()).collect();
    text.nfd().collect::<Vec<_>>().into_iter()
}
