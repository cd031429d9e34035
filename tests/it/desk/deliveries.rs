//! Mails and payments: the lists, settling what nobody knows, and sending again.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Desk;
use super::invoices::{demo, first};
use super::walk::{Walk, told};
use crate::support::{invoice, messages, office};

fn walk<'a>(desk: &'a Desk, list: &'a str, filter: Value, order: Value) -> Walk<'a> {
    Walk { desk, list, filter, order }
}

fn request() -> String {
    Uuid::now_v7().to_string()
}

fn settle(request: &str, mails: &Value, planned: i64, arrived: bool, resend: bool) -> Value {
    json!({
        "type": "settle_deliveries", "request_id": request, "mails": mails, "planned": planned, "arrived": arrived,
        "resend": resend, "reason": "Kunde hat angerufen",
    })
}

fn resend(request: &str, invoices: &Value, planned: i64) -> Value {
    json!({ "type": "resend_invoices", "request_id": request, "invoices": invoices, "planned": planned, "reason": "verloren" })
}

const UNSETTLED: &str = "d.state IN ('unknown', 'sending')";

both_databases! {
    async fn mails_are_the_same_whichever_way_they_are_walked(db: TestDb) {
        let desk = demo(&db, "300").await;
        for (by, column) in [("queued_at", "queued_at"), ("recipient", "recipient"), ("state", "state")] {
            for descending in [false, true] {
                let direction = if descending { "DESC" } else { "ASC" };
                let sql = format!("SELECT id FROM deliveries ORDER BY {column} {direction}, id {direction}");
                let order = json!({ "by": by, "descending": descending });
                let walked = walk(&desk, "list_deliveries", json!({}), order).every_way(80).await;
                assert_eq!(walked, told(&db, &sql).await, "{by} {direction}");
            }
        }
        let one = walk(&desk, "list_deliveries", json!({}), Value::Null).page(json!({ "type": "start" }), 1).await;
        let one = &one["rows"][0]["value"];
        let recipient = one["recipient"].as_str().expect("an address");
        let number = one["invoice"]["number"].as_str().expect("a number");
        let cases = [
            (json!({}), "TRUE".to_owned()),
            (json!({ "states": ["refused", "bounced"] }), "d.state IN ('refused', 'bounced')".to_owned()),
            (json!({ "purposes": ["invoice"] }), "d.purpose = 'invoice'".to_owned()),
            (json!({ "purposes": ["resend"] }), "FALSE".to_owned()),
            (json!({ "unsettled": true }), UNSETTLED.to_owned()),
            (json!({ "unsettled": false }), format!("NOT ({UNSETTLED})")),
            (json!({ "causes": ["recipient_refused"] }), "d.code = 'recipient_refused'".to_owned()),
            (json!({ "queued_from": "2013-01-10", "queued_to": "2013-01-12" }), "d.queued_at >= '2013-01-09T23:00:00+00:00' AND d.queued_at < '2013-01-12T23:00:00+00:00'".to_owned()),
            (json!({ "search": recipient }), format!("d.recipient = '{recipient}'")),
            (json!({ "search": number }), format!("EXISTS (SELECT 1 FROM invoices i WHERE i.id = d.invoice_id AND i.number = '{number}')")),
            (json!({ "search": one["message_id"] }), format!("d.message_id = '{}'", one["message_id"].as_str().expect("an id"))),
            (json!({ "search": one["customer"] }), format!("EXISTS (SELECT 1 FROM invoices i JOIN registrations r ON r.id = i.registration_id WHERE i.id = d.invoice_id AND r.customer_number = '{}')", one["customer"].as_str().expect("a number"))),
        ];
        for (filter, condition) in cases {
            let sql = format!("SELECT d.id FROM deliveries d WHERE {condition} ORDER BY d.queued_at DESC, d.id DESC");
            let walked = walk(&desk, "list_deliveries", filter.clone(), Value::Null).every_way(90).await;
            assert_eq!(walked, told(&db, &sql).await, "{filter}");
        }
    }

    async fn payments_are_the_same_whichever_way_they_are_walked(db: TestDb) {
        let desk = demo(&db, "300").await;
        for (by, column) in [("received_on", "received_on"), ("amount_cents", "amount_cents")] {
            for descending in [false, true] {
                let direction = if descending { "DESC" } else { "ASC" };
                let sql = format!("SELECT id FROM payments ORDER BY {column} {direction}, id {direction}");
                let order = json!({ "by": by, "descending": descending });
                assert_eq!(walk(&desk, "list_payments", json!({}), order).every_way(60).await, told(&db, &sql).await);
            }
        }
        let own = walk(&desk, "list_payments", json!({}), Value::Null).rows(500).await;
        let matched = own.iter().find(|row| row["value"]["state"] == "matched").expect("a matched payment");
        let number = matched["value"]["invoice"]["number"].as_str().expect("a number");
        let cases = [
            (json!({ "states": ["open", "returned"] }), "p.state IN ('open', 'returned')".to_owned()),
            (json!({ "received_from": "2013-01-15", "received_to": "2013-01-31" }), "p.received_on BETWEEN '2013-01-15' AND '2013-01-31'".to_owned()),
            (json!({ "search": number }), format!("p.reference LIKE '%{number}%' OR EXISTS (SELECT 1 FROM invoices i WHERE i.id = p.invoice_id AND i.number = '{number}')")),
        ];
        for (filter, condition) in cases {
            let sql = format!("SELECT p.id FROM payments p WHERE {condition} ORDER BY p.received_on DESC, p.id DESC");
            assert_eq!(walk(&desk, "list_payments", filter.clone(), Value::Null).every_way(50).await, told(&db, &sql).await, "{filter}");
        }
    }

    async fn what_nobody_knows_is_settled_and_sent_again(db: TestDb) {
        let desk = demo(&db, "600").await;
        let some = "SELECT id FROM deliveries WHERE state = 'accepted' ORDER BY id LIMIT 6";
        db.execute(&format!("UPDATE deliveries SET state = 'unknown' WHERE id IN ({some})")).await;
        let all = json!({ "type": "all", "filter": { "unsettled": true }, "except": [] });
        let open = walk(&desk, "list_deliveries", json!({ "unsettled": true }), Value::Null).rows(500).await;
        let count = i64::try_from(open.len()).expect("a count");
        assert!(count > 5, "{count}");
        let outdated = desk.failure(settle(&request(), &all, count - 1, false, true)).await;
        assert_eq!(outdated, json!({ "code": "plan_outdated", "planned": count - 1, "now": count }));
        assert_eq!(db.number("SELECT count(*) FROM journal WHERE action = 'delivery.settle'").await, 0);

        let first = open[0]["value"]["id"].clone();
        let id = request();
        let arrived = desk.call(settle(&id, &json!({ "type": "these", "ids": [first] }), 1, true, false)).await;
        assert_eq!((&arrived["settled"], &arrived["refused"], &arrived["run"]), (&json!(1), &json!(0), &Value::Null));
        assert_eq!((&arrived["mails"][0]["id"], &arrived["mails"][0]["after"]), (&first, &json!("accepted")));
        let detail = desk.call(json!({ "type": "show_delivery", "id": first })).await;
        let evidence = detail["value"]["evidence"].as_array().expect("evidence").last().expect("a piece").clone();
        assert_eq!((&evidence["value"]["source"], &evidence["value"]["verdict"]), (&json!("person"), &json!("accepted")));
        let known = desk.call(settle(&request(), &json!({ "type": "these", "ids": [first] }), 1, true, false)).await;
        assert_eq!((&known["settled"], &known["mails"][0]["obstacle"]), (&json!(0), &json!({ "code": "settled", "state": "accepted" })));

        let id = request();
        let done = desk.call(settle(&id, &all, count, false, true)).await;
        let (settled, refused) = (done["settled"].as_i64().expect("a count"), done["refused"].as_i64().expect("a count"));
        assert_eq!(settled + refused, count - 1, "{done}");
        assert!(settled > 0);
        for mail in done["mails"].as_array().expect("mails") {
            assert_eq!(mail["obstacle"].is_null(), mail["after"] == "refused", "{mail}");
        }
        let ended = desk.run_ended(&done["run"]).await;
        assert_eq!(ended["progress"]["done"], settled, "{ended}");
        assert_eq!(i64::try_from(messages(&db).len()).expect("a count"), settled);
        let again = desk.call(settle(&id, &all, count, false, true)).await;
        assert_eq!((&again["is_repeated"], &again["run"], &again["mails"]), (&json!(true), &done["run"], &done["mails"]));
        assert_eq!(db.number("SELECT count(*) FROM deliveries WHERE purpose = 'resend'").await, settled);
        let both = desk.failure(settle(&request(), &all, count, true, true)).await;
        assert_eq!(both["faults"][0]["field"], "resend");
        let none = desk.failure(settle(&request(), &json!({ "type": "these", "ids": [] }), 1, true, false)).await;
        assert_eq!(none["obstacle"]["code"], "nothing_to_do");
    }

    async fn what_can_be_sent_again_is_sent_again(db: TestDb) {
        office(&db, 5);
        invoice(&db, "2013-01");
        let desk = Desk::at(&db).await;
        db.execute("UPDATE registrations SET email = 'kaputt' WHERE customer_serial = 1").await;
        let all = json!({ "type": "all", "filter": {}, "except": [] });
        let plan = desk.call(json!({ "type": "plan_resend", "invoices": all })).await;
        assert_eq!((&plan["chosen"], &plan["eligible"], &plan["ineligible"]), (&json!(5), &json!(4), &json!(1)));
        assert_eq!(plan["refusals"][0]["obstacle"]["cause"]["code"], "address_invalid");
        assert_eq!(plan["examples"].as_array().expect("examples").len(), 3);
        assert!(plan["examples"][0]["mailed_at"].is_string() && plan["examples"][0]["mailed_by"].is_null());
        let outdated = desk.failure(resend(&request(), &all, 3)).await;
        assert_eq!(outdated, json!({ "code": "plan_outdated", "planned": 3, "now": 4 }));
        assert_eq!(db.number("SELECT count(*) FROM deliveries WHERE purpose = 'resend'").await, 0);
        let id = request();
        let started = desk.call(resend(&id, &all, 4)).await;
        assert_eq!((&started["total"], &started["is_repeated"]), (&json!(4), &json!(false)));
        desk.run_ended(&started["run"]).await;
        assert_eq!(messages(&db).len(), 9);
        let again = desk.call(resend(&id, &all, 4)).await;
        assert_eq!((&again["run"], &again["is_repeated"]), (&started["run"], &json!(true)));

        let one = first(&desk, json!({})).await;
        let single = json!({ "type": "these", "ids": [one["id"]] });
        let mut other = resend(&request(), &single, 1);
        other["to"] = json!("nobody");
        assert_eq!(desk.failure(other.clone()).await["faults"][0], json!({ "field": "to", "fault": { "code": "not_an_address" } }));
        other["to"] = json!("buero@example.org");
        let sent = desk.call(other).await;
        desk.run_ended(&sent["run"]).await;
        let plan = desk.call(json!({ "type": "plan_resend", "invoices": single })).await;
        assert_eq!((plan["eligible"].as_i64(), plan["ineligible"].as_i64()).0.unwrap_or(0) + plan["ineligible"].as_i64().unwrap_or(0), 1);
        let broken = walk(&desk, "list_invoices", json!({ "search": "kunde1@example.com" }), Value::Null).rows(10).await;
        let broken = json!({ "type": "these", "ids": [broken[0]["value"]["id"]] });
        assert_eq!(desk.failure(resend(&request(), &broken, 1)).await["obstacle"]["cause"]["code"], "address_invalid");
        let mut silent = resend(&request(), &all, 9);
        silent["reason"] = json!("");
        assert_eq!(desk.failure(silent).await["faults"][0]["field"], "reason");
    }
}
