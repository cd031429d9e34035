//! January 2013 on both databases: planned, rerun, and nothing left to do.

use std::collections::{BTreeMap, BTreeSet};

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::json;

use crate::evidence_of_truth::Log;
use crate::support::{assert_audited, kontor, mailing, messages};
use crate::truth::{Entry, entries};
use crate::twin::{Contents, Owners, contents};

/// Faults that leave an invoice open, and the obstacle that a rerun meets; without one it can be completed. All other
/// faults hit invoices that are complete as far as their mail goes, and are no business of a rerun.
const OPEN: [(&str, Option<&str>); 16] = [
    ("number_without_invoice", None),
    ("invoice_without_lines", None),
    ("document_missing", None),
    ("document_empty", None),
    ("document_truncated", None),
    ("mail_never_queued", None),
    ("mail_queued", None),
    ("mailbox_full", None),
    ("connection_timeout", None),
    ("mail_stuck_sending", Some("outcome_unknown")),
    ("connection_lost", Some("outcome_unknown")),
    ("reply_garbled", Some("outcome_unknown")),
    ("mistyped_address", Some("recipient_refused")),
    ("mail_recorded_refused", Some("mail_refused")),
    ("address_invalid", Some("address_invalid")),
    ("character_not_covered", Some("character_not_covered")),
];

/// What the truth says of the open invoices, by customer: what hinders each of them.
struct Expected(BTreeMap<String, Option<&'static str>>);

impl Expected {
    fn of(entries: &[Entry], owners: &Owners) -> Self {
        let mut open = BTreeMap::new();
        for entry in entries {
            if let Some((_, obstacle)) = OPEN.iter().find(|(fault, _)| *fault == entry.fault) {
                let before = open.insert(owners.get(&entry.row), *obstacle);
                assert_eq!(before, None, "two processes died on one invoice: {entry:?}");
            }
        }
        // An amount that contradicts the tariff is not frozen into an invoice.
        for entry in entries.iter().filter(|entry| ["invoices", "invoice_lines"].contains(&entry.table.as_str())) {
            let is_amount = ["amount_flipped", "vat_flipped"].contains(&entry.fault.as_str());
            if let Some(obstacle @ None) = open.get_mut(&owners.get(&entry.row)).filter(|_| is_amount) {
                *obstacle = Some("content_contradicts");
            }
        }
        Self(open)
    }

    fn hindered(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        self.0.values().flatten().for_each(|code| *counts.entry(*code).or_default() += 1);
        counts
    }

    fn is_completed(&self, owner: &str) -> bool {
        self.0.get(owner) == Some(&None)
    }

    /// Invoices whose stored PDF is still damaged, or says something else than their damaged row.
    fn damaged_documents(&self, entries: &[Entry], owners: &Owners, after: &Contents) -> BTreeSet<String> {
        const PRINTED: [&str; 4] = ["number", "issued_on", "recipient_name", "gross_cents"];
        let mut numbers = BTreeSet::new();
        for entry in entries.iter().filter(|entry| !self.is_completed(&owners.get(&entry.row))) {
            let invoice = match (entry.table.as_str(), entry.field.as_deref()) {
                ("documents", _) => after.cell("documents", &entry.row, "invoice_id"),
                ("invoices", Some(field)) if PRINTED.contains(&field) => Some(entry.row.as_str()),
                _ => None,
            };
            let is_stored = |invoice: &&str| after.cell("invoices", invoice, "state") == Some("archived");
            let number = invoice.filter(is_stored).and_then(|invoice| after.cell("invoices", invoice, "number"));
            numbers.extend(number.map(str::to_owned));
        }
        numbers
    }
}

/// What the mail server took in January does not go out a second time.
fn assert_no_second_mail(db: &TestDb, after: &Contents) {
    let log = Log::read(db);
    let sent: BTreeSet<&str> = after
        .column("deliveries", "target")
        .filter(|(_, target)| target.is_some())
        .filter_map(|(row, _)| after.cell("deliveries", row, "invoice_id"))
        .collect();
    let queue_ids: BTreeMap<&str, &str> = after
        .column("delivery_evidence", "queue_id")
        .filter_map(|(row, id)| Some((after.cell("delivery_evidence", row, "delivery_id")?, id?)))
        .collect();
    let mut taken = 0;
    for (row, message_id) in after.column("deliveries", "message_id") {
        let invoice = after.cell("deliveries", row, "invoice_id").expect("an invoice");
        if log.end(message_id.expect("an id"), queue_ids.get(row).copied()).is_some() {
            taken += 1;
            assert!(!sent.contains(invoice), "the mail {message_id:?} had gone out already");
        }
    }
    assert!(taken > 8_000 && sent.len() > 50, "{taken} {}", sent.len());
}

both_databases! {
    async fn the_month_is_rerun_as_the_truth_says(db: TestDb) {
        drop(kontor(&db).args(["demo", "create", "--truth", "truth.json", "--maillog", "maillog"]).run().expect(0));
        assert_eq!(db.number("SELECT count(*) FROM registrations").await, 8_532);
        let before = contents(&db.connect().await).await;
        let (entries, owners) = (entries(&db.path().join("truth.json")), Owners::of(&before, &before));
        let expected = Expected::of(&entries, &owners);
        let obstacles = expected.hindered();
        let hindered: usize = obstacles.values().sum();
        let all = expected.0.len();
        assert!(hindered > 50 && all > hindered + 50 && obstacles["content_contradicts"] > 0, "{obstacles:?}");

        let plan = kontor(&db).args(["runs", "plan", "--all"]).run().expect(0).json();
        assert_eq!((&plan["eligible"], &plan["ineligible"]), (&json!(all - hindered), &json!(hindered)));
        let run = mailing(&db).args(["runs", "start", "--all", "--reason", "Hauptspeicher getauscht"]).run().expect(0).json();
        assert_eq!((&run["done"], &run["failed"], &run["unknown"]), (&json!(all - hindered), &json!(0), &json!(0)));
        assert_eq!(run["not_run"], json!(obstacles));
        assert_eq!(messages(&db).len(), all - hindered);

        let runs = db.number("SELECT count(*) FROM runs").await;
        let journal = db.number("SELECT count(*) FROM journal").await;
        let again = mailing(&db).args(["runs", "start", "--all", "--reason", "again"]).run().expect(0).json();
        assert_eq!((&again["state"], &again["not_run"]), (&json!("nothing_to_do"), &json!(obstacles)));
        assert_eq!(db.number("SELECT count(*) FROM runs").await, runs);
        assert_eq!(db.number("SELECT count(*) FROM journal").await, journal);

        let one_each = "SELECT count(*) FROM subscriptions s WHERE s.started_on < '2013-02-01' AND 1 <> (SELECT count(*) \
                        FROM invoices i WHERE i.subscription_id = s.id AND i.period = '2013-01-01' AND i.state <> 'cancelled')";
        assert_eq!(db.number(one_each).await, 0, "every due period has exactly one invoice");
        let gaps = "SELECT count(*) FROM number_allocations WHERE invoice_id IS NULL AND explanation IS NULL";
        assert_eq!(db.number(gaps).await, 0, "every gap is explained");
        let after = contents(&db.connect().await).await;
        assert_no_second_mail(&db, &after);
        let report = kontor(&db).args(["invoices", "audit"]).run().expect(3).json();
        let damaged = report["damaged"].as_array().expect("a list").iter();
        let damaged: BTreeSet<String> = damaged.map(|one| one["number"].as_str().expect("a number").to_owned()).collect();
        let still = expected.damaged_documents(&entries, &owners, &after);
        assert!(still.len() > 30, "{still:?}");
        assert_eq!(damaged, still);
    }

    async fn a_month_without_incident_has_nothing_to_rerun(db: TestDb) {
        let create = ["demo", "create", "--registrations", "300", "--incident", "none", "--truth", "truth.json"];
        drop(kontor(&db).args(create).run().expect(0));
        assert!(entries(&db.path().join("truth.json")).is_empty());
        let plan = kontor(&db).args(["runs", "plan", "--all"]).run().expect(0).json();
        assert_eq!((&plan["eligible"], &plan["ineligible"]), (&json!(0), &json!(0)));
        assert_audited(&db);
    }

    async fn a_demo_is_made_once(db: TestDb) {
        let create = || kontor(&db).args(["demo", "create", "--registrations", "50"]).run();
        drop(create().expect(0));
        let second = create().expect(1);
        assert!(second.stderr.contains("kontor:"), "{}", second.stderr);
        assert_eq!(db.number("SELECT count(*) FROM registrations").await, 50);
    }
}
