//! A file that lay elsewhere: what the sign-up site, or a backup's export, still has of every customer.
//!
//! CSV with a heading, UTF-8; the columns are those of an import, with `customer_number`, `kind` and `quota_bytes` beside
//! them. Lines are found by the customer's number and by the address of the mailbox, so that one of the two may be damaged
//! in the database. An empty field counts as nothing there. A file that cannot be read as a whole is refused, with the line
//! that is wrong: a comparison with half a file would find what is not so.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use chrono::NaiveDate;
use csv::StringRecord;
use uuid::Uuid;

use crate::number::Number;
use crate::{Error, Result};

/// Columns by which lines are found; one of them must be there.
const KEYS: [&str; 2] = ["customer_number", "mailbox"];

/// The file, whole.
#[derive(Debug)]
pub(super) struct Export {
    columns: HashMap<String, usize>,
    lines: Vec<StringRecord>,
    /// Places of lines by their keys; none where two lines have the same.
    by_number: HashMap<String, Option<usize>>,
    by_mailbox: HashMap<String, Option<usize>>,
    /// The lowest and the highest serial of its customers.
    serials: Option<(i64, i64)>,
    /// What a walk through the customers has met so far.
    met: Mutex<Met>,
}

/// What a walk through the customers has met so far.
#[derive(Debug, Default)]
pub(super) struct Met {
    /// Lines whose customer is in the database.
    pub lines: HashSet<usize>,
    /// Where those customers come from (`registrations.source`).
    pub sources: BTreeSet<String>,
    /// Customers, with their source, whom no line names although the file has others before and after them.
    pub absent: Vec<(Uuid, String)>,
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
        let file = std::fs::File::open(place).map_err(|error| Error::file(place, error))?;
        Self::parse(std::io::BufReader::new(file))
            .map_err(|fault| Error::Usage(format!("{}: {fault}", place.display())))
    }

    fn parse(file: impl std::io::Read) -> std::result::Result<Self, String> {
        let mut reader = csv::Reader::from_reader(file);
        let columns = columns(reader.headers().map_err(|error| told(&error))?)?;
        let lines = reader.into_records().collect::<std::result::Result<Vec<_>, _>>().map_err(|error| told(&error))?;
        if lines.is_empty() {
            return Err("the file has a heading and no customers; nothing can be compared with it.".to_owned());
        }
        let mut export = Self {
            columns,
            lines,
            by_number: HashMap::new(),
            by_mailbox: HashMap::new(),
            serials: None,
            met: Mutex::default(),
        };
        export.lines.iter().try_for_each(|record| export.check(record))?;
        export.by_number = export.index(KEYS[0]);
        export.by_mailbox = export.index(KEYS[1]);
        export.serials = export.range();
        Ok(export)
    }

    /// What of a line could not be compared.
    fn check(&self, record: &StringRecord) -> std::result::Result<(), String> {
        let line = Line { export: self, record };
        let wrong = |text: String| Err(format!("line {}: {text}", line.number()));
        if KEYS.iter().all(|key| line.get(key).is_none()) {
            return wrong("it names no customer; customer_number and mailbox are empty.".to_owned());
        }
        if let Some(size) = line.get("quota_bytes").filter(|size| size.parse::<i64>().is_err()) {
            return wrong(format!("quota_bytes is “{size}”, and no whole number."));
        }
        if let Some(day) = line.get("start_date").filter(|day| day.parse::<NaiveDate>().is_err()) {
            return wrong(format!("start_date is “{day}”, and no date such as 2013-01-31."));
        }
        Ok(())
    }

    fn index(&self, column: &str) -> HashMap<String, Option<usize>> {
        let mut index = HashMap::new();
        let lines = self.lines.iter().map(|record| Line { export: self, record });
        for (at, key) in lines.enumerate().filter_map(|(at, line)| Some((at, key(line.get(column)?)))) {
            index.entry(key).and_modify(|known| *known = None).or_insert(Some(at));
        }
        index
    }

    fn range(&self) -> Option<(i64, i64)> {
        let serial = |number: &String| Number::parse(&number.to_uppercase()).ok().map(|number| number.serial);
        let serials = || self.by_number.keys().filter_map(serial);
        serials().min().zip(serials().max())
    }

    /// The line of a customer.
    pub fn by_number(&self, number: &str) -> Option<Line<'_>> {
        self.line(self.by_number.get(&key(number)))
    }

    /// The line of a mailbox.
    pub fn by_mailbox(&self, address: &str) -> Option<Line<'_>> {
        self.line(self.by_mailbox.get(&key(address)))
    }

    /// Whether some line names this customer or this mailbox, even if several do.
    pub fn names(&self, number: &str, address: Option<&str>) -> bool {
        self.by_number.contains_key(&key(number))
            || address.is_some_and(|address| self.by_mailbox.contains_key(&key(address)))
    }

    /// Notes a customer whom the walk has met: by whichever lines name it, or as absent.
    pub fn meet(&self, id: Uuid, number: &str, address: Option<&str>, serial: i64, source: &str) {
        let places = [self.by_number.get(&key(number)), address.and_then(|address| self.by_mailbox.get(&key(address)))];
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        if places.iter().any(Option::is_some) {
            met.lines.extend(places.into_iter().flatten().filter_map(|at| *at));
            met.sources.insert(source.to_owned());
        } else if self.serials.is_some_and(|(first, last)| (first..=last).contains(&serial)) {
            met.absent.push((id, source.to_owned()));
        }
    }

    /// What a walk has met; the next one begins anew.
    pub fn walked(&self) -> Met {
        std::mem::take(&mut *self.met.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lines that are not among these.
    pub fn others(&self, met: &HashSet<usize>) -> impl Iterator<Item = Line<'_>> {
        let others = self.lines.iter().enumerate().filter(|(at, _)| !met.contains(at));
        others.map(|(_, record)| Line { export: self, record })
    }

    fn line(&self, at: Option<&Option<usize>>) -> Option<Line<'_>> {
        let record = self.lines.get((*at?)?)?;
        Some(Line { export: self, record })
    }
}

/// Capital or small letters make no other customer.
fn key(text: &str) -> String {
    text.trim().to_lowercase()
}

fn columns(heading: &StringRecord) -> std::result::Result<HashMap<String, usize>, String> {
    let mut columns = HashMap::new();
    for (at, name) in heading.iter().enumerate() {
        let name = name.trim_start_matches('\u{feff}').trim().to_lowercase();
        if columns.insert(name.clone(), at).is_some() && !name.is_empty() {
            return Err(format!("line 1: the column “{name}” stands there twice."));
        }
    }
    if KEYS.iter().any(|key| columns.contains_key(*key)) {
        return Ok(columns);
    }
    let hint = match heading.iter().next() {
        Some(first) if heading.len() == 1 && first.contains([';', '\t']) => " Its fields must be separated by commas.",
        _ => "",
    };
    Err(format!("line 1: the file names no customers. It needs a heading with customer_number or mailbox.{hint}"))
}

/// What is wrong with the file, with the line.
fn told(error: &csv::Error) -> String {
    let line = error.position().map(|position| format!("line {}: ", position.line())).unwrap_or_default();
    let said = match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "this is not UTF-8; save the file as CSV in UTF-8.".to_owned(),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("it has {len} fields where the heading has {expected_len}.")
        }
        _ => format!("this is no CSV file ({error})."),
    };
    format!("{line}{said}")
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

    /// Which line of the file it is, the heading being the first.
    pub fn number(self) -> u64 {
        self.record.position().map_or(0, csv::Position::line)
    }

    /// By what people know the customer: the number, or else the mailbox.
    pub fn name(self) -> &'a str {
        KEYS.iter().find_map(|key| self.get(key)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> std::result::Result<Export, String> {
        Export::parse(text.as_bytes())
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, said) in [
            ("", "line 1: the file names no customers"),
            ("customer_number;mailbox\nK-000001-6;a@b.example\n", "separated by commas"),
            ("mailbox,mailbox\na,b\n", "line 1: the column “mailbox” stands there twice"),
            ("mailbox,city\n", "no customers"),
            ("mailbox,city\na@b.example,Kiel\nc@d.example\n", "line 3: it has 1 fields where the heading has 2"),
            ("mailbox,city\n,Kiel\n", "line 2: it names no customer"),
            ("mailbox,start_date\na@b.example,31.1.13\n", "line 2: start_date is “31.1.13”"),
            ("mailbox,quota_bytes\na@b.example,10 GB\n", "line 2: quota_bytes is “10 GB”"),
        ] {
            let fault = read(text).expect_err(text);
            assert!(fault.contains(said), "{fault}");
        }
        let latin = Export::parse(&b"mailbox,city\na@b.example,K\xf6ln\n"[..]).expect_err("no UTF-8");
        assert!(latin.contains("line 2") && latin.contains("UTF-8"), "{latin}");
    }

    #[test]
    fn lines_are_found_by_either_key_unless_two_have_it() {
        let text = "customer_number,mailbox\nK-000001-6,a@b.example\nK-000003-0,A@B.example\nK-000005-4,c@d.example\n";
        let export = read(text).expect("a file");
        assert!(export.by_mailbox("a@b.example").is_none() && export.names("", Some("a@b.example")));
        assert_eq!(export.by_number("k-000001-6").map(Line::number), Some(2));
        assert_eq!(export.by_mailbox("C@d.example").map(Line::name), Some("K-000005-4"));
    }
}
