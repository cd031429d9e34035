//! Registrations: filters and search, the call view, the timeline, and finding.

use kontor_tests::both_databases;
use kontor_tests::databases::{Kind, TestDb};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Desk;
use crate::support::{invoice, mailing, office, past_the_guards, text};

/// The page of everything that a filter finds, by customer number.
pub async fn found(desk: &Desk, filter: Value) -> Vec<String> {
    let page = desk.call(json!({ "type": "list_registrations", "filter": filter, "place": { "type": "start" }, "limit": 100, "with_total": true })).await;
    let rows = page["rows"].as_array().expect("rows");
    assert_eq!(page["total"]["rows"], rows.len(), "the total is that of the list: {filter}");
    rows.iter().map(|row| row["value"]["customer"].as_str().unwrap_or_else(|| panic!("{row}")).to_owned()).collect()
}

/// Id of a registration by its serial.
pub async fn id_of(db: &TestDb, serial: i64) -> String {
    let column = if db.kind == Kind::Postgres { "CAST(id AS text)" } else { "lower(hex(id))" };
    let id = text(db, &format!("SELECT {column} FROM registrations WHERE customer_serial = {serial}")).await;
    id.parse::<Uuid>().expect("an id").to_string()
}

async fn shown(desk: &Desk, id: &str) -> Value {
    desk.call(json!({ "type": "show_registration", "id": id })).await
}

async fn settle(db: &TestDb, serial: i64, state: &str, code: &str) {
    let sql = format!(
        "UPDATE deliveries SET state = '{state}', code = {code} WHERE invoice_id IN (SELECT i.id FROM invoices i JOIN \
         registrations r ON r.id = i.registration_id WHERE r.customer_serial = {serial})"
    );
    assert_eq!(db.execute(&sql).await, 1);
}

both_databases! {
    async fn filters_find_what_they_say(db: TestDb) {
        office(&db, 8);
        drop(invoice(&db, "2013-01"));
        let of = |serial: i64| format!("(SELECT id FROM registrations WHERE customer_serial = {serial})");
        db.execute("UPDATE registrations SET state = 'closed' WHERE customer_serial IN (2, 3)").await;
        db.execute("UPDATE registrations SET kind = 'company', company = 'Käse & Co' WHERE customer_serial = 4").await;
        db.execute(&format!("UPDATE mailboxes SET used_bytes = quota_bytes - 1 WHERE registration_id = {}", of(5))).await;
        db.execute(&format!("UPDATE subscriptions SET mailbox_id = NULL WHERE registration_id = {}", of(6))).await;
        db.execute(&format!("DELETE FROM mailboxes WHERE registration_id = {}", of(6))).await;
        settle(&db, 7, "refused", "'recipient_refused'").await;
        settle(&db, 8, "unknown", "NULL").await;
        db.execute("UPDATE registrations SET registered_at = '2013-01-15T12:00:00+00:00' WHERE customer_serial = 1").await;
        let desk = Desk::at(&db).await;
        let serials = |found: Vec<String>| -> Vec<i64> {
            found.iter().map(|number| number.split('-').nth(1).expect("a serial").parse().expect("a number")).collect()
        };
        let all: Vec<i64> = (1..=8).collect();
        for (filter, expected) in [
            (json!({}), all.clone()),
            (json!({ "states": ["closed"] }), vec![2, 3]),
            (json!({ "states": ["closed", "active"] }), all.clone()),
            (json!({ "states": ["blocked"] }), vec![]),
            (json!({ "kinds": ["company"] }), vec![4]),
            (json!({ "used_percent_from": 99 }), vec![5]),
            (json!({ "used_percent_from": 0 }), vec![1, 2, 3, 4, 5, 7, 8]),
            (json!({ "has_mailbox": false }), vec![6]),
            (json!({ "has_mailbox": true, "states": ["active"] }), vec![1, 4, 5, 7, 8]),
            (json!({ "failed_invoice": true }), vec![7, 8]),
            (json!({ "failed_invoice": false }), vec![1, 2, 3, 4, 5, 6]),
            (json!({ "unsettled_mail": true }), vec![8]),
            (json!({ "unsettled_mail": false, "failed_invoice": true }), vec![7]),
            (json!({ "registered_to": "2013-01-15" }), vec![1]),
            (json!({ "registered_from": "2013-01-15", "registered_to": "2013-01-15" }), vec![1]),
            (json!({ "registered_from": "2013-01-16" }), vec![2, 3, 4, 5, 6, 7, 8]),
            (json!({ "registered_from": "2013-01-16", "registered_to": "2013-01-20" }), vec![]),
        ] {
            assert_eq!(serials(found(&desk, filter.clone()).await), expected, "{filter}");
        }
        let page = desk.call(json!({ "type": "list_registrations", "filter": { "unsettled_mail": true }, "place": { "type": "start" }, "limit": 5, "with_total": false })).await;
        let row = &page["rows"][0]["value"];
        assert_eq!((&row["failure"]["code"], &row["invoice"]["mail"], &row["mailbox"]), (&json!("outcome_unknown"), &json!("unknown"), &json!("box8@mail.example.com")));
    }

    async fn words_find_parts_of_everything(db: TestDb) {
        office(&db, 21);
        drop(invoice(&db, "2013-01"));
        let desk = Desk::at(&db).await;
        let number = text(&db, "SELECT i.number FROM invoices i JOIN registrations r ON r.id = i.registration_id WHERE r.customer_serial = 13").await;
        for (search, expected) in [
            ("kunde13", vec![13]),
            ("K-000013", vec![13]),
            ("k-000013-", vec![13]),
            (" groß-MULLER   13 ", vec![13]),
            ("kröger", vec![20]),
            ("sohne gmbh", vec![20]),
            ("box2@", vec![2]),
            ("BOX20 mail.example", vec![20]),
            (number.as_str(), vec![13]),
            (&number[8..14], vec![13]),
            ("50%", vec![]),
            ("_", vec![]),
            ("\"", vec![]),
            ("niemand", vec![]),
        ] {
            let hits = found(&desk, json!({ "search": search })).await;
            let hits: Vec<i64> = hits.iter().map(|number| number[2..8].parse().expect("a number")).collect();
            if search == number[8..14].to_owned() {
                assert!(hits.contains(&13), "{search}: {hits:?}");
            } else {
                assert_eq!(hits, expected, "{search}");
            }
        }
        assert_eq!(found(&desk, json!({ "search": "re" })).await.len(), 21, "every number begins with it");
        let invoices = async |search: &str| {
            let page = desk.call(json!({ "type": "list_invoices", "filter": { "search": search }, "place": { "type": "start" }, "limit": 50, "with_total": true })).await;
            page["total"]["rows"].as_i64().expect("a total")
        };
        assert_eq!((invoices(&number).await, invoices("kunde13").await, invoices("kröger").await), (1, 1, 1));
        assert_eq!((invoices("jürgen").await, invoices("jürgen re-20").await, invoices("erwin").await), (21, 21, 0));
    }

    async fn the_call_view_answers_and_offers_one_step(db: TestDb) {
        office(&db, 9);
        let desk = Desk::at(&db).await;
        let call = async |serial: i64| shown(&desk, &id_of(&db, serial).await).await["call"].clone();
        let sentence = |view: &Value| view["sentence"]["code"].as_str().expect("a code").to_owned();
        let next = |view: &Value| view["next"]["type"].as_str().map(str::to_owned);
        let view = call(1).await;
        assert_eq!((sentence(&view), &view["sentence"]["period"], next(&view)), ("not_issued".into(), &json!("2013-01"), Some("invoice_month".into())));
        drop(invoice(&db, "2013-01"));
        let view = call(1).await;
        assert_eq!((sentence(&view), next(&view), &view["sentence"]["recipient"]), ("mail_accepted".into(), None, &json!("kunde1@example.com")));
        settle(&db, 2, "refused", "'recipient_refused'").await;
        let view = call(2).await;
        assert_eq!((sentence(&view), next(&view)), ("mail_refused".into(), Some("correct_contact".into())));
        assert_eq!((&view["sentence"]["cause"]["code"], &view["next"]["field"], &view["more"]), (&json!("recipient_refused"), &json!("email"), &json!(0)));
        db.execute("UPDATE registrations SET email = 'new2@example.com' WHERE customer_serial = 2").await;
        assert_eq!(next(&call(2).await), Some("rerun".into()), "the address is another one by now");
        settle(&db, 3, "unknown", "NULL").await;
        let view = call(3).await;
        assert_eq!((sentence(&view), next(&view)), ("mail_unknown".into(), Some("settle".into())));
        settle(&db, 4, "bounced", "'mail_bounced'").await;
        let view = call(4).await;
        assert_eq!((sentence(&view), next(&view)), ("mail_bounced".into(), Some("correct_contact".into())));
        let number = text(&db, "SELECT i.number FROM invoices i JOIN registrations r ON r.id = i.registration_id WHERE r.customer_serial = 5").await;
        drop(mailing(&db).args(["invoices", "cancel", &number, "--reason", "Irrtum"]).run().expect(0));
        let view = call(5).await;
        assert_eq!((sentence(&view), next(&view)), ("cancelled".into(), None));
        assert!(view["sentence"]["cancellation"].as_str().expect("a number").starts_with("ST-"));
        db.execute("UPDATE subscriptions SET state = 'ended', ended_on = '2013-01-31' WHERE registration_id = (SELECT id FROM registrations WHERE customer_serial = 9)").await;
        drop(invoice(&db, "2013-02"));
        settle_newest(&db, 6, "2013-02-01", "refused").await;
        settle_newest(&db, 6, "2013-01-01", "refused").await;
        let view = call(6).await;
        assert_eq!((sentence(&view), &view["more"]), ("mail_refused".into(), &json!(1)));
        assert_eq!(view["sentence"]["number"], shown(&desk, &id_of(&db, 6).await).await["invoices"][0]["value"]["number"]);
        let detail = shown(&desk, &id_of(&db, 7).await).await;
        let lengths = ["invoices", "deliveries", "mailboxes", "subscriptions", "payments", "notes"].map(|part| detail[part].as_array().expect("rows").len());
        assert_eq!(lengths, [2, 2, 1, 1, 0, 0]);
        assert_eq!((&detail["person"]["value"]["contact"]["email"], &detail["person"]["value"]["updated_by"]), (&json!("kunde7@example.com"), &Value::Null));
        let none = desk.failure(json!({ "type": "show_registration", "id": Uuid::now_v7() })).await;
        assert_eq!((&none["code"], &none["record"]), (&json!("not_found"), &json!("registration")));
    }

    async fn a_value_that_cannot_be_decoded_costs_its_own_row_only(db: TestDb) {
        office(&db, 3);
        drop(invoice(&db, "2013-01"));
        // Only the embedded database stores such a thing at all; the other keeps words out of lists by its checks.
        if db.kind == Kind::Postgres {
            return;
        }
        past_the_guards(&db, "registrations", "UPDATE registrations SET registered_at = 'gestern' WHERE customer_serial = 2").await;
        past_the_guards(&db, "invoices", "UPDATE invoices SET issued_on = 'neulich' WHERE registration_id = (SELECT id FROM registrations WHERE customer_serial = 3)").await;
        let desk = Desk::at(&db).await;
        for by in ["customer", "registered_at"] {
            let page = desk.call(json!({ "type": "list_registrations", "filter": {}, "order": { "by": by, "descending": false }, "place": { "type": "start" }, "limit": 5, "with_total": false })).await;
            let bad: Vec<&Value> = page["rows"].as_array().expect("rows").iter().filter(|row| row["type"] == "unreadable").collect();
            assert_eq!((page["rows"].as_array().expect("rows").len(), bad.len()), (3, 1));
            assert_eq!((&bad[0]["value"]["label"], &bad[0]["value"]["fields"][0]), (&json!("K-000002-1"), &json!({ "field": "registered_at", "stored": "gestern" })));
        }
        let second = shown(&desk, &id_of(&db, 2).await).await;
        assert_eq!((&second["person"]["type"], &second["customer"]), (&json!("unreadable"), &json!("K-000002-1")));
        let third = shown(&desk, &id_of(&db, 3).await).await;
        assert_eq!((&third["call"]["sentence"]["code"], &third["call"]["sentence"]["field"]), (&json!("unreadable"), &json!("issued_on")));
        let change = json!([{ "field": "email", "old": "kunde2@example.com", "new": "zwei@example.com" }]);
        let refused = desk.failure(json!({ "type": "save_contact", "request_id": Uuid::now_v7(), "registration": id_of(&db, 2).await,
            "version": 1, "changes": change, "reason": "", "send": [] })).await;
        assert_eq!(refused["obstacle"], json!({ "code": "unreadable", "field": "registered_at" }));
    }

    async fn the_timeline_is_whole_in_parts(db: TestDb) {
        office(&db, 1);
        drop(invoice(&db, "2013-01"));
        let desk = Desk::at(&db).await;
        let id = id_of(&db, 1).await;
        desk.call(json!({ "type": "add_note", "request_id": Uuid::now_v7(), "registration": id, "text": "Rief an." })).await;
        let ask = |before: Value, limit: i64| {
            let mut ask = json!({ "type": "show_timeline", "registration": id, "limit": limit });
            if !before.is_null() {
                ask["before"] = before;
            }
            ask
        };
        let whole = desk.call(ask(Value::Null, 500)).await;
        let entries = whole["entries"].as_array().expect("entries").clone();
        let codes: Vec<&str> = entries.iter().map(|entry| entry["event"]["code"].as_str().expect("a code")).collect();
        for code in ["registered", "subscription_started", "invoice_issued", "document_stored", "attempted", "mail_queued", "mail_evidence", "note_added"] {
            assert!(codes.contains(&code), "{code} in {codes:?}");
        }
        // As text, a time without fractions would sort after one with them.
        let at = |entry: &Value| -> chrono::DateTime<chrono::Utc> {
            entry["at"].as_str().and_then(|at| at.parse().ok()).unwrap_or_else(|| panic!("a time: {entry}"))
        };
        assert!(entries.windows(2).all(|pair| at(&pair[0]) >= at(&pair[1])), "newest first");
        let mut parts = Vec::new();
        let mut older = Value::Null;
        loop {
            let part = desk.call(ask(older, 3)).await;
            parts.extend(part["entries"].as_array().expect("entries").clone());
            older = part["older"].clone();
            if older.is_null() {
                break;
            }
        }
        assert_eq!(parts, entries);
    }

    async fn anything_is_found_from_anywhere(db: TestDb) {
        office(&db, 12);
        drop(invoice(&db, "2013-01"));
        let desk = Desk::at(&db).await;
        let find = async |text: &str| desk.call(json!({ "type": "find", "text": text, "limit": 3 })).await;
        let number = text(&db, "SELECT i.number FROM invoices i JOIN registrations r ON r.id = i.registration_id WHERE r.customer_serial = 7").await;
        let message = text(&db, "SELECT d.message_id FROM deliveries d JOIN invoices i ON i.id = d.invoice_id JOIN registrations r ON r.id = i.registration_id WHERE r.customer_serial = 7").await;
        let first = find(&number).await[0].clone();
        assert_eq!((&first["record"], &first["label"], &first["destination"]["type"]), (&json!("invoice"), &json!(number), &json!("invoice")));
        let first = find("k-000007-1").await[0].clone();
        assert_eq!(first["record"], if first["label"] == "K-000007-1" { json!("registration") } else { first["record"].clone() });
        let first = find(&format!("<{message}>")).await;
        assert_eq!(first[0]["record"], "delivery");
        let first = find("box7@mail.example.com").await[0].clone();
        assert_eq!((&first["record"], &first["address"]), (&json!("registration"), &json!("box7@mail.example.com")));
        let many = find("groß").await;
        let kinds: Vec<&str> = many.as_array().expect("hits").iter().map(|hit| hit["record"].as_str().expect("a kind")).collect();
        assert_eq!(kinds, ["registration", "registration", "registration", "invoice", "invoice", "invoice"]);
        assert_eq!(find("  ").await, json!([]));
    }
}

async fn settle_newest(db: &TestDb, serial: i64, period: &str, state: &str) {
    let sql = format!(
        "UPDATE deliveries SET state = '{state}', code = 'recipient_refused' WHERE invoice_id IN (SELECT i.id FROM invoices i JOIN \
         registrations r ON r.id = i.registration_id WHERE r.customer_serial = {serial} AND i.period = '{period}')"
    );
    assert_eq!(db.execute(&sql).await, 1);
}
