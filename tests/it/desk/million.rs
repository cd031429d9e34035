//! How long the list of registrations takes on a database that is there already: `KONTOR_MILLION` names it. Run by hand; no
//! test asserts times.

use std::time::Instant;

use serde_json::{Value, json};

use super::Desk;

async fn timed(desk: &Desk, name: &str, request: &Value) -> Value {
    let mut best = f64::MAX;
    let mut worst: f64 = 0.0;
    let mut answer = Value::Null;
    for _ in 0..7 {
        let begun = Instant::now();
        answer = desk.call(request.clone()).await;
        let took = begun.elapsed().as_secs_f64() * 1_000.0;
        (best, worst) = (best.min(took), worst.max(took));
    }
    let rows = answer["rows"].as_array().map_or(0, Vec::len);
    println!("{name:<44} {best:8.1} … {worst:8.1} ms  {rows} rows, total {}", answer["total"]["rows"]);
    answer
}

fn list(filter: &Value, by: &str, place: &Value, limit: i64, with_total: bool) -> Value {
    json!({ "type": "list_registrations", "filter": filter, "order": { "by": by, "descending": false }, "place": place,
        "limit": limit, "with_total": with_total })
}

#[test]
#[ignore = "measures a large database that KONTOR_MILLION names"]
fn a_million_registrations() {
    kontor_tests::databases::block_on(async {
        let url = std::env::var("KONTOR_MILLION").expect("KONTOR_MILLION names a database");
        let desk = Desk::of("eva");
        let place = match url.strip_prefix("sqlite:") {
            Some(path) => json!({ "type": "file", "path": path }),
            None => super::place_of(&url),
        };
        desk.call(json!({ "type": "open_database", "place": place, "password": null })).await;
        let (start, end, all) = (json!({ "type": "start" }), json!({ "type": "end" }), json!({}));
        let at = |index: i64| json!({ "type": "at", "index": index });
        for by in ["customer", "name", "mailbox", "state", "used_bytes", "registered_at"] {
            timed(&desk, &format!("first page by {by}"), &list(&all, by, &start, 100, false)).await;
            timed(&desk, &format!("middle by {by}, no anchors yet"), &list(&all, by, &at(500_000), 100, false)).await;
            timed(&desk, &format!("end by {by}"), &list(&all, by, &end, 100, false)).await;
        }
        timed(&desk, "count of all", &list(&all, "customer", &start, 0, true)).await;
        for search in ["müller", "mül", "schmidt anna", "K-500000", "500000", "example", "x7", "re-2013-005"] {
            let filter = json!({ "search": search });
            timed(&desk, &format!("“{search}” by customer"), &list(&filter, "customer", &start, 100, false)).await;
            timed(&desk, &format!("“{search}” by name"), &list(&filter, "name", &start, 100, false)).await;
            timed(&desk, &format!("“{search}” count"), &list(&filter, "customer", &start, 0, true)).await;
        }
        for filter in [
            json!({ "states": ["active"] }),
            json!({ "states": ["blocked"] }),
            json!({ "kinds": ["company"] }),
            json!({ "failed_invoice": true }),
            json!({ "failed_invoice": false }),
            json!({ "used_percent_from": 90 }),
            json!({ "registered_from": "2013-01-10", "registered_to": "2013-01-12" }),
            json!({ "unsettled_mail": true }),
            json!({ "has_mailbox": false }),
        ] {
            timed(&desk, &format!("{filter} by name"), &list(&filter, "name", &start, 100, false)).await;
            timed(&desk, &format!("{filter} count"), &list(&filter, "name", &start, 0, true)).await;
        }
        let filter = json!({ "kinds": ["person"] });
        timed(&desk, "persons by name with total", &list(&filter, "name", &start, 100, true)).await;
        let begun = Instant::now();
        tokio::time::sleep(std::time::Duration::from_secs(12)).await;
        println!("waited {:?} for anchors", begun.elapsed());
        timed(&desk, "persons by name, middle", &list(&filter, "name", &at(400_000), 100, false)).await;
        timed(&desk, "persons by name, end", &list(&filter, "name", &end, 100, true)).await;
        let page = timed(&desk, "all by name, with total", &list(&all, "name", &start, 100, true)).await;
        let around = json!({ "type": "around", "id": page["rows"][50]["value"]["id"] });
        timed(&desk, "around a row by mailbox", &list(&all, "mailbox", &around, 100, false)).await;
        timed(&desk, "call view", &json!({ "type": "show_registration", "id": page["rows"][3]["value"]["id"] })).await;
        timed(&desk, "find müller", &json!({ "type": "find", "text": "müller", "limit": 8 })).await;
        timed(&desk, "find K-500000", &json!({ "type": "find", "text": "K-500000", "limit": 8 })).await;
    });
}
