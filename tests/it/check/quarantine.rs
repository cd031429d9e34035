//! A record with an open critical finding is neither invoiced nor mailed; once it is resolved, the next run takes it.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::json;

use super::{check, damage, told};
use crate::support::{kontor, mailing, messages, office};

const WRONG: &str = "UPDATE registrations SET city = 'Kiem' WHERE customer_serial = 2";
const RIGHT: &str = "UPDATE registrations SET city = 'Kiel' WHERE customer_serial = 2";

both_databases! {
    async fn a_critical_finding_holds_its_record_back(db: TestDb) {
        office(&db, 4);
        damage(&db, &[WRONG]).await;
        let findings = check(&db, &[]);
        assert!(findings.iter().any(|finding| finding["rule"] == "seal_broken"), "{:#?}", told(&findings));
        let run = mailing(&db).args(["invoices", "run", "--period", "2013-01"]).run().expect(3).json();
        assert_eq!((&run["done"], &run["failed"], &run["by_code"]), (&json!(3), &json!(1), &json!({ "quarantined": 1 })));
        assert_eq!((messages(&db).len(), db.number("SELECT count(*) FROM invoices").await), (3, 3));
        let plan = kontor(&db).args(["runs", "plan", "--all"]).run().expect(0).json();
        assert_eq!((&plan["eligible"], &plan["ineligible"]), (&json!(0), &json!(1)));
        assert_eq!(plan["groups"][0]["reasons"], json!({ "quarantined": 1 }));
        damage(&db, &[RIGHT]).await;
        assert!(check(&db, &[]).iter().all(|finding| finding["rule"] != "seal_broken"));
        let run = mailing(&db).args(["runs", "start", "--all", "--reason", "geklärt"]).run().expect(0).json();
        assert_eq!((&run["done"], &run["failed"]), (&json!(1), &json!(0)));
        assert_eq!(messages(&db).len(), 4);
    }

    async fn an_invoice_in_quarantine_is_not_mailed(db: TestDb) {
        office(&db, 3);
        drop(kontor(&db).args(["invoices", "run", "--period", "2013-01", "--until", "archive"]).run().expect(0));
        let wrong = "UPDATE invoice_lines SET net_cents = net_cents + 1 WHERE invoice_id IN (SELECT i.id FROM invoices i \
                     WHERE i.number LIKE '%000001-_')";
        damage(&db, &[wrong]).await;
        let findings = check(&db, &[]);
        let proven: Vec<_> = findings.iter().filter(|finding| finding["rule"] == "invoice_deviates").collect();
        assert!(proven.len() == 1 && proven[0]["proposal"]["evidence"] == "proven", "{:#?}", told(&findings));
        let run = mailing(&db).args(["runs", "start", "--all", "--reason", "versenden"]).run().expect(0).json();
        assert_eq!((&run["done"], &run["not_run"]), (&json!(2), &json!({ "quarantined": 1 })));
        assert_eq!(messages(&db).len(), 2);
    }
}
