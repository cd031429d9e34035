//! The damage of a host as the window asks for it: figures that open their lists, one go, and drawing again as a job.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Desk, password, place};
use crate::check::check;
use crate::damage::{SUSPECT, invoiced_there, withdrawn};
use crate::repair::store;
use crate::support::{customers_csv, import, kontor, office};

fn number(value: &Value) -> i64 {
    value.as_i64().expect("a number")
}

/// How many rows the list behind a figure has.
async fn rows(desk: &Desk, figure: &Value) -> i64 {
    let filter = &figure["destination"]["query"]["filter"];
    let page = json!({ "type": "list_findings", "filter": filter, "place": { "type": "start" }, "limit": 1, "with_total": true });
    number(&desk.call(page).await["total"]["rows"])
}

both_databases! {
    async fn figures_open_their_lists_and_one_go_is_done_once(db: TestDb) {
        drop(kontor(&db).args(["demo", "create", "--registrations", "2500"]).run().expect(0));
        assert!(!check(&db, &[]).is_empty());
        let said = kontor(&db).args(["causes", "damage", "--host", SUSPECT]).run().expect(0).json();
        let desk = Desk::at(&db).await;
        let shown = desk.call(json!({ "type": "show_damage", "host": SUSPECT })).await;
        for name in ["attempts", "invoices", "documents", "mails", "numbers", "customers", "source"] {
            assert_eq!(shown[name], said[name], "{name}");
        }
        assert_eq!((&shown["undrawable"], &shown["can_run"]), (&said["papers"]["undrawable"], &said["failures"]["eligible"]));
        assert_eq!(rows(&desk, &shown["findings"]).await, number(&shown["findings"]["count"]));
        let rules = shown["rules"].as_array().expect("rules");
        let sum: i64 = rules.iter().map(|rule| number(&rule["findings"]["count"])).sum();
        assert_eq!((sum, rules.len() > 5), (number(&shown["findings"]["count"]), true));
        assert_eq!(rows(&desk, &rules[0]["findings"]).await, number(&rules[0]["findings"]["count"]));
        let all = json!({ "destination": { "query": { "filter": {} } } });
        assert!(rows(&desk, &all).await > sum, "the others are not among them");

        // The records, a page at a time.
        let scope = &shown["scope"];
        let (mut after, mut seen) = (Value::Null, Vec::new());
        loop {
            let page = desk.call(json!({ "type": "list_damage", "scope": scope, "after": after, "limit": 40 })).await;
            seen.extend(page["rows"].as_array().expect("rows").iter().map(|row| row["attempt"].to_string()));
            after = page["next"].clone();
            if after.is_null() {
                break;
            }
        }
        let listed = kontor(&db).args(["causes", "damage", "--host", SUSPECT, "--list"]).run().expect(0).json();
        let listed: Vec<String> = listed.as_array().expect("a list").iter().map(|row| row["attempt"].to_string()).collect();
        assert_eq!(seen, listed);

        let plan = desk.call(json!({ "type": "plan_damage", "scope": scope })).await;
        assert_eq!((&plan["repairs"], &plan["invoices"]), (&said["plan"]["repairs"], &said["plan"]["invoices"]));
        assert!(!plan["mail_target"].is_null());
        let failure = desk.failure(json!({ "type": "stage_damage", "request_id": Uuid::now_v7(), "scope": scope, "reason": " " })).await;
        assert_eq!(failure["faults"][0]["field"], "reason");
        let request = json!({ "type": "stage_damage", "request_id": Uuid::now_v7(), "scope": scope, "reason": "Speicher getauscht" });
        let staged = desk.call(request.clone()).await;
        assert_eq!((&staged["staged"], &staged["invoices"]), (&plan["repairs"], &plan["invoices"]), "{staged:#}");
        assert_eq!(staged["refusals"], plan["refusals"]);
        assert_eq!(desk.run_ended(&staged["run"]).await["progress"]["done"], staged["invoices"]);
        assert_eq!(desk.call(request).await, staged);
        assert_eq!(db.number("SELECT count(*) FROM runs WHERE kind = 'rerun'").await, 1);
        let again = desk.call(json!({ "type": "plan_damage", "scope": scope })).await;
        assert_eq!((&again["repairs"], &again["invoices"], &again["staged_already"]), (&json!(0), &json!(0), &staged["staged"]));
    }

    async fn without_a_run_no_mail_target_is_asked_for(db: TestDb) {
        let settings = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/settings.example.json");
        drop(kontor(&db).args(["db", "migrate", "--purpose", "production"]).run().expect(0));
        drop(kontor(&db).args(["db", "settings"]).args([settings]).run().expect(0));
        drop(import(&db, &customers_csv(1, 3)).expect(0));
        invoiced_there(&db);
        drop(withdrawn(&store(&db).await).await);
        let desk = Desk::of("eva");
        desk.call(json!({ "type": "open_database", "place": place(&db), "password": password(&db) })).await;
        let scope = desk.call(json!({ "type": "show_damage", "host": SUSPECT })).await["scope"].clone();
        let plan = desk.call(json!({ "type": "plan_damage", "scope": scope })).await;
        assert_eq!((&plan["invoices"], &plan["mail_target"]), (&json!(0), &Value::Null));
        let stage = json!({ "type": "stage_damage", "request_id": Uuid::now_v7(), "scope": scope, "reason": "x" });
        assert_eq!(desk.call(stage).await["invoices"], 0);
    }

    async fn a_job_draws_again_and_an_invoice_says_so(db: TestDb) {
        office(&db, 3);
        invoiced_there(&db);
        drop(withdrawn(&store(&db).await).await);
        let desk = Desk::at(&db).await;
        let shown = desk.call(json!({ "type": "show_damage", "host": SUSPECT })).await;
        assert_eq!((&shown["source"], &shown["unproven"], &shown["proven"]), (&json!("withdrawal"), &json!(3), &json!(0)));
        let first = desk.call(json!({ "type": "list_damage", "scope": shown["scope"], "after": null, "limit": 10 })).await;
        let row = &first["rows"][0];
        assert_eq!((&row["paper"], first["rows"].as_array().map(Vec::len)), (&json!("unproven"), Some(3)));
        let invoice = json!({ "type": "show_invoice", "id": row["invoice"] });
        assert_eq!(desk.call(invoice.clone()).await["doubt"], json!({ "host": SUSPECT, "drawn": null }));
        let job = desk.call(json!({ "type": "examine_damage", "scope": shown["scope"] })).await;
        assert_eq!(job["kind"], "examine");
        let outcome = desk.outcome(&job).await;
        assert_eq!(outcome, json!({ "type": "examined", "drawn": 3, "same": 3, "otherwise": 0, "undrawable": 0, "open": 0 }));
        let doubt = desk.call(invoice).await["doubt"].clone();
        assert_eq!((&doubt["drawn"]["host"], &doubt["drawn"]["is_same"]), (&json!("desk-of-eva"), &json!(true)));
        assert_eq!(desk.call(json!({ "type": "show_damage", "host": SUSPECT })).await["proven"], 3);
        // The suspect host itself is refused: its desk says why.
        let there = json!({ "host": "desk-of-eva", "from": shown["scope"]["from"], "to": shown["scope"]["to"] });
        let job = desk.call(json!({ "type": "examine_damage", "scope": there })).await;
        assert_eq!(desk.outcome(&job).await["failure"]["code"], "not_here");
        for (from, to, field) in [(json!("2013-02-01"), json!("2013-01-01"), "day_to"), (json!("2013-02-01"), Value::Null, "day_to")] {
            let failure = desk.failure(json!({ "type": "show_damage", "host": SUSPECT, "from": from, "to": to })).await;
            assert_eq!(failure["faults"][0]["field"], field);
        }
        let failure = desk.failure(json!({ "type": "show_damage", "host": "rechnung-99" })).await;
        assert_eq!(failure["code"], "host_unknown");
        let failure = desk.failure(json!({ "type": "show_damage", "host": "desk-of-eva" })).await;
        assert_eq!(failure["code"], "host_unknown");
    }
}
