//! What a PDF says of itself: the values behind their labels, as somebody reads them who does not know what to expect.
//!
//! Where a page and the database disagree, this is what the page says instead. Left out: everything that is not labelled,
//! but for asking whether a line of its own says something.

use chrono::NaiveDate;

use super::guarded;
use super::text::{self, Page};
use crate::words::{DE, EN};

/// The pages of a PDF, read.
#[derive(Debug)]
pub struct Said(Page);

impl Said {
    /// Reads them; none when they cannot be read.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let read = || text::load(bytes).and_then(|document| text::extract(&document)).ok();
        guarded(read).flatten().map(|text| Self(Page::read(&text)))
    }

    /// The invoice number.
    pub fn number(&self) -> Option<String> {
        self.0.behind([DE.number, EN.number]).find(|text| text.contains('-'))
    }

    /// The date of issue.
    pub fn issued_on(&self) -> Option<NaiveDate> {
        let read = |text: String| {
            NaiveDate::parse_from_str(&text, "%d.%m.%Y").or_else(|_| NaiveDate::parse_from_str(&text, "%d%B%Y")).ok()
        };
        self.0.behind([DE.date, EN.date]).find_map(read)
    }

    /// The gross total in cents; amounts always have two decimals.
    pub fn gross_cents(&self) -> Option<i64> {
        let read = |text: String| {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            let cents: i64 = digits.parse().ok()?;
            let is_amount = text.contains('€') || text.contains("EUR");
            is_amount.then_some(if text.contains('-') { -cents } else { cents })
        };
        self.0.behind([DE.total, EN.total]).find_map(read)
    }

    /// Whether a line, or lines, of their own say this.
    pub fn has_line(&self, text: &str) -> bool {
        self.0.has_line(text)
    }
}
