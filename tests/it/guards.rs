//! What the database itself refuses, whoever asks: frozen columns, deletions, stale tokens, second mails.

use kontor_tests::both_databases;
use kontor_tests::databases::{Kind, TestDb};
use sea_orm::{ConnectionTrait, Statement};

use crate::support::{invoice, office};

async fn refused(db: &TestDb, sql: &str, why: &str) {
    let connection = db.connect().await;
    let done = connection.execute_raw(Statement::from_string(connection.get_database_backend(), sql)).await;
    let error = done.expect_err(&format!("{sql} must be refused")).to_string();
    assert!(error.contains(why), "{sql}: {error}");
}

both_databases! {
    async fn an_issued_invoice_does_not_change(db: TestDb) {
        office(&db, 2);
        invoice(&db, "2013-01");
        for change in [
            "number = 'RE-2013-999999-0'", "gross_cents = 200", "net_cents = 1", "tax_cents = 1", "period = '2013-02-01'",
            "recipient_name = 'x'", "snapshot = NULL", "snapshot_sha256 = NULL", "issued_on = '2013-01-01'", "kind = 'cancellation'",
            "line_count = 5", "due_on = NULL", "currency = 'USD'", "origin = 'legacy'",
        ] {
            refused(&db, &format!("UPDATE invoices SET {change}"), "").await;
        }
        assert_eq!(db.execute("UPDATE invoices SET version = version + 1, updated_at = created_at").await, 2);
        refused(&db, "DELETE FROM invoices", "kontor.kept").await;
        refused(&db, "UPDATE invoice_lines SET gross_cents = 5", "kontor.frozen").await;
        refused(&db, "DELETE FROM invoice_lines", "kontor.kept").await;
        refused(&db, "UPDATE documents SET bytes = sha256", "kontor.frozen").await;
        refused(&db, "UPDATE documents SET role = 'discarded'", "kontor.frozen").await;
        refused(&db, "DELETE FROM documents", "kontor.kept").await;
        refused(&db, "UPDATE number_ranges SET last_serial = last_serial - 1", "kontor.numbers").await;
        refused(&db, "DELETE FROM number_allocations", "kontor.kept").await;
    }

    async fn a_mail_that_went_out_does_not_go_again(db: TestDb) {
        office(&db, 2);
        invoice(&db, "2013-01");
        for state in ["queued", "sending", "deferred"] {
            refused(&db, &format!("UPDATE deliveries SET state = '{state}'"), "kontor.once").await;
        }
        refused(&db, "UPDATE deliveries SET message_id = 'x'", "kontor.frozen").await;
        refused(&db, "UPDATE deliveries SET recipient = 'x@example.com'", "kontor.frozen").await;
        refused(&db, "UPDATE delivery_evidence SET verdict = 'refused'", "kontor.kept").await;
        refused(&db, "DELETE FROM delivery_evidence", "kontor.kept").await;
        refused(&db, "UPDATE attempts SET host = 'x'", "kontor.frozen").await;
    }

    async fn a_stale_token_and_a_lease_that_is_over_write_nothing(db: TestDb) {
        office(&db, 1);
        invoice(&db, "2013-01");
        refused(&db, "UPDATE run_items SET token = token - 1", "kontor.fence").await;
        let past = match db.kind {
            Kind::Postgres => "clock_timestamp() - interval '1 second'",
            Kind::Sqlite => "'2013-01-01T00:00:00+00:00'",
        };
        db.execute(&format!("UPDATE run_items SET state = 'claimed', lease_expires_at = {past}")).await;
        refused(&db, "UPDATE run_items SET state = 'done'", "kontor.fence").await;
        // A takeover carries a higher token.
        assert_eq!(db.execute("UPDATE run_items SET state = 'done', token = token + 1").await, 1);
    }

    async fn the_journal_only_grows(db: TestDb) {
        office(&db, 1);
        refused(&db, "UPDATE journal SET reason = 'x'", "kontor.kept").await;
        refused(&db, "DELETE FROM journal", "kontor.kept").await;
    }
}
