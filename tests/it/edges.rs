//! Where two things meet: a dead run and a rerun, two outboxes, one bad record among good ones, a setting that changes.

use std::time::Duration;

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::json;

use crate::support::{assert_mailed_once, assert_sound, customers_csv, import, kontor, mailing, messages, office};

both_databases! {
    async fn what_a_dead_run_held_is_done_by_the_next(db: TestDb) {
        office(&db, 30);
        let run = ["invoices", "run", "--period", "2013-01", "--batch", "10", "--lease", "0.5"];
        let died = mailing(&db).args(run).failpoints("archive.after_commit=return(abort)").run();
        assert_eq!(died.signal, Some(6));
        std::thread::sleep(Duration::from_millis(600));
        let rerun = mailing(&db).args(["runs", "start", "--all", "--reason", "the desk crashed"]).run().expect(0).json();
        assert_eq!(rerun["skipped"], 0, "{rerun}");
        assert!(rerun["done"].as_i64() >= Some(10), "{rerun}");
        drop(mailing(&db).args(["work", "--until-idle", "--lease", "0.5"]).run().expect(0));
        assert_sound(&db, &["2013-01"], 30).await;
        assert_mailed_once(&db).await;
    }

    async fn what_a_dead_worker_held_in_a_paused_run_waits_again(db: TestDb) {
        office(&db, 10);
        let run = ["invoices", "run", "--period", "2013-01", "--lease", "0.5"];
        let died = mailing(&db).args(run).failpoints("issue.after_commit=return(abort)").run();
        assert_eq!(died.signal, Some(6));
        let id = kontor(&db).args(["runs", "list"]).run().expect(0).json()[0]["run"].clone();
        let id = id.as_str().expect("an id");
        drop(kontor(&db).args(["runs", "pause", id]).run().expect(0));
        std::thread::sleep(Duration::from_millis(600));
        drop(mailing(&db).args(["work", "--until-idle"]).run().expect(0));
        let shown = kontor(&db).args(["runs", "show", id]).run().expect(0).json();
        assert_eq!((&shown["state"], &shown["waiting"]), (&json!("paused"), &json!(10)));
        let cancelled = kontor(&db).args(["runs", "cancel", id]).run().expect(0).json();
        assert_eq!(cancelled["state"], "cancelled");
    }

    async fn a_mail_on_its_way_to_one_outbox_is_not_sent_to_another(db: TestDb) {
        office(&db, 6);
        let run = ["invoices", "run", "--period", "2013-01", "--lease", "0.5"];
        let died = mailing(&db).args(run).failpoints("deliver.after_message=return(abort)").run();
        assert_eq!(died.signal, Some(6));
        let sent = messages(&db).len();
        assert_eq!(sent, 6);
        std::thread::sleep(Duration::from_millis(600));
        let elsewhere = format!("file:{}", db.path().join("elsewhere").display());
        drop(kontor(&db).smtp(&elsewhere).args(["work", "--until-idle"]).run().expect(0));
        let other = std::fs::read_dir(db.path().join("elsewhere")).expect("the other outbox").count();
        assert_eq!(other, 0, "nothing was sent twice");
        assert_eq!(db.number("SELECT count(*) FROM deliveries WHERE state = 'unknown'").await, 6);
        assert_eq!(db.number("SELECT count(*) FROM run_items WHERE state = 'unknown'").await, 6);
        // Another host with a folder of the same name cannot look it up either.
        let plan = kontor(&db).args(["runs", "plan", "--all"]).run().expect(0).json();
        assert_eq!(plan["groups"][0]["reasons"], json!({"outcome_unknown": 6}));
    }

    async fn what_another_run_completed_is_skipped_even_by_a_batch_that_stumbled(db: TestDb) {
        office(&db, 4);
        let queue = || kontor(&db).args(["invoices", "run", "--period", "2013-01", "--queue"]).run().expect(0).json()["run"].clone();
        let runs = [queue(), queue()];
        let work = ["work", "--workers", "0", "--until-idle", "--lanes", "1"];
        drop(mailing(&db).args(work).failpoints("settled.before_commit=1*return(database)").run().expect(0));
        let counts = runs.map(|run| {
            let shown = kontor(&db).args(["runs", "show", run.as_str().expect("an id")]).run().expect(0).json();
            (shown["done"].clone(), shown["skipped"].clone())
        });
        assert_eq!(counts, [(json!(4), json!(0)), (json!(0), json!(4))]);
        assert_mailed_once(&db).await;
    }

    async fn a_record_the_database_refuses_fails_alone(db: TestDb) {
        office(&db, 8);
        drop(mailing(&db).args(["invoices", "run", "--period", "2013-01"]).run().expect(0));
        db.execute("UPDATE subscriptions SET started_on = '2013-02-01', ended_on = NULL").await;
        let poison = "CREATE TRIGGER poison BEFORE INSERT ON invoices FOR EACH ROW WHEN NEW.recipient_name LIKE '% 5' \
                      BEGIN SELECT RAISE(ABORT, 'poison'); END";
        if db.kind == kontor_tests::databases::Kind::Sqlite {
            db.execute(poison).await;
        } else {
            db.execute("ALTER TABLE invoices ADD CONSTRAINT poison CHECK (recipient_name NOT LIKE '% 5') NOT VALID").await;
        }
        let run = mailing(&db).args(["invoices", "run", "--period", "2013-02"]).run().expect(3).json();
        assert_eq!((&run["done"], &run["failed"]), (&json!(7), &json!(1)), "{run}");
        assert_eq!(run["by_code"], json!({"internal": 1}));
    }

    async fn a_request_id_answers_for_its_own_action_only(db: TestDb) {
        office(&db, 2);
        let id = "0190a000-0000-7000-8000-00000000000a";
        drop(mailing(&db).args(["invoices", "run", "--period", "2013-01", "--request-id", id]).run().expect(0));
        let file = db.path().join("more.csv");
        std::fs::write(&file, customers_csv(10, 1)).expect("a file");
        let import = kontor(&db).args(["registrations", "import", "--request-id", id]).args([&file]).run().expect(2);
        assert!(import.stderr.contains("was used for “run.start”"), "{}", import.stderr);
        assert_eq!(db.number("SELECT count(*) FROM registrations").await, 2);
    }

    async fn a_working_worker_follows_new_settings(db: TestDb) {
        office(&db, 3);
        let worker = mailing(&db).args(["work", "--lease", "0.5"]).spawn();
        crate::canary::until(&db, "the worker", "SELECT count(*) FROM workers WHERE pid <> 0").await;
        let rate = db.path().join("rate.json");
        let row = r#"{"tax_rates": [{"code": "standard", "basis_points": 1600, "valid_from_on": "2013-02-01", "valid_until_on": null}]}"#;
        std::fs::write(&rate, row).expect("a file");
        drop(kontor(&db).args(["db", "settings"]).args([&rate]).run().expect(0));
        drop(kontor(&db).args(["invoices", "run", "--period", "2013-02", "--queue"]).run().expect(0));
        crate::canary::until(&db, "the end of the run", "SELECT count(*) FROM runs WHERE state = 'done'").await;
        drop(worker.kill());
        assert_eq!(db.number("SELECT count(*) FROM invoice_lines WHERE tax_basis_points = 1600").await, 3);
    }

    async fn who_left_is_not_invoiced(db: TestDb) {
        office(&db, 4);
        db.execute("UPDATE subscriptions SET ended_on = '2013-01-31', state = 'ended' WHERE registration_id = \
                    (SELECT id FROM registrations WHERE customer_serial = 1)").await;
        db.execute("UPDATE registrations SET state = 'blocked' WHERE customer_serial = 2").await;
        db.execute("UPDATE registrations SET state = 'closed' WHERE customer_serial = 3").await;
        drop(import(&db, &customers_csv(40, 1)).expect(0));
        let run = mailing(&db).args(["invoices", "run", "--period", "2013-02"]).run().expect(0).json();
        assert_eq!(run["total"], 2);
        let run = mailing(&db).args(["invoices", "run", "--period", "2013-01"]).run().expect(0).json();
        assert_eq!(run["total"], 3, "the month of leaving is paid");
    }
}
