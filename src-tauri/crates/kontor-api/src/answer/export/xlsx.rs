//! A list as an Excel file: typed cells under a heading that stays in sight. Text is written as text, so nothing of it is
//! ever a formula. What does not fit into a sheet goes on in the next.

use std::io::{Error, Result};
use std::path::{Path, PathBuf};

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::cell::Cell;
use crate::contact::Language;

/// Rows of a sheet, the heading among them.
const ROWS: u32 = 1_048_576;
/// Characters of a cell.
const LONGEST: usize = 32_767;
/// Widths of columns that hold amounts, days and times.
const NARROW: f64 = 14.0;
const WIDE: f64 = 20.0;

/// A file being written.
pub(super) struct Xlsx {
    path: PathBuf,
    titles: Vec<String>,
    book: Workbook,
    /// The sheet that is written.
    sheet: usize,
    row: u32,
    formats: Formats,
}

struct Formats {
    title: Format,
    money: Format,
    day: Format,
    time: Format,
}

impl Xlsx {
    /// Begins a file with its heading.
    pub fn begin(path: &Path, titles: &[String], language: Language) -> Result<Self> {
        let day = if language == Language::De { "dd.mm.yyyy" } else { "yyyy-mm-dd" };
        let formats = Formats {
            title: Format::new().set_bold(),
            money: Format::new().set_num_format("#,##0.00"),
            day: Format::new().set_num_format(day),
            time: Format::new().set_num_format(format!("{day} hh:mm:ss")),
        };
        let mut book = Workbook::new();
        headed(&mut book, titles, &formats).map_err(told)?;
        Ok(Self { path: path.to_owned(), titles: titles.to_vec(), book, sheet: 0, row: 1, formats })
    }

    /// Adds a row.
    pub fn add(&mut self, cells: &[Cell]) -> Result<()> {
        if self.row == ROWS {
            headed(&mut self.book, &self.titles, &self.formats).map_err(told)?;
            (self.sheet, self.row) = (self.sheet + 1, 1);
        }
        for (column, cell) in (0..).zip(cells) {
            self.put(column, cell).map_err(told)?;
        }
        self.row += 1;
        Ok(())
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a spreadsheet has no other numbers; amounts stay far below the limit"
    )]
    fn put(&mut self, column: u16, cell: &Cell) -> std::result::Result<(), XlsxError> {
        let (row, formats) = (self.row, &self.formats);
        let sheet = self.book.worksheet_from_index(self.sheet)?;
        match cell {
            Cell::Empty => return Ok(()),
            Cell::Text(text) => sheet.write_string(row, column, text.chars().take(LONGEST).collect::<String>()),
            Cell::Whole(number) => sheet.write_number(row, column, *number as f64),
            Cell::Number(number) => sheet.write_number(row, column, *number),
            Cell::Money(cents) => sheet.write_number_with_format(row, column, *cents as f64 / 100.0, &formats.money),
            Cell::Day(day) => sheet.write_datetime_with_format(row, column, day, &formats.day),
            Cell::Time(time) => sheet.write_datetime_with_format(row, column, time, &formats.time),
        }?;
        Ok(())
    }

    /// Ends the file.
    pub fn end(mut self) -> Result<()> {
        self.book.save(&self.path).map_err(told)
    }
}

/// Adds a sheet with its heading. Rows that are written leave memory at once, so that a list may be of any length.
fn headed(book: &mut Workbook, titles: &[String], formats: &Formats) -> std::result::Result<(), XlsxError> {
    let sheet = book.add_worksheet_with_constant_memory();
    sheet.set_freeze_panes(1, 0)?;
    for (column, title) in (0..).zip(titles) {
        let width = if title.chars().count() < 12 { NARROW } else { WIDE };
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(0, column, title, &formats.title)?;
    }
    Ok(())
}

fn told(error: XlsxError) -> Error {
    match error {
        XlsxError::IoError(error) => error,
        other => Error::other(other),
    }
}
