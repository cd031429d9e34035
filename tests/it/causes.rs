//! Causes of January 2013: the bad host comes first, with its days, and what only came along is explained by it.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::{Value, json};

use crate::check::check;
use crate::support::{kontor, mailing, office};

fn causes(db: &TestDb, arguments: &[&str]) -> Vec<Value> {
    let answer = kontor(db).args(["causes"]).args(arguments).run().expect(0).json();
    answer.as_array().expect("a list").clone()
}

fn named<'a>(causes: &'a [Value], attribute: &str, value: &str) -> &'a Value {
    let is_it = |cause: &&Value| cause["attribute"] == attribute && cause["value"] == value;
    causes.iter().find(is_it).unwrap_or_else(|| panic!("{attribute} = {value} is not among {causes:#?}"))
}

/// The first answer is the host with its days; nothing else stands by itself.
fn assert_host_first(causes: &[Value]) {
    let first = &causes[0];
    assert_eq!((&first["attribute"], &first["value"]), (&json!("host"), &json!("rechnung-03")), "{causes:#?}");
    assert_eq!(first["level"], "hardware_suspected", "{first:#?}");
    assert_eq!(first["window"], json!({ "from": "2013-01-21", "to": "2013-01-25" }));
    assert_eq!(first["explained_by"], Value::Null);
    for cause in &causes[1..] {
        let is_sure = ["points_to", "hardware_suspected"].contains(&cause["level"].as_str().expect("a level"));
        assert!(!is_sure, "{cause:#?}");
    }
}

both_databases! {
    async fn january_has_its_host_and_its_days(db: TestDb) {
        drop(kontor(&db).args(["demo", "create", "--truth", "truth.json"]).run().expect(0));
        let host = json!({ "attribute": "host", "value": "rechnung-03" });
        // Before anything was checked, attempts alone say it.
        let before = causes(&db, &[]);
        assert_host_first(&before);
        let signs = |causes: &[Value]| causes[0]["signs"].as_array().expect("a list").clone();
        assert_eq!(signs(&before), [json!("host_alone"), json!("machine_signals")]);
        // The decoys fail as often as the host, and are explained by it.
        for (attribute, value) in [("version", "rechnung 2.4.2"), ("template", "Vorlage 7"), ("day", "2013-01-22")] {
            let decoy = named(&before, attribute, value);
            assert_eq!((&decoy["level"], &decoy["explained_by"]), (&json!("uneven"), &host), "{decoy:#?}");
            assert!(!decoy["against"].as_array().expect("a list").is_empty());
        }
        // The figures are those of the rows.
        let failed = "FROM attempts WHERE host = 'rechnung-03' AND outcome IN ('failed', 'died', 'unknown')";
        let attempted = "FROM attempts WHERE host = 'rechnung-03' AND outcome <> 'skipped'";
        assert_eq!(before[0]["failures"], db.number(&format!("SELECT count(*) {failed}")).await);
        assert_eq!(before[0]["attempts"], db.number(&format!("SELECT count(*) {attempted}")).await);

        // What the rules find says more: damage of many kinds, and most of it one bit.
        assert!(!check(&db, &[]).is_empty());
        let after = causes(&db, &[]);
        assert_host_first(&after);
        for sign in ["host_alone", "unrelated_symptoms", "machine_signals", "single_bits"] {
            assert!(signs(&after).contains(&json!(sign)), "{sign}: {:#?}", after[0]);
        }
        assert!(!signs(&after).contains(&json!("same_bit")), "bits are hit at random: {:#?}", after[0]);
        assert!(after[0]["failures"].as_u64() > before[0]["failures"].as_u64());
        for (attribute, value) in [("version", "rechnung 2.4.2"), ("template", "Vorlage 7")] {
            assert_eq!(named(&after, attribute, value)["explained_by"], host);
        }

        // Before the bad days nothing stood out, and within them the host does.
        let quiet = causes(&db, &["--to", "2013-01-20"]);
        assert!(quiet.iter().all(|cause| cause["level"] == "uneven" || cause["level"] == "too_few"), "{quiet:#?}");
        let within = causes(&db, &["--from", "2013-01-21", "--to", "2013-01-25"]);
        assert_eq!((&within[0]["value"], &within[0]["level"]), (&json!("rechnung-03"), &json!("hardware_suspected")));
    }

    async fn a_quiet_month_blames_nothing(db: TestDb) {
        drop(kontor(&db).args(["demo", "create", "--registrations", "2000", "--incident", "none"]).run().expect(0));
        assert_eq!(causes(&db, &[]), Vec::<Value>::new());
    }

    async fn what_an_input_does_is_blamed_on_the_input(db: TestDb) {
        office(&db, 60);
        let rows = "UPDATE registrations SET email = 'nobody@' || 'blocked.example.org' WHERE customer_number IN (SELECT \
                    customer_number FROM registrations ORDER BY customer_number LIMIT 12)";
        assert_eq!(db.execute(rows).await, 12);
        drop(mailing(&db).args(["invoices", "run", "--period", "2013-01"]).run().expect(0));
        let rows = "UPDATE attempts SET outcome = 'failed', code = 'recipient_refused' WHERE subscription_id IN (SELECT s.id \
                    FROM subscriptions s JOIN registrations r ON r.id = s.registration_id WHERE r.email LIKE '%blocked%')";
        assert_eq!(crate::support::past_the_guards(&db, "attempts", rows).await, 12);
        let causes = causes(&db, &[]);
        assert_eq!(causes.len(), 1, "{causes:#?}");
        assert_eq!(causes[0]["attribute"], "domain");
        assert_eq!(causes[0]["value"], "blocked.example.org");
        assert_eq!((&causes[0]["level"], &causes[0]["failures"]), (&json!("points_to"), &json!(12)));
    }

    async fn days_that_are_none_are_refused(db: TestDb) {
        office(&db, 1);
        drop(kontor(&db).args(["causes", "--from", "2013-02-01", "--to", "2013-01-01"]).run().expect(2));
        drop(kontor(&db).args(["causes", "--from", "31.01.2013"]).run().expect(2));
        assert_eq!(causes(&db, &[]), Vec::<Value>::new());
    }
}
