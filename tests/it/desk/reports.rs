//! Monthly reports as the window asks for them: the months there are, figures that lead to their lists, and the paper.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::{Value, json};

use super::Desk;
use crate::support::{empty_office, kontor};

both_databases! {
    async fn every_figure_of_a_month_leads_to_its_list(db: TestDb) {
        drop(kontor(&db).args(["demo", "create", "--registrations", "300", "--seed", "1"]).run().expect(0));
        let desk = Desk::at(&db).await;
        let months = desk.call(json!({ "type": "list_report_months" })).await;
        assert_eq!(months, json!([{ "month": "2013-02", "is_running": true }, { "month": "2013-01", "is_running": false }]));
        let report = desk.call(json!({ "type": "show_report", "month": "2013-01" })).await;
        assert_eq!(report["unexplained"], json!({ "count": 0, "customers": [] }));
        let total = async |figure: &Value| {
            let mut ask = figure["destination"]["query"].clone();
            let list = ask["list"].as_str().expect("a list").to_owned();
            let more = json!({ "type": format!("list_{list}"), "place": { "type": "start" }, "limit": 1, "with_total": true });
            ask.as_object_mut().expect("a query").remove("list");
            ask.as_object_mut().expect("a query").remove("order");
            ask.as_object_mut().expect("a query").extend(more.as_object().expect("an object").clone());
            desk.call(ask).await["total"]["rows"].clone()
        };
        for name in ["registered", "issued", "failures"] {
            assert_eq!(total(&report[name]).await, report[name]["count"], "{name}: {}", report[name]);
        }
        let mails = report["mails"].as_array().expect("mails");
        assert!(mails.len() > 2, "{mails:?}");
        for mail in mails {
            assert_eq!(total(&mail["figure"]).await, mail["figure"]["count"], "{mail}");
        }
        // What was being sent when its process died is unknown, here as on paper, and in the list behind the figure.
        let stored = db.number("SELECT count(*) FROM deliveries d JOIN invoices i ON i.id = d.invoice_id WHERE d.state = 'sending' AND i.period = '2013-01-01' AND i.kind = 'invoice'").await;
        assert!(stored > 0, "the demo has some");
        let paper = kontor(&db).args(["report", "--month", "2013-01"]).run().expect(0).json()["invoices"]["mails"].clone();
        let said = |state: &str| mails.iter().find(|mail| mail["mail"] == state).map_or(json!(0), |mail| mail["figure"]["count"].clone());
        assert_eq!((said("unknown"), said("sending")), (paper["unknown"].clone(), json!(0)));
        let failed = report["failed"]["customers"].as_array().expect("customers");
        assert_eq!(json!(failed.len()), report["failed"]["count"]);
        for customer in failed {
            let shown = desk.call(json!({ "type": "show_registration", "id": customer["id"] })).await;
            assert_eq!(shown["customer"], customer["number"]);
        }
        let paper = json!({ "type": "report", "month": "2013-01", "language": "de", "form": "pdf" });
        let bytes = desk.document(paper).await.expect("the paper");
        assert!(bytes.starts_with(b"%PDF-") && bytes.len() > 5_000);
        let table = json!({ "type": "report", "month": "2013-01", "language": "en", "form": "csv" });
        let table = String::from_utf8(desk.document(table).await.expect("the table")).expect("text");
        assert!(table.lines().any(|line| line == format!("invoices,issued,,{}", report["issued"]["count"])), "{table}");
    }

    async fn an_office_without_customers_has_no_month(db: TestDb) {
        empty_office(&db);
        let desk = Desk::at(&db).await;
        assert_eq!(desk.call(json!({ "type": "list_report_months" })).await, json!([]));
        let failure = desk.failure(json!({ "type": "show_report", "month": "2150-01" })).await;
        assert!(failure["code"].is_string(), "{failure}");
    }
}
