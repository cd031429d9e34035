//! Where nothing is wrong, nothing is found: months without an incident, and whatever Kontor itself leaves behind.

use kontor::demo::{self, Incident, Order};
use kontor::store::DbUrl;
use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;

use super::{check, damage, told};
use crate::support::{import, invoice, kontor, mailing, office};

/// Customers, enough that every kind of customer is among them.
const CUSTOMERS: u64 = 150;

/// What is younger than an hour may still be in work; here it is made old.
pub async fn age(db: &TestDb) {
    damage(
        db,
        &[
            "UPDATE invoices SET updated_at = '2013-02-01 12:00:00+00:00'",
            "UPDATE deliveries SET queued_at = '2013-02-01 12:00:00+00:00' WHERE origin = 'kontor'",
            "UPDATE run_items SET updated_at = '2013-02-01 12:00:00+00:00'",
            "UPDATE number_allocations SET allocated_at = '2013-02-01 12:00:00+00:00' WHERE invoice_id IN (SELECT id FROM \
             invoices WHERE snapshot IS NOT NULL)",
        ],
    )
    .await;
}

both_databases! {
    async fn a_month_without_incident_has_no_findings_for_ten_seeds(db: TestDb) {
        for seed in 1..=10 {
            let other = TestDb::new(db.kind);
            let url: DbUrl = other.url.parse().expect("an address");
            let export = Some(other.path().join("signup.csv"));
            let order = Order { registrations: CUSTOMERS, seed, incident: Incident::None, signup_export: export, ..Order::default() };
            demo::create(&url, &order, &mut |_, _, _| ()).await.expect("a demo");
            let findings = check(&other, &["--compare", "signup.csv"]);
            assert!(findings.is_empty(), "seed {seed}: {:#?}", told(&findings));
        }
    }

    async fn what_kontor_writes_has_no_findings(db: TestDb) {
        office(&db, 30);
        invoice(&db, "2013-01");
        let numbers = kontor(&db).args(["invoices", "list", "--limit", "5"]).run().expect(0).json();
        let number = |at: usize| numbers[at]["number"].as_str().expect("a number").to_owned();
        drop(mailing(&db).args(["invoices", "cancel", &number(0), "--reason", "Irrtum"]).run().expect(0));
        drop(mailing(&db).args(["invoices", "cancel", &number(1), "--reissue", "--reason", "Adresse"]).run().expect(0));
        drop(mailing(&db).args(["invoices", "resend", &number(2), "--reason", "verloren"]).run().expect(0));
        invoice(&db, "2013-02");
        drop(import(&db, &crate::support::customers_csv(31, 5)).expect(0));
        age(&db).await;
        let findings = check(&db, &[]);
        assert!(findings.is_empty(), "{:#?}", told(&findings));
    }
}
