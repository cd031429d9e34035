//! The overview: every figure is as large as the list behind it.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::{Value, json};

use super::Desk;
use crate::support::{invoice, kontor, mailing, office, text};

/// How many rows the list behind a figure has.
async fn rows(desk: &Desk, destination: &Value) -> Value {
    assert_eq!(destination["type"], "list", "{destination}");
    let query = &destination["query"];
    let name = format!("list_{}", query["list"].as_str().expect("a name"));
    let ask = json!({
        "type": name, "filter": query["filter"], "order": query["order"], "place": { "type": "start" }, "limit": 0,
        "with_total": true,
    });
    desk.call(ask).await["total"]["rows"].clone()
}

/// All figures of an answer, wherever they stand.
fn figures(answer: &Value, found: &mut Vec<(Value, Value)>) {
    match answer {
        Value::Object(fields) => {
            if let (Some(count), Some(destination)) = (fields.get("count"), fields.get("destination")) {
                found.push((count.clone(), destination.clone()));
            }
            fields.values().for_each(|value| figures(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| figures(value, found)),
        _ => {}
    }
}

async fn assert_figures(desk: &Desk, overview: &Value) -> usize {
    let mut found = Vec::new();
    figures(overview, &mut found);
    for (count, destination) in &found {
        assert_eq!(rows(desk, destination).await, *count, "{destination}");
    }
    found.len()
}

fn sum(figures: &Value) -> i64 {
    figures.as_array().expect("figures").iter().map(|one| one["figure"]["count"].as_i64().expect("a count")).sum()
}

both_databases! {
    async fn every_figure_of_january_counts_its_list(db: TestDb) {
        drop(kontor(&db).args(["demo", "create", "--registrations", "1500"]).run().expect(0));
        let desk = Desk::at(&db).await;
        let overview = desk.call(json!({ "type": "show_overview", "from": "2013-01-01", "to": "2013-01-31" })).await;
        assert!(assert_figures(&desk, &overview).await > 40);
        assert_eq!(overview["today"], "2013-02-01");
        assert_eq!(overview["registrations"]["count"], 1500);
        assert_eq!(overview["days"].as_array().expect("days").len(), 31);
        assert_eq!(json!(sum(&overview["days"])), overview["registered"]["count"]);
        assert_eq!(json!(sum(&overview["causes"])), overview["failures"]["count"]);
        assert_eq!(json!(sum(&overview["invoice_states"])), overview["invoices"]["count"]);
        let sold = db.number("SELECT CAST(sum(quota_bytes) AS BIGINT) FROM mailboxes WHERE state = 'active'").await;
        assert_eq!(overview["storage"]["sold_bytes"], json!(sold));
        let samples = overview["storage"]["samples"].as_array().expect("samples");
        assert!(samples.len() > 20 && samples.len() <= 31, "{}", samples.len());
        assert!(samples.is_sorted_by(|a, b| a["taken_at"].as_str() < b["taken_at"].as_str()));
        assert!(overview["storage"]["capacity_bytes"].as_i64().expect("a sample tells") > 0);
        drop(mailing(&db).args(["runs", "start", "--all", "--reason", "elsewhere"]).run().expect(0));
        let after = desk.call(json!({ "type": "show_overview", "from": "2013-01-01", "to": "2013-01-31" })).await;
        assert!(after["failures"]["count"].as_i64() < overview["failures"]["count"].as_i64());
        assert!(assert_figures(&desk, &after).await > 40);
    }

    async fn days_that_nobody_named_are_this_month(db: TestDb) {
        drop(kontor(&db).args(["demo", "create", "--registrations", "50"]).run().expect(0));
        let desk = Desk::at(&db).await;
        let overview = desk.call(json!({ "type": "show_overview" })).await;
        assert_eq!((&overview["from"], &overview["to"]), (&json!("2013-02-01"), &json!("2013-02-01")));
        let turned = desk.failure(json!({ "type": "show_overview", "from": "2013-01-31", "to": "2013-01-01" })).await;
        assert_eq!(turned["faults"][0]["field"], "day_to");
        let long = desk.failure(json!({ "type": "show_overview", "from": "1900-01-01", "to": "2013-01-31" })).await;
        let fault = json!({ "field": "day_from", "fault": { "code": "too_early", "earliest": "2010-05-08" } });
        assert_eq!(long["faults"], json!([fault]));
        let longest = json!({ "type": "show_overview", "from": "2010-05-08", "to": "2013-01-31" });
        assert_eq!(desk.call(longest).await["days"].as_array().expect("days").len(), 1_000);
    }

    async fn a_run_that_is_not_over_stands_on_the_overview(db: TestDb) {
        office(&db, 5);
        let queued = mailing(&db).args(["invoices", "run", "--period", "2013-01", "--queue"]).run().expect(0).json();
        let id = queued["run"].as_str().expect("a run");
        drop(kontor(&db).args(["runs", "pause", id, "--reason", "wait"]).run().expect(0));
        let desk = Desk::at(&db).await;
        let overview = desk.call(json!({ "type": "show_overview" })).await;
        let run = &overview["runs"][0];
        assert_eq!((&run["row"]["id"], &run["progress"]["state"], &run["progress"]["waiting"]), (&json!(id), &json!("paused"), &json!(5)));
        desk.call(json!({ "type": "resume_run", "request_id": uuid::Uuid::now_v7(), "run": id, "reason": "" })).await;
        desk.run_ended(&json!(id)).await;
        let overview = desk.call(json!({ "type": "show_overview" })).await;
        assert_eq!((&overview["runs"], &overview["failures"]["count"]), (&json!([]), &json!(0)));
        assert_eq!(invoice(&db, "2013-01")["state"], "nothing_to_do");
        assert_eq!(text(&db, "SELECT state FROM runs").await, "done");
    }
}
