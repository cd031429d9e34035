//! The journal: its pages, its filters, and walking its chain.

use std::collections::BTreeSet;

use kontor::identity::Actor;
use kontor::journal::{Entry, record};
use kontor::store::{self, DbUrl, Store};
use kontor_tests::both_databases;
use kontor_tests::databases::{Kind, TestDb};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Desk;
use crate::support::{invoice, kontor, mailing, office, past_the_guards, text};

async fn page(desk: &Desk, filter: Value, descending: bool, place: Value, limit: i64) -> Value {
    let order = json!({ "by": "seq", "descending": descending });
    let ask = json!({
        "type": "list_journal", "filter": filter, "order": order, "place": place, "limit": limit, "with_total": true,
    });
    desk.call(ask).await
}

fn seqs(page: &Value) -> Vec<i64> {
    page["rows"].as_array().expect("rows").iter().map(|row| row["value"]["seq"].as_i64().expect("a place")).collect()
}

/// Writes entries as several persons would, in one transaction.
async fn entries(db: &TestDb, count: usize) {
    let store = Store::open(&db.url.parse::<DbUrl>().expect("an address")).await.expect("the database opens");
    let write = store.write().await.expect("a transaction");
    let now = store::now(&*write).await.expect("a clock");
    for number in 0..count {
        let person = ["eva", "udo", "ali"][number % 3].to_owned();
        let actor = Actor { person, desk: "desk".to_owned(), request: Uuid::now_v7() };
        let action = if number % 5 == 0 { "run.pause" } else { "run.resume" };
        let after = Some(json!({ "state": "running", "number": number }));
        let before = Some(json!({ "state": "paused", "number": number }));
        let entry = Entry { action, record: None, reason: "because", before, after };
        record(&*write, &actor, now, entry).await.expect("an entry");
    }
    write.commit().await.expect("written");
    store.close().await.expect("closed");
}

async fn verdict(desk: &Desk, expect: Value) -> Value {
    let job = desk.call(json!({ "type": "verify_journal", "expect": expect })).await;
    assert_eq!(job["kind"], "journal");
    let outcome = desk.outcome(&job).await;
    assert_eq!(outcome["type"], "journal", "{outcome}");
    outcome["verdict"].clone()
}

both_databases! {
    async fn entries_are_paged_in_both_directions(db: TestDb) {
        office(&db, 2);
        entries(&db, 60).await;
        let desk = Desk::at(&db).await;
        for descending in [true, false] {
            let whole = seqs(&page(&desk, json!({}), descending, json!({ "type": "start" }), 500).await);
            assert!(whole.len() >= 60);
            assert!(whole.windows(2).all(|pair| (pair[0] > pair[1]) == descending));
            let (mut forward, mut place) = (Vec::new(), json!({ "type": "start" }));
            loop {
                let part = page(&desk, json!({}), descending, place, 7).await;
                forward.extend(seqs(&part));
                if part["after"].is_null() {
                    break;
                }
                place = json!({ "type": "after", "cursor": part["after"] });
            }
            assert_eq!(forward, whole);
            let (mut backward, mut place) = (Vec::new(), json!({ "type": "end" }));
            loop {
                let part = page(&desk, json!({}), descending, place, 7).await;
                let mut rows = seqs(&part);
                rows.append(&mut backward);
                backward = rows;
                if part["before"].is_null() {
                    break;
                }
                place = json!({ "type": "before", "cursor": part["before"] });
            }
            assert_eq!(backward, whole);
            let at = page(&desk, json!({}), descending, json!({ "type": "at", "index": 20 }), 5).await;
            assert_eq!((seqs(&at), &at["first"]), (whole[20..25].to_vec(), &json!(20)));
            let around = page(&desk, json!({}), descending, json!({ "type": "around", "id": whole[30].to_string() }), 5).await;
            assert_eq!(seqs(&around), whole[28..33]);
            let gone = page(&desk, json!({}), descending, json!({ "type": "around", "id": "100000" }), 5).await;
            assert_eq!(gone["first"], 0);
        }
    }

    async fn entries_are_filtered_and_say_what_changed(db: TestDb) {
        // Midnight may come at any moment.
        let first = chrono::Utc::now().with_timezone(&chrono_tz::Europe::Berlin).date_naive().to_string();
        office(&db, 2);
        entries(&db, 30).await;
        let desk = Desk::at(&db).await;
        let rows = page(&desk, json!({ "persons": ["udo"] }), true, json!({ "type": "start" }), 100).await;
        assert_eq!(rows["total"]["rows"], 10);
        assert!(rows["rows"].as_array().expect("rows").iter().all(|row| row["value"]["by"]["person"] == "udo"));
        let both = page(&desk, json!({ "persons": ["udo", "ali"], "actions": ["run.pause"] }), true, json!({ "type": "start" }), 100).await;
        let row = &both["rows"][0]["value"];
        assert_eq!(row["action"], "run.pause");
        assert_eq!(row["changes"], json!([{ "field": "state", "before": "paused", "after": "running" }]));
        let last = kontor_today(&db).await;
        let day = |filter: &str, day: &str| json!({ filter: day });
        let count = async |filter: Value| page(&desk, filter, true, json!({ "type": "start" }), 0).await["total"]["rows"].clone();
        let whole = count(json!({})).await;
        assert_eq!(count(day("written_from", &first)).await, whole);
        assert_eq!(count(day("written_to", &last)).await, whole);
        assert_eq!(count(day("written_from", "2199-01-01")).await, 0);
        assert_eq!(count(day("written_to", "1999-01-01")).await, 0);
        let choices = desk.call(json!({ "type": "show_journal_choices" })).await;
        let persons: BTreeSet<&str> = choices["persons"].as_array().expect("persons").iter().filter_map(Value::as_str).collect();
        assert!(persons.is_superset(&BTreeSet::from(["ali", "eva", "udo"])));
        entries(&db, 3).await;
        drop(mailing(&db).env("KONTOR_PERSON", "zoe").args(["invoices", "run", "--period", "2013-01"]).run().expect(0));
        let choices = desk.call(json!({ "type": "show_journal_choices" })).await;
        assert!(choices["persons"].as_array().expect("persons").contains(&json!("zoe")));
        assert!(choices["actions"].as_array().expect("actions").contains(&json!("run.start")));
    }

    async fn a_record_is_found_by_its_number_and_leads_there(db: TestDb) {
        office(&db, 2);
        let run = invoice(&db, "2013-01");
        let number = text(&db, "SELECT number FROM invoices ORDER BY number LIMIT 1").await;
        drop(mailing(&db).args(["invoices", "cancel", &number, "--reason", "doppelt"]).run().expect(0));
        let desk = Desk::at(&db).await;
        let found = page(&desk, json!({ "record": format!(" {} ", number.to_lowercase()) }), true, json!({ "type": "start" }), 10).await;
        let row = &found["rows"][0]["value"];
        assert_eq!((&found["total"]["rows"], &row["action"]), (&json!(1), &json!("invoice.cancel")));
        assert_eq!((&row["record"]["table"], &row["record"]["label"]), (&json!("invoices"), &json!(number)));
        assert_eq!(row["record"]["destination"], json!({ "type": "invoice", "id": row["record"]["key"] }));
        let found = page(&desk, json!({ "record": run["run"] }), true, json!({ "type": "start" }), 10).await;
        let row = &found["rows"][0]["value"];
        assert_eq!((&row["action"], &row["record"]["destination"]["type"]), (&json!("run.start"), &json!("run")));
        assert_eq!(page(&desk, json!({ "record": "RE-2013-999999-9" }), true, json!({ "type": "start" }), 10).await["total"]["rows"], 0);
    }

    async fn a_chain_that_holds_is_told_with_its_head(db: TestDb) {
        office(&db, 2);
        entries(&db, 20).await;
        let desk = Desk::at(&db).await;
        let holds = verdict(&desk, Value::Null).await;
        let head = text(&db, "SELECT journal_hash FROM installation").await;
        assert_eq!((&holds["fault"], &holds["head"]), (&Value::Null, &json!(head)));
        assert_eq!(holds["entries"], json!(db.number("SELECT count(*) FROM journal").await));
        let noted = verdict(&desk, json!(format!(" {} ", head.to_uppercase()))).await;
        assert_eq!(noted["fault"], Value::Null);
        let other = verdict(&desk, json!("ab".repeat(32))).await;
        assert_eq!(other["fault"], json!({ "code": "head_unknown" }));
        let malformed = desk.failure(json!({ "type": "verify_journal", "expect": "abc" })).await;
        assert_eq!(malformed["faults"][0], json!({ "field": "expect", "fault": { "code": "malformed" } }));
    }

    async fn what_is_wrong_with_a_chain_is_named(db: TestDb) {
        office(&db, 2);
        entries(&db, 20).await;
        let desk = Desk::at(&db).await;
        let cases = [
            ("UPDATE journal SET reason = 'anders' WHERE seq = 9", "changed", 9),
            ("DELETE FROM journal WHERE seq = 6", "missing", 6),
        ];
        for (damage, code, seq) in cases {
            assert_eq!(past_the_guards(&db, "journal", damage).await, 1);
            assert_eq!(verdict(&desk, Value::Null).await["fault"], json!({ "code": code, "seq": seq }));
            let told = kontor(&db).args(["journal", "verify"]).run().expect(1);
            assert!(told.stdout.contains(&format!("Entry {seq} ")), "{}", told.stdout);
        }
        assert!(past_the_guards(&db, "journal", "DELETE FROM journal WHERE seq > 4").await > 0);
        assert_eq!(verdict(&desk, Value::Null).await["fault"], json!({ "code": "cut", "seq": 4 }));
    }

    async fn an_entry_that_cannot_be_decoded_is_a_changed_one(db: TestDb) {
        if db.kind == Kind::Postgres {
            return;
        }
        office(&db, 2);
        entries(&db, 10).await;
        let desk = Desk::at(&db).await;
        let damage = "UPDATE journal SET written_at = '2013-0q-01' WHERE seq = 5";
        assert_eq!(past_the_guards(&db, "journal", damage).await, 1);
        assert_eq!(verdict(&desk, Value::Null).await["fault"], json!({ "code": "changed", "seq": 5 }));
        let rows = page(&desk, json!({}), false, json!({ "type": "start" }), 20).await;
        let row = &rows["rows"][4];
        assert_eq!((&row["type"], &row["value"]["id"]), (&json!("unreadable"), &json!("5")));
        assert_eq!(row["value"]["fields"], json!([{ "field": "written_at", "stored": "2013-0q-01" }]));
    }

    async fn walking_can_be_cancelled(db: TestDb) {
        office(&db, 2);
        entries(&db, 6_000).await;
        let desk = Desk::at(&db).await;
        // One that came to its end before anybody could take it back says nothing.
        for _ in 0..20 {
            let job = desk.call(json!({ "type": "verify_journal" })).await;
            drop(desk.ask(json!({ "type": "cancel_job", "job": job["id"] })).await);
            if desk.outcome(&job).await["type"] == "cancelled" {
                return;
            }
        }
        panic!("it always walks to the end");
    }
}

async fn kontor_today(db: &TestDb) -> String {
    let store = Store::open(&db.url.parse::<DbUrl>().expect("an address")).await.expect("the database opens");
    let today = store.today().await.expect("a day").to_string();
    store.close().await.expect("closed");
    today
}
