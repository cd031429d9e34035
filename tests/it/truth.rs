//! The truth file against the database: put right by it, the demo is the very month without damage, cell by cell. So no
//! damage is without its entry, and no entry without its damage.

use std::collections::BTreeMap;
use std::path::Path;

use kontor::demo::{self, Order};
use kontor::store::DbUrl;
use kontor_tests::both_databases;
use kontor_tests::databases::{Kind, TestDb};
use serde_json::Value;

use crate::evidence_of_truth::check_evidence;
use crate::support::kontor;
use crate::twin::{Differences, Owners, contents};

/// One entry of the truth file.
#[derive(Debug)]
pub struct Entry {
    pub table: String,
    pub row: String,
    pub field: Option<String>,
    pub right: Option<String>,
    pub wrong: Option<String>,
    pub fault: String,
    pub host: String,
    pub evidence: String,
    pub copy: Option<String>,
    pub bit: Option<(u64, u64)>,
}

/// Reads a truth file.
pub fn entries(place: &Path) -> Vec<Entry> {
    let text = std::fs::read_to_string(place).expect("the truth was written");
    let list: Vec<Value> = serde_json::from_str(&text).expect("the truth is JSON");
    let read = |entry: Value| {
        let maybe = |name: &str| entry[name].as_str().map(str::to_owned);
        let text = |name: &str| maybe(name).unwrap_or_else(|| panic!("{name} is missing in {entry}"));
        Entry {
            table: text("table"),
            row: text("row"),
            field: maybe("field"),
            right: maybe("right"),
            wrong: maybe("wrong"),
            fault: text("fault"),
            host: text("host"),
            evidence: text("evidence"),
            copy: maybe("copy"),
            bit: entry["byte"].as_u64().zip(entry["bit"].as_u64()),
        }
    };
    list.into_iter().map(read).collect()
}

/// What a fault leaves different beside the value that it names.
#[derive(Default)]
struct Consequences {
    /// Cells that differ too, one each.
    cells: &'static [&'static str],
    /// Tables that lack a row.
    missing: &'static [&'static str],
    /// Tables that have a row too many.
    surplus: &'static [&'static str],
    /// Whether the attempt tells another story: it did not end well, or ended well only as it seemed.
    attempt: bool,
    /// Whether the customer's records were not written back, or were though they should not have been.
    written_back: bool,
}

/// A process that stopped before its end: these rows it did not come to write.
const fn stopped(cells: &'static [&'static str], missing: &'static [&'static str]) -> Consequences {
    Consequences { cells, missing, surplus: &[], attempt: true, written_back: true }
}

/// Only the cells.
const fn alone(cells: &'static [&'static str]) -> Consequences {
    Consequences { cells, missing: &[], surplus: &[], attempt: false, written_back: false }
}

/// One row per fault; `right` decides where two things can have happened.
fn consequences(fault: &str, right: Option<&str>) -> Consequences {
    const REPLY: [&str; 3] = ["delivery_evidence.verdict", "delivery_evidence.reply_code", "delivery_evidence.detail"];
    const STATE_AND_REPLY: [&str; 4] = ["deliveries.code", REPLY[0], REPLY[1], REPLY[2]];
    match (fault, right) {
        ("number_without_invoice", _) => stopped(
            &["number_allocations.invoice_id"],
            &["invoices", "invoice_lines", "documents", "deliveries", "delivery_evidence"],
        ),
        ("invoice_without_lines", _) => stopped(
            &[
                "invoices.net_cents",
                "invoices.tax_cents",
                "invoices.gross_cents",
                "invoices.state",
                "invoices.updated_at",
            ],
            &["invoice_lines", "documents", "deliveries", "delivery_evidence"],
        ),
        ("document_missing", _) => stopped(&["invoices.updated_at"], &["documents", "deliveries", "delivery_evidence"]),
        ("character_not_covered", _) => {
            stopped(&["invoices.state", "invoices.updated_at"], &["documents", "deliveries", "delivery_evidence"])
        }
        ("document_empty" | "document_truncated" | "mail_never_queued", _) => {
            stopped(&[], &["deliveries", "delivery_evidence"])
        }
        ("mail_queued", _) => {
            stopped(&["deliveries.sending_at", "deliveries.settled_at", "deliveries.tries"], &["delivery_evidence"])
        }
        ("mail_stuck_sending", Some("accepted")) => stopped(&["deliveries.settled_at"], &["delivery_evidence"]),
        ("address_invalid", _) => stopped(&["registrations.search_text"], &["deliveries", "delivery_evidence"]),
        ("mistyped_address", _) => stopped(
            &[
                "registrations.search_text",
                "deliveries.recipient",
                "deliveries.state",
                "deliveries.code",
                REPLY[0],
                REPLY[1],
                REPLY[2],
                "delivery_evidence.queue_id",
            ],
            &[],
        ),
        ("mailbox_full", _) => {
            stopped(&["deliveries.code", REPLY[0], REPLY[1], REPLY[2], "delivery_evidence.queue_id"], &[])
        }
        ("connection_timeout", _) | ("connection_lost", Some("accepted")) => stopped(
            &[
                "deliveries.code",
                "deliveries.settled_at",
                "delivery_evidence.source",
                REPLY[0],
                REPLY[1],
                REPLY[2],
                "delivery_evidence.queue_id",
                "delivery_evidence.seen_at",
            ],
            &[],
        ),
        ("mail_recorded_refused" | "reply_garbled" | "mail_recorded_accepted", _) => stopped(&STATE_AND_REPLY, &[]),
        ("second_invoice", _) => Consequences {
            cells: &["number_allocations.invoice_id", "number_allocations.explanation"],
            surplus: &["invoices", "invoice_lines", "documents", "deliveries", "delivery_evidence"],
            attempt: true,
            ..Consequences::default()
        },
        ("payment_twice", _) => Consequences { surplus: &["payments"], ..Consequences::default() },
        ("payment_amount", _) => alone(&["payments.state"]),
        ("payment_reference", _) => alone(&["payments.invoice_id", "payments.state"]),
        ("payment_returned", _) => alone(&["payments.updated_at"]),
        ("document_of_another", _) => alone(&["documents.sha256"]),
        // The mail never left: nothing but its state is wrong.
        ("mail_stuck_sending" | "connection_lost", Some("queued")) => alone(&[]),
        (
            "mail_bounced" | "document_flipped" | "amount_flipped" | "vat_flipped" | "email_flipped" | "name_flipped"
            | "quota_flipped" | "usage_flipped" | "date_flipped" | "number_flipped" | "reference_flipped"
            | "iban_flipped" | "state_wrong" | "payment_mismatched",
            _,
        ) => alone(&[]),
        (fault, right) => panic!("the fault {fault} ({right:?}) is unknown"),
    }
}

impl Differences {
    /// Puts right what an entry names, with what follows from it.
    fn put_right(&mut self, entry: &Entry, owners: &Owners) {
        let owner = owners.get(&entry.row);
        if let Some(field) = &entry.field {
            let change = self.take(&entry.table, &owner, field, Some(&entry.row), entry);
            assert_eq!((&change.0, &change.1), (&entry.right, &entry.wrong), "{entry:?}");
        }
        let follows = consequences(&entry.fault, entry.right.as_deref());
        for cell in follows.cells {
            let (table, field) = cell.split_once('.').expect("a table and a column");
            self.take(table, &owner, field, None, entry);
        }
        if follows.written_back {
            for table in ["registrations", "mailboxes", "subscriptions"] {
                self.take(table, &owner, "updated_at", None, entry);
            }
        }
        if follows.attempt {
            self.take("attempts", &owner, "outcome", None, entry);
            for field in ["code", "message", "ended_at", "step", "invoice_id", "signal"] {
                self.changed.retain(|key, _| *key != ("attempts", owner.clone(), field));
            }
        }
        for (tables, rows) in [(follows.missing, &mut self.missing), (follows.surplus, &mut self.surplus)] {
            for table in tables {
                let key = rows.keys().find(|key| (key.0, key.1.as_str()) == (table, &owner)).cloned();
                let found = key.and_then(|key| rows.remove(&key)).unwrap_or_else(|| panic!("{table}: {entry:?}"));
                assert_eq!(found.len(), 1, "{table}: {entry:?}");
                assert!(*table != entry.table || entry.field.is_some() || found[0] == entry.row, "{entry:?}");
            }
        }
    }

    /// Takes a difference out; it must be there, and no other like it unless its row is named.
    fn take(
        &mut self,
        table: &str,
        owner: &str,
        field: &str,
        row: Option<&str>,
        entry: &Entry,
    ) -> (Option<String>, Option<String>) {
        let key = self.changed.keys().find(|key| (key.0, key.1.as_str(), key.2) == (table, owner, field)).cloned();
        let key = key.unwrap_or_else(|| panic!("{table}.{field} does not differ: {entry:?}"));
        let changes = self.changed.get_mut(&key).expect("it was found");
        assert!(row.is_some() || changes.len() == 1, "{table}.{field} differs twice: {entry:?}");
        let place = changes.iter().position(|change| row.is_none_or(|row| change.row == row));
        let change = changes.remove(place.unwrap_or_else(|| panic!("{table}.{field} does not differ: {entry:?}")));
        if changes.is_empty() {
            self.changed.remove(&key);
        }
        (change.right, change.wrong)
    }
}

async fn create(db: &TestDb, registrations: u64, seed: u64, damage: bool) {
    let file = |name: &str| Some(db.path().join(name));
    let order = Order {
        registrations,
        seed,
        damage,
        truth: file("truth.json"),
        maillog: file("maillog"),
        bounces: file("bounces"),
        signup_export: file("signup.csv"),
        ..Order::default()
    };
    let url: DbUrl = db.url.parse().expect("an address");
    demo::create(&url, &order, &mut |_, _, _| ()).await.expect("a demo");
}

/// Makes a month twice, with its damage and without, and holds the truth against the difference.
async fn check_month(kind: Kind, registrations: u64, seed: u64) -> Vec<Entry> {
    let (db, twin) = (TestDb::new(kind), TestDb::new(kind));
    create(&db, registrations, seed, true).await;
    create(&twin, registrations, seed, false).await;
    assert_eq!(std::fs::read_to_string(twin.path().join("truth.json")).expect("a file"), "[]\n");
    let (right, damaged) = (contents(&twin.connect().await).await, contents(&db.connect().await).await);
    let entries = entries(&db.path().join("truth.json"));
    let owners = Owners::of(&right, &damaged);
    let mut left = Differences::between(&right, &damaged, &owners);
    for entry in &entries {
        left.put_right(entry, &owners);
    }
    assert!(left.is_empty(), "nothing explains {left:#?}");
    check_evidence(&db, &entries, &damaged, &owners);
    entries
}

/// How often each fault happens in the month of the report.
fn check_counts(entries: &[Entry]) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    entries.iter().for_each(|entry| *counts.entry(&entry.fault).or_default() += 1);
    assert_eq!(counts.len(), 37, "{counts:?}");
    for (fault, count) in &counts {
        let is_rare = ["address_invalid", "character_not_covered", "number_without_invoice"].contains(fault)
            || fault.starts_with("document_")
            || fault.starts_with("invoice_")
            || fault.starts_with("mail_");
        let least = if is_rare { 1 } else { 10 };
        assert!((least..=45).contains(count), "{fault} {count}");
    }
}

both_databases! {
    async fn put_right_by_the_truth_it_is_the_month_without_damage(db: TestDb) {
        check_counts(&check_month(db.kind, demo::REGISTRATIONS, 1).await);
    }

    async fn so_it_is_for_every_seed_and_size(db: TestDb) {
        let mut entries = 0;
        for (registrations, seed) in [(50, 1), (1, 2), (1_500, 3), (1_500, 4), (3_000, 5)] {
            entries += check_month(db.kind, registrations, seed).await.len();
        }
        assert!(entries > 200, "{entries}");
    }

    async fn the_same_seed_writes_the_same_files(db: TestDb) {
        let other = TestDb::new(db.kind);
        for db in [&db, &other] {
            let files = ["--truth", "truth.json", "--maillog", "maillog", "--bounces", "bounces", "--signup-export", "s.csv"];
            drop(kontor(db).args(["demo", "create", "--registrations", "600", "--seed", "5"]).args(files).run().expect(0));
        }
        let read = |db: &TestDb, name: &str| std::fs::read(db.path().join(name)).expect("a file");
        for name in ["truth.json", "maillog", "s.csv"] {
            assert!(read(&db, name) == read(&other, name), "{name}");
            assert!(read(&db, name).len() > 1_000, "{name}");
        }
        let reports = std::fs::read_dir(db.path().join("bounces")).expect("a folder");
        for report in reports {
            let name = format!("bounces/{}", report.expect("an entry").file_name().to_string_lossy());
            assert!(read(&db, &name) == read(&other, &name), "{name}");
        }
        let (one, other) = (contents(&db.connect().await).await, contents(&other.connect().await).await);
        assert!(Differences::between(&one, &other, &Owners::of(&one, &other)).is_empty());
    }
}
