//! A list as comma-separated values: UTF-8 with a byte order mark; in German with semicolons and decimal commas. Quoting is
//! RFC 4180's. No text starts a formula: whoever could write a name into the database could otherwise make a spreadsheet
//! run something.

use std::fs::File;
use std::io::{BufWriter, Result, Write};
use std::path::Path;

use super::cell::Cell;
use crate::contact::Language;

/// A file being written.
pub(super) struct Csv {
    writer: csv::Writer<BufWriter<File>>,
    language: Language,
}

impl Csv {
    /// Begins a file with its heading.
    pub fn begin(path: &Path, titles: &[String], language: Language) -> Result<Self> {
        let mut file = BufWriter::new(File::create(path)?);
        file.write_all("\u{feff}".as_bytes())?;
        let delimiter = if language == Language::De { b';' } else { b',' };
        let terminator = csv::Terminator::CRLF;
        let writer = csv::WriterBuilder::new().delimiter(delimiter).terminator(terminator).from_writer(file);
        let mut csv = Self { writer, language };
        csv.writer.write_record(titles.iter().map(|title| harmless(title)))?;
        Ok(csv)
    }

    /// Adds a row.
    pub fn add(&mut self, cells: &[Cell]) -> Result<()> {
        let texts = cells.iter().map(|cell| text(cell, self.language));
        Ok(self.writer.write_record(texts)?)
    }

    /// Ends the file.
    pub fn end(mut self) -> Result<()> {
        self.writer.flush()
    }
}

fn text(cell: &Cell, language: Language) -> String {
    let is_german = language == Language::De;
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => harmless(text),
        Cell::Whole(number) => number.to_string(),
        Cell::Number(number) if is_german => number.to_string().replace('.', ","),
        Cell::Number(number) => number.to_string(),
        Cell::Money(cents) => {
            let (sign, cents) = (if *cents < 0 { "-" } else { "" }, cents.unsigned_abs());
            format!("{sign}{}{}{:02}", cents / 100, if is_german { ',' } else { '.' }, cents % 100)
        }
        Cell::Day(day) => day.format(if is_german { "%d.%m.%Y" } else { "%Y-%m-%d" }).to_string(),
        Cell::Time(time) => time.format(if is_german { "%d.%m.%Y %H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" }).to_string(),
    }
}

/// A text that spreadsheets would take for a formula gets an apostrophe in front.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_starts_a_formula_and_numbers_stay_numbers() {
        for text in ["=1+1", "+49 431", "-1", "@SUM(A1)", "\tx", "\rx"] {
            assert_eq!(harmless(text), format!("'{text}"));
        }
        assert_eq!(harmless("a=b"), "a=b");
        assert_eq!(text(&Cell::Money(-105), Language::De), "-1,05");
        assert_eq!(text(&Cell::Money(-5), Language::En), "-0.05");
        assert_eq!(text(&Cell::Money(i64::MIN), Language::En), "-92233720368547758.08");
        assert_eq!(text(&Cell::Whole(-3), Language::De), "-3");
    }

    #[test]
    fn a_file_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("list.csv");
        let mut csv = Csv::begin(&path, &["Name".to_owned(), "=x".to_owned()], Language::De).expect("a file");
        csv.add(&[Cell::Text("Groß; \"Müller\"\n".to_owned()), Cell::Money(100)]).expect("a row");
        csv.end().expect("the end");
        let text = std::fs::read_to_string(&path).expect("the file");
        assert_eq!(text, "\u{feff}Name;'=x\r\n\"Groß; \"\"Müller\"\"\n\";1,00\r\n");
    }
}
