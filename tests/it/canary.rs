//! Canaries: a host whose memory flips bits is out of service at once, and what it wrote since its last good canary is known.

use std::time::{Duration, Instant};

use kontor::seal::hex;
use kontor::store::entities::invoices;
use kontor_pdf::audit::{Expected, audit};
use kontor_pdf::content::{Content, sha256};
use kontor_tests::both_databases;
use kontor_tests::databases::{Kind, TestDb};
use kontor_tests::process::{Kontor, Running};
use sea_orm::{ConnectionTrait, EntityTrait, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{assert_mailed_once, assert_sound, kontor, mailing, office, past_the_guards, text};

/// The host with the broken memory, and a sound one.
pub const BAD: &str = "rechnung-03";
pub const GOOD: &str = "rechnung-01";
const CUSTOMERS: usize = 120;
const PATIENCE: Duration = Duration::from_mins(2);

pub fn at(host: &str, program: Kontor) -> Kontor {
    program.env("KONTOR_HOST", host)
}

/// A worker of a host that works itself, without anybody watching.
pub fn work(db: &TestDb, host: &str) -> Kontor {
    at(host, mailing(db)).args(["work", "--workers", "0", "--batch", "8", "--lease", "600"])
}

pub fn queue(db: &TestDb) {
    drop(kontor(db).args(["invoices", "run", "--period", "2013-01", "--queue"]).run().expect(0));
}

pub async fn until(db: &TestDb, what: &str, sql: &str) {
    let started = Instant::now();
    while db.number(sql).await == 0 {
        assert!(started.elapsed() < PATIENCE, "{what} never came");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Numbers of stored PDFs that are not what their content draws, by this test's own drawing.
async fn drawn_wrong(db: &TestDb) -> Vec<String> {
    let connection = db.connect().await;
    let query = "SELECT i.number AS number, i.snapshot AS snapshot, d.bytes AS bytes, d.sha256 AS sha256 FROM documents d \
                 JOIN invoices i ON i.id = d.invoice_id WHERE d.role = 'original'";
    let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), query)).await;
    let mut wrong = Vec::new();
    for row in rows.expect("the documents") {
        let bytes: Vec<u8> = row.try_get("", "bytes").expect("bytes");
        let snapshot: Vec<u8> = row.try_get("", "snapshot").expect("a snapshot");
        let drawn = kontor_pdf::render(&Content::from_bytes(&snapshot).expect("content")).expect("a PDF");
        assert_eq!(row.try_get::<Vec<u8>>("", "sha256").expect("a hash"), sha256(&bytes), "the hash is of these bytes");
        if drawn != bytes {
            wrong.push(row.try_get("", "number").expect("a number"));
        }
    }
    wrong
}

/// Flips a bit in so many stored PDFs, where no audit sees it, and stores the hash of what came out.
pub async fn hit_alike(db: &TestDb, count: u64) {
    let connection = db.connect().await;
    let query = format!(
        "SELECT d.id AS id, d.bytes AS bytes, i.snapshot AS snapshot FROM documents d JOIN invoices i ON i.id = d.invoice_id \
         ORDER BY d.id LIMIT {count}"
    );
    let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), query)).await;
    let mut cases = (String::new(), String::new(), String::new());
    for row in rows.expect("the documents") {
        let id: Uuid = row.try_get("", "id").expect("an id");
        let whole: Vec<u8> = row.try_get("", "bytes").expect("bytes");
        let snapshot: Vec<u8> = row.try_get("", "snapshot").expect("a snapshot");
        let expected = Expected::of(&Content::from_bytes(&snapshot).expect("content"));
        let flipped = |at: usize| {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            bytes
        };
        let places = (0..whole.len()).rev().step_by(97).map(flipped);
        let mut good = places.filter(|bytes| audit(Some(bytes), &expected).is_good());
        let bytes = good.next().expect("a bit that no audit sees");
        let literal = |bytes: &[u8]| match db.kind {
            Kind::Sqlite => format!("x'{}'", hex(bytes)),
            Kind::Postgres => format!("'\\x{}'::bytea", hex(bytes)),
        };
        let key = match db.kind {
            Kind::Sqlite => format!("x'{}'", hex(id.as_bytes())),
            Kind::Postgres => format!("'{id}'::uuid"),
        };
        cases.0.push_str(&format!(" WHEN id = {key} THEN {}", literal(&bytes)));
        cases.1.push_str(&format!(" WHEN id = {key} THEN {}", literal(&sha256(&bytes))));
        cases.2.push_str(&format!("{}{key}", if cases.2.is_empty() { "" } else { ", " }));
    }
    let (bytes, hashes, keys) = cases;
    let update =
        format!("UPDATE documents SET bytes = CASE{bytes} END, sha256 = CASE{hashes} END WHERE id IN ({keys})");
    assert_eq!(past_the_guards(db, "documents", &update).await, count);
}

fn hosts(db: &TestDb) -> Vec<Value> {
    kontor(db).args(["hosts", "list"]).run().expect(0).json().as_array().expect("hosts").clone()
}

pub fn host(db: &TestDb, name: &str) -> Value {
    hosts(db).into_iter().find(|host| host["host"] == name).unwrap_or_else(|| panic!("{name} is not listed"))
}

/// What the broken host had in hand since its last good canary, asked in this test's own words.
const SINCE_GOOD: &str = "SELECT count(DISTINCT a.invoice_id) FROM attempts a WHERE a.host = 'rechnung-03' AND a.invoice_id IS \
                          NOT NULL AND coalesce(a.ended_at, a.started_at) >= (SELECT max(drawn_at) FROM canaries WHERE host = \
                          'rechnung-03' AND outcome = 'same' AND kind <> 'sample' AND drawn_at <= (SELECT withdrawn_at FROM \
                          withdrawals))";

/// The same since the bad time began.
const SINCE_SUSPECT: &str = "SELECT count(DISTINCT a.invoice_id) FROM attempts a JOIN withdrawals w ON w.host = a.host WHERE a.host = 'rechnung-03' \
     AND a.invoice_id IS NOT NULL AND coalesce(a.ended_at, a.started_at) >= w.suspect_from_at";

both_databases! {
    async fn a_host_that_flips_bits_is_out_of_service_before_its_tenth_bad_document(db: TestDb) {
        office(&db, CUSTOMERS);
        queue(&db);
        // The first pages come out right; then one of ten is hit.
        let bad = work(&db, BAD).args(["--until-idle"]).failpoints("render.flip=70*off->10%return");
        let output = bad.run().expect(1);
        assert!(output.stderr.contains("rechnung-03 is out of service since"), "{}", output.stderr);

        let wrong = drawn_wrong(&db).await;
        println!("{}: {} bad documents before the host was out of service", db.url, wrong.len());
        assert!(wrong.len() < 10, "{wrong:?}");
        assert!(db.number("SELECT count(*) FROM documents").await > 0, "it wrote something before");
        let open = "SELECT count(*) FROM withdrawals WHERE host = 'rechnung-03' AND source = 'canary' AND returned_at IS NULL";
        assert_eq!(db.number(open).await, 1);
        assert_eq!(db.number("SELECT count(*) FROM run_items WHERE state = 'claimed'").await, 0);
        assert!(db.number("SELECT count(*) FROM run_items WHERE state = 'waiting'").await > 0);
        assert_eq!(db.number("SELECT count(*) FROM run_items WHERE losses > 0").await, 0, "nothing was lost");
        let told = "SELECT person || ' ' || desk || ' ' || action FROM journal ORDER BY seq DESC LIMIT 1";
        assert_eq!(text(&db, told).await, "kontor rechnung-03 host.withdraw");

        // Everything since the last good canary is on the list.
        let listed = host(&db, BAD);
        assert!(listed["withdrawal"]["canary"].is_string() && listed["withdrawal"]["by"] == BAD, "{listed}");
        let since_good = db.number(SINCE_GOOD).await;
        assert!(since_good > 0 && listed["unproven"].as_i64() >= Some(since_good), "{since_good} {listed}");
        // Its other lane may have archived at the same moment; what the canary did not see yet counts as not there.
        assert_eq!(listed["unproven"].as_i64(), Some(db.number(SINCE_SUSPECT).await), "{listed}");
        let good = "SELECT count(*) FROM canaries c JOIN withdrawals w ON w.suspect_from_at = c.drawn_at AND w.host = c.host \
                    WHERE c.outcome = 'same' AND c.kind <> 'sample'";
        assert!(db.number(good).await > 0, "the bad time begins with a good canary");

        // It begins nothing more, however often it is started.
        let attempts = db.number("SELECT count(*) FROM attempts").await;
        drop(work(&db, BAD).args(["--until-idle"]).run().expect(1));
        assert_eq!(db.number("SELECT count(*) FROM attempts").await, attempts);

        // Another host goes on, and every document is right in the end.
        drop(work(&db, GOOD).args(["--until-idle"]).run().expect(0));
        assert_sound(&db, &["2013-01"], i64::try_from(CUSTOMERS).expect("a count")).await;
        assert_mailed_once(&db).await;
        assert_eq!(drawn_wrong(&db).await, Vec::<String>::new());
    }

    async fn broken_references_take_a_host_out_too(db: TestDb) {
        office(&db, 8);
        queue(&db);
        // Only the references are drawn wrong: by the patrol at the start, or with the first batch.
        let output = work(&db, BAD).args(["--until-idle"]).failpoints("reference.flip=return").run().expect(1);
        assert!(output.stderr.contains("is out of service"), "{}", output.stderr);
        assert_eq!(db.number("SELECT count(*) FROM documents").await, 0);
        let differing = "SELECT count(*) FROM canaries WHERE outcome = 'differs' AND host = 'rechnung-03'";
        assert!(db.number(differing).await > 0);
    }

    async fn a_page_that_is_hit_after_it_was_drawn_takes_the_host_out(db: TestDb) {
        office(&db, 24);
        queue(&db);
        let output = work(&db, BAD).args(["--until-idle"]).failpoints("archive.flip=100%return").run().expect(1);
        assert!(output.stderr.contains("is out of service"), "{}", output.stderr);
        assert!(drawn_wrong(&db).await.len() < 10);
        let told = "SELECT count(*) FROM attempts WHERE outcome = 'failed' AND code = 'drawn_otherwise'";
        assert!(db.number(told).await > 0);
        let given = "SELECT count(*) FROM attempts WHERE outcome = 'failed' AND code <> 'drawn_otherwise'";
        assert_eq!(db.number(given).await, 0, "the others were given back");
    }

    async fn another_host_finds_what_both_drawings_missed(db: TestDb) {
        office(&db, 40);
        queue(&db);
        drop(work(&db, BAD).args(["--until-idle", "--canary", "600", "--lanes", "1"]).run().expect(0));
        // Both drawings were hit alike: the hash is of the wrong bytes, and the host noticed nothing.
        hit_alike(&db, 20).await;
        assert_eq!(drawn_wrong(&db).await.len(), 20);
        assert_eq!(db.number("SELECT count(*) FROM withdrawals").await, 0);

        let good = at(GOOD, mailing(&db)).args(["work", "--workers", "0", "--canary", "0.1"]).spawn();
        until(&db, "the withdrawal", "SELECT count(*) FROM withdrawals").await;
        until(&db, "the finding", "SELECT count(*) FROM findings WHERE rule = 'document_drawn_wrong'").await;
        drop(good.kill());
        assert_eq!(text(&db, "SELECT host FROM withdrawals").await, BAD, "whose work it was, not who found it");
        let found = "SELECT count(*) FROM canaries c JOIN documents d ON d.id = c.document_id WHERE c.host = 'rechnung-01' AND \
                     c.author = 'rechnung-03' AND c.outcome = 'differs' AND c.expected_sha256 = d.sha256 AND c.found_sha256 <> \
                     d.sha256";
        let found = db.number(found).await;
        assert!(found > 0, "one at least, and each that it drew with it");
        // Whatever it archived lies in the time in which its work is unproven.
        let since = "SELECT count(*) FROM withdrawals w JOIN workers k ON k.host = w.host WHERE w.suspect_from_at = k.started_at";
        assert_eq!(db.number(since).await, 1, "none of its pages was proven before, so since its worker began");
        assert_eq!(host(&db, GOOD)["withdrawal"], Value::Null);
        assert_eq!(host(&db, BAD)["wrong"], found);
        let open = "SELECT count(*) FROM findings f JOIN canaries c ON c.outcome = 'differs' JOIN documents d ON d.id = \
                    c.document_id AND d.id = f.row_id WHERE f.rule = 'document_drawn_wrong' AND f.closed_at IS NULL";
        until(&db, "the finding", open).await;
        drop(kontor(&db).args(["check"]).run().expect(0));
        let all = "SELECT count(*) FROM findings WHERE rule = 'document_drawn_wrong' AND closed_at IS NULL";
        assert_eq!(db.number(all).await, 20, "a check finds the others of its bad time");
    }

    async fn what_is_found_of_a_host_that_is_out_already_counts_from_then_on(db: TestDb) {
        office(&db, 40);
        queue(&db);
        drop(work(&db, BAD).args(["--until-idle", "--canary", "600", "--lanes", "1"]).run().expect(0));
        hit_alike(&db, 20).await;
        // A person takes it out for something else, from now on.
        drop(kontor(&db).args(["hosts", "withdraw", BAD, "--reason", "Umzug"]).run().expect(0));
        assert_eq!(host(&db, BAD)["unproven"], 0);

        let good = at(GOOD, mailing(&db)).args(["work", "--workers", "0", "--canary", "0.1"]).spawn();
        let added = "SELECT count(*) FROM withdrawals w JOIN workers k ON k.host = w.host WHERE w.suspect_from_at = k.started_at";
        until(&db, "the time that was added", added).await;
        until(&db, "the finding", "SELECT count(*) FROM findings WHERE rule = 'document_drawn_wrong'").await;
        drop(good.kill());
        // However many of its pages are found: once.
        assert_eq!(db.number("SELECT count(*) FROM withdrawals").await, 2);
        let row = host(&db, BAD);
        assert_eq!((&row["unproven"], &row["returned"]), (&json!(40), &json!(0)), "{row}");
        assert_eq!(row["withdrawal"]["reason"], "Umzug");
        let damage = kontor(&db).args(["causes", "damage", "--host", BAD]).run().expect(0).json();
        assert_eq!(damage["from"], row["withdrawal"]["suspect_from"], "{damage}");
        drop(kontor(&db).args(["check"]).run().expect(0));
        let all = "SELECT count(*) FROM findings WHERE rule = 'document_drawn_wrong' AND closed_at IS NULL";
        assert_eq!(db.number(all).await, 20, "a check finds the others of its bad time");
        drop(kontor(&db).args(["hosts", "return", BAD, "--reason", "umgezogen"]).run().expect(0));
        let row = host(&db, BAD);
        assert_eq!((&row["unproven"], &row["returned"]), (&json!(40), &json!(1)), "back in service, and still not proven: {row}");
        drop(kontor(&db).args(["journal", "verify"]).run().expect(0));
    }

    async fn what_a_desk_froze_without_an_attempt_is_unproven_too(db: TestDb) {
        office(&db, 2);
        queue(&db);
        drop(work(&db, GOOD).args(["--until-idle"]).run().expect(0));
        let number = text(&db, "SELECT min(number) FROM invoices").await;
        let cancel = ["invoices", "cancel", &number, "--reissue", "--queue", "--reason", "falscher Name"];
        drop(at(BAD, kontor(&db)).args(cancel).run().expect(0));
        drop(work(&db, GOOD).args(["--until-idle"]).run().expect(0));
        drop(kontor(&db).args(["hosts", "withdraw", BAD, "--from", "2013-01-01", "--reason", "Speichertest"]).run().expect(0));

        let store = crate::repair::store(&db).await;
        let invoices = invoices::Entity::find().all(store.read()).await.expect("invoices");
        let ids: Vec<Uuid> = invoices.iter().map(|row| row.id).collect();
        let unproven = kontor::damage::unproven_among(store.read(), &ids).await.expect("an answer");
        let mut frozen: Vec<bool> = invoices.iter().map(|row| unproven.contains_key(&row.id)).collect();
        frozen.sort_unstable();
        assert_eq!(frozen, [false, false, true, true], "the cancellation invoice and the new one");
        assert!(unproven.values().all(|host| host == BAD), "{unproven:?}");
        let old = invoices.iter().find(|row| row.number == number).expect("the cancelled one");
        assert!(!unproven.contains_key(&old.id));
    }

    async fn a_machine_that_examines_and_draws_wrong_now_and_then_convicts_nobody(db: TestDb) {
        office(&db, 6);
        queue(&db);
        drop(work(&db, BAD).args(["--until-idle"]).run().expect(0));
        drop(kontor(&db).args(["hosts", "withdraw", BAD, "--from", "2013-01-01", "--reason", "Speichertest"]).run().expect(0));
        drop(at(GOOD, kontor(&db)).args(["check"]).run().expect(0));
        let examine = ["causes", "damage", "--host", BAD, "--examine"];
        let noted = "SELECT count(*) FROM canaries WHERE kind = 'sample' AND document_id IS NOT NULL";
        let output = at(GOOD, kontor(&db)).args(examine).failpoints("render.flip=1*return").run().expect(1);
        assert!(output.stderr.contains("rechnung-01 is out of service since"), "{}", output.stderr);
        assert_eq!(db.number(noted).await, 0, "nothing is said of any document");
        assert_eq!((host(&db, BAD)["wrong"].clone(), host(&db, GOOD)["wrong"].clone()), (json!(0), json!(1)));
        // A third machine says that all of them are right.
        drop(at("rechnung-02", kontor(&db)).args(examine).run().expect(0));
        assert_eq!(db.number(&format!("{noted} AND outcome = 'same' AND author = '{BAD}'")).await, 6);
    }

    async fn a_person_takes_a_host_out_and_puts_it_back(db: TestDb) {
        office(&db, 24);
        let worker = work(&db, BAD).spawn();
        until(&db, "the worker", "SELECT count(*) FROM workers").await;
        let request = "0191e7a0-0000-7000-8000-00000000c0de";
        let withdraw = || kontor(&db).args(["--request-id", request, "hosts", "withdraw", BAD, "--reason", "Speichertest"]);
        let first = withdraw().run().expect(0).json();
        assert_eq!(withdraw().run().expect(0).json(), first, "once");
        assert_eq!(db.number("SELECT count(*) FROM withdrawals").await, 1);
        queue(&db);
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert_eq!(db.number("SELECT count(*) FROM attempts").await, 0, "it begins nothing");

        drop(kontor(&db).args(["hosts", "return", BAD, "--reason", " "]).run().expect(2));
        drop(kontor(&db).args(["hosts", "return", BAD, "--reason", "Riegel getauscht"]).run().expect(0));
        until(&db, "the end of the run", "SELECT count(*) FROM runs WHERE state = 'done'").await;
        drop(worker.kill());
        assert_sound(&db, &["2013-01"], 24).await;
        let row = host(&db, BAD);
        assert_eq!((&row["withdrawal"], &row["returned"]), (&Value::Null, &json!(1)));
        drop(kontor(&db).args(["journal", "verify"]).run().expect(0));
    }

    async fn of_two_who_take_a_host_out_at_once_one_does(db: TestDb) {
        office(&db, 2);
        queue(&db);
        drop(work(&db, BAD).args(["--until-idle"]).run().expect(0));
        for round in 0..4 {
            let withdraw = || kontor(&db).args(["hosts", "withdraw", BAD, "--reason", "Speichertest"]).spawn();
            let ends = [withdraw(), withdraw()].map(Running::wait);
            let mut codes = ends.each_ref().map(|end| end.code);
            codes.sort_unstable();
            assert_eq!(codes, [Some(0), Some(1)], "round {round}: {} {}", ends[0].stderr, ends[1].stderr);
            let refused = ends.iter().find(|end| end.code == Some(1)).expect("one of them");
            assert!(refused.stderr.contains("is out of service since"), "{}", refused.stderr);
            drop(kontor(&db).args(["hosts", "return", BAD, "--reason", "geprüft"]).run().expect(0));
        }
    }

    async fn what_cannot_be_done_says_why(db: TestDb) {
        office(&db, 2);
        queue(&db);
        drop(work(&db, GOOD).args(["--until-idle"]).run().expect(0));
        let refused = |arguments: &[&str], code: i32, words: &str| {
            let output = kontor(&db).args(arguments).run().expect(code);
            assert!(output.stderr.contains(words), "{arguments:?}: {}", output.stderr);
        };
        refused(&["hosts", "withdraw", "rechnung-9", "--reason", "x"], 1, "Nothing was ever worked on at a host");
        refused(&["hosts", "withdraw", GOOD, "--reason", " "], 2, "needs a reason");
        refused(&["hosts", "withdraw", GOOD, "--from", "2013-02-01", "--to", "2013-01-01", "--reason", "x"], 2, "lies before");
        refused(&["hosts", "withdraw", GOOD, "--to", "2013-01-31", "--reason", "x"], 2, "--from");
        refused(&["hosts", "return", GOOD, "--reason", "x"], 1, "is not out of service");
        drop(kontor(&db).args(["hosts", "withdraw", GOOD, "--from", "2013-01-01", "--to", "2013-01-31", "--reason", "x"]).run().expect(0));
        refused(&["hosts", "withdraw", GOOD, "--reason", "x"], 1, "is out of service since");
        let number = text(&db, "SELECT min(number) FROM invoices WHERE kind = 'invoice'").await;
        let cancel = ["invoices", "cancel", &number, "--reissue", "--queue", "--reason", "x"];
        let there = at(GOOD, kontor(&db)).args(cancel).run().expect(1);
        assert!(there.stderr.contains("is out of service since"), "{}", there.stderr);
        assert_eq!(db.number("SELECT count(*) FROM invoices").await, 2, "nothing was frozen there");
        drop(at(BAD, kontor(&db)).args(cancel).run().expect(0));
        assert_eq!(host(&db, GOOD)["unproven"], 0, "its attempts were made today, long after the days that were named");
    }
}
