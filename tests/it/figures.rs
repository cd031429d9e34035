//! What the figures of a month leave out: other months, what was cancelled or sent again, and what does not hold any more.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::{Value, json};

use crate::check::damage;
use crate::damage::drawn::key;
use crate::support::{customers_csv, import, invoice, kontor, mailing, office, text};

fn report(db: &TestDb, month: &str) -> Value {
    kontor(db).args(["report", "--month", month]).run().expect(0).json()
}

/// Changes a customer's registration.
async fn customer(db: &TestDb, serial: u32, set: &str) {
    assert_eq!(db.execute(&format!("UPDATE registrations SET {set} WHERE customer_serial = {serial}")).await, 1);
}

async fn number(db: &TestDb, serial: u32, period: &str) -> String {
    text(db, &format!("SELECT i.number FROM invoices i JOIN registrations r ON r.id = i.registration_id WHERE r.customer_serial = {serial} AND i.period = '{period}' AND i.kind = 'invoice' AND i.state <> 'cancelled'")).await
}

async fn contract(db: &TestDb, serial: u32, set: &str) {
    let text = format!(
        "UPDATE subscriptions SET {set} WHERE registration_id = (SELECT id FROM registrations WHERE customer_serial = {serial})"
    );
    assert_eq!(db.execute(&text).await, 1);
}

both_databases! {
    async fn what_is_cancelled_sent_again_or_of_another_month_counts_where_it_belongs(db: TestDb) {
        office(&db, 8);
        invoice(&db, "2013-01");
        // In February two fail for the time being.
        for serial in [6, 7] {
            customer(&db, serial, "email = 'nobody'").await;
        }
        drop(mailing(&db).args(["invoices", "run", "--period", "2013-02"]).run().expect(3));
        let (january, february) = (report(&db, "2013-01"), report(&db, "2013-02"));
        assert_eq!((&january["open_of_month"], &february["open_of_month"]), (&json!(0), &json!(2)));
        let open: i64 = february["open"]["failures"].as_object().expect("codes").values().map(|count| count.as_i64().expect("a count")).sum();
        assert_eq!(open, 2, "{february}");
        let missing = ["quarantined", "failed", "not_begun"].map(|name| february["invoices"]["completeness"][name]["count"].as_i64());
        assert_eq!(missing, [Some(0), Some(2), Some(0)], "it was tried, and nothing holds them back");
        for serial in [6, 7] {
            customer(&db, serial, &format!("email = 'kunde{serial}@example.com'")).await;
        }
        drop(mailing(&db).args(["runs", "start", "--all", "--reason", "Adressen berichtigt"]).run().expect(0));

        // One is cancelled for good, one is issued anew, one is sent again; and in February two are.
        let cancel = async |serial: u32, period: &str, more: &[&str]| {
            let number = number(&db, serial, period).await;
            drop(mailing(&db).args(["invoices", "cancel", &number, "--reason", "Irrtum"]).args(more).run().expect(0));
        };
        cancel(1, "2013-01-01", &[]).await;
        cancel(2, "2013-01-01", &["--reissue"]).await;
        cancel(1, "2013-02-01", &[]).await;
        for (serial, period) in [(3, "2013-01-01"), (3, "2013-02-01"), (4, "2013-02-01")] {
            let number = number(&db, serial, period).await;
            drop(mailing(&db).args(["invoices", "resend", "--reason", "nicht gefunden", &number]).run().expect(0));
        }
        for (month, cancellations, rerun, resent) in [("2013-01", 2, 0, 1), ("2013-02", 1, 2, 2)] {
            let said = report(&db, month);
            let (invoices, complete) = (&said["invoices"], &said["invoices"]["completeness"]);
            assert_eq!((&complete["due"], &complete["issued"], &complete["cancelled"]["count"], &complete["unexplained"]), (&json!(8), &json!(7), &json!(1), &json!(0)), "{said}");
            assert_eq!((&invoices["cancellations"], &invoices["gross_cents"]), (&json!(cancellations), &json!(700)), "{month}");
            assert_eq!((&invoices["mails"]["accepted"], &invoices["mails"]["resent"]), (&json!(7), &json!(resent)), "{month}");
            assert_eq!(invoices["rerun"], rerun, "what was sent again or issued anew was no failure: {month}");
            assert_eq!(said["open_of_month"], 0);
        }
        // One that a rerun did not finish is none that it finished.
        let failed = "UPDATE run_items SET state = 'failed', code = 'render_failed' WHERE id = (SELECT t.id FROM run_items t JOIN runs q ON q.id = t.run_id WHERE q.kind = 'rerun' AND q.occasion = 'run' AND t.period = '2013-02-01' ORDER BY t.id LIMIT 1)";
        assert_eq!(crate::support::past_the_guards(&db, "run_items", failed).await, 1);
        assert_eq!(report(&db, "2013-02")["invoices"]["rerun"], 1);
    }

    async fn a_contract_is_due_from_its_first_to_its_last_day(db: TestDb) {
        office(&db, 7);
        for (serial, set) in [
            (1, "started_on = '2013-01-31'"),
            (2, "started_on = '2013-02-01'"),
            (3, "started_on = '2012-12-01', ended_on = '2013-01-01', state = 'ended'"),
            (4, "started_on = '2012-12-01', ended_on = '2012-12-31', state = 'ended'"),
            (5, "state = 'ended'"),
        ] {
            contract(&db, serial, set).await;
        }
        customer(&db, 6, "state = 'blocked'").await;
        let complete = report(&db, "2013-01")["invoices"]["completeness"].clone();
        assert_eq!((&complete["due"], &complete["not_begun"]["count"], &complete["unexplained"]), (&json!(3), &json!(3), &json!(0)), "{complete}");
        let mut expected = Vec::new();
        for serial in [1, 3, 7] {
            expected.push(text(&db, &format!("SELECT customer_number FROM registrations WHERE customer_serial = {serial}")).await);
        }
        assert_eq!(complete["not_begun"]["customers"], json!(expected));
    }

    async fn the_last_sample_of_each_day_of_the_month_counts(db: TestDb) {
        office(&db, 1);
        let capacity = 1_000_000_000_000_i64;
        for (place, (at, used)) in (1..).zip([
            ("2013-01-10T08:00:00+00:00", 10_000),
            ("2013-01-10T20:00:00+00:00", 30_000),
            ("2013-01-31T22:59:59+00:00", 240_000),
            ("2013-01-31T23:00:00+00:00", 900_000),
        ]) {
            let id = key(&db, uuid::Uuid::from_u128(place));
            let row = format!("INSERT INTO storage_samples (id, taken_at, capacity_bytes, sold_bytes, used_bytes) VALUES ({id}, '{at}', {capacity}, {capacity}, {used})");
            assert_eq!(db.execute(&row).await, 1);
        }
        let storage = report(&db, "2013-01")["storage"].clone();
        let days: Vec<_> = storage["samples"].as_array().expect("samples").iter().map(|one| (one["day"].clone(), one["used_bytes"].clone())).collect();
        assert_eq!(days, [(json!("2013-01-10"), json!(30_000)), (json!("2013-01-31"), json!(240_000))]);
        assert_eq!((&storage["used_bytes"], &storage["growth_per_day_bytes"]), (&json!(240_000), &json!(10_000)));
    }

    async fn what_is_too_little_to_tell_is_no_incident(db: TestDb) {
        office(&db, 60);
        let run = |host: &str| mailing(&db).env("KONTOR_HOST", host).args(["invoices", "run", "--period", "2013-01"]).run().expect(0);
        drop(run("rechnung-01"));
        drop(import(&db, &customers_csv(61, 5)).expect(0));
        drop(run("rechnung-03"));
        let failed = "UPDATE attempts SET outcome = 'failed', code = 'recipient_refused' WHERE subscription_id IN (SELECT s.id FROM subscriptions s JOIN registrations r ON r.id = s.registration_id WHERE r.customer_serial BETWEEN 61 AND 64)";
        assert_eq!(crate::support::past_the_guards(&db, "attempts", failed).await, 4);
        let causes = kontor(&db).args(["causes"]).run().expect(0).json();
        let causes = causes.as_array().expect("a list");
        assert!(causes.iter().all(|cause| cause["level"] == "too_few") && causes.iter().any(|cause| cause["value"] == "rechnung-03"), "{causes:#?}");
        let today = chrono::Utc::now().with_timezone(&chrono_tz::Europe::Berlin).format("%Y-%m").to_string();
        assert_eq!(report(&db, &today)["incidents"], json!([]));
    }

    async fn a_month_has_its_report_from_its_first_day(db: TestDb) {
        office(&db, 1);
        assert_eq!(db.execute("UPDATE installation SET business_date = '2013-02-01'").await, 1);
        assert_eq!(report(&db, "2013-02")["month"], "2013-02");
        drop(kontor(&db).args(["report", "--month", "2013-03"]).run().expect(2));
    }

    async fn the_newest_mail_of_an_invoice_counts_and_each_state_by_itself(db: TestDb) {
        office(&db, 9);
        invoice(&db, "2013-01");
        let states = ["refused", "bounced", "bounced", "unknown", "unknown", "unknown", "queued", "deferred"];
        for (serial, state) in (1..).zip(states) {
            let of = format!("invoice_id = (SELECT i.id FROM invoices i JOIN registrations r ON r.id = i.registration_id WHERE r.customer_serial = {serial})");
            assert_eq!(crate::support::past_the_guards(&db, "deliveries", &format!("UPDATE deliveries SET state = '{state}' WHERE {of}")).await, 1);
        }
        let said = report(&db, "2013-01");
        let of = |name: &str| said["invoices"]["mails"][name].as_i64().expect("a count");
        assert_eq!(["accepted", "refused", "bounced", "unknown", "waiting", "none"].map(of), [1, 1, 2, 3, 2, 0]);
        assert_eq!(said["open"]["unsettled_mails"], 3);
        // The first that was refused is sent again and is accepted; its earlier mail counts no more.
        let first = number(&db, 1, "2013-01-01").await;
        drop(mailing(&db).args(["invoices", "resend", "--reason", "Adresse berichtigt", &first]).run().expect(0));
        let said = report(&db, "2013-01");
        let of = |name: &str| said["invoices"]["mails"][name].as_i64().expect("a count");
        assert_eq!(["accepted", "refused", "bounced", "unknown", "resent"].map(of), [2, 0, 2, 3, 1]);
        // The table has the same figures under the same names.
        let file = db.path().join("report.csv");
        drop(kontor(&db).args(["report", "--month", "2013-01", "-o"]).args([&file]).run().expect(0));
        let table = std::fs::read_to_string(&file).expect("a table");
        for name in ["accepted", "refused", "bounced", "unknown", "waiting", "none", "resent"] {
            let line = format!("mails,{name},,{}", of(name));
            assert!(table.lines().any(|each| each == line), "{line} in {table}");
        }
        let complete = &said["invoices"]["completeness"];
        for (name, figure) in [("due", "/due"), ("issued", "/issued"), ("cancelled", "/cancelled/count"), ("unexplained", "/unexplained")] {
            let line = format!("invoices,{name},,{}", complete.pointer(figure).expect("a figure"));
            assert!(table.lines().any(|each| each == line), "{line} in {table}");
        }
    }

    async fn repairs_count_in_the_month_in_which_they_were_made(db: TestDb) {
        office(&db, 4);
        for serial in [1, 2] {
            damage(&db, &[&format!("UPDATE registrations SET city = 'Kiem' WHERE customer_serial = {serial}")]).await;
        }
        drop(kontor(&db).args(["check"]).run().expect(0));
        let month = || chrono::Utc::now().with_timezone(&chrono_tz::Europe::Berlin).format("%Y-%m").to_string();
        let before = month();
        let request = "0191e7a0-0000-7000-8000-0000000000bb";
        drop(kontor(&db).args(["repairs", "apply", "--all-proven", "--yes", "--reason", "x", "--request-id", request]).run().expect(0));
        let put_right = |month: &str| {
            let repairs = report(&db, month)["repairs"].clone();
            ["applied", "undone", "closed"].map(|name| repairs[name].as_i64().expect("a count"))
        };
        // A month that ends meanwhile shares them with the next one.
        let holds = |counted: &[i64], expected: &[i64]| counted == expected || month() != before;
        let applied = put_right(&before);
        assert!(holds(&applied, &[2, 0, 2]), "{applied:?}");
        assert_eq!(put_right("2013-01"), [0, 0, 0]);
        drop(kontor(&db).args(["repairs", "undo", "--batch", request, "--reason", "x"]).run().expect(0));
        let undone = put_right(&before);
        assert!(holds(&undone[..2], &[0, 2]), "{undone:?}");
        assert_eq!(put_right("2013-01"), [0, 0, 0]);
    }
}
