//! Cancelling beside workers: what waits is taken back, what has not left stays, and the new papers are drawn and mailed.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::json;

use crate::cancel::{cancel, key_of, number_of};
use crate::support::{assert_audited, customers_csv, import, invoice, kontor, mailing, messages, office, outbox};

async fn wait_for_invoice(db: &TestDb, customer: i64) {
    let sql = format!(
        "SELECT count(*) FROM invoices i JOIN registrations r ON r.id = i.registration_id WHERE r.customer_serial = {customer}"
    );
    for _ in 0..1_500 {
        if db.number(&sql).await > 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("customer {customer} is not invoiced");
}

both_databases! {
    async fn a_run_from_before_does_not_invoice_the_period_again(db: TestDb) {
        office(&db, 2);
        invoice(&db, "2013-01");
        let number = number_of(&db, 1).await;
        drop(cancel(&db, &number, &[]).expect(0));
        // A worker read its rows before, or a run was planned before and written after.
        let item = format!("UPDATE run_items SET state = 'waiting', invoice_id = NULL WHERE subject = 'period' AND {}", key_of(&number));
        assert_eq!(db.execute(&item).await, 1);
        assert_eq!(db.execute("UPDATE runs SET state = 'running', ended_at = NULL WHERE occasion = 'run'").await, 1);
        drop(mailing(&db).args(["work", "--until-idle", "--lease", "0.5"]).run().expect(0));
        let left = format!("SELECT count(*) FROM run_items WHERE subject = 'period' AND state = 'failed' AND {}", key_of(&number));
        assert_eq!(db.number(&left).await, 1);
        assert_eq!(db.number("SELECT count(*) FROM invoices WHERE kind = 'invoice'").await, 2, "no new invoice");
    }

    async fn desks_cancel_while_workers_work(db: TestDb) {
        office(&db, 48);
        drop(kontor(&db).args(["invoices", "run", "--period", "2013-01", "--queue"]).run().expect(0));
        let work = || mailing(&db).args(["work", "--lease", "5", "--batch", "4"]).spawn();
        let workers = [work(), work()];
        let mut refusals = 0;
        for customer in (1..=48).step_by(3) {
            wait_for_invoice(&db, customer).await;
            let number = number_of(&db, customer).await;
            loop {
                let output = cancel(&db, &number, &["--no-mail"]);
                if output.code == Some(0) {
                    break;
                }
                assert!(output.stderr.contains("is being worked on at this moment"), "{}", output.stderr);
                refusals += 1;
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        }
        drop(workers.map(kontor_tests::process::Running::kill));
        println!("{refusals} cancellations waited for a worker");
        assert_eq!(db.number("SELECT count(*) FROM invoices WHERE state = 'cancelled'").await, 16);
        assert_eq!(db.number("SELECT count(*) FROM invoices WHERE kind = 'cancellation'").await, 16);
        assert_eq!(db.number("SELECT count(*) FROM invoices WHERE kind = 'invoice'").await, 48, "nothing was invoiced again");
        let open = "SELECT count(*) FROM deliveries d JOIN invoices i ON i.id = d.invoice_id WHERE i.state = 'cancelled' AND \
                    d.purpose = 'invoice' AND d.state NOT IN ('accepted', 'refused')";
        assert_eq!(db.number(open).await, 0, "a mail had left before, or it never leaves");
    }

    async fn what_has_not_left_stays(db: TestDb) {
        office(&db, 3);
        let died = mailing(&db)
            .args(["invoices", "run", "--period", "2013-01", "--lease", "0.5"])
            .failpoints("archive.after_commit=return(abort)")
            .run();
        assert_eq!(died.signal, Some(6));
        assert_eq!(db.number("SELECT count(*) FROM deliveries WHERE state = 'queued'").await, 3);
        std::thread::sleep(std::time::Duration::from_millis(700));
        let number = number_of(&db, 1).await;
        let done = cancel(&db, &number, &[]).expect(0).json();
        let withdrawn = format!(
            "SELECT count(*) FROM deliveries d JOIN invoices i ON i.id = d.invoice_id JOIN delivery_evidence e ON e.delivery_id = d.id \
             WHERE i.number = '{number}' AND d.state = 'refused' AND d.code = 'invoice_cancelled' AND e.source = 'person' AND \
             e.verdict = 'refused' AND e.detail LIKE '%{}'",
            done["cancellation"].as_str().expect("a number")
        );
        assert_eq!(db.number(&withdrawn).await, 1);
        let skipped = format!("SELECT count(*) FROM run_items WHERE state = 'skipped' AND code = 'invoice_cancelled' AND {}", key_of(&number));
        assert_eq!(db.number(&skipped).await, 1);
        assert_eq!(db.number("SELECT count(*) FROM run_items WHERE state = 'waiting' AND subject = 'period'").await, 2, "the others go on");
        assert_eq!(db.number("SELECT count(*) FROM deliveries WHERE state = 'queued'").await, 2);
        // Audits expect no PDF of what was cancelled before it was drawn.
        drop(import(&db, &customers_csv(40, 1)).expect(0));
        let issued = kontor(&db)
            .args(["invoices", "run", "--period", "2013-02", "--until", "archive", "--lease", "0.5"])
            .failpoints("issue.after_commit=return(abort)")
            .run();
        assert_eq!(issued.signal, Some(6));
        std::thread::sleep(std::time::Duration::from_millis(700));
        let undrawn = number_of(&db, 4).await;
        drop(cancel(&db, &undrawn, &["--no-mail"]).expect(0));
        let audit = kontor(&db).args(["invoices", "audit"]).run().expect(0).json();
        assert_eq!((&audit["checked"], &audit["damaged"]), (&json!(3), &json!([])), "{audit}");
        let missing = "UPDATE invoices SET state = 'archived' WHERE state = 'issued' AND kind = 'invoice'";
        assert!(db.execute(missing).await > 0);
        assert!(kontor(&db).args(["invoices", "audit"]).run().expect(3).json()["checked"].as_i64() > Some(3));
    }

    async fn cancellation_and_new_invoice_are_drawn_and_mailed_as_one_action(db: TestDb) {
        office(&db, 3);
        invoice(&db, "2013-01");
        let number = number_of(&db, 1).await;
        let call = ["invoices", "cancel", &number, "--reissue", "--reason", "wrong name"];
        let done = mailing(&db).args(call).run().expect(0).json();
        assert_eq!((&done["state"], &done["done"], &done["failed"]), (&json!("done"), &json!(2), &json!(0)), "{done}");
        assert_eq!(messages(&db).len(), 5);
        let taking = done["cancellation"].as_str().expect("a number");
        for (purpose, number) in [("cancellation", taking), ("invoice", done["reissued"].as_str().expect("a number"))] {
            let sent = format!(
                "SELECT count(*) FROM deliveries d JOIN invoices i ON i.id = d.invoice_id WHERE d.state = 'accepted' AND \
                 d.purpose = '{purpose}' AND i.number = '{number}' AND i.state = 'archived'"
            );
            assert_eq!(db.number(&sent).await, 1, "{number}");
        }
        assert_audited(&db);
        let saved = kontor(&db).args(["invoices", "pdf", taking]).run().expect(0).json();
        assert_eq!(saved["sound"], true);
        let named = |path: &std::path::PathBuf| std::fs::read_to_string(path).expect("a message").contains(taking);
        assert_eq!(messages(&db).iter().filter(|path| named(path)).count(), 1, "{}", outbox(&db).display());
        // Without mailing, on its own.
        let other = number_of(&db, 2).await;
        let quiet = kontor(&db).args(["invoices", "cancel", &other, "--no-mail", "--reason", "never ordered"]).run().expect(0).json();
        assert_eq!((&quiet["state"], &quiet["done"]), (&json!("done"), &json!(1)), "{quiet}");
        assert_eq!(messages(&db).len(), 5);
        assert_audited(&db);
        assert_eq!(db.number("SELECT count(*) FROM invoices WHERE kind = 'cancellation' AND state = 'archived'").await, 2);
    }
}
