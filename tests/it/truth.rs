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
#[derive(Clone, Copy)]
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

/// Only these cells.
const fn alone(cells: &'static [&'static str]) -> Consequences {
    Consequences { cells, missing: &[], surplus: &[], attempt: false, written_back: false }
}

/// A mail of which another outcome was written down than it had.
const MISHEARD: Consequences = stopped(
    &["deliveries.code", "delivery_evidence.verdict", "delivery_evidence.reply_code", "delivery_evidence.detail"],
    &[],
);
/// A mail whose reply was never heard.
const UNHEARD: Consequences = stopped(
    &[
        "deliveries.code",
        "deliveries.settled_at",
        "delivery_evidence.source",
        "delivery_evidence.verdict",
        "delivery_evidence.reply_code",
        "delivery_evidence.detail",
        "delivery_evidence.queue_id",
        "delivery_evidence.seen_at",
    ],
    &[],
);
/// A row too many.
const SECOND_PAYMENT: Consequences = Consequences { surplus: &["payments"], ..alone(&[]) };
/// An invoice too many, with all that belongs to it.
const SECOND_INVOICE: Consequences = Consequences {
    surplus: &["invoices", "invoice_lines", "documents", "deliveries", "delivery_evidence"],
    attempt: true,
    ..alone(&["number_allocations.invoice_id", "number_allocations.explanation"])
};

/// One row per fault. Where two things can have happened, the right value tells which: a mail that the server never got
/// is still to be sent, and nothing but its state is wrong.
const FAULTS: [(&str, Option<&str>, Consequences); 39] = [
    (
        "number_without_invoice",
        None,
        stopped(
            &["number_allocations.invoice_id"],
            &["invoices", "invoice_lines", "documents", "deliveries", "delivery_evidence"],
        ),
    ),
    (
        "invoice_without_lines",
        None,
        stopped(
            &[
                "invoices.net_cents",
                "invoices.tax_cents",
                "invoices.gross_cents",
                "invoices.state",
                "invoices.updated_at",
            ],
            &["invoice_lines", "documents", "deliveries", "delivery_evidence"],
        ),
    ),
    ("document_missing", None, stopped(&["invoices.updated_at"], &["documents", "deliveries", "delivery_evidence"])),
    (
        "character_not_covered",
        None,
        stopped(&["invoices.state", "invoices.updated_at"], &["documents", "deliveries", "delivery_evidence"]),
    ),
    ("document_empty", None, stopped(&[], &["deliveries", "delivery_evidence"])),
    ("document_truncated", None, stopped(&[], &["deliveries", "delivery_evidence"])),
    ("mail_never_queued", None, stopped(&[], &["deliveries", "delivery_evidence"])),
    (
        "mail_queued",
        None,
        stopped(&["deliveries.sending_at", "deliveries.settled_at", "deliveries.tries"], &["delivery_evidence"]),
    ),
    ("mail_stuck_sending", Some("accepted"), stopped(&["deliveries.settled_at"], &["delivery_evidence"])),
    ("mail_stuck_sending", Some("queued"), alone(&[])),
    ("connection_lost", Some("accepted"), UNHEARD),
    ("connection_lost", Some("queued"), alone(&[])),
    ("connection_timeout", None, UNHEARD),
    ("address_invalid", None, stopped(&["registrations.search_text"], &["deliveries", "delivery_evidence"])),
    (
        "mistyped_address",
        None,
        stopped(
            &[
                "registrations.search_text",
                "deliveries.recipient",
                "deliveries.state",
                "deliveries.code",
                "delivery_evidence.verdict",
                "delivery_evidence.reply_code",
                "delivery_evidence.detail",
                "delivery_evidence.queue_id",
            ],
            &[],
        ),
    ),
    (
        "mailbox_full",
        None,
        stopped(
            &[
                "deliveries.code",
                "delivery_evidence.verdict",
                "delivery_evidence.reply_code",
                "delivery_evidence.detail",
                "delivery_evidence.queue_id",
            ],
            &[],
        ),
    ),
    ("mail_recorded_refused", None, MISHEARD),
    ("mail_recorded_accepted", None, MISHEARD),
    ("reply_garbled", None, MISHEARD),
    ("mail_bounced", None, alone(&[])),
    ("second_invoice", None, SECOND_INVOICE),
    ("document_of_another", None, alone(&["documents.sha256"])),
    ("document_flipped", None, alone(&[])),
    ("amount_flipped", None, alone(&[])),
    ("vat_flipped", None, alone(&[])),
    ("email_flipped", None, alone(&[])),
    ("name_flipped", None, alone(&[])),
    ("quota_flipped", None, alone(&[])),
    ("usage_flipped", None, alone(&[])),
    ("date_flipped", None, alone(&[])),
    ("number_flipped", None, alone(&[])),
    ("reference_flipped", None, alone(&[])),
    ("state_wrong", None, alone(&[])),
    ("payment_amount", None, alone(&["payments.state"])),
    ("payment_reference", None, alone(&["payments.invoice_id", "payments.state"])),
    ("payment_twice", None, SECOND_PAYMENT),
    ("payment_returned", None, alone(&["payments.updated_at"])),
    ("payment_mismatched", None, alone(&[])),
    ("iban_flipped", None, alone(&[])),
];

fn consequences(entry: &Entry) -> Consequences {
    let is_it = |(fault, right, _): &&(&str, Option<&str>, Consequences)| {
        *fault == entry.fault && right.is_none_or(|right| entry.right.as_deref() == Some(right))
    };
    FAULTS.iter().find(is_it).unwrap_or_else(|| panic!("this fault is unknown: {entry:?}")).2
}

impl Differences {
    /// Puts right what an entry names, with what follows from it.
    fn put_right(&mut self, entry: &Entry, owners: &Owners) {
        let owner = owners.get(&entry.row);
        if let Some(field) = &entry.field {
            let change = self.take(&entry.table, &owner, field, Some(&entry.row), entry);
            assert_eq!((&change.0, &change.1), (&entry.right, &entry.wrong), "{entry:?}");
        }
        let follows = consequences(entry);
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
                self.changed.remove(&("attempts".to_owned(), owner.clone(), field.to_owned()));
            }
        }
        for (tables, rows) in [(follows.missing, &mut self.missing), (follows.surplus, &mut self.surplus)] {
            for table in tables {
                let found = rows.remove(&((*table).to_owned(), owner.clone()));
                let found = found.unwrap_or_else(|| panic!("{table}: {entry:?}"));
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
        let key = (table.to_owned(), owner.to_owned(), field.to_owned());
        let changes = self.changed.get_mut(&key);
        let changes = changes.unwrap_or_else(|| panic!("{table}.{field} does not differ: {entry:?}"));
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

/// How often each fault happens in the month of the report: often enough to look at, and never often.
fn check_counts(entries: &[Entry]) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in entries {
        *counts.entry(&entry.fault).or_default() += 1;
    }
    assert!(FAULTS.iter().all(|(fault, ..)| counts.contains_key(fault)), "{counts:?}");
    // A kill hits whatever step it hits, and few people have odd names and addresses.
    let few = ["character_not_covered", "address_invalid", "number_without_invoice", "invoice_without_lines"];
    for (fault, count) in &counts {
        let is_kill = ["document_empty", "document_truncated", "mail_never_queued", "mail_queued"].contains(fault);
        let least = if few.contains(fault) || is_kill { 2 } else { 10 };
        assert!((least..=40).contains(count), "{fault} {count}");
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
