//! A report on paper: headings, large figures, tables and charts that flow over as many pages as they need.
//!
//! The sheet says what stands there, in words that are ready to be read; this module sets it. Charts are vector graphics
//! whose labels are text of the page. Left out: what the figures mean and where they come from.

mod canvas;
mod chart;
mod flow;

use chrono::NaiveDate;
use serde::Serialize;
use sha2::{Digest, Sha256};

pub use chart::{Bar, Bars, Curve, Curves};

use crate::RenderError;
use crate::content::Language;
use crate::draw;
use crate::font::uncovered;

/// A report, ready to be set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sheet {
    /// Language of its words.
    pub language: Language,
    /// Who reports: the company.
    pub author: String,
    /// Title.
    pub title: String,
    /// A line below it.
    pub subtitle: String,
    /// The day that it was made on.
    pub made_on: NaiveDate,
    /// What it says, in order.
    pub blocks: Vec<Block>,
    /// Stands at the foot of every page.
    pub foot: String,
}

/// A part of a report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Block {
    /// A heading; it never stands alone at the foot of a page.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// Up to four large figures beside each other.
    Figures(Vec<Figure>),
    /// A table.
    Table(Table),
    /// A bar for each of something.
    Bars(Bars),
    /// Something over time.
    Curves(Curves),
}

/// A large figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// What it counts.
    pub label: String,
    /// The figure.
    pub value: String,
    /// What it is to be compared with.
    pub beside: String,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Table {
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows; each has a cell per column.
    pub rows: Vec<Vec<String>>,
    /// The last row sums up the others.
    pub has_sum: bool,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Column {
    /// Its heading.
    pub head: String,
    /// Its share of the width.
    pub share: f32,
    /// It holds figures, which stand right.
    pub is_figure: bool,
}

impl Column {
    /// A column of words.
    pub fn words(head: impl Into<String>, share: f32) -> Self {
        Self { head: head.into(), share, is_figure: false }
    }

    /// A column of figures.
    pub fn figures(head: impl Into<String>, share: f32) -> Self {
        Self { head: head.into(), share, is_figure: true }
    }
}

impl Sheet {
    /// SHA-256 over everything that it says.
    fn sha256(&self) -> [u8; 32] {
        let text = serde_json::to_vec(self).expect("a sheet is plain data");
        Sha256::digest(text).into()
    }

    fn texts(&self) -> Vec<&str> {
        let mut texts: Vec<&str> = vec![&self.author, &self.title, &self.subtitle, &self.foot];
        for block in &self.blocks {
            match block {
                Block::Heading(text) | Block::Text(text) => texts.push(text),
                Block::Figures(figures) => {
                    texts.extend(
                        figures.iter().flat_map(|each| [&each.label, &each.value, &each.beside]).map(String::as_str),
                    );
                }
                Block::Table(table) => {
                    texts.extend(table.columns.iter().map(|column| column.head.as_str()));
                    texts.extend(table.rows.iter().flatten().map(String::as_str));
                }
                Block::Bars(bars) => texts.extend(bars.texts()),
                Block::Curves(curves) => texts.extend(curves.texts()),
            }
        }
        texts
    }
}

/// Draws a report as PDF/A-3b. Deterministic: the same sheet gives the same bytes.
pub fn render(sheet: &Sheet) -> Result<Vec<u8>, RenderError> {
    for text in sheet.texts() {
        if let Some(ch) = uncovered(text) {
            return Err(RenderError::UncoveredCharacter { ch, text: text.to_owned(), field: "report" });
        }
    }
    let pages = flow::set(sheet)?;
    let id = draw::hex(&sheet.sha256());
    draw::write(draw::about(&sheet.title, &sheet.author, sheet.language, sheet.made_on, id), &pages)
}
