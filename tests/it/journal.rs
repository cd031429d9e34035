//! The journal's chain: each kind of tampering shows.

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

both_databases! {
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
