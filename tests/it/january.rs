//! January 2013 on both databases: planned, rerun, and nothing left to do.

use std::collections::BTreeMap;

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::{Value, json};

use crate::support::{assert_audited, kontor, mailing, messages};

/// Which obstacle each kind of planted damage meets; those not named can be completed.
const OBSTACLES: [(&str, &str); 4] = [
    ("mail_stuck_sending", "outcome_unknown"),
    ("mistyped_address", "recipient_refused"),
    ("address_invalid", "address_invalid"),
    ("character_not_covered", "character_not_covered"),
];

fn planted(db: &TestDb) -> BTreeMap<String, u64> {
    let text = std::fs::read_to_string(db.path().join("truth.json")).expect("the truth was written");
    let entries: Vec<Value> = serde_json::from_str(&text).expect("the truth is JSON");
    let mut counts = BTreeMap::new();
    for entry in entries {
        *counts.entry(entry["fault"].as_str().expect("a fault").to_owned()).or_default() += 1;
    }
    counts
}

both_databases! {
    async fn the_month_is_rerun_as_the_truth_says(db: TestDb) {
        drop(kontor(&db).args(["demo", "create", "--truth", "truth.json"]).run().expect(0));
        assert_eq!(db.number("SELECT count(*) FROM registrations").await, 8_532);
        let planted = planted(&db);
        let obstacles: BTreeMap<&str, u64> =
            OBSTACLES.iter().filter_map(|(fault, code)| Some((*code, *planted.get(*fault)?))).collect();
        let all: u64 = planted.values().sum();
        let hindered: u64 = obstacles.values().sum();
        assert!(hindered > 0 && all > hindered + 50, "{planted:?}");

        let plan = kontor(&db).args(["runs", "plan", "--all"]).run().expect(0).json();
        assert_eq!((&plan["eligible"], &plan["ineligible"]), (&json!(all - hindered), &json!(hindered)));
        let run = mailing(&db).args(["runs", "start", "--all", "--reason", "Hauptspeicher getauscht"]).run().expect(0).json();
        assert_eq!((&run["done"], &run["failed"], &run["unknown"]), (&json!(all - hindered), &json!(0), &json!(0)));
        assert_eq!(run["not_run"], json!(obstacles));
        assert_eq!(messages(&db).len() as u64, all - hindered);

        let runs = db.number("SELECT count(*) FROM runs").await;
        let entries = db.number("SELECT count(*) FROM journal").await;
        let again = mailing(&db).args(["runs", "start", "--all", "--reason", "again"]).run().expect(0).json();
        assert_eq!((&again["state"], &again["not_run"]), (&json!("nothing_to_do"), &json!(obstacles)));
        assert_eq!(db.number("SELECT count(*) FROM runs").await, runs);
        assert_eq!(db.number("SELECT count(*) FROM journal").await, entries);

        let one_each = "SELECT count(*) FROM subscriptions s WHERE s.started_on < '2013-02-01' AND 1 <> (SELECT count(*) \
                        FROM invoices i WHERE i.subscription_id = s.id AND i.period = '2013-01-01' AND i.state <> 'cancelled')";
        assert_eq!(db.number(one_each).await, 0, "every due period has exactly one invoice");
        let gaps = "SELECT count(*) FROM number_allocations WHERE invoice_id IS NULL AND explanation IS NULL";
        assert_eq!(db.number(gaps).await, 0, "every gap is explained");
        assert_audited(&db);
    }

    async fn a_month_without_incident_has_nothing_to_rerun(db: TestDb) {
        let create = ["demo", "create", "--registrations", "300", "--incident", "none", "--truth", "truth.json"];
        drop(kontor(&db).args(create).run().expect(0));
        assert!(planted(&db).is_empty());
        let plan = kontor(&db).args(["runs", "plan", "--all"]).run().expect(0).json();
        assert_eq!((&plan["eligible"], &plan["ineligible"]), (&json!(0), &json!(0)));
        assert_audited(&db);
    }

    async fn a_demo_is_made_once(db: TestDb) {
        let create = || kontor(&db).args(["demo", "create", "--registrations", "50"]).run();
        drop(create().expect(0));
        let second = create().expect(1);
        assert!(second.stderr.contains("kontor:"), "{}", second.stderr);
        assert_eq!(db.number("SELECT count(*) FROM registrations").await, 50);
    }
}
