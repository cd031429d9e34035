//! What is open: one definition, groups, and the list behind them.

use std::collections::BTreeSet;

use kontor_tests::both_databases;
use kontor_tests::databases::{Kind, TestDb};
use serde_json::{Value, json};

use super::Desk;
use crate::support::{kontor, mailing, past_the_guards};

/// January 2013 with fewer customers.
fn january(db: &TestDb) {
    drop(kontor(db).args(["demo", "create", "--registrations", "2000"]).run().expect(0));
}

fn ask(filter: &Value, order: &Value, place: &Value, limit: usize) -> Value {
    json!({ "type": "list_failures", "filter": filter, "order": order, "place": place, "limit": limit, "with_total": true })
}

async fn total(desk: &Desk, filter: Value) -> i64 {
    let page = desk.call(ask(&filter, &Value::Null, &json!({ "type": "start" }), 0)).await;
    assert_eq!(page["rows"], json!([]));
    page["total"]["rows"].as_i64().expect("a total")
}

async fn all(desk: &Desk, filter: &Value, order: &Value) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut place = json!({ "type": "start" });
    loop {
        let page = desk.call(ask(filter, order, &place, 500)).await;
        rows.extend(page["rows"].as_array().expect("rows").iter().map(|row| row["value"].clone()));
        if page["after"].is_null() {
            return rows;
        }
        place = json!({ "type": "after", "cursor": page["after"] });
    }
}

fn key(row: &Value) -> String {
    row["key"].as_str().expect("a key").to_owned()
}

both_databases! {
    async fn what_is_open_by_the_lists_of_invoices_is_open_here(db: TestDb) {
        january(&db);
        let desk = Desk::at(&db).await;
        let rows = all(&desk, &json!({}), &Value::Null).await;
        let here: BTreeSet<String> =
            rows.iter().filter_map(|row| row["invoice"]["id"].as_str()).map(str::to_owned).collect();
        let invoices = json!({
            "type": "list_invoices", "filter": { "failed": true }, "place": { "type": "start" }, "limit": 500, "with_total": true,
        });
        let page = desk.call(invoices).await;
        let there: BTreeSet<String> =
            page["rows"].as_array().expect("rows").iter().map(|row| row["value"]["id"].as_str().expect("an id").to_owned()).collect();
        assert_eq!(page["total"]["rows"], json!(there.len()));
        assert!(here.len() > 20, "{}", here.len());
        assert_eq!(here, there);
        let plan = kontor(&db).args(["runs", "plan", "--all"]).run().expect(0).json();
        let planned = plan["eligible"].as_u64().expect("a count") + plan["ineligible"].as_u64().expect("a count");
        assert_eq!(planned, rows.len() as u64);
    }

    async fn each_group_counts_its_list(db: TestDb) {
        january(&db);
        let desk = Desk::at(&db).await;
        let groups = desk.call(json!({ "type": "show_failure_groups" })).await;
        let mut sum = 0;
        let mut before = i64::MAX;
        for group in groups["groups"].as_array().expect("groups") {
            let count = group["count"].as_i64().expect("a count");
            assert!(count <= before, "the largest first");
            (sum, before) = (sum + count, count);
            let filter = group["destination"]["query"]["filter"].clone();
            assert_eq!(group["destination"]["query"]["list"], "failures");
            assert_eq!(total(&desk, filter.clone()).await, count, "{filter}");
            let able = json!({ "groups": [group["cause"]["key"]], "can_run": true });
            assert_eq!(json!(total(&desk, able).await), group["eligible"]);
            for host in group["hosts"].as_array().expect("hosts") {
                let on = json!({ "groups": [group["cause"]["key"]], "hosts": [host["host"]] });
                assert_eq!(json!(total(&desk, on).await), host["count"]);
            }
            let examples = group["examples"].as_array().expect("examples");
            assert!(!examples.is_empty() && examples.len() <= 3);
            let list = desk.call(ask(&filter, &Value::Null, &json!({ "type": "start" }), 3)).await;
            let first: Vec<&Value> = list["rows"].as_array().expect("rows").iter().map(|row| &row["value"]).collect();
            assert_eq!(examples.iter().collect::<Vec<_>>(), first, "examples are the list's first rows");
            assert_eq!(group["last_seen"], first[0]["last_seen"]);
        }
        assert_eq!(json!(sum), groups["total"]);
        assert_eq!(total(&desk, json!({})).await, sum);
    }

    async fn each_filter_narrows(db: TestDb) {
        january(&db);
        let desk = Desk::at(&db).await;
        let rows = all(&desk, &json!({}), &Value::Null).await;
        let whole = i64::try_from(rows.len()).expect("a length");
        let (able, unable) = (total(&desk, json!({ "can_run": true })).await, total(&desk, json!({ "can_run": false })).await);
        assert!(able > 0 && unable > 0 && able + unable == whole);
        let obstacles: BTreeSet<&str> = rows.iter().filter_map(|row| row["obstacle"]["key"].as_str()).collect();
        let mut hindered = 0;
        for obstacle in &obstacles {
            hindered += total(&desk, json!({ "obstacles": [obstacle] })).await;
        }
        assert_eq!(hindered, unable);
        assert_eq!(total(&desk, json!({ "obstacles": obstacles })).await, unable, "several words of one field widen");
        assert_eq!(total(&desk, json!({ "period": "2013-01" })).await, whole);
        assert_eq!(total(&desk, json!({ "period": "2012-12" })).await, 0);
        let row = rows.iter().find(|row| !row["invoice"].is_null()).expect("an invoice");
        let number = row["invoice"]["number"].as_str().expect("a number");
        for search in [number.to_lowercase(), row["customer"].as_str().expect("a number").to_owned(), row["email"].as_str().expect("an address").to_uppercase()] {
            let found = all(&desk, &json!({ "search": search }), &Value::Null).await;
            assert!(found.iter().any(|found| found["key"] == row["key"]), "{search}");
            assert!(found.len() < 10, "{search} finds {}", found.len());
        }
        assert_eq!(total(&desk, json!({ "search": format!("{number} nobody-of-this-name") })).await, 0);
        let host = rows.iter().find_map(|row| row["host"].as_str()).expect("a host");
        let expected = rows.iter().filter(|row| row["host"] == host).count();
        assert_eq!(total(&desk, json!({ "hosts": [host] })).await, i64::try_from(expected).expect("a length"));
    }

    async fn pages_are_cut_from_one_list_in_every_order(db: TestDb) {
        january(&db);
        let desk = Desk::at(&db).await;
        for by in ["last_seen", "invoice", "customer"] {
            for descending in [false, true] {
                let order = json!({ "by": by, "descending": descending });
                let whole: Vec<String> = all(&desk, &json!({}), &order).await.iter().map(key).collect();
                assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), whole.len());
                paged(&desk, &order, &whole, 37).await;
            }
        }
        let numbers: Vec<Value> = all(&desk, &json!({}), &json!({ "by": "invoice", "descending": true })).await.into_iter()
            .map(|row| row["invoice"]["number"].clone()).collect();
        let without = numbers.iter().position(Value::is_null).unwrap_or(numbers.len());
        assert!(numbers[without..].iter().all(Value::is_null), "those without a number come last");
        assert!(numbers[..without].is_sorted_by(|a, b| a.as_str() >= b.as_str()));
    }

    async fn what_changes_is_read_again(db: TestDb) {
        january(&db);
        let desk = Desk::at(&db).await;
        let able = total(&desk, json!({ "can_run": true })).await;
        let unable = total(&desk, json!({ "can_run": false })).await;
        assert!(able > 0);
        drop(mailing(&db).args(["runs", "start", "--all", "--reason", "elsewhere"]).run().expect(0));
        assert_eq!(total(&desk, json!({})).await, unable, "another process ran them");
        let wrong = all(&desk, &json!({ "obstacles": ["address_invalid"] }), &Value::Null).await;
        let row = wrong.first().expect("an address that is none");
        let id = row["customer"].as_str().expect("a number");
        let statement = format!(
            "UPDATE registrations SET email = 'wieder@example.com', updated_at = '2031-01-01T00:00:00.000000+00:00' \
             WHERE customer_number = '{id}'"
        );
        assert_eq!(db.execute(&statement).await, 1);
        assert_eq!(total(&desk, json!({ "can_run": true })).await, 1, "an address corrected elsewhere");
    }

    async fn a_value_that_cannot_be_decoded_costs_its_own_row(db: TestDb) {
        if db.kind == Kind::Postgres {
            return;
        }
        january(&db);
        let desk = Desk::at(&db).await;
        let rows = all(&desk, &json!({ "can_run": true }), &Value::Null).await;
        let whole = total(&desk, json!({})).await;
        let customer = rows[0]["customer"].as_str().expect("a number");
        let damage = format!("UPDATE registrations SET registered_at = '2013-0q-17', updated_at = '2031-01-01T00:00:00.000000+00:00' WHERE customer_number = '{customer}'");
        assert_eq!(past_the_guards(&db, "registrations", &damage).await, 1);
        assert_eq!(total(&desk, json!({})).await, whole);
        let page = desk.call(ask(&json!({ "groups": ["record_unreadable"] }), &Value::Null, &json!({ "type": "start" }), 5)).await;
        assert_eq!(page["total"]["rows"], 1);
        let row = &page["rows"][0];
        assert_eq!((&row["type"], &row["value"]["id"]), (&json!("unreadable"), &rows[0]["key"]));
        assert_eq!(row["value"]["fields"][0]["field"], "registered_at");
        let plan = desk.call(json!({ "type": "plan_run", "selection": { "type": "everything" } })).await;
        let refused = plan["refusals"].as_array().expect("refusals").iter().find(|one| one["obstacle"]["cause"]["code"] == "record_unreadable");
        assert_eq!(refused.expect("a refusal")["count"], 1);
    }
}

/// Pages through the list in all ways and holds each against it.
async fn paged(desk: &Desk, order: &Value, whole: &[String], limit: usize) {
    let keys =
        |page: &Value| page["rows"].as_array().expect("rows").iter().map(|row| key(&row["value"])).collect::<Vec<_>>();
    let cut = async |place: Value| desk.call(ask(&json!({}), order, &place, limit)).await;
    let (mut forward, mut place) = (Vec::new(), json!({ "type": "start" }));
    loop {
        let page = cut(place).await;
        assert_eq!(page["first"], json!(forward.len()));
        forward.extend(keys(&page));
        if page["after"].is_null() {
            break;
        }
        place = json!({ "type": "after", "cursor": page["after"] });
    }
    assert_eq!(forward, whole, "{order}");
    let (mut backward, mut place) = (Vec::new(), json!({ "type": "end" }));
    loop {
        let page = cut(place).await;
        let mut rows = keys(&page);
        rows.append(&mut backward);
        backward = rows;
        if page["before"].is_null() {
            break;
        }
        place = json!({ "type": "before", "cursor": page["before"] });
    }
    assert_eq!(backward, whole, "{order}");
    for index in [0, 1, whole.len() / 2, whole.len() - 1] {
        let page = cut(json!({ "type": "at", "index": index })).await;
        let end = (index + limit).min(whole.len());
        assert_eq!(keys(&page), whole[index..end]);
        let around = cut(json!({ "type": "around", "id": whole[index] })).await;
        let first = usize::try_from(around["first"].as_u64().expect("a place")).expect("a place");
        assert_eq!(keys(&around)[index - first], whole[index], "around contains the row");
    }
    let nowhere = cut(json!({ "type": "around", "id": "gone" })).await;
    assert_eq!(nowhere["first"], 0);
}
