//! Rows of the sign-up site and the old programs are sealed once they pass all rules, and only then.

use kontor_tests::both_databases;
use kontor_tests::databases::{Kind, TestDb};
use serde_json::{Value, json};

use super::fixtures::{month, spelled};
use super::{check, damage, told};
use crate::repair::{differing, stored};
use crate::support::{kontor, office};

const TABLES: [&str; 5] = ["registrations", "mailboxes", "subscriptions", "invoices", "payments"];

fn sealing(db: &TestDb) -> Value {
    kontor(db).args(["check", "--seal-first-seen"]).run().expect(0).json()
}

async fn unsealed(db: &TestDb) -> i64 {
    let mut count = 0;
    for table in TABLES {
        count += db.number(&format!("SELECT count(*) FROM {table} WHERE seal IS NULL")).await;
    }
    count
}

both_databases! {
    async fn what_passes_all_rules_is_sealed_once(db: TestDb) {
        month(&db).await;
        let (before, open) = (stored(&db).await, unsealed(&db).await);
        assert!(open > 200, "{open}");
        let sealed = sealing(&db)["first_seen"].clone();
        let counted: i64 = TABLES.iter().map(|table| sealed[*table].as_i64().expect("a count")).sum();
        assert_eq!((counted, &sealed["held"], unsealed(&db).await), (open, &json!(0), 0), "{sealed}");
        assert_eq!(db.number("SELECT count(*) FROM first_seals").await, open, "they are known as first seen");
        let after = stored(&db).await;
        let changed = differing(&before, &after);
        assert!(changed.iter().all(|cell| cell.contains("\"seal\"")), "nothing but seals is written: {changed:?}");
        assert_eq!(db.number("SELECT count(*) FROM registrations WHERE version > 1").await, 0);
        let again = sealing(&db)["first_seen"].clone();
        assert_eq!(again, json!({ "registrations": 0, "mailboxes": 0, "subscriptions": 0, "invoices": 0, "payments": 0, "held": 0 }));
        assert_eq!(differing(&after, &stored(&db).await), Vec::<String>::new());
        assert_eq!(db.number("SELECT count(*) FROM journal WHERE action = 'rows.first_seen'").await, 1);
        // From now on a change outside Kontor shows, and a flipped bit is proven.
        damage(&db, &["UPDATE registrations SET last_name = 'x' || last_name WHERE customer_serial = 3",
            &spelled(&db, "UPDATE payments SET amount_cents = amount_cents + 1024 WHERE id = {P1} AND amount_cents = 100")]).await;
        let broken: Vec<Value> = check(&db, &["--rule", "seal_broken"]);
        assert_eq!(broken.len(), 2, "{:#?}", told(&broken));
        let proven = broken.iter().find(|one| one["table"] == "payments").expect("the payment");
        assert_eq!((&proven["proposal"]["value"], &proven["proposal"]["evidence"]), (&json!("100"), &json!("proven")));
    }

    async fn a_row_about_which_something_is_found_is_not_sealed(db: TestDb) {
        month(&db).await;
        damage(&db, &[
            "UPDATE registrations SET email = 'kein Konto' WHERE customer_serial = 18",
            &spelled(&db, "UPDATE mailboxes SET quota_bytes = 10000000001 WHERE registration_id = {R26}"),
            &spelled(&db, "UPDATE documents SET bytes = substr(bytes, 1, 500) WHERE invoice_id = {L55}"),
            &spelled(&db, "UPDATE payments SET state = 'open' WHERE id = {P0}"),
            // Information only: it holds nothing back.
            &spelled(&db, "UPDATE number_allocations SET invoice_id = NULL WHERE invoice_id = {L46}"),
        ]).await;
        let found = check(&db, &[]);
        let aside = found.iter().find(|one| one["rule"] == "quota_deviates").expect("a finding")["id"].clone();
        db.execute(&format!("UPDATE findings SET set_aside_until_at = '2999-01-01 00:00:00+00:00' WHERE rule = 'quota_deviates' AND closed_at IS NULL -- {aside}")).await;
        let sealed = sealing(&db)["first_seen"].clone();
        for (table, condition) in [
            ("registrations", "id = {R18} OR id = {R26}"),
            ("mailboxes", "registration_id = {R18} OR registration_id = {R26}"),
            ("subscriptions", "registration_id = {R18} OR registration_id = {R26}"),
            ("invoices", "id = {L55}"),
            ("payments", "id = {P0}"),
        ] {
            let question = spelled(&db, &format!("SELECT count(*) FROM {table} WHERE ({condition}) AND seal IS NOT NULL"));
            assert_eq!(db.number(&question).await, 0, "{table} is left alone: {sealed}");
        }
        let open = "SELECT count(*) FROM findings f JOIN first_seals s ON s.row_id = f.row_id WHERE f.closed_at IS NULL AND f.severity <> 'info'";
        assert_eq!(db.number(open).await, 0);
        assert!(sealed["registrations"].as_i64().is_some_and(|count| count >= 55), "{sealed}");
        assert_eq!(db.number(&spelled(&db, "SELECT count(*) FROM invoices WHERE id = {L46} AND seal IS NOT NULL")).await, 1);
        let partly = kontor(&db).args(["check", "--rule", "email_invalid", "--seal-first-seen"]).run();
        assert_eq!(partly.code, Some(2), "not after a part of the rules: {}", partly.stderr);
    }

    async fn a_key_that_cannot_be_decoded_does_not_end_the_walk(db: TestDb) {
        if db.kind != Kind::Sqlite {
            return; // The server takes no such key.
        }
        office(&db, 510);
        damage(&db, &["UPDATE registrations SET seal = NULL", "UPDATE registrations SET id = X'01' WHERE customer_serial = 7"]).await;
        drop(sealing(&db));
        let left = "SELECT count(*) FROM registrations WHERE seal IS NULL AND customer_serial <> 7";
        assert_eq!(db.number(left).await, 0, "more than one page is sealed");
    }
}
