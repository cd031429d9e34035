//! Runs: planned, started, followed, paused, cancelled, and left to others.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use kontor_tests::sink::{Behaviour, Fault, Phase, SmtpSink};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Desk;
use crate::support::{
    assert_audited, assert_mailed_once, assert_sound, counts, customers_csv, import, kontor, mailing, messages, office,
    text,
};

/// Tables that a run writes to.
const TABLES: [&str; 6] = ["runs", "run_items", "attempts", "invoices", "deliveries", "journal"];

fn everything() -> Value {
    json!({ "type": "everything" })
}

fn due(period: &str) -> Value {
    json!({ "type": "due", "period": period })
}

fn start(selection: &Value, planned: &Value) -> Value {
    json!({
        "type": "start_run", "request_id": Uuid::now_v7(), "selection": selection, "planned": planned,
        "reason": "Hauptspeicher getauscht", "mail": true,
    })
}

async fn plan(desk: &Desk, selection: &Value) -> Value {
    desk.call(json!({ "type": "plan_run", "selection": selection })).await
}

async fn started(desk: &Desk, selection: &Value) -> Value {
    let planned = plan(desk, selection).await["eligible"].clone();
    desk.call(start(selection, &planned)).await["run"].clone()
}

/// Plans, starts, and waits for the end.
async fn ran(desk: &Desk, selection: &Value) -> Value {
    let run = started(desk, selection).await;
    desk.run_ended(&run).await
}

fn control(what: &str, run: &Value) -> Value {
    json!({ "type": what, "request_id": Uuid::now_v7(), "run": run, "reason": "because" })
}

/// Puts up a run that nobody works on.
fn queued(db: &TestDb) -> Value {
    mailing(db).args(["invoices", "run", "--period", "2013-01", "--queue"]).run().expect(0).json()["run"].clone()
}

async fn items(desk: &Desk, filter: Value) -> Value {
    let ask = json!({ "type": "list_run_items", "filter": filter, "place": { "type": "start" }, "limit": 500, "with_total": true });
    desk.call(ask).await
}

async fn runs(desk: &Desk, filter: Value) -> Value {
    let ask =
        json!({ "type": "list_runs", "filter": filter, "place": { "type": "start" }, "limit": 50, "with_total": true });
    desk.call(ask).await
}

/// A desk that takes no runs over by itself.
async fn standing_by(db: &TestDb) -> Desk {
    let desk = Desk::of("eva");
    let mut settings = desk.call(json!({ "type": "start" })).await["settings"].clone();
    settings["joins_runs"] = json!(false);
    desk.call(json!({ "type": "save_settings", "settings": settings })).await;
    desk.opening(db).await
}

both_databases! {
    async fn a_month_is_planned_run_and_told(db: TestDb) {
        office(&db, 40);
        let desk = Desk::at(&db).await;
        let shown = plan(&desk, &due("2013-01")).await;
        assert_eq!((&shown["chosen"], &shown["eligible"], &shown["mails"]), (&json!(40), &json!(40), &json!(40)));
        assert_eq!((&shown["ineligible"], &shown["refusals"], &shown["stored_mails"]), (&json!(0), &json!([]), &json!(0)));
        assert!(shown["mail_target"].as_str().expect("a target").starts_with("file:"));
        assert_eq!(counts(&db, &TABLES).await[..5], [0, 0, 0, 0, 0], "a plan writes nothing");
        let ask = start(&due("2013-01"), &json!(40));
        let answer = desk.call(ask.clone()).await;
        assert_eq!((&answer["total"], &answer["is_repeated"]), (&json!(40), &json!(false)));
        let ended = desk.run_ended(&answer["run"]).await;
        assert_eq!((&ended["progress"]["state"], &ended["progress"]["done"]), (&json!("done"), &json!(40)));
        assert_eq!((&ended["row"]["occasion"], &ended["row"]["period"]), (&json!("invoice"), &json!("2013-01")));
        assert_eq!((&ended["row"]["by"]["person"], &ended["row"]["reason"]), (&json!("eva"), &json!("Hauptspeicher getauscht")));
        let again = desk.call(ask).await;
        assert_eq!((&again["run"], &again["is_repeated"]), (&answer["run"], &json!(true)));
        assert_eq!(db.number("SELECT count(*) FROM runs").await, 1);
        assert_sound(&db, &["2013-01"], 40).await;
        assert_mailed_once(&db).await;
        assert_audited(&db);
        let told = desk.host.told();
        let of_run = |event: &&Value, kind: &str| event["type"] == kind && (event["row"]["id"] == answer["run"] || event["progress"]["run"] == answer["run"]);
        assert!(told.iter().any(|event| of_run(&event, "run")), "its progress was told");
        assert_eq!(told.iter().filter(|event| of_run(event, "run_ended")).count(), 1, "its end was told once");
        let written = text(&db, "SELECT \"after\" FROM journal WHERE action = 'run.start'").await;
        assert!(written.contains("2013-01") && written.contains("\"total\":40"), "{written}");
    }

    async fn more_than_was_shown_is_refused(db: TestDb) {
        office(&db, 4);
        let desk = Desk::at(&db).await;
        let before = counts(&db, &TABLES).await;
        let outdated = desk.failure(start(&due("2013-01"), &json!(3))).await;
        assert_eq!(outdated, json!({ "code": "plan_outdated", "planned": 3, "now": 4 }));
        let nothing = desk.failure(start(&everything(), &json!(3))).await;
        assert_eq!(nothing["obstacle"]["code"], "nothing_to_do");
        assert_eq!(counts(&db, &TABLES).await, before);
        let fewer = desk.call(start(&due("2013-01"), &json!(9))).await;
        assert_eq!(fewer["total"], 4, "fewer than were shown may run");
        desk.run_ended(&fewer["run"]).await;
    }

    async fn what_is_wrong_is_told_by_its_field_before_anything_is_written(db: TestDb) {
        office(&db, 3);
        let desk = Desk::at(&db).await;
        let before = counts(&db, &TABLES).await;
        let with = |field: &str, value: Value| {
            let mut ask = start(&due("2013-01"), &json!(3));
            ask[field] = value;
            ask
        };
        let covering = |text: &str, english: Value| json!({ "text": text, "text_en": english });
        let cases = [
            (with("reason", json!("  ")), "reason", "required"),
            (with("issue_on", json!("2199-01-01")), "issue_on", "in_future"),
            (with("selection", due("2199-01")), "period", "too_far_ahead"),
            (with("covering", covering(" \n", Value::Null)), "text", "required"),
            (with("covering", covering("gut", json!("a\u{7}b"))), "text_en", "control_character"),
            (with("covering", covering(&"ä".repeat(4_001), Value::Null)), "text", "too_long"),
            (with("selection", json!({ "type": "failures", "failures": { "type": "these", "ids": ["x"] } })), "selection", "malformed"),
        ];
        for (ask, field, fault) in cases {
            let failure = desk.failure(ask).await;
            assert_eq!(failure["code"], "invalid", "{failure}");
            assert_eq!((&failure["faults"][0]["field"], &failure["faults"][0]["fault"]["code"]), (&json!(field), &json!(fault)));
        }
        let unknown = json!({ "type": "failed_in", "run": Uuid::now_v7() });
        assert_eq!(desk.failure(start(&unknown, &json!(1))).await["record"], "run");
        let late = desk.failure(json!({ "type": "plan_run", "selection": due("2013-01"), "issue_on": "2199-01-01" })).await;
        assert_eq!(late["faults"][0]["fault"]["code"], "in_future");
        assert_eq!(counts(&db, &TABLES).await, before);
    }

    async fn without_a_mail_target_nothing_is_written(db: TestDb) {
        let settings = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/settings.example.json");
        drop(kontor(&db).args(["db", "migrate", "--purpose", "production"]).run().expect(0));
        drop(kontor(&db).args(["db", "settings"]).args([settings]).run().expect(0));
        drop(import(&db, &customers_csv(1, 3)).expect(0));
        let desk = Desk::of("eva");
        let opened = desk.call(json!({ "type": "open_database", "place": crate::desk::place(&db), "password": crate::desk::password(&db) })).await;
        let shown = plan(&desk, &due("2013-01")).await;
        assert_eq!((&shown["eligible"], &shown["mail_target"]), (&json!(3), &Value::Null));
        let before = counts(&db, &TABLES).await;
        assert_eq!(desk.failure(start(&due("2013-01"), &json!(3))).await["code"], "mail_target_missing");
        let file = db.path().join("a-file");
        std::fs::write(&file, "x").expect("a file");
        let target = json!({ "type": "folder", "path": file });
        let _ = desk.ask(json!({ "type": "save_mail_settings", "profile": opened["profile"], "target": target })).await;
        assert!(desk.ask(start(&due("2013-01"), &json!(3))).await.is_err());
        assert_eq!(counts(&db, &TABLES).await, before);
        let mut archive = start(&due("2013-01"), &json!(3));
        archive["mail"] = json!(false);
        let run = desk.call(archive).await["run"].clone();
        let ended = desk.run_ended(&run).await;
        assert_eq!(ended["progress"]["done"], 3);
        assert_eq!(db.number("SELECT count(*) FROM deliveries WHERE state = 'accepted'").await, 0);
        assert_eq!(desk.call(json!({ "type": "show_run", "id": run })).await["mails"], false);
    }

    async fn what_failed_is_listed_and_run_again(db: TestDb) {
        office(&db, 12);
        let desk = standing_by(&db).await;
        let run = queued(&db);
        db.execute("UPDATE registrations SET email = 'kein Postfach' WHERE customer_serial <= 2").await;
        desk.call(json!({ "type": "join_run", "run": run })).await;
        let ended = desk.run_ended(&run).await;
        assert_eq!((&ended["progress"]["done"], &ended["progress"]["failed"]), (&json!(10), &json!(2)));
        assert_eq!(ended["progress"]["causes"][0]["cause"]["key"], "address_invalid");
        let failed = items(&desk, json!({ "run": run, "states": ["failed"] })).await;
        assert_eq!(failed["total"]["rows"], 2);
        let row = &failed["rows"][0]["value"];
        assert_eq!((&row["cause"]["code"], &row["attempts"][0]["outcome"]), (&json!("address_invalid"), &json!("failed")));
        assert_eq!(items(&desk, json!({ "run": run, "causes": ["address_invalid"] })).await["total"]["rows"], 2);
        assert_eq!(items(&desk, json!({ "run": run, "states": ["done", "failed"] })).await["total"]["rows"], 12);
        let ordinals: Vec<i64> = items(&desk, json!({ "run": run })).await["rows"].as_array().expect("rows").iter()
            .map(|row| row["value"]["ordinal"].as_i64().expect("a place")).collect();
        assert_eq!(ordinals, (1..=12).collect::<Vec<_>>());
        let again = json!({ "type": "failed_in", "run": run });
        let shown = plan(&desk, &again).await;
        assert_eq!((&shown["chosen"], &shown["eligible"], &shown["ineligible"]), (&json!(2), &json!(0), &json!(2)));
        assert_eq!(shown["refusals"][0]["obstacle"]["cause"]["code"], "address_invalid");
        assert_eq!(shown["refusals"][0]["count"], 2);
        assert_eq!(desk.failure(start(&again, &json!(0))).await["obstacle"]["code"], "nothing_to_do");
        db.execute("UPDATE registrations SET email = 'wieder@example.com' WHERE customer_serial <= 2").await;
        let ended = ran(&desk, &again).await;
        assert_eq!((&ended["row"]["occasion"], &ended["progress"]["done"]), (&json!("rerun"), &json!(2)));
        let lineage = items(&desk, json!({ "run": ended["row"]["id"] })).await["rows"][0]["value"]["attempts"].clone();
        assert_eq!(lineage.as_array().expect("attempts").len(), 2, "everything that was ever tried");
        assert_sound(&db, &["2013-01"], 12).await;
    }

    async fn refusals_lead_to_the_list_that_they_count(db: TestDb) {
        drop(kontor(&db).args(["demo", "create", "--registrations", "2000"]).run().expect(0));
        let desk = Desk::at(&db).await;
        let shown = plan(&desk, &everything()).await;
        let whole = |field: &str| shown[field].as_i64().expect("a count");
        assert_eq!(whole("chosen"), whole("eligible") + whole("ineligible"));
        let sum = |list: &Value| list.as_array().expect("a list").iter().map(|one| one["count"].as_i64().expect("a count")).sum::<i64>();
        assert_eq!(sum(&shown["refusals"]), whole("ineligible"));
        assert_eq!(sum(&shown["groups"]), whole("eligible"));
        for refusal in shown["refusals"].as_array().expect("refusals") {
            let filter = refusal["destination"]["query"]["filter"].clone();
            let ask = json!({ "type": "list_failures", "filter": filter, "place": { "type": "start" }, "limit": 0, "with_total": true });
            assert_eq!(desk.call(ask).await["total"]["rows"], refusal["count"], "{refusal}");
            assert!(!refusal["examples"].as_array().expect("examples").is_empty());
        }
        let group = shown["groups"][0]["cause"]["key"].clone();
        let all = json!({ "type": "failures", "failures": { "type": "all", "filter": { "groups": [group] }, "except": [] } });
        let list = json!({ "type": "list_failures", "filter": { "groups": [group] }, "place": { "type": "start" }, "limit": 500, "with_total": true });
        let page = desk.call(list).await;
        let chosen = plan(&desk, &all).await;
        assert_eq!(chosen["chosen"], page["total"]["rows"]);
        let keys: Vec<Value> = page["rows"].as_array().expect("rows").iter().map(|row| row["value"]["key"].clone()).collect();
        let but_one = json!({ "type": "failures", "failures": { "type": "all", "filter": { "groups": [group] }, "except": [keys[0]] } });
        assert_eq!(plan(&desk, &but_one).await["chosen"], json!(keys.len() - 1));
        let these = json!({ "type": "failures", "failures": { "type": "these", "ids": [keys[0], keys[1], keys[0]] } });
        assert_eq!(plan(&desk, &these).await["chosen"], 2);
        let able = page["rows"].as_array().expect("rows").iter().find(|row| row["value"]["obstacle"].is_null());
        let able = able.expect("one that can run")["value"]["key"].clone();
        let ended = ran(&desk, &all).await;
        assert_eq!(ended["progress"]["done"], chosen["eligible"]);
        let one = json!({ "type": "failures", "failures": { "type": "these", "ids": [able] } });
        assert_eq!(plan(&desk, &one).await["refusals"][0]["obstacle"]["code"], "complete");
    }

    async fn invoices_and_registrations_are_chosen_too(db: TestDb) {
        office(&db, 6);
        drop(kontor(&db).args(["invoices", "run", "--period", "2013-01", "--until", "archive"]).run().expect(0));
        let desk = Desk::at(&db).await;
        let ids = json!({ "type": "list_invoices", "filter": {}, "place": { "type": "start" }, "limit": 500, "with_total": true });
        let rows = desk.call(ids).await["rows"].clone();
        let invoice = |place: usize| rows[place]["value"]["id"].clone();
        let these = json!({ "type": "invoices", "invoices": { "type": "these", "ids": [invoice(0), invoice(1)] } });
        let ended = ran(&desk, &these).await;
        assert_eq!(ended["progress"]["done"], 2);
        let number = rows[0]["value"]["number"].as_str().expect("a number");
        drop(mailing(&db).args(["invoices", "cancel", number, "--reason", "falsch"]).run().expect(0));
        let all = json!({ "type": "invoices", "invoices": { "type": "all", "filter": { "kinds": ["invoice"] }, "except": [invoice(2)] } });
        let shown = plan(&desk, &all).await;
        assert_eq!((&shown["chosen"], &shown["eligible"]), (&json!(5), &json!(3)));
        let codes: Vec<&Value> = shown["refusals"].as_array().expect("refusals").iter().map(|one| &one["obstacle"]).collect();
        assert!(codes.iter().any(|one| one["code"] == "complete"), "{codes:?}");
        assert!(codes.iter().any(|one| one["cause"]["code"] == "invoice_cancelled"), "{codes:?}");
        let registration = rows[3]["value"]["registration"].clone();
        let of = json!({ "type": "registrations", "registrations": { "type": "these", "ids": [registration] } });
        assert_eq!(plan(&desk, &of).await["eligible"], 1);
        let every = json!({ "type": "registrations", "registrations": { "type": "all", "filter": {}, "except": [registration] } });
        assert_eq!(plan(&desk, &every).await["eligible"], 3);
        assert_eq!(ran(&desk, &of).await["progress"]["done"], 1);
    }

    async fn a_covering_text_is_seen_beforehand(db: TestDb) {
        office(&db, 3);
        db.execute("UPDATE registrations SET language = 'en' WHERE customer_serial = 2").await;
        let desk = Desk::at(&db).await;
        let covering = json!({ "text": "bitte entschuldigen Sie", "text_en": "please excuse us" });
        let before = counts(&db, &TABLES).await;
        let shown = desk.call(json!({ "type": "preview_covering", "selection": due("2013-01"), "covering": covering })).await;
        assert_eq!(shown["samples"].as_array().expect("samples").len(), 2);
        for (sample, language, words) in [(&shown["samples"][0], "de", "bitte entschuldigen"), (&shown["samples"][1], "en", "please excuse")] {
            assert_eq!(sample["language"], language);
            assert!(sample["text"].as_str().expect("a text").contains(words));
        }
        assert_eq!(counts(&db, &TABLES).await, before);
        let mut ask = start(&due("2013-01"), &json!(3));
        ask["covering"] = covering.clone();
        let run = desk.call(ask).await["run"].clone();
        desk.run_ended(&run).await;
        assert_eq!(desk.call(json!({ "type": "show_run", "id": run })).await["covering"], covering);
        let mail = messages(&db).iter().map(|path| std::fs::read_to_string(path).expect("a mail")).filter(|mail| mail.contains("please excuse us")).count();
        assert_eq!(mail, 1);
    }

    async fn a_run_is_paused_resumed_and_cancelled(db: TestDb) {
        office(&db, 8);
        let desk = standing_by(&db).await;
        let run = queued(&db);
        let paused = desk.call(control("pause_run", &run)).await;
        assert_eq!((&paused["progress"]["state"], &paused["progress"]["waiting"]), (&json!("paused"), &json!(8)));
        let twice = desk.failure(control("pause_run", &run)).await;
        assert_eq!(twice["obstacle"], json!({ "code": "run_is", "state": "paused" }));
        let join = desk.failure(json!({ "type": "join_run", "run": run })).await;
        assert_eq!(join["obstacle"], json!({ "code": "run_is", "state": "paused" }));
        assert_eq!(runs(&desk, json!({ "states": ["paused"] })).await["total"]["rows"], 1);
        assert_eq!(runs(&desk, json!({ "states": ["running", "pausing"] })).await["total"]["rows"], 0);
        let resume = control("resume_run", &run);
        desk.call(resume.clone()).await;
        desk.run_ended(&run).await;
        let journal = db.number("SELECT count(*) FROM journal").await;
        desk.call(resume).await;
        assert_eq!(db.number("SELECT count(*) FROM journal").await, journal, "a repeated request writes nothing");
        let over = desk.failure(control("cancel_run", &run)).await;
        assert_eq!(over["obstacle"], json!({ "code": "run_is", "state": "done" }));
        assert_eq!(desk.failure(control("pause_run", &json!(Uuid::now_v7()))).await["record"], "run");
        assert_sound(&db, &["2013-01"], 8).await;
    }

    async fn a_cancelled_run_is_taken_back(db: TestDb) {
        office(&db, 8);
        let desk = standing_by(&db).await;
        let run = queued(&db);
        let cancelled = desk.call(control("cancel_run", &run)).await;
        assert_eq!((&cancelled["progress"]["state"], &cancelled["progress"]["cancelled"]), (&json!("cancelled"), &json!(8)));
        assert_eq!(db.number("SELECT count(*) FROM invoices").await, 0);
        let row = &runs(&desk, json!({ "states": ["cancelled"], "occasions": ["invoice"] })).await["rows"][0]["value"];
        assert_eq!((&row["id"], &row["total"]), (&run, &json!(8)));
        let person = row["by"]["person"].clone();
        assert_eq!(runs(&desk, json!({ "persons": [person] })).await["total"]["rows"], 1);
        assert_eq!(runs(&desk, json!({ "persons": ["nobody"] })).await["total"]["rows"], 0);
        assert_eq!(runs(&desk, json!({ "occasions": ["rerun", "resend", "cancellation", "settlement"] })).await["total"]["rows"], 0);
    }

    async fn a_run_that_nobody_works_on_is_taken_over(db: TestDb) {
        office(&db, 20);
        let run = queued(&db);
        let desk = Desk::at(&db).await;
        let ended = desk.run_ended(&run).await;
        assert_eq!(ended["progress"]["done"], 20);
        assert_mailed_once(&db).await;
    }

    async fn a_closed_window_leaves_its_run_to_another_desk(db: TestDb) {
        office(&db, 300);
        // The mails take their time until the first desk is closed, however late that is.
        let (sink, is_closed) = (SmtpSink::start(), Arc::new(AtomicBool::new(false)));
        let may_hurry = Arc::clone(&is_closed);
        sink.fault(move |moment| {
            (moment.phase == Phase::Dot && !may_hurry.load(Ordering::SeqCst)).then_some(Fault::Slow(Duration::from_millis(100)))
        });
        let first = Desk::of("eva").mailing_to(&db, &sink).await;
        let run = started(&first, &due("2013-01")).await;
        first.until(|event| event["type"] == "run" && event["progress"]["in_hand"].as_i64() > Some(0)).await;
        first.office.end().await;
        assert_eq!(db.number("SELECT count(*) FROM run_items WHERE state = 'claimed'").await, 0, "what was in hand is finished");
        assert_eq!(text(&db, "SELECT state FROM runs").await, "running");
        assert!(db.number("SELECT count(*) FROM run_items WHERE state = 'waiting'").await > 0);
        is_closed.store(true, Ordering::SeqCst);
        let second = Desk::of("udo").mailing_to(&db, &sink).await;
        let ended = second.run_ended(&run).await;
        assert_eq!((&ended["progress"]["state"], &ended["progress"]["done"]), (&json!("done"), &json!(300)));
        assert_sound(&db, &["2013-01"], 300).await;
        assert_eq!((sink.kept(), sink.duplicates().len()), (300, 0));
    }

    async fn a_desk_and_a_server_share_a_run(db: TestDb) {
        office(&db, 300);
        // No mail is taken before both have some in hand, so that neither comes too late.
        let (sink, are_both_here) = (SmtpSink::start(), Arc::new(AtomicBool::new(false)));
        let may_go = Arc::clone(&are_both_here);
        sink.behave(move |_| {
            while !may_go.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(5));
            }
            Behaviour::Accept
        });
        let desk = Desk::of("eva").mailing_to(&db, &sink).await;
        let server = kontor(&db).smtp(&sink.url()).env("KONTOR_HOST", "server-7").args(["work", "--batch", "16"]).spawn();
        let run = started(&desk, &due("2013-01")).await;
        let both = |event: &Value| {
            let workers = event["progress"]["workers"].as_array().cloned().unwrap_or_default();
            event["type"] == "run" && workers.iter().any(|one| one["is_here"] == true) && workers.iter().any(|one| one["host"] == "server-7")
        };
        desk.until(both).await;
        are_both_here.store(true, Ordering::SeqCst);
        let ended = desk.run_ended(&run).await;
        drop(server.kill());
        assert_eq!(ended["progress"]["done"], 300);
        assert_eq!(ended["progress"]["workers"], json!([]));
        assert!(db.number("SELECT count(*) FROM attempts WHERE host = 'server-7'").await > 0);
        assert_sound(&db, &["2013-01"], 300).await;
        assert_eq!((sink.kept(), sink.duplicates().len()), (300, 0));
    }
}
