//! A record with an open critical finding is neither invoiced nor mailed; once it is resolved, the next run takes it.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::json;

use super::fixtures::{month, spelled};
use super::{check, damage, told};
use crate::repair::{only, repairs};
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

    async fn a_finding_that_a_run_puts_right_does_not_hold_the_run_back(db: TestDb) {
        month(&db).await;
        // It never left the house, and another customer's PDF lies with it.
        damage(&db, &[
            "DELETE FROM delivery_evidence WHERE delivery_id IN (SELECT id FROM deliveries WHERE invoice_id = {L56})",
            "DELETE FROM deliveries WHERE invoice_id = {L56}",
            "UPDATE documents SET bytes = (SELECT d.bytes FROM documents d WHERE d.invoice_id = {L57}), sha256 = (SELECT d.sha256 FROM documents d WHERE d.invoice_id = {L57}) WHERE invoice_id = {L56}",
        ].map(|statement| spelled(&db, statement)).iter().map(String::as_str).collect::<Vec<_>>()).await;
        let findings = check(&db, &[]);
        let finding = only(&findings, "document_of_another");
        assert_eq!((&finding["severity"], &finding["proposal"]["action"]), (&json!("critical"), &json!("rerun")));
        let id = finding["id"].as_str().expect("an id");
        let plan = repairs(&db, &["plan", "--finding", id], 0);
        assert_eq!(plan[0]["obstacle"], json!(null), "{plan}");
        let done = repairs(&db, &["apply", "--finding", id, "--reason", "neu ausstellen"], 0);
        assert_eq!(done["applied"], 1, "{done}");
        drop(mailing(&db).args(["work", "--until-idle"]).run().expect(0));
        let left = check(&db, &[]);
        assert!(left.is_empty(), "{:#?}", told(&left));
        // What went out is a PDF of its own; the other one's was never mailed with it.
        assert_eq!(messages(&db).len(), 60 + 1);
        let own = spelled(&db, "SELECT count(*) FROM documents d JOIN deliveries m ON m.document_id = d.id WHERE d.invoice_id = {L56} AND d.role = 'original' AND d.origin = 'kontor' AND m.state = 'accepted'");
        assert_eq!(db.number(&own).await, 1);
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
