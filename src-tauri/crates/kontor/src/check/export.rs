//! A file that lay elsewhere: what the sign-up site, or a backup's export, still has of every customer.
//!
//! CSV with a heading, UTF-8; the columns are those of an import, with `customer_number`, `kind` and `quota_bytes` beside
//! them. Lines are found by the customer's number and by the address of the mailbox, so that one of the two may be damaged
//! in the database. An empty field counts as nothing there.

use std::collections::HashMap;
use std::path::Path;

use csv::StringRecord;

use crate::{Error, Result};

/// Columns by which lines are found; one of them must be there.
const KEYS: [&str; 2] = ["customer_number", "mailbox"];

/// The file, whole.
#[derive(Debug)]
pub(super) struct Export {
    columns: HashMap<String, usize>,
    lines: Vec<StringRecord>,
    by_number: HashMap<String, usize>,
    by_mailbox: HashMap<String, usize>,
}

/// One line of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    export: &'a Export,
    record: &'a StringRecord,
}

impl Export {
    /// Reads the file.
    pub fn read(place: &Path) -> Result<Self> {
        let unreadable =
            |error: csv::Error| Error::Usage(format!("{}: this is no CSV file ({error}).", place.display()));
        let file = std::fs::File::open(place).map_err(|error| Error::file(place, error))?;
        let mut reader = csv::Reader::from_reader(std::io::BufReader::new(file));
        let heading = reader.headers().map_err(unreadable)?;
        let named = heading.iter().enumerate();
        let columns: HashMap<String, usize> =
            named.map(|(at, name)| (name.trim_start_matches('\u{feff}').trim().to_lowercase(), at)).collect();
        if !KEYS.iter().any(|key| columns.contains_key(*key)) {
            return Err(Error::Usage(format!(
                "{}: the file names no customers. It needs a heading with customer_number or mailbox.",
                place.display()
            )));
        }
        let lines = reader.into_records().collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
        let mut export = Self { columns, lines, by_number: HashMap::new(), by_mailbox: HashMap::new() };
        export.by_number = export.index(KEYS[0]);
        export.by_mailbox = export.index(KEYS[1]);
        Ok(export)
    }

    fn index(&self, column: &str) -> HashMap<String, usize> {
        let Some(&at) = self.columns.get(column) else { return HashMap::new() };
        let lines = self.lines.iter().enumerate();
        lines.filter_map(|(line, record)| Some((record.get(at)?.trim().to_owned(), line))).collect()
    }

    /// The line of a customer.
    pub fn by_number(&self, number: &str) -> Option<Line<'_>> {
        self.line(self.by_number.get(number))
    }

    /// The line of a mailbox.
    pub fn by_mailbox(&self, address: &str) -> Option<Line<'_>> {
        self.line(self.by_mailbox.get(address))
    }

    fn line(&self, at: Option<&usize>) -> Option<Line<'_>> {
        Some(Line { export: self, record: self.lines.get(*at?)? })
    }
}

impl<'a> Line<'a> {
    /// A field; none where it is empty, or the file has no such column.
    pub fn get(self, column: &str) -> Option<&'a str> {
        let value = self.record.get(*self.export.columns.get(column)?)?.trim();
        (!value.is_empty()).then_some(value)
    }

    /// Whether the file has such a column.
    pub fn has(self, column: &str) -> bool {
        self.export.columns.contains_key(column)
    }
}
