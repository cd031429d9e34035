//! Invoices: the list in every order and with every filter, one invoice, its PDF and its mark, and cancelling.

use std::collections::BTreeSet;

use kontor_tests::both_databases;
use kontor_tests::databases::{Kind, TestDb};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Desk;
use super::walk::{Walk, id, told};
use crate::support::{invoice, kontor, office, past_the_guards, text};

/// A made-up month with everything that goes wrong.
pub async fn demo(db: &TestDb, registrations: &str) -> Desk {
    drop(kontor(db).args(["demo", "create", "--registrations", registrations]).run().expect(0));
    Desk::at(db).await
}

fn walk(desk: &Desk, filter: Value, order: Value) -> Walk<'_> {
    Walk { desk, list: "list_invoices", filter, order }
}

/// The first invoice of the list with this filter.
pub async fn first(desk: &Desk, filter: Value) -> Value {
    let page = walk(desk, filter.clone(), Value::Null).page(json!({ "type": "start" }), 1).await;
    let row = page["rows"][0]["value"].clone();
    assert!(row["id"].is_string(), "no invoice for {filter}");
    row
}

async fn show(desk: &Desk, id: &Value) -> Value {
    desk.call(json!({ "type": "show_invoice", "id": id })).await
}

fn request() -> String {
    Uuid::now_v7().to_string()
}

const MAIL: &str = "COALESCE((SELECT d.state FROM deliveries d WHERE d.invoice_id = i.id ORDER BY d.queued_at DESC, d.id DESC \
                    LIMIT 1), 'none')";

both_databases! {
    async fn the_list_is_the_same_whichever_way_it_is_walked(db: TestDb) {
        let desk = demo(&db, "300").await;
        for (by, column) in [("number", "number"), ("issued_on", "issued_on"), ("recipient", "recipient_name"), ("gross_cents", "gross_cents")] {
            for descending in [false, true] {
                let direction = if descending { "DESC" } else { "ASC" };
                let sql = format!("SELECT id FROM invoices ORDER BY {column} {direction}, id {direction}");
                let order = json!({ "by": by, "descending": descending });
                assert_eq!(walk(&desk, json!({}), order).every_way(70).await, told(&db, &sql).await, "{by} {direction}");
            }
        }
        let own = walk(&desk, json!({}), Value::Null).every_way(500).await;
        assert_eq!(own, told(&db, "SELECT id FROM invoices ORDER BY number, id").await);
    }

    async fn each_filter_finds_what_it_says(db: TestDb) {
        let desk = demo(&db, "300").await;
        let one = first(&desk, json!({})).await;
        let registration = one["registration"].as_str().expect("an id");
        let hex = registration.replace('-', "");
        let of_registration = match db.kind {
            Kind::Sqlite => format!("i.registration_id = x'{hex}'"),
            Kind::Postgres => format!("i.registration_id = '{registration}'"),
        };
        let customer = one["customer"].as_str().expect("a number").to_lowercase();
        let searched = format!("EXISTS (SELECT 1 FROM registrations r WHERE r.id = i.registration_id AND r.search_text LIKE '%{customer}%')");
        let cases = [
            (json!({}), "TRUE".to_owned()),
            (json!({ "registration": registration }), of_registration),
            (json!({ "period_from": "2013-01", "period_to": "2013-01" }), "i.period = '2013-01-01'".to_owned()),
            (json!({ "period_from": "2013-02" }), "i.period >= '2013-02-01'".to_owned()),
            (json!({ "issued_from": "2013-01-10", "issued_to": "2013-01-20" }), "i.issued_on BETWEEN '2013-01-10' AND '2013-01-20'".to_owned()),
            (json!({ "states": ["incomplete"] }), "i.state = 'incomplete'".to_owned()),
            (json!({ "states": ["archived", "cancelled"] }), "i.state IN ('archived', 'cancelled')".to_owned()),
            (json!({ "kinds": ["cancellation"] }), "i.kind = 'cancellation'".to_owned()),
            // Nobody is at work: what was being sent when its process died is unknown.
            (json!({ "mails": ["none", "unknown"] }), format!("{MAIL} IN ('none', 'unknown', 'sending')")),
            (json!({ "mails": ["sending"] }), "FALSE".to_owned()),
            (json!({ "mails": ["sending", "unknown"] }), format!("{MAIL} IN ('unknown', 'sending')")),
            (json!({ "mails": ["accepted"] }), format!("{MAIL} = 'accepted'")),
            (json!({ "reviewed": true }), "FALSE".to_owned()),
            (json!({ "search": one["number"] }), format!("i.number = '{}'", one["number"].as_str().expect("a number"))),
            (json!({ "search": customer }), searched),
            (json!({ "search": "gibt es nicht" }), "FALSE".to_owned()),
        ];
        for (filter, condition) in cases {
            let sql = format!("SELECT i.id FROM invoices i WHERE {condition} ORDER BY i.number, i.id");
            assert_eq!(walk(&desk, filter.clone(), Value::Null).every_way(100).await, told(&db, &sql).await, "{filter}");
        }
    }

    async fn what_failed_says_why_and_is_counted_alike(db: TestDb) {
        let desk = demo(&db, "400").await;
        let rows = walk(&desk, json!({}), Value::Null).rows(500).await;
        let failing: BTreeSet<String> =
            rows.iter().filter(|row| !row["value"]["failure"].is_null()).map(id).collect();
        let filtered: BTreeSet<String> = walk(&desk, json!({ "failed": true }), Value::Null).rows(500).await.iter().map(id).collect();
        assert_eq!(failing, filtered, "a row says why exactly when the filter finds it");
        assert!(failing.len() > 3, "{failing:?}");
        let others = walk(&desk, json!({ "failed": false }), Value::Null).total().await;
        assert_eq!(usize::try_from(others).expect("a count") + failing.len(), rows.len());
        let listed = desk.call(json!({ "type": "list_failures", "filter": {}, "place": { "type": "start" }, "limit": 500, "with_total": true })).await;
        let known: BTreeSet<String> = listed["rows"].as_array().expect("rows").iter()
            .filter_map(|row| row["value"]["invoice"]["id"].as_str().map(str::to_owned)).collect();
        assert_eq!(known, failing, "the list of failures knows the same invoices");
        for id in failing.iter().take(3) {
            let detail = show(&desk, &json!(id)).await;
            assert!(detail["actions"]["failure"].is_string(), "{detail}");
        }
    }

    async fn one_invoice_has_all_that_belongs_to_it(db: TestDb) {
        office(&db, 2);
        invoice(&db, "2013-01");
        let desk = Desk::at(&db).await;
        let row = first(&desk, json!({})).await;
        let detail = show(&desk, &row["id"]).await;
        assert_eq!(detail["row"]["value"], row);
        let content = &detail["content"]["value"];
        assert_eq!((&content["net_cents"], &content["tax_cents"]), (&json!(84), &json!(16)));
        assert_eq!(content["service_to"], "2013-01-31");
        assert_eq!(content["address"].as_array().expect("lines").len(), 3, "{content}");
        assert_eq!(detail["lines"][0]["value"]["gross_cents"], 100);
        assert_eq!(detail["documents"][0]["value"]["is_original"], true);
        let mail = &detail["deliveries"][0]["value"];
        assert_eq!((&mail["row"]["state"], &mail["has_message"]), (&json!("accepted"), &json!(true)));
        assert_eq!(mail["evidence"][0]["value"]["source"], "file");
        assert_eq!(mail["settle"], json!({ "code": "settled", "state": "accepted" }));
        assert_eq!(detail["attempts"][0]["value"]["outcome"], "done");
        assert_eq!(detail["actions"], json!({ "failure": null, "rerun": { "code": "complete" }, "resend": null, "cancel": null }));
        let audit = desk.call(json!({ "type": "audit_invoice", "invoice": row["id"] })).await;
        assert_eq!((&audit["is_sound"], &audit["pages"], &audit["document"]), (&json!(true), &json!(1), &detail["documents"][0]["value"]["id"]));
        let gone = Uuid::now_v7();
        let failure = desk.failure(json!({ "type": "show_invoice", "id": gone })).await;
        assert_eq!(failure, json!({ "code": "not_found", "record": "invoice", "key": gone, "meant": [] }));
    }

    async fn documents_are_the_stored_bytes(db: TestDb) {
        office(&db, 1);
        invoice(&db, "2013-01");
        let desk = Desk::at(&db).await;
        let row = first(&desk, json!({})).await;
        let detail = show(&desk, &row["id"]).await;
        let pdf = desk.document(json!({ "type": "invoice", "id": row["id"] })).await.expect("the PDF");
        assert!(pdf.starts_with(b"%PDF-"));
        let document = &detail["documents"][0]["value"]["id"];
        assert_eq!(desk.document(json!({ "type": "stored", "id": document })).await.expect("the PDF"), pdf);
        let mail = &detail["deliveries"][0]["value"]["row"];
        let message = desk.document(json!({ "type": "message", "id": mail["id"] })).await.expect("the message");
        let sent = crate::support::messages(&db);
        assert_eq!(std::fs::read(&sent[0]).expect("the file in the outbox"), message, "the very bytes that were sent");
        assert!(desk.document(json!({ "type": "invoice", "id": Uuid::now_v7() })).await.is_err());

        let place = db.path().join("Beleg.pdf");
        desk.host.will_choose(&place);
        let ask = json!({ "type": "save_document", "document": { "type": "invoice", "id": row["id"] }, "title": "Speichern" });
        assert_eq!(desk.call(ask.clone()).await, json!(place));
        assert_eq!(std::fs::read(&place).expect("the file"), pdf);
        assert!(desk.call(ask.clone()).await.is_null(), "nobody chose a place");
        desk.host.will_choose(db.path().join("no/such/folder/x.pdf"));
        assert_eq!(desk.failure(ask).await["reason"], "missing");

        desk.call(json!({ "type": "open_document", "document": { "type": "message", "id": mail["id"] } })).await;
        let opened = desk.host.opened().pop().expect("a file");
        assert_eq!(opened.extension().expect("an ending"), "eml");
        assert_eq!(std::fs::read(&opened).expect("the file"), message);
        desk.office.end().await;
        assert!(!opened.exists(), "papers do not outlive the program");
    }

    async fn a_mark_is_for_these_bytes(db: TestDb) {
        office(&db, 2);
        invoice(&db, "2013-01");
        let (desk, other) = (Desk::at(&db).await, Desk::of("otto").opening(&db).await);
        let row = first(&desk, json!({})).await;
        let document = show(&desk, &row["id"]).await["documents"][0]["value"]["id"].clone();
        let ask = |request: &str, is_reviewed: bool| json!({
            "type": "mark_reviewed", "request_id": request, "invoice": row["id"], "document": document, "is_reviewed": is_reviewed,
        });
        let id = request();
        let marked = desk.call(ask(&id, true)).await;
        assert_eq!(marked["review"]["by"], json!({ "person": "eva", "desk": "desk-of-eva" }));
        assert_eq!(desk.call(ask(&id, true)).await, marked, "asked again, answered the same");
        assert_eq!(other.call(ask(&request(), true)).await, marked, "whoever looked first stays named");
        assert_eq!(first(&other, json!({ "reviewed": true })).await["review"], marked["review"]);
        assert_eq!(walk(&desk, json!({ "reviewed": false }), Value::Null).total().await, 1);
        let foreign = json!({ "type": "mark_reviewed", "request_id": request(), "invoice": row["id"], "document": Uuid::now_v7(), "is_reviewed": true });
        assert_eq!(desk.failure(foreign).await["obstacle"]["code"], "document_replaced");

        let damage = match db.kind {
            Kind::Sqlite => "UPDATE documents SET bytes = substr(bytes, 1, 900)",
            Kind::Postgres => "UPDATE documents SET bytes = substring(bytes from 1 for 900)",
        };
        past_the_guards(&db, "documents", damage).await;
        assert_eq!(walk(&desk, json!({ "reviewed": true }), Value::Null).total().await, 0, "these bytes nobody looked at");
        assert!(show(&desk, &row["id"]).await["row"]["value"]["review"].is_null());
        assert!(other.call(ask(&request(), false)).await["review"].is_null());
        assert_eq!(desk.failure(ask(&request(), true)).await["obstacle"]["code"], "document_damaged");
        assert_eq!(db.number("SELECT count(*) FROM reviews").await, 0);
        assert_eq!(db.number("SELECT count(*) FROM journal WHERE action = 'invoice.review'").await, 2);
        let audit = desk.call(json!({ "type": "audit_invoice", "invoice": row["id"] })).await;
        let faults: Vec<&Value> = audit["checks"].as_array().expect("checks").iter().map(|check| &check["fault"]).collect();
        assert_eq!((faults[0], faults[1], faults[2]), (&Value::Null, &json!("wrong_hash"), &json!("broken")));
    }

    async fn an_invoice_is_cancelled_and_the_month_invoiced_again(db: TestDb) {
        office(&db, 2);
        invoice(&db, "2013-01");
        let desk = Desk::at(&db).await;
        let row = first(&desk, json!({})).await;
        db.execute("UPDATE registrations SET street = 'Neue Straße 9'").await;
        let plan = desk.call(json!({ "type": "plan_cancellation", "invoice": row["id"] })).await;
        assert_eq!((&plan["obstacle"], &plan["is_cancelled"], &plan["reissue_obstacle"]), (&Value::Null, &json!(false), &Value::Null));
        let fields: Vec<&str> = plan["differences"].as_array().expect("fields").iter().filter_map(|each| each["field"].as_str()).collect();
        assert_eq!(fields, ["street"], "{plan}");
        assert_eq!(plan["differences"][0]["after"], "Neue Straße 9");
        let id = request();
        let ask = |on: Value| {
            let mut ask = json!({ "type": "cancel_invoice", "request_id": id, "invoice": row["id"], "reason": "Anschrift", "reissue": true, "mail": true });
            if !on.is_null() { ask["issue_on"] = on; }
            ask
        };
        let future = desk.failure(ask(json!("2999-01-01"))).await;
        assert_eq!((&future["faults"][0]["field"], &future["faults"][0]["fault"]["code"]), (&json!("issue_on"), &json!("in_future")));
        let early = desk.failure(ask(json!("2013-01-01"))).await;
        assert_eq!(early["faults"][0]["fault"]["code"], "too_early");
        let done = desk.call(ask(Value::Null)).await;
        assert_eq!((&done["invoice"]["number"], &done["is_repeated"]), (&row["number"], &json!(false)));
        let ended = desk.run_ended(&done["run"]).await;
        assert_eq!((&ended["progress"]["done"], &ended["progress"]["failed"]), (&json!(2), &json!(0)), "{ended}");
        let again = desk.call(ask(Value::Null)).await;
        assert_eq!((&again["is_repeated"], &again["cancellation"], &again["reissued"]), (&json!(true), &done["cancellation"], &done["reissued"]));
        let detail = show(&desk, &row["id"]).await;
        assert_eq!(detail["row"]["value"]["cancelled_by"], done["cancellation"]);
        assert_eq!(detail["actions"]["cancel"]["code"], "cancelled");
        assert_eq!(detail["actions"]["rerun"]["by"], done["cancellation"]["number"]);
        let plan = desk.call(json!({ "type": "plan_cancellation", "invoice": row["id"] })).await;
        assert_eq!(plan["reissue_obstacle"], json!({ "code": "period_taken", "number": done["reissued"]["number"] }));
        let mut twice = ask(Value::Null);
        twice["request_id"] = json!(request());
        twice["reissue"] = json!(false);
        assert_eq!(desk.failure(twice.clone()).await["obstacle"]["by"], done["cancellation"]["number"]);
        twice["invoice"] = done["cancellation"]["id"].clone();
        assert_eq!(desk.failure(twice.clone()).await["obstacle"]["code"], "is_cancellation");
        twice["reason"] = json!(" ");
        assert_eq!(desk.failure(twice).await["faults"][0], json!({ "field": "reason", "fault": { "code": "required" } }));
        assert_eq!(first(&desk, json!({ "kinds": ["cancellation"] })).await["cancels"]["number"], row["number"]);
    }
}

#[test]
fn a_value_that_cannot_be_read_takes_its_own_row_only() {
    kontor_tests::databases::block_on(async {
        let db = TestDb::sqlite();
        office(&db, 4);
        invoice(&db, "2013-01");
        let desk = Desk::at(&db).await;
        let broken = first(&desk, json!({})).await;
        let number = broken["number"].as_str().expect("a number");
        past_the_guards(&db, "invoices", &format!("UPDATE invoices SET gross_cents = '1oo' WHERE number = '{number}'"))
            .await;
        let rows = walk(&desk, json!({}), json!({ "by": "gross_cents", "descending": false })).rows(2).await;
        let unread: Vec<&Value> = rows.iter().filter(|row| row["type"] == "unreadable").collect();
        assert_eq!((rows.len(), unread.len()), (4, 1));
        assert_eq!(unread[0]["value"]["label"], number);
        assert_eq!(unread[0]["value"]["fields"], json!([{ "field": "gross_cents", "stored": "1oo" }]));
        let detail = show(&desk, &broken["id"]).await;
        assert_eq!((&detail["row"]["type"], &detail["lines"][0]["type"]), (&json!("unreadable"), &json!("whole")));
        let unreadable = json!({ "code": "unreadable", "field": "gross_cents" });
        assert_eq!((&detail["actions"]["cancel"], &detail["actions"]["resend"]), (&unreadable, &unreadable));
        let plan = desk
            .call(json!({ "type": "plan_resend", "invoices": { "type": "all", "filter": {}, "except": [] } }))
            .await;
        assert_eq!(
            (&plan["eligible"], &plan["ineligible"], &plan["refusals"][0]["obstacle"]),
            (&json!(3), &json!(1), &unreadable)
        );
        let cancel = json!({ "type": "cancel_invoice", "request_id": request(), "invoice": broken["id"], "reason": "x", "reissue": false, "mail": false });
        assert_eq!(desk.failure(cancel).await["obstacle"], unreadable);
        assert_eq!(text(&db, &format!("SELECT state FROM invoices WHERE number = '{number}'")).await, "archived");
    });
}
