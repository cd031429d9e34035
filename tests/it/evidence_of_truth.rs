//! What the truth file says of evidence, held against the evidence: a copy has the right value, a stored hash proves it, a
//! flipped bit is one bit, and where nothing is left there is nothing.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Datelike, NaiveDate};
use kontor::number::Number;
use kontor_tests::databases::TestDb;

use crate::truth::Entry;
use crate::twin::{Contents, Owners};

/// What a reader of the mail server's log learns: how each mail ended, by queue id, and which queue ids a mail had.
pub struct Log {
    ends: HashMap<String, String>,
    queue_ids: HashMap<String, HashSet<String>>,
}

impl Log {
    /// Reads it from the test's folder.
    pub fn read(db: &TestDb) -> Self {
        let text = std::fs::read_to_string(db.path().join("maillog")).expect("the log was written");
        let mut log = Self { ends: HashMap::new(), queue_ids: HashMap::new() };
        for line in text.lines() {
            let Some((_, rest)) = line.split_once("]: ") else { continue };
            let Some((id, said)) = rest.split_once(": ") else { continue };
            if let Some(message_id) = said.strip_prefix("message-id=<") {
                let ids = log.queue_ids.entry(message_id.trim_end_matches('>').to_owned()).or_default();
                ids.insert(id.to_owned());
            }
            if let Some((_, status)) = said.split_once("status=") {
                let status = status.split(' ').next().expect("a word").to_owned();
                log.ends.insert(id.to_owned(), status);
            }
        }
        log
    }

    /// How the mail ended: `sent` or `bounced`; none when the log does not know it.
    pub fn end(&self, message_id: &str, queue_id: Option<&str>) -> Option<&str> {
        let by_name = self.queue_ids.get(message_id).into_iter().flatten().map(String::as_str);
        by_name.chain(queue_id).find_map(|id| self.ends.get(id)).map(String::as_str)
    }
}

/// Everything that evidence can be looked up in.
struct Witnesses<'a> {
    entries: &'a [Entry],
    damaged: &'a Contents,
    owners: &'a Owners,
    log: Log,
    export: HashMap<String, HashMap<String, String>>,
    bounces: String,
}

/// Holds every entry against the evidence that it names.
pub fn check_evidence(db: &TestDb, entries: &[Entry], damaged: &Contents, owners: &Owners) {
    let witnesses =
        Witnesses { entries, damaged, owners, log: Log::read(db), export: export(db), bounces: bounces(db) };
    let customers = damaged.column("registrations", "id").count();
    assert_eq!(witnesses.export.len(), customers, "the sign-up site has every customer");
    witnesses.check_queue_ids();
    for entry in entries {
        if let Some((byte, bit)) = entry.bit {
            one_bit(entry, byte, bit);
            assert!(witnesses.is_from_bad_memory(entry), "{entry:?}");
        }
        match (entry.evidence.as_str(), entry.copy.as_deref()) {
            ("copy", Some(copy)) => assert!(witnesses.has(entry, copy), "{entry:?}"),
            // The stored hash is that of the right bytes.
            ("seal", None) => {
                let hash = damaged.cell("documents", &entry.row, "sha256").map(str::to_owned);
                let right = entry.right.as_deref().expect("a hash");
                assert_eq!(hash, Some(crate::twin::hex(&kontor_pdf::content::sha256(&bytes(right)))), "{entry:?}");
            }
            ("rule", None) => {}
            ("none", None) => assert!(!witnesses.log_knows(entry), "{entry:?}"),
            other => panic!("{other:?} in {entry:?}"),
        }
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let pair = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
    (0..hex.len()).step_by(2).map(pair).collect()
}

/// The two values differ in the bit that is named, and in no other. A PDF's values are hashes, which do not tell.
fn one_bit(entry: &Entry, byte: u64, bit: u64) {
    assert_eq!(entry.host, "rechnung-03", "{entry:?}");
    if entry.fault == "document_flipped" {
        return;
    }
    let encoded = |text: &str| -> Vec<u8> {
        if let Ok(number) = text.parse::<i64>() {
            return number.to_be_bytes().to_vec();
        }
        match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            Ok(day) => day.num_days_from_ce().to_be_bytes().to_vec(),
            Err(_) => text.as_bytes().to_vec(),
        }
    };
    let (right, wrong) = (entry.right.as_deref().expect("a value"), entry.wrong.as_deref().expect("a value"));
    let mut repaired = encoded(wrong);
    repaired[usize::try_from(byte).expect("a place")] ^= 1 << bit;
    assert_eq!(repaired, encoded(right), "{entry:?}");
}

impl Witnesses<'_> {
    /// The queue id that a program noted is the one that the log has for its mail.
    fn check_queue_ids(&self) {
        let (mut noted, mut found) = (0, 0);
        for (row, queue_id) in self.damaged.column("delivery_evidence", "queue_id") {
            let delivery = self.damaged.cell("delivery_evidence", row, "delivery_id").expect("a mail");
            let message_id = self.damaged.cell("deliveries", delivery, "message_id").expect("an id");
            let Some(queue_id) = queue_id else { continue };
            noted += 1;
            if let Some(ids) = self.log.queue_ids.get(message_id) {
                found += 1;
                assert!(ids.contains(queue_id), "{queue_id} {message_id}");
            }
        }
        assert!(noted == 0 || found * 100 > noted * 97, "the log has {found} of {noted} mails");
    }

    /// The value was written on the host that wrote the customer's invoice, in its bad days; a payment in its own time.
    fn is_from_bad_memory(&self, entry: &Entry) -> bool {
        let bad_days = "2013-01-21T08:00:00".."2013-01-25T15:00:00";
        let entered_at = self.damaged.cell("payments", &entry.row, "created_at");
        self.owners.beside(&entry.row).any(|row| {
            let started_at = self.damaged.cell("attempts", row, "started_at");
            self.damaged.cell("attempts", row, "host") == Some("rechnung-03")
                && entered_at.or(started_at).is_some_and(|at| bad_days.contains(&at))
        })
    }

    fn has(&self, entry: &Entry, copy: &str) -> bool {
        let right = entry.right.as_deref();
        match copy.split_once('.') {
            None if copy == "maillog" => self.log_agrees(entry),
            None if copy == "bounces" => self.bounces.contains(&format!("Message-ID: <{}>", self.message_id(entry))),
            None => self.printed_name(entry) == right.unwrap_or_default(),
            Some(("signup_export", column)) => Some(self.signup(entry)[column].as_str()) == right,
            Some(("tariffs" | "tax_rates", column)) => {
                self.damaged.column(copy.split('.').next().expect("a table"), column).any(|(_, value)| value == right)
            }
            // Whole, and drawn before the row was damaged; or under the other invoice.
            Some(("documents", _)) if entry.fault == "document_of_another" => {
                self.damaged.column("documents", "bytes").any(|(row, hash)| row != entry.row && hash == right)
            }
            Some(("documents", _)) => self.has_own_document(entry),
            Some((table, column)) => {
                let values = self.own(table, column, entry);
                values.iter().any(|value| self.says(entry, value))
            }
        }
    }

    /// The PDF has the hash of what was drawn, and nothing happened to it.
    fn has_own_document(&self, entry: &Entry) -> bool {
        let stored = self.own("documents", "bytes", entry).pop().expect("a document");
        let hash = self.own("documents", "sha256", entry).pop().expect("a hash");
        let owner = self.owners.get(&entry.row);
        let untouched = |other: &Entry| other.table != "documents" || self.owners.get(&other.row) != owner;
        hash == crate::twin::hex(&kontor_pdf::content::sha256(&bytes(&stored))) && self.entries.iter().all(untouched)
    }

    /// Whether a value of another row says what is right.
    fn says(&self, entry: &Entry, value: &str) -> bool {
        let right = entry.right.as_deref().unwrap_or("2013-01-01");
        match (entry.fault.as_str(), entry.field.as_deref()) {
            ("date_flipped", _) => {
                let at = DateTime::parse_from_rfc3339(value).expect("a time").with_timezone(&chrono_tz::Europe::Berlin);
                at.date_naive().to_string() == right
            }
            ("number_flipped", Some("serial")) => {
                Number::parse(value).is_ok_and(|number| number.serial.to_string() == right)
            }
            ("reference_flipped", _) => right.contains(value),
            ("payment_mismatched", _) => {
                // The number log names the invoice that the reference means.
                self.beside(right, "number_allocations", ("invoice_id", right), "number")
                    .is_some_and(|number| value.contains(number))
            }
            _ => value == right,
        }
    }

    /// The values of a column in the rows of the same customer.
    fn own(&self, table: &str, column: &str, entry: &Entry) -> Vec<String> {
        let rows = self.owners.beside(&entry.row);
        rows.filter_map(|row| self.damaged.cell(table, row, column)).map(str::to_owned).collect()
    }

    /// The cell of another row of the same customer, in which a column has this value.
    fn beside(&self, row: &str, table: &str, (column, value): (&str, &str), wanted: &str) -> Option<&str> {
        let mut rows = self.owners.beside(row);
        let found = rows.find(|row| self.damaged.cell(table, row, column) == Some(value))?;
        self.damaged.cell(table, found, wanted)
    }

    fn signup(&self, entry: &Entry) -> &HashMap<String, String> {
        let mailbox = self.own("mailboxes", "address", entry);
        &self.export[&mailbox[0]]
    }

    fn printed_name(&self, entry: &Entry) -> String {
        let part = |column: &str| self.own("registrations", column, entry).pop().unwrap_or_default();
        let company = part("company");
        if company.is_empty() {
            format!("{} {}", part("first_name"), part("last_name")).trim().to_owned()
        } else {
            company
        }
    }

    fn message_id(&self, entry: &Entry) -> String {
        self.damaged.cell("deliveries", &entry.row, "message_id").expect("a mail").to_owned()
    }

    fn log_end(&self, entry: &Entry) -> Option<&str> {
        let queue_id = self.beside(&entry.row, "delivery_evidence", ("delivery_id", &entry.row), "queue_id");
        let message_id = if entry.fault == "reference_flipped" {
            entry.right.clone().expect("an id")
        } else {
            self.message_id(entry)
        };
        self.log.end(&message_id, queue_id)
    }

    /// The log tells of the mail what should stand there.
    fn log_agrees(&self, entry: &Entry) -> bool {
        let end = self.log_end(entry);
        match entry.right.as_deref() {
            Some("accepted") => end == Some("sent"),
            Some("bounced") => end == Some("bounced"),
            Some(message_id) => self.log.queue_ids.contains_key(message_id) && end.is_some(),
            None => false,
        }
    }

    /// Where nobody can tell what became of a mail, the log has no line of it either.
    fn log_knows(&self, entry: &Entry) -> bool {
        entry.table == "deliveries" && self.log_end(entry).is_some()
    }
}

/// The lines of the sign-up site, by mailbox.
fn export(db: &TestDb) -> HashMap<String, HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(db.path().join("signup.csv")).expect("the export was written");
    let line = |line: Result<HashMap<String, String>, csv::Error>| {
        let line = line.expect("a line");
        (line["mailbox"].clone(), line)
    };
    let lines: HashMap<_, _> = reader.deserialize().map(line).collect();
    lines
}

/// All reports, one after another.
fn bounces(db: &TestDb) -> String {
    let mut text = String::new();
    for report in std::fs::read_dir(db.path().join("bounces")).expect("the reports were written") {
        let report = std::fs::read_to_string(report.expect("an entry").path()).expect("a report");
        assert!(
            report.contains("\r\nAction: failed\r\n") && report.contains("\r\nFinal-Recipient: rfc822; "),
            "{report}"
        );
        text.push_str(&report);
    }
    text
}
