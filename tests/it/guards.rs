//! What the database itself refuses, whoever asks: frozen columns, deletions, stale tokens, second mails.

use kontor_tests::both_databases;
use kontor_tests::databases::{Kind, TestDb};
use sea_orm::{ConnectionTrait, Statement, TransactionTrait};

use crate::support::{customers_csv, import, invoice, kontor, office, text};

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

    async fn an_open_repair_lets_its_own_row_be_written_and_no_other(db: TestDb) {
        office(&db, 2);
        invoice(&db, "2013-01");
        let first = "(SELECT id FROM invoices ORDER BY number LIMIT 1)";
        let id = match db.kind {
            Kind::Postgres => "CAST('01900000-0000-7000-8000-000000000001' AS uuid)",
            Kind::Sqlite => "X'01900000000070008000000000000001'",
        };
        db.execute(&format!(
            "INSERT INTO repairs (id, table_name, row_key, action, state, person, desk, request_id, staged_at, row_id, is_open) \
             SELECT {id}, 'invoices', 'x', 'set_fields', 'staged', 'x', 'x', {id}, created_at, id, true FROM invoices WHERE id = {first}"
        ))
        .await;
        refused(&db, "UPDATE invoices SET gross_cents = 200", "kontor.frozen").await;
        refused(&db, &format!("UPDATE invoices SET gross_cents = 200 WHERE id <> {first}"), "kontor.frozen").await;
        refused(&db, &format!("UPDATE invoices SET created_at = updated_at, id = {id} WHERE id = {first}"), "").await;
        refused(&db, &format!("DELETE FROM invoice_lines WHERE invoice_id = {first}"), "kontor.kept").await;
        assert_eq!(db.execute(&format!("UPDATE invoices SET gross_cents = 200 WHERE id = {first}")).await, 1);
        refused(&db, "UPDATE documents SET sha256 = bytes", "kontor.frozen").await;
        refused(&db, "UPDATE deliveries SET state = 'queued'", "kontor.once").await;
        db.execute("UPDATE repairs SET is_open = false").await;
        refused(&db, &format!("UPDATE invoices SET gross_cents = 100 WHERE id = {first}"), "kontor.frozen").await;
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

    async fn a_cancelled_invoice_stays_cancelled_and_silent(db: TestDb) {
        office(&db, 2);
        drop(kontor(&db).args(["invoices", "run", "--period", "2013-01", "--until", "archive"]).run().expect(0));
        let number = text(&db, "SELECT number FROM invoices ORDER BY number LIMIT 1").await;
        drop(kontor(&db).args(["invoices", "cancel", &number, "--queue", "--reason", "x"]).run().expect(0));
        let back = format!("UPDATE invoices SET state = 'archived', cancelled_by = NULL WHERE number = '{number}'");
        refused(&db, &back, "kontor.frozen: a cancelled invoice").await;
        // Somebody may have read its rows just before, and queues its mail.
        let mail = |purpose: &str| format!(
            "INSERT INTO deliveries (id, invoice_id, purpose, origin, recipient, message_id, state, tries, queued_at) SELECT id, id, \
             '{purpose}', 'legacy', 'x@example.com', number, 'queued', 0, created_at FROM invoices WHERE number = '{number}'"
        );
        assert_eq!(db.execute(&mail("invoice")).await, 1);
        let sent = "UPDATE deliveries SET state = 'sending', target = 'file:x'";
        refused(&db, sent, "kontor.cancelled").await;
        assert_eq!(db.execute(&format!("UPDATE deliveries SET state = 'refused' WHERE message_id = '{number}'")).await, 1);
        let valid = mail("invoice").replace(&format!("number = '{number}'"), "kind = 'invoice' AND state = 'archived'");
        assert_eq!(db.execute(&valid).await, 1);
        assert_eq!(db.execute(&format!("{sent} WHERE state = 'queued'")).await, 1);
        // A copy that a person asks for is another matter.
        let copy = mail("resend").replace("SELECT id, id", "SELECT cancelled_by, id").replace(" number, 'queued'", " currency, 'queued'");
        assert_eq!(db.execute(&copy).await, 1);
        assert_eq!(db.execute(&format!("{sent} WHERE state = 'queued'")).await, 1);
        // One cancellation invoice per invoice.
        let second = "INSERT INTO invoices SELECT * FROM (SELECT subscription_id AS id, kind, origin, 'ST-x' AS number, registration_id, \
                      subscription_id, period, issued_on, due_on, recipient_name, net_cents, tax_cents, gross_cents, currency, line_count, \
                      snapshot, snapshot_sha256, cancels_id, state, cancelled_by, created_at, updated_at, version, seal, search_text FROM invoices WHERE \
                      kind = 'cancellation') x";
        let error = refusal(&db, second).await;
        assert!(error.to_lowercase().contains("unique"), "{error}");
    }

    async fn a_restoration_is_for_an_invoice_as_it_stands(db: TestDb) {
        office(&db, 3);
        invoice(&db, "2013-01");
        let other = "(SELECT o.snapshot_sha256 FROM invoices o WHERE o.number > i.number ORDER BY o.number LIMIT 1)";
        for (version, hash) in [("i.version - 1", "i.snapshot_sha256"), ("i.version + 1", "i.snapshot_sha256"), ("i.version", other)] {
            refused(&db, &restoration(version, hash), "kontor.restore").await;
        }
        assert_eq!(db.execute(&restoration("i.version", "i.snapshot_sha256")).await, 1);
        refused(&db, "UPDATE restorations SET invoice_version = invoice_version + 1", "kontor.kept").await;
        refused(&db, "DELETE FROM restorations", "kontor.kept").await;
        // It opens the guards of its own invoice and of no other.
        refused(&db, "UPDATE invoices SET gross_cents = 5, version = version + 1", "kontor.frozen").await;
        let strange = format!("WHERE id <> ({FIRST})");
        refused(&db, &format!("UPDATE invoices SET gross_cents = 5, version = version + 1 {strange}"), "kontor.frozen").await;
        refused(&db, &format!("UPDATE invoices SET number = 'x', version = version + 1 {strange}"), "kontor.frozen").await;
        refused(&db, &format!("UPDATE invoice_lines SET gross_cents = 5 WHERE invoice_id <> ({FIRST})"), "kontor.frozen").await;
        // For one change: the version rises with it, and never falls.
        let own = format!("WHERE id = ({FIRST})");
        assert_eq!(db.execute(&format!("UPDATE invoice_lines SET gross_cents = 5 WHERE invoice_id = ({FIRST})")).await, 1);
        for version in ["version", "version + 2"] {
            refused(&db, &format!("UPDATE invoices SET gross_cents = 5, version = {version} {own}"), "kontor.frozen").await;
        }
        assert_eq!(db.execute(&format!("UPDATE invoices SET gross_cents = 5, version = version + 1 {own}")).await, 1);
        refused(&db, &format!("UPDATE invoices SET gross_cents = 6, version = version + 1 {own}"), "kontor.frozen").await;
        refused(&db, &format!("UPDATE invoice_lines SET gross_cents = 6 WHERE invoice_id = ({FIRST})"), "kontor.frozen").await;
        refused(&db, &format!("UPDATE invoices SET version = version - 1 {own}"), "kontor.frozen").await;
    }

    async fn every_column_waits_for_its_restoration(db: TestDb) {
        office(&db, 2);
        invoice(&db, "2013-01");
        drop(import(&db, &customers_csv(40, 1)).expect(0));
        let stranger = "(SELECT s.id FROM subscriptions s WHERE NOT EXISTS (SELECT 1 FROM invoices x WHERE x.subscription_id = s.id))";
        let customer = format!("(SELECT registration_id FROM subscriptions WHERE id = {stranger})");
        let restorable = [
            "kind = 'cancellation', cancels_id = id", "number = 'RE-2013-999999-4'", &format!("registration_id = {customer}"),
            &format!("subscription_id = {stranger}"), "period = '2013-05-01'", "cancels_id = id", "issued_on = '2013-01-02'",
            "due_on = NULL", "recipient_name = 'x'", "net_cents = 1", "tax_cents = 1", "gross_cents = 1", "currency = 'USD'",
            "line_count = 5", "snapshot = snapshot_sha256",
        ];
        let never = ["id = registration_id", "origin = 'legacy'", "created_at = '2013-01-01T00:00:00+00:00'", "snapshot_sha256 = snapshot",
            "snapshot = NULL, snapshot_sha256 = NULL"];
        let lines = ["position = 7", "description = 'x'", "quantity = 2", "unit_gross_cents = 7", "tax_basis_points = 7", "net_cents = 7",
            "tax_cents = 7", "gross_cents = 7"];
        let elsewhere = format!("invoice_id = (SELECT id FROM invoices WHERE id <> ({FIRST}))");
        let opened = restoration("i.version", "i.snapshot_sha256");
        let of_invoice = |change: &str| format!("UPDATE invoices SET {change}, version = version + 1 WHERE id = ({FIRST})");
        let of_line = |change: &str| format!("UPDATE invoice_lines SET {change} WHERE invoice_id = ({FIRST})");
        for change in restorable {
            refused(&db, &of_invoice(change), "kontor.frozen").await;
            tried(&db, &[&opened, &of_invoice(change)]).await.unwrap_or_else(|error| panic!("{change}: {error}"));
        }
        for change in lines {
            refused(&db, &of_line(change), "kontor.frozen").await;
            tried(&db, &[&opened, &of_line(change)]).await.unwrap_or_else(|error| panic!("{change}: {error}"));
        }
        for statement in never.map(of_invoice).iter().chain(&[of_line("id = invoice_id"), of_line(&elsewhere)]) {
            let error = tried(&db, &[&opened, statement]).await.expect_err(statement);
            assert!(error.contains("kontor.frozen"), "{statement}: {error}");
        }
        assert_eq!(db.number("SELECT count(*) FROM restorations").await, 0, "each try was rolled back");
    }
}

/// The invoice with the lowest number.
const FIRST: &str =
    "SELECT f.id FROM invoices f WHERE f.kind = 'invoice' AND f.number = (SELECT min(number) FROM invoices)";

/// A restoration of the first invoice, as somebody at the database itself would write it.
fn restoration(version: &str, hash: &str) -> String {
    format!(
        "INSERT INTO restorations (id, invoice_id, invoice_version, snapshot_sha256, person, reason, request_id, restored_at) \
         SELECT i.subscription_id, i.id, {version}, {hash}, 'x', 'x', i.registration_id, i.created_at FROM invoices i \
         WHERE i.id = ({FIRST})"
    )
}

async fn refusal(db: &TestDb, sql: &str) -> String {
    tried(db, &[sql]).await.expect_err(sql)
}

/// Runs the statements in one transaction and rolls it back.
async fn tried(db: &TestDb, statements: &[&str]) -> Result<(), String> {
    let connection = db.connect().await;
    let transaction = connection.begin().await.expect("a transaction begins");
    for sql in statements {
        let statement = Statement::from_string(connection.get_database_backend(), *sql);
        transaction.execute_raw(statement).await.map_err(|error| error.to_string())?;
    }
    transaction.rollback().await.map_err(|error| error.to_string())
}
