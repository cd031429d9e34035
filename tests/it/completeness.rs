//! The completeness sheet of a month against small months whose answer is counted by hand.

use kontor_tests::both_databases;
use kontor_tests::databases::{Kind, TestDb};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::check::damage;
use crate::repair::store;
use crate::support::{invoice, kontor, mailing, office, text};

fn complete(db: &TestDb) -> Value {
    kontor(db).args(["report", "--month", "2013-01"]).run().expect(0).json()["invoices"]["completeness"].clone()
}

async fn customer(db: &TestDb, serial: i64) -> String {
    text(db, &format!("SELECT customer_number FROM registrations WHERE customer_serial = {serial}")).await
}

/// The figures in the order of the sheet: due, issued, cancelled, held back, failed, not begun, not due, unexplained.
fn figures(complete: &Value) -> [i64; 8] {
    let number = |value: &Value| value.as_i64().unwrap_or_else(|| panic!("a number in {complete}"));
    let missing = |name: &str| number(&complete[name]["count"]);
    [
        number(&complete["due"]),
        number(&complete["issued"]),
        missing("cancelled"),
        missing("quarantined"),
        missing("failed"),
        missing("not_begun"),
        missing("not_due"),
        number(&complete["unexplained"]),
    ]
}

/// Leaves of these customers' invoices what an old program that died behind the header leaves.
async fn killed_behind_the_header(db: &TestDb, serials: &str) {
    let invoices = format!(
        "(SELECT i.id FROM invoices i JOIN registrations r ON r.id = i.registration_id WHERE r.customer_serial IN ({serials}))"
    );
    let mut statements: Vec<String> = vec![format!(
        "DELETE FROM delivery_evidence WHERE delivery_id IN (SELECT d.id FROM deliveries d WHERE d.invoice_id IN {invoices})"
    )];
    for table in ["deliveries", "documents", "invoice_lines"] {
        statements.push(format!("DELETE FROM {table} WHERE invoice_id IN {invoices}"));
    }
    statements.push(format!(
        "UPDATE invoices SET state = 'incomplete', origin = 'legacy', snapshot = NULL, snapshot_sha256 = NULL, net_cents = 0, \
         tax_cents = 0, gross_cents = 0, line_count = 0 WHERE id IN {invoices}"
    ));
    let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
    damage(db, &statements).await;
}

async fn blocked(connection: &impl ConnectionTrait) -> i64 {
    let text = "SELECT count(*) AS found FROM registrations WHERE state = 'blocked'";
    let statement = Statement::from_string(connection.get_database_backend(), text);
    let row = connection.query_one_raw(statement).await.expect("an answer").expect("a row");
    row.try_get("", "found").expect("a number")
}

both_databases! {
    async fn what_an_old_program_only_began_was_not_issued(db: TestDb) {
        office(&db, 6);
        drop(invoice(&db, "2013-01"));
        killed_behind_the_header(&db, "2, 3, 5").await;
        drop(kontor(&db).args(["check"]).run().expect(0));
        // Of the three one is held back, one can run again, and one is blocked since: nobody owes him an invoice.
        let of = |serial: i64| format!("(SELECT i.id FROM invoices i JOIN registrations r ON r.id = i.registration_id WHERE r.customer_serial = {serial})");
        db.execute(&format!("UPDATE findings SET severity = 'high' WHERE severity = 'critical' AND row_id <> {}", of(3))).await;
        db.execute(&format!("UPDATE findings SET severity = 'critical', proposal = NULL WHERE closed_at IS NULL AND row_id = {}", of(3))).await;
        db.execute("UPDATE registrations SET state = 'blocked' WHERE customer_serial = 5").await;
        let said = kontor(&db).args(["report", "--month", "2013-01"]).run().expect(0).json();
        let complete = &said["invoices"]["completeness"];
        assert_eq!(figures(complete), [5, 3, 0, 1, 1, 0, 0, 0], "{complete}");
        assert_eq!(complete["failed"]["customers"], json!([customer(&db, 2).await]));
        assert_eq!(complete["quarantined"]["customers"], json!([customer(&db, 3).await]));
        assert_eq!(said["invoices"]["gross_cents"], 300);
        assert_eq!((&said["invoices"]["mails"]["accepted"], &said["invoices"]["mails"]["none"]), (&json!(3), &json!(0)));
    }

    async fn a_customer_with_two_mailboxes_has_two_subscriptions(db: TestDb) {
        office(&db, 4);
        let of = |serial: i64| format!("(SELECT id FROM registrations WHERE customer_serial = {serial})");
        let (two, three) = (of(2), of(3));
        for table in ["subscriptions", "mailboxes"] {
            damage(&db, &[&format!("UPDATE {table} SET registration_id = {two} WHERE registration_id = {three}")]).await;
        }
        assert_eq!(figures(&complete(&db)), [4, 0, 0, 0, 0, 4, 0, 0]);
        drop(invoice(&db, "2013-01"));
        assert_eq!(figures(&complete(&db)), [4, 4, 0, 0, 0, 0, 0, 0]);
        db.execute("UPDATE registrations SET state = 'blocked' WHERE customer_serial = 2").await;
        let complete = complete(&db);
        assert_eq!(figures(&complete), [2, 4, 0, 0, 0, 0, 2, 0], "{complete}");
        assert_eq!(complete["not_due"]["customers"], json!([customer(&db, 2).await, customer(&db, 2).await]));
    }

    async fn what_a_worker_has_in_hand_has_not_failed(db: TestDb) {
        office(&db, 3);
        damage(&db, &["UPDATE registrations SET email = 'nobody' WHERE customer_serial = 3"]).await;
        drop(mailing(&db).args(["invoices", "run", "--period", "2013-01"]).run().expect(3));
        let failed = complete(&db);
        assert_eq!(figures(&failed), [3, 2, 0, 0, 1, 0, 0, 0], "{failed}");
        if db.kind == Kind::Sqlite {
            // A value that cannot be decoded makes nothing untried.
            damage(&db, &["UPDATE registrations SET registered_at = 'nonsense' WHERE customer_serial = 3"]).await;
            assert_eq!(complete(&db)["failed"], failed["failed"]);
        }
        for outcome in ["'running', ended_at = NULL", "'skipped', ended_at = started_at"] {
            damage(&db, &[&format!("UPDATE attempts SET outcome = {outcome} WHERE invoice_id IS NULL")]).await;
            assert_eq!(figures(&complete(&db)), [3, 2, 0, 0, 0, 1, 0, 0], "{outcome}");
        }
    }

    async fn what_is_left_over_is_named(db: TestDb) {
        office(&db, 3);
        drop(invoice(&db, "2013-01"));
        let number = customer(&db, 2).await;
        damage(&db, &["DELETE FROM subscriptions WHERE registration_id = (SELECT id FROM registrations WHERE customer_serial = 2)"]).await;
        let complete = complete(&db);
        assert_eq!(figures(&complete), [2, 3, 0, 0, 0, 0, 0, -1], "{complete}");
        assert_eq!(complete["unexplained_of"]["customers"], json!([number]));
    }

    async fn everything_in_a_snapshot_is_of_one_moment(db: TestDb) {
        office(&db, 2);
        let store = store(&db).await;
        let moment = store.snapshot().await.expect("a snapshot");
        assert_eq!(blocked(&moment).await, 0);
        db.execute("UPDATE registrations SET state = 'blocked' WHERE customer_serial = 1").await;
        assert_eq!((blocked(&moment).await, blocked(store.read()).await), (0, 1));
    }
}
