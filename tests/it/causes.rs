//! Causes of January 2013: the bad host comes first, with its days, and what only came along is explained by it.

use kontor::store::entities::workers;
use kontor::store::insert_all;
use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::check::check;
use crate::repair::store;
use crate::support::{kontor, mailing, office, past_the_guards, text};

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

fn signs(causes: &[Value]) -> Vec<Value> {
    named(causes, "host", "rechnung-03")["signs"].as_array().expect("a list").clone()
}

/// A worker of the bad host that began on a day of January 2013, and that nobody saw end.
fn worker(day: u32, boot: &str, errors: (i64, i64)) -> workers::Model {
    workers::Model {
        id: Uuid::now_v7(),
        host: "rechnung-03".to_owned(),
        boot_id: boot.to_owned(),
        pid: 1,
        program_version: "1".to_owned(),
        renderer: "1".to_owned(),
        kernel: "Linux 3.2.0".to_owned(),
        started_at: format!("2013-01-{day:02}T08:00:00Z").parse().expect("a time"),
        ended_at: None,
        outcome: "running".to_owned(),
        exit_code: None,
        signal: None,
        is_out_of_memory: false,
        memory_errors_before: Some(errors.0),
        memory_errors_after: Some(errors.1),
    }
}

async fn add(db: &TestDb, row: workers::Model) {
    insert_all(&db.connect().await, vec![row]).await.expect("a worker");
}

both_databases! {
    async fn a_domain_is_the_same_on_both_databases(db: TestDb) {
        office(&db, 1);
        let backend = store(&db).await.backend();
        for (address, domain) in [
            ("Eva@Example.COM", "example.com"), ("kein Konto", ""), ("", ""), ("a@b@c.example", "b"), ("a@", ""), ("@b.example", "b.example"), ("a@@b", ""),
        ] {
            let said = format!("SELECT {} FROM (SELECT CAST('{address}' AS text) AS e) q", kontor::store::domain(backend, "q.e"));
            assert_eq!(text(&db, &said).await, domain, "{address:?}");
        }
    }

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
        assert_eq!(past_the_guards(&db, "attempts", rows).await, 12);
        let causes = causes(&db, &[]);
        assert_eq!(causes.len(), 1, "{causes:#?}");
        assert_eq!(causes[0]["attribute"], "domain");
        assert_eq!(causes[0]["value"], "blocked.example.org");
        assert_eq!((&causes[0]["level"], &causes[0]["failures"]), (&json!("points_to"), &json!(12)));
    }

    async fn a_process_that_dies_is_one_event_however_much_it_had_in_hand(db: TestDb) {
        office(&db, 80);
        for (host, period) in [("rechnung-01", "2013-01"), ("rechnung-03", "2013-02")] {
            let run = mailing(&db).env("KONTOR_HOST", host).args(["invoices", "run", "--period", period]);
            drop(run.run().expect(0));
        }
        // All that one process had in hand when it met SIGSEGV.
        let rows = "UPDATE attempts SET outcome = 'died', code = 'process_died', signal = 11, ended_at = started_at WHERE host = \
                    'rechnung-03'";
        let rows = format!("{rows} AND started_at = (SELECT min(started_at) FROM attempts WHERE host = 'rechnung-03')");
        let died = past_the_guards(&db, "attempts", &rows).await;
        assert!(died >= 32, "{died}");
        let once = causes(&db, &[]);
        assert!(once.iter().all(|cause| cause["level"] == "too_few" || cause["level"] == "uneven"), "{once:#?}");
        // As many processes, each of which died by itself, are another matter.
        let rows = "UPDATE attempts SET worker_id = NULL WHERE outcome = 'died'";
        assert_eq!(past_the_guards(&db, "attempts", rows).await, died);
        let often = causes(&db, &[]);
        let host = named(&often, "host", "rechnung-03");
        assert_eq!((&host["failures"], &host["level"]), (&json!(died), &json!("points_to")), "{host:#?}");
        let told = format!("{died} processes died by SIGSEGV");
        assert!(host["evidence"].as_array().expect("a list").iter().any(|line| line.as_str().is_some_and(|line| line.starts_with(&told))), "{host:#?}");
    }

    async fn days_that_are_none_are_refused(db: TestDb) {
        office(&db, 1);
        drop(kontor(&db).args(["causes", "--from", "2013-02-01", "--to", "2013-01-01"]).run().expect(2));
        drop(kontor(&db).args(["causes", "--from", "31.01.2013"]).run().expect(2));
        assert_eq!(causes(&db, &[]), Vec::<Value>::new());
    }

    async fn counters_of_a_worker_that_works_for_weeks_count(db: TestDb) {
        drop(kontor(&db).args(["demo", "create", "--registrations", "4000"]).run().expect(0));
        let (errors, none) = (json!("memory_errors"), "No counters of memory errors were recorded.");
        let within = ["--from", "2013-01-21", "--to", "2013-01-25"];
        let counted = || {
            let causes = causes(&db, &within);
            let has_none = named(&causes, "host", "rechnung-03")["against"].as_array().expect("a list").contains(&json!(none));
            (signs(&causes).contains(&errors), has_none)
        };
        assert_eq!(counted(), (false, true));
        add(&db, worker(26, "b1", (0, 9))).await;
        assert_eq!(counted(), (false, true), "it began after the days that are looked at");
        let taken = workers::Entity::delete_many().exec(&db.connect().await).await.expect("it is taken away");
        assert_eq!(taken.rows_affected, 1);
        add(&db, worker(10, "b1", (2, 5))).await;
        assert_eq!(counted(), (true, false), "it began long before them, and has not ended");
        add(&db, worker(20, "b2", (0, 0))).await;
        assert_eq!(counted(), (false, false), "its machine went down before them, and has counted nothing since");
    }

    async fn a_signal_has_its_meaning_from_the_system(db: TestDb) {
        drop(kontor(&db).args(["demo", "create", "--registrations", "4000"]).run().expect(0));
        let sign = json!("machine_signals");
        assert!(signs(&causes(&db, &[])).contains(&sign));
        // What is SIGBUS on macOS is SIGUSR1 on Linux, and sent by somebody.
        let sent = "UPDATE attempts SET signal = 10 WHERE signal IN (7, 11)";
        assert!(past_the_guards(&db, "attempts", sent).await > 0);
        add(&db, worker(10, "b1", (0, 0))).await;
        let of_worker = "UPDATE attempts SET worker_id = (SELECT id FROM workers) WHERE signal = 10";
        assert!(past_the_guards(&db, "attempts", of_worker).await > 0);
        assert!(!signs(&causes(&db, &[])).contains(&sign));
        assert_eq!(db.execute("UPDATE workers SET kernel = 'macos'").await, 1);
        assert!(signs(&causes(&db, &[])).contains(&sign));
    }
}
