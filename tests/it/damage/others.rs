//! What putting damage right leaves alone: what other hosts failed, what a person put off, and what nobody may do in bulk.

use kontor::check as rules;
use kontor::damage::{self, Scope};
use kontor::repair::Obstacle;
use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use uuid::Uuid;

use super::{SUSPECT, invoiced_there, person, withdrawn};
use crate::check::{check, damage as past, told};
use crate::repair::store;
use crate::support::{customers_csv, import, mailing, office};

/// All days on which the suspect host worked in this test.
fn always() -> Scope {
    let today = chrono::Utc::now().date_naive();
    let (yesterday, tomorrow) = (today.pred_opt().expect("a day"), today.succ_opt().expect("a day"));
    Scope::of_days(SUSPECT, yesterday, tomorrow).expect("days")
}

fn ids(findings: &[serde_json::Value]) -> Vec<Uuid> {
    findings.iter().map(|one| one["id"].as_str().expect("an id").parse().expect("an id")).collect()
}

both_databases! {
    async fn what_other_hosts_failed_is_not_rerun(db: TestDb) {
        let fail = async |serials: &str, host: &str| {
            let set = format!("UPDATE registrations SET email = 'nobody' WHERE customer_serial IN ({serials})");
            assert_eq!(db.execute(&set).await, 2);
            let run = ["invoices", "run", "--period", "2013-01"];
            drop(mailing(&db).env("KONTOR_HOST", host).args(run).run().expect(3));
        };
        office(&db, 4);
        fail("1, 2", SUSPECT).await;
        drop(import(&db, &customers_csv(5, 4)).expect(0));
        fail("5, 6", "rechnung-01").await;
        let heal = "UPDATE registrations SET email = 'kunde@example.com' WHERE email = 'nobody'";
        assert_eq!(db.execute(heal).await, 4);
        let store = store(&db).await;
        let figures = damage::of(&store, &always()).await.expect("figures");
        assert_eq!((figures.failures.eligible, figures.failures.reasons.len()), (2, 0), "{figures:?}");
        let plan = damage::plan(&store, &always()).await.expect("a plan");
        assert_eq!((plan.invoices, plan.repairs, plan.not_possible.len()), (2, 0, 0));
        let staged = damage::stage(&store, &person("eva"), &always(), "Speicher getauscht").await.expect("it is staged");
        assert_eq!((staged.invoices, staged.staged), (2, 0));
        let theirs = "SELECT count(*) FROM run_items t JOIN runs q ON q.id = t.run_id JOIN subscriptions s ON s.id = \
                      t.subscription_id JOIN registrations r ON r.id = s.registration_id WHERE q.kind = 'rerun' AND \
                      r.customer_serial > 2";
        assert_eq!(db.number(theirs).await, 0);
    }

    async fn what_no_bulk_may_do_and_what_is_put_off_waits(db: TestDb) {
        office(&db, 5);
        invoiced_there(&db);
        let of = |serial: u32| format!("(SELECT i.id FROM invoices i JOIN registrations r ON r.id = i.registration_id WHERE r.customer_serial = {serial})");
        past(&db, &[&format!("UPDATE invoices SET line_count = 3 WHERE id = {}", of(1)), &format!("UPDATE invoices SET line_count = 3 WHERE id = {}", of(2)), "UPDATE registrations SET city = 'Kiem' WHERE customer_serial = 3"]).await;
        let found = check(&db, &[]);
        assert_eq!(found.len(), 3, "{:#?}", told(&found));
        let store = store(&db).await;
        let plan = async || damage::plan(&store, &always()).await.expect("a plan");
        assert_eq!((plan().await.repairs, plan().await.refused), (3, vec![]), "all are proven");
        let grouped = async || {
            let groups = damage::of(&store, &always()).await.expect("figures").findings;
            let sums = groups.iter().map(|group| [group.count, group.proposed, group.staged, group.aside]);
            sums.fold([0; 4], |sum, one| [0, 1, 2, 3].map(|place| sum[place] + one[place]))
        };
        assert_eq!(grouped().await, [3, 3, 0, 0]);
        // One is put off: it is told, and not staged.
        let first = ids(&found.iter().filter(|one| one["rule"] == "seal_broken").cloned().collect::<Vec<_>>());
        let until = chrono::Utc::now() + chrono::TimeDelta::days(7);
        assert_eq!(rules::set_aside(&store, &person("eva"), &first, until, "Kunde gefragt").await.expect("it is put off"), 1);
        assert_eq!((plan().await.repairs, grouped().await), (2, [3, 3, 0, 1]));
        // What rests on the word of the suspect host is not proven any more, so nobody does it in bulk.
        drop(withdrawn(&store).await);
        let after = check(&db, &[]);
        assert_eq!(after.len(), 2, "{:#?}", told(&after));
        let refused = plan().await;
        assert_eq!((refused.repairs, refused.refused.len()), (0, 1), "{refused:?}");
        assert_eq!((&refused.refused[0].obstacle, refused.refused[0].count), (&Obstacle::NameIt, 2));
        let staged = damage::stage(&store, &person("eva"), &always(), "Speicher getauscht").await.expect("an answer");
        assert_eq!((staged.staged, &staged.refused, staged.run), (0, &refused.refused, None));
        assert_eq!(db.number("SELECT count(*) FROM repairs WHERE state = 'staged'").await, 0);
    }
}
