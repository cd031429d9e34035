//! The journal's chain: each kind of tampering shows.

use kontor::journal;
use kontor::store::{DbUrl, Store};
use kontor_tests::both_databases;
use kontor_tests::databases::{Kind, TestDb};

use crate::support::{customers_csv, import, kontor, office};

async fn without_guards(db: &TestDb, sql: &str) {
    let (off, on) = match db.kind {
        Kind::Postgres => ("ALTER TABLE journal DISABLE TRIGGER USER", "ALTER TABLE journal ENABLE TRIGGER USER"),
        Kind::Sqlite => ("DROP TRIGGER IF EXISTS journal_fixed", "DROP TRIGGER IF EXISTS journal_kept"),
    };
    db.execute(off).await;
    if db.kind == Kind::Sqlite {
        db.execute(on).await;
    }
    db.execute(sql).await;
    if db.kind == Kind::Postgres {
        db.execute(on).await;
    }
}

fn fault(db: &TestDb, expect: Option<&str>) -> String {
    let mut call = kontor(db).args(["journal", "verify"]);
    if let Some(head) = expect {
        call = call.args(["--expect", head]);
    }
    call.run().json()["fault"].as_str().unwrap_or_default().to_owned()
}

fn five_entries(db: &TestDb) -> String {
    office(db, 1);
    for first in [10, 20, 30] {
        drop(import(db, &customers_csv(first, 1)).expect(0));
    }
    kontor(db).args(["journal", "verify"]).run().expect(0).json()["head"].as_str().expect("a head").to_owned()
}

/// Columns of an entry, and what tampers with each.
const TAMPERED: [(&str, &str); 12] = [
    ("written_at", "'2013-01-01 00:00:00+00:00'"),
    ("person", "person || 'x'"),
    ("desk", "'desk-9'"),
    ("action", "'invoice.cancel'"),
    ("table_name", "coalesce(table_name, '') || 'x'"),
    ("row_key", "coalesce(row_key, '') || 'x'"),
    ("reason", "'nothing'"),
    ("\"before\"", "coalesce(\"before\", '') || ' '"),
    ("\"after\"", "coalesce(\"after\", '') || ' '"),
    ("request_id", "(SELECT id FROM registrations LIMIT 1)"),
    ("previous_hash", "upper(reason) || substr(previous_hash, 2)"),
    ("hash", "'0' || substr(hash, 1, 63)"),
];
const COLUMNS: &str = "seq, written_at, person, desk, action, table_name, row_key, reason, \"before\", \"after\", request_id, \
                       previous_hash, hash";

/// A journal whose guards are gone, and which can be put back after each tampering.
struct Tampered {
    db: TestDb,
    store: Store,
    entries: i64,
    head: String,
}

impl Tampered {
    async fn new(db: TestDb) -> Self {
        let head = five_entries(&db);
        let off: &[&str] = match db.kind {
            Kind::Postgres => &["ALTER TABLE journal DISABLE TRIGGER USER"],
            Kind::Sqlite => &["DROP TRIGGER journal_fixed", "DROP TRIGGER journal_kept"],
        };
        for statement in off.iter().chain(&["CREATE TABLE kept AS SELECT * FROM journal"]) {
            db.execute(statement).await;
        }
        let url: DbUrl = db.url.parse().expect("an address");
        let store = Store::open(&url).await.expect("the database opens");
        let entries = db.number("SELECT count(*) FROM journal").await;
        Self { db, store, entries, head }
    }

    async fn fault(&self, expect: Option<&str>) -> Option<String> {
        let verdict = journal::verify(&self.store, expect).await.expect("a verdict");
        verdict.fault.map(|fault| fault.to_string())
    }

    /// Tampers, expects a fault, and puts everything back.
    async fn shows(&self, what: &str, statements: &[String]) {
        for statement in statements {
            assert!(self.db.execute(statement).await > 0, "{what}: {statement}");
        }
        assert!(self.fault(None).await.is_some(), "{what} does not show");
        self.put_back().await;
    }

    async fn put_back(&self) {
        self.db.execute("DELETE FROM journal").await;
        self.db.execute(&format!("INSERT INTO journal ({COLUMNS}) SELECT {COLUMNS} FROM kept")).await;
        let head = "UPDATE installation SET journal_seq = (SELECT max(seq) FROM kept), journal_hash = (SELECT hash FROM \
                    kept WHERE seq = (SELECT max(seq) FROM kept))";
        self.db.execute(head).await;
        assert_eq!(self.fault(Some(&self.head)).await, None, "the chain is whole again");
    }
}

both_databases! {
    async fn every_tampering_with_every_entry_shows(db: TestDb) {
        let journal = Tampered::new(db).await;
        let all = 1..=journal.entries;
        let mut tried = 0;
        for seq in all.clone() {
            for (column, value) in TAMPERED {
                let edit = format!("UPDATE journal SET {column} = {value} WHERE seq = {seq}");
                journal.shows(&format!("{column} of entry {seq}, edited,"), &[edit]).await;
                tried += 1;
            }
            journal.shows(&format!("entry {seq}, deleted,"), &[format!("DELETE FROM journal WHERE seq = {seq}")]).await;
            for other in seq + 1..=journal.entries {
                let swap = [(seq, 1_000), (other, seq), (1_000, other)];
                let swap = swap.map(|(from, to)| format!("UPDATE journal SET seq = {to} WHERE seq = {from}"));
                journal.shows(&format!("entries {seq} and {other}, swapped,"), &swap).await;
                tried += 1;
            }
            tried += 1;
        }
        for seq in 1..=journal.entries + 1 {
            // The others move on, and it is linked to the one before it, as well as can be.
            let mut insert: Vec<String> = (seq..=journal.entries).rev().map(|at| format!("UPDATE journal SET seq = {} WHERE seq = {at}", at + 1)).collect();
            insert.push(format!(
                "INSERT INTO journal (seq, written_at, person, desk, action, reason, request_id, previous_hash, hash) SELECT {seq}, \
                 k.written_at, k.person, k.desk, k.action, 'inserted', x.id, coalesce((SELECT p.hash FROM kept p WHERE p.seq = {seq} - 1), \
                 k.previous_hash), k.hash FROM kept k, (SELECT id FROM registrations LIMIT 1) x WHERE k.seq = {}",
                seq.min(journal.entries)
            ));
            journal.shows(&format!("an entry inserted at {seq}"), &insert).await;
            tried += 1;
        }
        for last in 1..journal.entries {
            // Whoever cuts the tail, and the kept head with it, is found by the head on paper.
            journal.db.execute(&format!("DELETE FROM journal WHERE seq > {last}")).await;
            assert!(journal.fault(None).await.is_some(), "cut after {last}");
            let head = format!("UPDATE installation SET journal_seq = {last}, journal_hash = (SELECT hash FROM journal WHERE seq = {last})");
            journal.db.execute(&head).await;
            assert_eq!(journal.fault(None).await, None, "a chain that is cut with its head holds by itself");
            let fault = journal.fault(Some(&journal.head)).await;
            assert!(fault.is_some_and(|fault| fault.contains("expected head")), "cut after {last}");
            journal.put_back().await;
            tried += 1;
        }
        println!("{tried} ways to tamper with {} entries, each shows", journal.entries);
        assert!(tried > 80, "{tried}");
    }

    async fn an_untouched_chain_holds(db: TestDb) {
        let head = five_entries(&db);
        assert_eq!(fault(&db, Some(&head)), "");
        drop(import(&db, &customers_csv(40, 1)).expect(0));
        assert_eq!(fault(&db, Some(&head)), "", "an older head still occurs in a longer chain");
    }

    async fn an_edited_entry_shows(db: TestDb) {
        five_entries(&db);
        without_guards(&db, "UPDATE journal SET reason = 'nothing' WHERE seq = 3").await;
        assert!(fault(&db, None).contains("Entry 3 was changed"));
    }

    async fn a_deleted_entry_shows(db: TestDb) {
        five_entries(&db);
        without_guards(&db, "DELETE FROM journal WHERE seq = 2").await;
        assert!(fault(&db, None).contains("Entry 2 is missing"));
    }

    async fn swapped_entries_show(db: TestDb) {
        five_entries(&db);
        for (from, to) in [(3, 1_000), (4, 3), (1_000, 4)] {
            without_guards(&db, &format!("UPDATE journal SET seq = {to} WHERE seq = {from}")).await;
        }
        assert!(fault(&db, None).contains("does not follow"), "{}", fault(&db, None));
    }

    async fn an_inserted_entry_shows(db: TestDb) {
        five_entries(&db);
        without_guards(&db, "UPDATE journal SET seq = seq + 1 WHERE seq = 5").await;
        without_guards(&db, "INSERT INTO journal (seq, written_at, person, desk, action, reason, request_id, previous_hash, hash) \
            SELECT 5, written_at, person, desk, action, 'inserted', id, previous_hash, hash FROM journal, \
            (SELECT id FROM registrations LIMIT 1) x WHERE seq = 4").await;
        assert!(!fault(&db, None).is_empty());
    }

    async fn a_cut_tail_shows(db: TestDb) {
        let head = five_entries(&db);
        without_guards(&db, "DELETE FROM journal WHERE seq = 5").await;
        assert!(fault(&db, None).contains("cut off"));
        // Whoever cuts the kept head too is found by the head on paper.
        db.execute("UPDATE installation SET journal_seq = 4, journal_hash = (SELECT hash FROM journal WHERE seq = 4)").await;
        assert_eq!(fault(&db, None), "");
        assert!(fault(&db, Some(&head)).contains("expected head"));
    }
}
