//! The main job as a person does it: import, invoice, look, rerun.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::json;

use crate::support::{
    assert_audited, assert_mailed_once, assert_sound, customers_csv, empty_office, import, invoice, kontor, mailing,
    messages, office,
};

both_databases! {
    async fn a_due_period_becomes_mailed_invoices(db: TestDb) {
        office(&db, 45);
        let run = invoice(&db, "2013-01");
        assert_eq!((&run["total"], &run["done"], &run["failed"]), (&json!(45), &json!(45), &json!(0)));
        assert_eq!(run["state"], "done");
        assert_sound(&db, &["2013-01"], 45).await;
        assert_mailed_once(&db).await;
        assert_audited(&db);
        let list = kontor(&db).args(["invoices", "list", "--limit", "100"]).run().expect(0).json();
        let list = list.as_array().expect("a list");
        assert_eq!(list.len(), 45);
        assert!(list.iter().all(|row| row["gross_cents"] == 100 && row["delivery"] == "accepted" && row["period"] == "2013-01"));
        assert_eq!(db.number("SELECT count(*) FROM journal").await, 3, "settings, import, run");
        assert!(kontor(&db).args(["journal", "verify"]).run().expect(0).json()["fault"].is_null());
    }

    async fn a_second_run_finds_nothing_and_writes_nothing(db: TestDb) {
        office(&db, 5);
        invoice(&db, "2013-01");
        let again = invoice(&db, "2013-01");
        assert_eq!((&again["run"], &again["state"], &again["total"]), (&json!(null), &json!("nothing_to_do"), &json!(0)));
        let rerun = mailing(&db).args(["runs", "start", "--all", "--reason", "x"]).run().expect(0).json();
        assert_eq!(rerun["state"], "nothing_to_do");
        assert_eq!(db.number("SELECT count(*) FROM runs").await, 1);
        assert_eq!(messages(&db).len(), 5);
    }

    async fn who_is_not_due_is_not_invoiced(db: TestDb) {
        empty_office(&db);
        let text = customers_csv(1, 3).replace("2013-01-04", "2013-02-01");
        drop(import(&db, &text).expect(0));
        assert_eq!(invoice(&db, "2013-01")["total"], 2);
        assert_eq!(invoice(&db, "2013-02")["total"], 3);
        assert_eq!(invoice(&db, "2012-12")["total"], 0);
    }

    async fn an_archive_only_run_is_mailed_by_a_rerun(db: TestDb) {
        office(&db, 7);
        let run = kontor(&db).args(["invoices", "run", "--period", "2013-01", "--until", "archive"]).run().expect(0).json();
        assert_eq!(run["done"], 7);
        assert_eq!(db.number("SELECT count(*) FROM deliveries").await, 0);
        let plan = kontor(&db).args(["runs", "plan", "--all"]).run().expect(0).json();
        assert_eq!((&plan["eligible"], &plan["groups"][0]["code"]), (&json!(7), &json!("never_mailed")));
        drop(mailing(&db).args(["runs", "start", "--all", "--reason", "mailing was off"]).run().expect(0));
        assert_mailed_once(&db).await;
        assert_sound(&db, &["2013-01"], 7).await;
    }

    async fn one_bad_item_stops_nobody(db: TestDb) {
        office(&db, 6);
        db.execute("UPDATE registrations SET last_name = '王', version = version + 1 WHERE customer_serial = 2").await;
        db.execute("UPDATE registrations SET email = 'nobody', version = version + 1 WHERE customer_serial = 3").await;
        let run = mailing(&db).args(["invoices", "run", "--period", "2013-01"]).run().expect(3).json();
        assert_eq!((&run["done"], &run["failed"]), (&json!(4), &json!(2)));
        assert_eq!(run["by_code"], json!({"address_invalid": 1, "character_not_covered": 1}));
        // No number was taken for them, so there is no gap.
        assert_eq!(db.number("SELECT count(*) FROM number_allocations").await, 4);
        let plan = kontor(&db).args(["runs", "plan", "--all"]).run().expect(0).json();
        assert_eq!((&plan["eligible"], &plan["ineligible"]), (&json!(0), &json!(2)));
        // What a person corrected runs.
        db.execute("UPDATE registrations SET email = 'somebody@example.com', version = version + 1 WHERE customer_serial = 3").await;
        let rerun = mailing(&db).args(["runs", "start", "--group", "address_invalid", "--reason", "corrected"]).run().expect(0).json();
        assert_eq!((&rerun["total"], &rerun["done"]), (&json!(1), &json!(1)));
        let shown = kontor(&db).args(["runs", "show", run["run"].as_str().expect("an id")]).run().expect(0).json();
        assert_eq!(shown["items"].as_array().map(Vec::len), Some(2));
        assert_eq!(shown["items"][0]["attempts"][0]["outcome"], "failed");
    }

    async fn a_plan_writes_nothing(db: TestDb) {
        office(&db, 4);
        drop(kontor(&db).args(["invoices", "run", "--period", "2013-01", "--until", "archive"]).run().expect(0));
        let before = fingerprint(&db).await;
        drop(kontor(&db).args(["runs", "plan", "--all"]).run().expect(0));
        assert_eq!(fingerprint(&db).await, before);
    }

    async fn two_reruns_of_one_invoice_do_it_once(db: TestDb) {
        office(&db, 60);
        drop(kontor(&db).args(["invoices", "run", "--period", "2013-01", "--until", "archive"]).run().expect(0));
        let start = |reason: &str| mailing(&db).args(["runs", "start", "--all", "--batch", "4", "--reason", reason]).spawn();
        let (one, two) = (start("desk one"), start("desk two"));
        let (one, two) = (one.wait().expect(0).json(), two.wait().expect(0).json());
        let sum = |name: &str| one[name].as_i64().expect("a count") + two[name].as_i64().expect("a count");
        assert_eq!(sum("done"), 60, "{one} {two}");
        assert_eq!(sum("skipped"), sum("total") - 60);
        assert_eq!(sum("failed") + sum("unknown"), 0);
        assert_mailed_once(&db).await;
        assert_sound(&db, &["2013-01"], 60).await;
    }

    async fn a_request_is_done_once(db: TestDb) {
        office(&db, 4);
        let id = "0190a000-0000-7000-8000-000000000001";
        let call = || mailing(&db).args(["invoices", "run", "--period", "2013-01", "--request-id", id]).run().expect(0).json();
        let (first, second) = (call(), call());
        assert_eq!(first["run"], second["run"]);
        let file = db.path().join("customers.csv");
        std::fs::write(&file, customers_csv(50, 2)).expect("a file");
        let id = "0190a000-0000-7000-8000-000000000002";
        let call = || kontor(&db).args(["registrations", "import", "--request-id", id]).args([&file]).run().expect(0).json();
        assert_eq!((&call()["repeated"], &call()["repeated"]), (&json!(false), &json!(true)));
        assert_eq!(db.number("SELECT count(*) FROM registrations").await, 6);
    }

    async fn a_run_is_paused_resumed_and_cancelled(db: TestDb) {
        office(&db, 30);
        let start = || kontor(&db).args(["invoices", "run", "--period", "2013-01", "--queue"]).run().expect(0).json();
        let run = start()["run"].as_str().expect("an id").to_owned();
        let state = |command: &str| kontor(&db).args(["runs", command, &run, "--reason", "test"]).run().expect(0).json()["state"].clone();
        assert_eq!(state("pause"), "paused");
        // A worker leaves a paused run alone.
        drop(mailing(&db).args(["work", "--until-idle"]).run().expect(0));
        assert_eq!(messages(&db).len(), 0);
        let resumed = mailing(&db).args(["runs", "resume", &run]).run().expect(0).json();
        assert_eq!((&resumed["state"], &resumed["done"]), (&json!("done"), &json!(30)));
        drop(kontor(&db).args(["runs", "cancel", &run]).run().expect(1));
        let second = kontor(&db).args(["invoices", "run", "--period", "2013-02", "--queue"]).run().expect(0).json();
        let second = second["run"].as_str().expect("an id");
        let cancelled = kontor(&db).args(["runs", "cancel", second]).run().expect(0).json();
        assert_eq!((&cancelled["state"], &cancelled["cancelled"]), (&json!("cancelled"), &json!(30)));
        assert_eq!(db.number("SELECT count(*) FROM invoices").await, 30);
        assert!(kontor(&db).args(["journal", "verify"]).run().expect(0).json()["fault"].is_null());
    }

    async fn several_workers_share_a_run(db: TestDb) {
        office(&db, 120);
        drop(kontor(&db).args(["invoices", "run", "--period", "2013-01", "--queue"]).run().expect(0));
        let work = || mailing(&db).args(["work", "--until-idle", "--batch", "8"]).spawn();
        let workers = [work(), work(), work()];
        for worker in workers {
            drop(worker.wait().expect(0));
        }
        assert_sound(&db, &["2013-01"], 120).await;
        assert_mailed_once(&db).await;
    }
}

/// Row counts and times of all tables that a run writes.
async fn fingerprint(db: &TestDb) -> Vec<i64> {
    let mut numbers = Vec::new();
    for table in
        ["runs", "run_items", "attempts", "invoices", "documents", "deliveries", "journal", "number_allocations"]
    {
        numbers.push(db.number(&format!("SELECT count(*) FROM {table}")).await);
    }
    numbers.push(db.number("SELECT last_token FROM fencing").await);
    numbers
}
