//! Repairs, as the window asks for them: planned, staged, applied by two people or by one who confirms twice, taken back.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Desk;
use super::findings::{checked, flip, list};
use crate::repair::{Stored, differing, stored};
use crate::support::{office, text};

/// An office whose first customers have a flipped bit each, checked; the second value is what the database said before.
async fn damaged(db: &TestDb, customers: i64) -> (Desk, Stored) {
    office(db, 6);
    let clean = stored(db).await;
    for serial in 1..=customers {
        flip(db, serial).await;
    }
    let desk = Desk::at(db).await;
    checked(&desk).await;
    (desk, clean)
}

fn id() -> Uuid {
    Uuid::now_v7()
}

fn proven() -> Value {
    json!({ "type": "proven", "findings": { "type": "all", "filter": {}, "except": [] } })
}

fn named(finding: &Value) -> Value {
    json!({ "type": "named", "orders": [{ "finding": finding }] })
}

async fn plan(desk: &Desk, choice: Value) -> Value {
    desk.call(json!({ "type": "plan_repairs", "choice": choice, "limit": 100 })).await
}

async fn stage(desk: &Desk, choice: Value) -> Value {
    desk.call(json!({ "type": "stage_repairs", "request_id": id(), "choice": choice })).await
}

/// What is staged, as the list of the window has it.
async fn staged(desk: &Desk) -> Value {
    plan(desk, json!({ "type": "staged", "repairs": [] })).await
}

/// The ids of what is staged.
async fn waiting(desk: &Desk) -> Vec<Value> {
    let staged = staged(desk).await;
    staged["repairs"].as_array().expect("repairs").iter().map(|each| each["staged"]["repair"].clone()).collect()
}

async fn apply(desk: &Desk, request: Uuid, repairs: &[Value], is_confirmed: bool) -> Value {
    let ask = json!({ "type": "apply_repairs", "request_id": request, "repairs": repairs, "reason": "gekippte Bits", "is_confirmed": is_confirmed });
    let job = desk.call(ask).await;
    assert_eq!(job["kind"], "repair");
    let outcome = desk.outcome(&job).await;
    assert_eq!(outcome["type"], "repairs", "{outcome}");
    outcome["result"].clone()
}

async fn undo(desk: &Desk, choice: Value) -> Value {
    let job = desk
        .call(json!({ "type": "undo_repairs", "request_id": id(), "choice": choice, "reason": "doch nicht" }))
        .await;
    assert_eq!(job["kind"], "undo");
    desk.outcome(&job).await["result"].clone()
}

/// Repairs as the list of the window has them.
async fn repairs(desk: &Desk, filter: Value) -> Vec<Value> {
    let ask = json!({ "type": "list_repairs", "filter": filter, "place": { "type": "start" }, "limit": 50, "with_total": true });
    let page = desk.call(ask).await;
    let rows = page["rows"].as_array().expect("rows");
    assert_eq!(page["total"]["rows"], rows.len());
    rows.iter().map(|row| row["value"].clone()).collect()
}

async fn states(db: &TestDb, state: &str) -> i64 {
    db.number(&format!("SELECT count(*) FROM repairs WHERE state = '{state}'")).await
}

async fn seal_of(desk: &Desk, number: &str) -> Value {
    list(desk, json!({ "rules": ["seal_broken"], "search": number })).await[0].clone()
}

both_databases! {
    async fn planned_staged_confirmed_applied_and_taken_back(db: TestDb) {
        let (desk, clean) = damaged(&db, 2).await;
        let broken = stored(&db).await;
        let number = text(&db, "SELECT customer_number FROM registrations WHERE customer_serial = 1").await;
        let finding = seal_of(&desk, &number).await;

        let seen = plan(&desk, named(&finding["id"])).await;
        let one = &seen["repairs"][0];
        assert_eq!((&one["fields"][0]["field"], &one["evidence"], &one["obstacle"]), (&json!("last_name"), &json!("proven"), &Value::Null), "{seen}");
        assert_eq!((&one["fields"][0]["bit"]["byte"], &one["subject"]["label"]), (&json!(1), &json!(number)));
        assert!(one["effects"].as_array().expect("effects").contains(&json!("no_mail")) && one["is_undoable"] == json!(true));
        let own = json!({ "type": "named", "orders": [{ "finding": finding["id"], "value": "" }] });
        assert_eq!(plan(&desk, own).await["repairs"][0]["fields"][0]["new"], Value::Null, "a person's own value is planned, too");
        assert_eq!((states(&db, "staged").await, differing(&broken, &stored(&db).await)), (0, vec![]), "a plan writes nothing");

        let done = stage(&desk, named(&finding["id"])).await;
        assert_eq!((&done["done"], &done["refused"]), (&json!(1), &json!(0)));
        assert_eq!((states(&db, "staged").await, differing(&broken, &stored(&db).await)), (1, vec![]), "staging changes no record");
        let again = stage(&desk, named(&finding["id"])).await;
        assert_eq!(again["items"][0]["obstacle"]["code"], "staged_already", "{again}");
        assert_eq!(desk.call(json!({ "type": "show_finding_groups" })).await["staged"], 1);
        assert_eq!(seal_of(&desk, &number).await["staged_by"], "eva");
        let detail = desk.call(json!({ "type": "show_finding", "id": finding["id"] })).await;
        assert_eq!((&detail["plan"]["staged"]["is_mine"], &detail["plan"]["obstacle"]), (&json!(true), &Value::Null));
        let review = staged(&desk).await;
        assert_eq!((&review["totals"]["able"], &review["totals"]["mine"], &review["totals"]["mails"]), (&json!(1), &json!(1), &json!(0)));

        let ids = waiting(&desk).await;
        let no_reason = json!({ "type": "apply_repairs", "request_id": id(), "repairs": ids, "reason": " ", "is_confirmed": true });
        assert_eq!(desk.failure(no_reason).await["faults"][0]["field"], "reason");
        let alone = apply(&desk, id(), &ids, false).await;
        assert_eq!((&alone["done"], &alone["items"][0]["obstacle"]["code"]), (&json!(0), &json!("second_confirmation")));
        assert_eq!((states(&db, "staged").await, differing(&broken, &stored(&db).await)), (1, vec![]), "it still waits");
        let request = id();
        let done = apply(&desk, request, &ids, true).await;
        assert_eq!((&done["done"], &done["refused"], &done["batch"]), (&json!(1), &json!(0), &json!(request)), "{done}");
        assert_eq!(apply(&desk, request, &ids, true).await, done, "the same request is answered the same");
        assert_eq!(db.number("SELECT count(*) FROM journal WHERE action = 'repair.apply' AND person = 'eva' AND reason = 'gekippte Bits'").await, 1);
        let right = text(&db, "SELECT last_name FROM registrations WHERE customer_serial = 1").await;
        assert_eq!(json!(right), one["fields"][0]["new"]);
        assert!(desk.call(json!({ "type": "show_finding", "id": finding["id"] })).await["repairs"][0]["state"] == json!("applied"));

        let rows = repairs(&desk, json!({ "search": number, "states": ["applied"], "rules": ["seal_broken"], "persons": ["eva"] })).await;
        assert_eq!((rows.len(), &rows[0]["field"], &rows[0]["new"], &rows[0]["fields"]), (1, &json!("last_name"), &json!(right), &json!(1)));
        assert_eq!(repairs(&desk, json!({ "persons": ["jürgen"] })).await.len(), 0);
        let shown = desk.call(json!({ "type": "show_repair", "id": rows[0]["id"] })).await["value"].clone();
        assert_eq!((&shown["undo_obstacle"], &shown["batch_applied"], &shown["row"]["applied_by"]), (&Value::Null, &json!(1), &json!("eva")), "{shown}");

        let fixed = stored(&db).await;
        let batch = json!({ "type": "batch", "batch": request });
        let preview = desk.call(json!({ "type": "plan_undo", "choice": batch })).await;
        assert_eq!((&preview["able"], &preview["unable"]), (&json!(1), &json!(0)));
        assert!(preview["repairs"][0]["fields"].as_array().expect("fields").iter().any(|field| {
            field["field"] == "last_name" && field["old"] == json!(right) && field["new"] == one["fields"][0]["old"]
        }), "{preview}");
        assert_eq!(differing(&fixed, &stored(&db).await), Vec::<String>::new(), "a preview writes nothing");
        assert_eq!(undo(&desk, batch).await["done"], 1);
        assert_eq!(differing(&broken, &stored(&db).await), Vec::<String>::new());
        let shown = desk.call(json!({ "type": "show_repair", "id": rows[0]["id"] })).await["value"].clone();
        assert_eq!((&shown["row"]["state"], &shown["undone_by"], &shown["undone_reason"]), (&json!("undone"), &json!("eva"), &json!("doch nicht")));
        assert_eq!(shown["undo_obstacle"]["code"], "not_applied");
        assert_ne!(differing(&clean, &stored(&db).await), Vec::<String>::new());
    }

    async fn bulk_takes_two_people_and_tells_each_result(db: TestDb) {
        let (desk, clean) = damaged(&db, 4).await;
        let seen = plan(&desk, proven()).await;
        // The words for searching say the same, as an independent copy, which is no proof.
        assert_eq!((&seen["totals"]["able"], &seen["totals"]["records"]), (&json!(4), &json!(4)), "{seen}");
        assert_eq!(seen["totals"]["unproven"], json!(list(&desk, json!({})).await.len() - 4));
        assert_eq!(stage(&desk, proven()).await["done"], 4);
        let seen = plan(&desk, proven()).await;
        assert_eq!((&seen["totals"]["able"], &seen["refusals"][0]["obstacle"]["code"]), (&json!(0), &json!("staged_already")));
        let ids = waiting(&desk).await;
        let other = Desk::of("jürgen").opening(&db).await;
        let out = json!({ "type": "unstage_repairs", "request_id": id(), "repairs": [ids[3]] });
        assert_eq!(other.call(out).await["count"], 1);
        // The row of one changes between review and applying.
        let (_, wrong) = ("", text(&db, "SELECT last_name FROM registrations WHERE customer_serial = 2").await);
        db.execute("UPDATE registrations SET last_name = 'Anders' WHERE customer_serial = 2").await;
        assert_eq!(staged(&other).await["refusals"][0]["obstacle"]["code"], "row_changed");
        let done = apply(&other, id(), &ids[..3], false).await;
        assert_eq!((&done["done"], &done["refused"]), (&json!(2), &json!(1)), "{done}");
        let refused = done["items"].as_array().expect("items").iter().find(|item| item["outcome"] == "refused").expect("one");
        assert_eq!(refused["obstacle"]["code"], "row_changed");
        assert!(refused["subject"]["label"].is_string());
        assert_eq!((states(&db, "applied").await, states(&db, "refused").await, states(&db, "staged").await), (2, 1, 0));
        assert_eq!(db.number("SELECT count(*) FROM repairs WHERE state = 'applied' AND person = 'eva' AND applied_by = 'jürgen'").await, 2);
        assert_eq!(repairs(&desk, json!({ "persons": ["jürgen"] })).await.len(), 3, "who applied it, or wanted to, is found");

        let conflict = desk.call(json!({ "type": "compare_repair", "id": refused["repair"] })).await;
        let field = conflict["fields"].as_array().expect("fields").iter().find(|each| each["field"] == "last_name").expect("the field");
        assert_eq!((&field["before"], &field["now"], &field["is_overlapping"]), (&json!(wrong), &json!("Anders"), &json!(true)), "{conflict}");
        assert_eq!((&conflict["changed_by"], &conflict["state"]), (&Value::Null, &json!("refused")));
        assert_eq!(field["mine"], json!("Groß-Müller 2"), "{conflict}");

        let undone = undo(&desk, json!({ "type": "batch", "batch": done["batch"] })).await;
        assert_eq!((&undone["done"], &undone["refused"]), (&json!(2), &json!(0)), "{undone}");
        assert_ne!(differing(&clean, &stored(&db).await), Vec::<String>::new());
    }

    async fn what_changed_since_is_not_taken_back(db: TestDb) {
        let (desk, _) = damaged(&db, 2).await;
        stage(&desk, proven()).await;
        let ids = waiting(&desk).await;
        let done = apply(&desk, id(), &ids, true).await;
        assert_eq!(done["done"], 2);
        db.execute("UPDATE registrations SET city = 'Lübeck' WHERE customer_serial = 1").await;
        let changed = stored(&db).await;
        let batch = json!({ "type": "batch", "batch": done["batch"] });
        let preview = desk.call(json!({ "type": "plan_undo", "choice": batch })).await;
        assert_eq!((&preview["able"], &preview["unable"]), (&json!(1), &json!(1)), "{preview}");
        let refused = preview["repairs"].as_array().expect("repairs").iter().find(|each| !each["obstacle"].is_null()).expect("one");
        assert_eq!(refused["obstacle"]["code"], "row_changed");
        let repair = refused["repair"].clone();
        let alone = undo(&desk, json!({ "type": "repairs", "repairs": [repair] })).await;
        assert_eq!((&alone["done"], &alone["items"][0]["obstacle"]["code"]), (&json!(0), &json!("row_changed")));
        assert_eq!(differing(&changed, &stored(&db).await), Vec::<String>::new());
        let conflict = desk.call(json!({ "type": "compare_repair", "id": repair })).await;
        let city = conflict["fields"].as_array().expect("fields").iter().find(|each| each["field"] == "city").expect("the field");
        assert_eq!((&city["before"], &city["mine"], &city["now"], &city["is_overlapping"]), (&json!("Kiel"), &json!("Kiel"), &json!("Lübeck"), &json!(false)));
        assert_eq!(desk.call(json!({ "type": "show_repair", "id": repair })).await["value"]["undo_obstacle"]["code"], "row_changed");
        assert_eq!(states(&db, "applied").await, 2);
    }

    async fn of_two_desks_that_apply_the_same_each_repair_is_applied_once(db: TestDb) {
        let (desk, _) = damaged(&db, 4).await;
        stage(&desk, proven()).await;
        let ids = waiting(&desk).await;
        let other = Desk::of("jürgen").opening(&db).await;
        let (mine, theirs) = tokio::join!(apply(&desk, id(), &ids, true), apply(&other, id(), &ids, false));
        let count = |result: &Value, what: &str| result[what].as_i64().expect("a count");
        assert_eq!(count(&mine, "done") + count(&theirs, "done"), 4, "{mine} {theirs}");
        // Whoever comes second is told so, or that the rule does not find it any more.
        let second = |result: &Value| count(result, "refused") + count(result, "resolved");
        assert_eq!(second(&mine) + second(&theirs), 4, "{mine} {theirs}");
        assert_eq!((states(&db, "applied").await, states(&db, "staged").await), (4, 0));
        assert_eq!(db.number("SELECT count(*) FROM journal WHERE action = 'repair.apply'").await, 4);
        let late = apply(&other, id(), &ids[..1], false).await;
        assert_eq!((&late["done"], &late["items"][0]["obstacle"]["code"]), (&json!(0), &json!("not_applied")));
    }

    async fn what_another_desk_stages_is_heard(db: TestDb) {
        let (desk, _) = damaged(&db, 1).await;
        let other = Desk::of("jürgen").opening(&db).await;
        // The follower has to have looked once before it can tell what changed.
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        stage(&desk, proven()).await;
        other.until(|event| event["type"] == "changed" && event["is_own"] == json!(false)
            && event["parts"].as_array().is_some_and(|parts| parts.contains(&json!("repairs")) && parts.contains(&json!("findings")))).await;
    }
}
