//! Lists as files: the rows of the screen, in its columns and words, whole or not at all.

use std::path::Path;

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Desk;
use super::invoices::demo;
use super::walk::Walk;
use crate::support::{invoice, office};

#[expect(clippy::needless_pass_by_value, reason = "JSON that is written where it is asked")]
fn export(query: Value, format: &str, language: &str, fields: &[&str]) -> Value {
    let columns: Vec<Value> = fields.iter().map(|field| json!({ "field": field, "title": field })).collect();
    json!({
        "type": "export_list", "query": query, "columns": columns, "format": format, "language": language,
        "title": "Speichern", "file_name": "Liste",
    })
}

fn records(path: &Path, delimiter: u8) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).expect("the file");
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.expect("a record").iter().map(str::to_owned).collect()).collect()
}

async fn exported(desk: &Desk, path: &Path, ask: Value) -> Value {
    desk.host.will_choose(path);
    let job = desk.call(ask).await;
    desk.outcome(&job).await
}

fn left_behind(db: &TestDb) -> Vec<String> {
    let entries = std::fs::read_dir(db.path()).expect("the folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    names.filter(|name| Path::new(name).extension().is_some_and(|ending| ending == "part")).collect()
}

both_databases! {
    async fn a_file_has_the_rows_of_the_list(db: TestDb) {
        let desk = demo(&db, "700").await;
        let path = db.path().join("rechnungen.csv");
        let order = json!({ "by": "gross_cents", "descending": true });
        let query = json!({ "list": "invoices", "filter": { "states": ["archived"] }, "order": order });
        let mut ask = export(query, "csv", "de", &["number", "recipient", "gross_cents", "issued_on", "state", "failure.code"]);
        ask["columns"][4]["words"] = json!({ "archived": "abgelegt" });
        let outcome = exported(&desk, &path, ask).await;
        let walk = Walk { desk: &desk, list: "list_invoices", filter: json!({ "states": ["archived"] }), order };
        let rows = walk.rows(500).await;
        assert!(rows.len() > 500, "more than a page");
        assert_eq!(outcome, json!({ "type": "export", "path": path, "rows": rows.len() }));
        let records = records(&path, b';');
        assert_eq!(records[0], ["number", "recipient", "gross_cents", "issued_on", "state", "failure.code"]);
        assert_eq!(records.len(), rows.len() + 1);
        for (record, row) in records[1..].iter().zip(&rows) {
            let row = &row["value"];
            assert_eq!((record[0].as_str(), record[1].as_str()), (row["number"].as_str().expect("a number"), row["recipient"].as_str().expect("a name")));
            let cents = row["gross_cents"].as_i64().expect("an amount");
            assert_eq!(record[2], format!("{},{:02}", cents / 100, cents % 100));
            let day = row["issued_on"].as_str().expect("a day");
            assert_eq!(record[3], format!("{}.{}.{}", &day[8..], &day[5..7], &day[..4]));
            assert_eq!((record[4].as_str(), record[5].as_str()), ("abgelegt", row["failure"]["code"].as_str().unwrap_or("")));
        }
        assert!(left_behind(&db).is_empty());
        let job = desk.host.told().into_iter().rev().find(|event| event["type"] == "job").expect("a job");
        desk.call(json!({ "type": "open_export", "job": job["job"]["id"] })).await;
        assert_eq!(desk.host.opened(), std::slice::from_ref(&path));
        std::fs::remove_file(&path).expect("the file is taken away");
        assert_eq!(desk.failure(json!({ "type": "open_export", "job": job["job"]["id"] })).await["reason"], "missing");
        assert_eq!(desk.failure(json!({ "type": "open_export", "job": Uuid::now_v7() })).await["code"], "not_found");
    }

    async fn every_list_can_be_a_file(db: TestDb) {
        let desk = demo(&db, "60").await;
        let lists = [
            ("invoices", "number"), ("deliveries", "message_id"), ("payments", "payer"), ("failures", "cause.code"), ("runs", "reason"),
        ];
        for (list, field) in lists {
            let ask = |filter: Value| json!({ "list": list, "filter": filter, "order": null });
            for format in ["csv", "xlsx"] {
                let path = db.path().join(format!("{list}.{format}"));
                let outcome = exported(&desk, &path, export(ask(json!({})), format, "en", &[field])).await;
                let walk = Walk { desk: &desk, list: &format!("list_{list}"), filter: json!({}), order: Value::Null };
                assert_eq!(outcome["rows"], walk.total().await, "{list} {outcome}");
                let bytes = std::fs::read(&path).expect("the file");
                assert!(bytes.starts_with(if format == "csv" { b"\xef\xbb\xbf" } else { b"PK\x03" }));
            }
        }
    }

    async fn only_what_was_chosen_and_nothing_that_starts_a_formula(db: TestDb) {
        office(&db, 5);
        invoice(&db, "2013-01");
        db.execute("UPDATE registrations SET customer_number = '=HYPERLINK(1)' WHERE customer_serial = 2").await;
        let desk = Desk::at(&db).await;
        let walk = Walk { desk: &desk, list: "list_invoices", filter: json!({}), order: Value::Null };
        let rows = walk.rows(500).await;
        let query = json!({ "list": "invoices", "filter": {}, "order": null });
        let path = db.path().join("auswahl.csv");
        let ask = export(query, "csv", "en", &["number", "customer", "gross_cents"]);
        let mut only = ask.clone();
        only["only"] = json!([rows[1]["value"]["id"], rows[3]["value"]["id"], Uuid::now_v7()]);
        assert_eq!(exported(&desk, &path, only).await["rows"], 2);
        let found = records(&path, b',');
        assert_eq!((&found[1][1], &found[1][2]), (&"'=HYPERLINK(1)".to_owned(), &"1.00".to_owned()));
        let mut except = ask.clone();
        except["except"] = json!([rows[0]["value"]["id"]]);
        assert_eq!(exported(&desk, &path, except).await["rows"], 4);
        assert_eq!(records(&path, b',').len(), 5, "the old file made room");

        assert!(desk.call(ask.clone()).await.is_null(), "nobody chose a place");
        let nowhere = exported(&desk, &db.path().join("no/such/folder/x.csv"), ask.clone()).await;
        assert_eq!((&nowhere["failure"]["code"], &nowhere["failure"]["reason"]), (&json!("file"), &json!("missing")));
        let mut none = ask;
        none["columns"] = json!([]);
        assert_eq!(desk.failure(none).await["faults"][0]["field"], "columns");
    }

    async fn a_cancelled_export_leaves_nothing_behind(db: TestDb) {
        let desk = demo(&db, "1500").await;
        let path = db.path().join("abgebrochen.xlsx");
        desk.host.will_choose(&path);
        let query = json!({ "list": "invoices", "filter": {}, "order": null });
        let job = desk.call(export(query, "xlsx", "de", &["number", "recipient"])).await;
        desk.call(json!({ "type": "cancel_job", "job": job["id"] })).await;
        assert_eq!(desk.outcome(&job).await["type"], "cancelled");
        assert!(!path.exists() && left_behind(&db).is_empty());
    }
}
