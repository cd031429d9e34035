//! What the rules found, as the window asks for it: groups, list, one finding with its evidence; putting aside.

use chrono::{TimeDelta, Utc};
use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::{Value, json};

use super::Desk;
use crate::support::{office, text};

/// Turns one bit of a name around, as faulty memory does, and returns what stood there and what does now.
pub async fn flip(db: &TestDb, serial: i64) -> (String, String) {
    let right = text(db, &format!("SELECT last_name FROM registrations WHERE customer_serial = {serial}")).await;
    let mut bytes = right.clone().into_bytes();
    bytes[1] ^= 1 << 1;
    let wrong = String::from_utf8(bytes).expect("text");
    let changed = format!("UPDATE registrations SET last_name = '{wrong}' WHERE customer_serial = {serial}");
    assert_eq!(db.execute(&changed).await, 1);
    (right, wrong)
}

/// Asks all rules and waits for the outcome.
pub async fn checked(desk: &Desk) -> Value {
    let job = desk.call(json!({ "type": "check_database", "rules": [], "only_changed": false })).await;
    assert_eq!(job["kind"], "check");
    desk.outcome(&job).await
}

/// Findings that match.
pub async fn list(desk: &Desk, filter: Value) -> Vec<Value> {
    let page = desk
        .call(json!({ "type": "list_findings", "filter": filter, "place": { "type": "start" }, "limit": 50, "with_total": true }))
        .await;
    let rows = page["rows"].as_array().expect("rows");
    assert_eq!(page["total"]["rows"], rows.len());
    rows.iter().map(|row| row["value"].clone()).collect()
}

both_databases! {
    async fn a_flipped_bit_is_found_explained_and_closes_by_itself(db: TestDb) {
        office(&db, 6);
        let desk = Desk::at(&db).await;
        let groups = desk.call(json!({ "type": "show_finding_groups" })).await;
        assert_eq!((&groups["checked_at"], &groups["open"]), (&Value::Null, &json!(0)));
        let before = checked(&desk).await;
        assert_eq!(before["type"], "check", "{before}");
        let (right, wrong) = flip(&db, 3).await;
        let outcome = checked(&desk).await;
        // The seal is broken, and nobody is called that.
        let known = before["open"].as_i64().expect("a number");
        assert_eq!((&outcome["open"], &outcome["closed"]), (&json!(known + 2), &json!(0)));
        desk.until(|event| event["type"] == "changed" && event["parts"] == json!(["findings"])).await;

        let groups = desk.call(json!({ "type": "show_finding_groups" })).await;
        let group = groups["groups"].as_array().expect("groups").iter().find(|group| group["rule"] == "seal_broken");
        let group = group.expect("the seal's group");
        assert_eq!((&group["open"], &group["proven"], &group["fresh"]), (&json!(1), &json!(1), &json!(1)));
        assert!(groups["checked_at"].is_string());
        let rows = list(&desk, group["destination"]["query"]["filter"].clone()).await;
        assert_eq!(rows.len(), 1, "the group's figure is its list");
        let row = &rows[0];
        let number = text(&db, "SELECT customer_number FROM registrations WHERE customer_serial = 3").await;
        assert_eq!((&row["subject"]["label"], &row["subject"]["destination"]["type"]), (&json!(number), &json!("registration")));
        assert_eq!((&row["current"], &row["proposed"], &row["evidence"]), (&json!(wrong), &json!(right), &json!("proven")));
        assert_eq!(list(&desk, json!({ "search": number })).await.len(), 2);

        let detail = desk.call(json!({ "type": "show_finding", "id": row["id"] })).await;
        let change = json!({ "field": "last_name", "old": wrong, "new": right, "bit": { "byte": 1, "bit": 1 } });
        assert_eq!((&detail["plan"]["fields"], &detail["plan"]["obstacle"]), (&json!([change]), &Value::Null));
        assert!(detail["reasons"].as_array().is_some_and(|reasons| reasons.iter().any(|reason| reason["code"] == "seal_fits")));
        assert!(detail["rule"]["why"]["de"].as_str().is_some_and(|words| words.len() > 10));

        let back = format!("UPDATE registrations SET last_name = '{right}' WHERE customer_serial = 3");
        assert_eq!(db.execute(&back).await, 1);
        let outcome = checked(&desk).await;
        assert_eq!((&outcome["open"], &outcome["closed"]), (&before["open"], &json!(2)));
        let closed = list(&desk, json!({ "states": ["closed"], "rules": ["seal_broken"] })).await;
        assert_eq!((closed.len(), &closed[0]["id"]), (1, &row["id"]));
    }

    async fn what_is_put_aside_waits_for_its_day(db: TestDb) {
        office(&db, 6);
        flip(&db, 1).await;
        flip(&db, 2).await;
        let desk = Desk::at(&db).await;
        checked(&desk).await;
        let seals = json!({ "rules": ["seal_broken"] });
        let start = desk.call(json!({ "type": "start" })).await;
        let today = match start["connection"]["business_date"].as_str() {
            Some(day) => day.parse().expect("a day"),
            None => Utc::now().with_timezone(&chrono_tz::Europe::Berlin).date_naive(),
        };
        let day = |days: i64| (today + TimeDelta::days(days)).to_string();
        let ask = |until: String, reason: &str| {
            let request = uuid::Uuid::now_v7();
            json!({ "type": "set_findings_aside", "request_id": request, "until": until, "reason": reason,
                "findings": { "type": "all", "filter": seals, "except": [] } })
        };
        assert_eq!(desk.failure(ask(day(3), " ")).await["faults"][0]["field"], "reason");
        assert_eq!(desk.failure(ask(day(0), "later")).await["faults"][0]["fault"]["code"], "not_to_come");
        let done = ask(day(3), "the customer is asked");
        assert_eq!(desk.call(done.clone()).await["count"], 2);
        desk.call(done).await;
        let entries = "SELECT count(*) FROM journal WHERE action = 'finding.set_aside'";
        assert_eq!(db.number(entries).await, 1, "a repeated request does nothing");
        assert_eq!(list(&desk, seals.clone()).await.len(), 0);
        let aside = list(&desk, json!({ "states": ["set_aside"] })).await;
        assert_eq!((aside.len(), &aside[0]["set_aside"]["reason"]), (2, &json!("the customer is asked")));
        checked(&desk).await;
        assert_eq!(list(&desk, json!({ "states": ["set_aside"] })).await.len(), 2, "a check leaves them where they are");
        // One is brought back before its day, and put aside again.
        let back = json!({ "type": "bring_findings_back", "request_id": uuid::Uuid::now_v7(), "reason": "the customer answered",
            "findings": { "type": "these", "ids": [aside[0]["id"]] } });
        assert_eq!(desk.call(back.clone()).await["count"], 1);
        assert_eq!(desk.call(back.clone()).await["count"], 0, "a repeated request does nothing");
        assert_eq!(list(&desk, seals.clone()).await.len(), 1);
        assert_eq!(db.number("SELECT count(*) FROM journal WHERE action = 'finding.bring_back'").await, 1);
        let mut silent = back;
        silent["reason"] = json!(" ");
        silent["request_id"] = json!(uuid::Uuid::now_v7());
        assert_eq!(desk.failure(silent).await["faults"][0]["field"], "reason");
        assert_eq!(desk.call(ask(day(3), "asked again")).await["count"], 1);
        // Their day comes.
        let past = "UPDATE findings SET set_aside_until_at = opened_at";
        db.execute(past).await;
        assert_eq!(list(&desk, seals).await.len(), 2);
    }

    async fn the_rules_say_what_they_are(db: TestDb) {
        office(&db, 1);
        let desk = Desk::at(&db).await;
        let rules = desk.call(json!({ "type": "show_rules" })).await;
        let rules = rules.as_array().expect("rules");
        assert!(rules.len() > 40);
        for rule in rules {
            for words in ["title", "what", "why", "how", "when_not"] {
                let (de, en) = (rule[words]["de"].as_str(), rule[words]["en"].as_str());
                assert!(de.is_some_and(|text| !text.is_empty()) && en.is_some_and(|text| !text.is_empty()), "{rule}");
            }
        }
    }
}
