//! Findings where the record itself is looked at: with a customer, with an invoice, on the overview, and how many there were.

use chrono::{Duration, Utc};
use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::{Value, json};

use super::Desk;
use super::findings::{checked, flip};
use super::registrations::id_of;
use crate::check::damage;
use crate::support::{invoice, mailing, office, text};

fn rules(findings: &Value) -> Vec<&str> {
    findings.as_array().expect("findings").iter().map(|row| row["rule"].as_str().expect("a rule")).collect()
}

both_databases! {
    async fn a_customer_is_shown_with_what_is_wrong_and_what_is_held_back(db: TestDb) {
        office(&db, 6);
        let desk = Desk::at(&db).await;
        let (id, other) = (id_of(&db, 3).await, id_of(&db, 4).await);
        let show = async |id: &str| desk.call(json!({ "type": "show_registration", "id": id })).await;
        checked(&desk).await;
        assert_eq!(show(&id).await["findings"], json!([]), "nothing is wrong yet");
        flip(&db, 3).await;
        checked(&desk).await;

        let shown = show(&id).await;
        assert_eq!(rules(&shown["findings"]), ["seal_broken", "words_deviate"], "what matters most comes first");
        let seal = &shown["findings"][0];
        assert_eq!((&seal["severity"], &seal["subject"]["row"]), (&json!("critical"), &json!(id)));
        assert_eq!(show(&other).await["findings"], json!([]), "others have their own");
        // Nothing was invoiced yet; what stands in the way comes before everything else, also once that was tried.
        let step = json!({ "type": "show_finding", "finding": seal["id"], "state": "open" });
        assert_eq!(shown["call"]["next"], step);
        drop(mailing(&db).args(["invoices", "run", "--period", "2013-01"]).run().expect(3));
        let call = show(&id).await["call"].clone();
        assert_eq!(call["next"], step, "{call}");
        assert_eq!(call["sentence"]["code"], "not_issued");

        let overview = desk.call(json!({ "type": "show_overview" })).await;
        let figures = overview["findings"].as_array().expect("figures");
        let critical = figures.iter().find(|figure| figure["severity"] == "critical").expect("critical ones");
        assert_eq!(critical["figure"]["count"], db.number("SELECT count(*) FROM findings WHERE closed_at IS NULL AND severity = 'critical'").await);
        let query = &critical["figure"]["destination"]["query"];
        let page = json!({ "type": "list_findings", "filter": query["filter"], "place": { "type": "start" }, "limit": 50, "with_total": true });
        assert_eq!(desk.call(page).await["total"]["rows"], critical["figure"]["count"], "the figure is its list");
        assert!(overview["checked_at"].is_string());

        // Set aside it still holds back, and still shows.
        let seals = json!({ "type": "all", "filter": { "rules": ["seal_broken"] }, "except": [] });
        let day = (Utc::now() + Duration::days(3)).date_naive();
        let aside = json!({ "type": "set_findings_aside", "request_id": uuid::Uuid::now_v7(), "until": day, "reason": "asked", "findings": seals });
        desk.call(aside).await;
        let shown = show(&id).await;
        assert_eq!(shown["findings"][0]["state"], "set_aside");
        assert_eq!(shown["call"]["next"]["state"], "set_aside");
        let figures = desk.call(json!({ "type": "show_overview" })).await["findings"].clone();
        assert!(figures.as_array().expect("figures").iter().all(|figure| figure["severity"] != "critical"), "{figures}");
    }

    async fn an_invoice_is_shown_with_what_is_wrong_about_it_and_its_lines(db: TestDb) {
        office(&db, 3);
        drop(invoice(&db, "2013-01"));
        let number = text(&db, "SELECT min(number) FROM invoices").await;
        let of = format!("(SELECT id FROM invoices WHERE number = '{number}')");
        damage(&db, &[&format!("UPDATE invoice_lines SET tax_cents = tax_cents + 1 WHERE invoice_id = {of}")]).await;
        let desk = Desk::at(&db).await;
        checked(&desk).await;
        let page = json!({ "type": "list_invoices", "filter": {}, "place": { "type": "start" }, "limit": 50, "with_total": false });
        let rows = desk.call(page).await["rows"].clone();
        for row in rows.as_array().expect("rows") {
            let row = &row["value"];
            let shown = desk.call(json!({ "type": "show_invoice", "id": row["id"] })).await;
            let found = rules(&shown["findings"]);
            assert_eq!(!found.is_empty(), row["number"] == number, "{row}: {found:?}");
            let customer = desk.call(json!({ "type": "show_registration", "id": row["registration"] })).await;
            assert_eq!(customer["findings"], shown["findings"], "the customer shows what the invoice does");
        }
    }

    async fn how_many_there_were_on_the_last_days_is_told_by_rule(db: TestDb) {
        office(&db, 6);
        for serial in 1..=3 {
            flip(&db, serial).await;
        }
        let desk = Desk::at(&db).await;
        checked(&desk).await;
        let trend = async || {
            let groups = desk.call(json!({ "type": "show_finding_groups" })).await["groups"].clone();
            let group = groups.as_array().expect("groups").iter().find(|group| group["rule"] == "seal_broken").cloned();
            group.expect("the group")["trend"].clone()
        };
        assert_eq!(trend().await, json!([3]), "there was nothing before");
        // One was found four days ago; of two others, found as long ago, one was put right two days ago and one is young.
        let now = Utc::now();
        let at = |days: i64| format!("'{}'", (now - Duration::days(days) - Duration::minutes(1)).format("%Y-%m-%d %H:%M:%S%.6f+00:00"));
        let nth = |serial: i64| format!("rule = 'seal_broken' AND row_id = (SELECT id FROM registrations WHERE customer_serial = {serial})");
        for (serial, opened, closed) in [(1, 4, None), (2, 4, Some(2)), (3, 1, None)] {
            let closed = closed.map_or("NULL".to_owned(), at);
            let sql = format!("UPDATE findings SET opened_at = {}, closed_at = {closed} WHERE {}", at(opened), nth(serial));
            assert_eq!(db.execute(&sql).await, 1);
        }
        assert_eq!(trend().await, json!([2, 2, 1, 2, 2]), "four, three, two and one days ago, and now");
    }
}
