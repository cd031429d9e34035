//! Many at once: each on its own, none stops another, a repeated request does nothing twice; staging; what is refused.

use std::sync::atomic::{AtomicBool, Ordering};

use kontor::check::finding;
use kontor::identity::Actor;
use kontor::repair::{self, Ended, Far, Filter, Obstacle, Order, Undo};
use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::json;
use uuid::Uuid;

use super::{differing, only, repairs, store, stored};
use crate::check::{check, damage, text, told};
use crate::support::{kontor, office};

fn actor(person: &str) -> Actor {
    Actor { person: person.to_owned(), desk: "desk-1".to_owned(), request: Uuid::now_v7() }
}

/// Three customers whose seal says what is right, and one that nobody can put right.
const WRONG: [&str; 4] = [
    "UPDATE registrations SET city = 'Kiem' WHERE customer_serial = 1",
    "UPDATE registrations SET street = 'Straße 3' WHERE customer_serial = 2",
    "UPDATE registrations SET postal_code = '24102' WHERE customer_serial = 3",
    "UPDATE registrations SET city = 'Lübeck' WHERE customer_serial = 4",
];

both_databases! {
    async fn one_that_fails_stops_no_other_and_a_request_is_done_once(db: TestDb) {
        office(&db, 6);
        let clean = stored(&db).await;
        damage(&db, &WRONG[..3]).await;
        let findings = check(&db, &[]);
        assert_eq!(findings.len(), 3, "{:#?}", told(&findings));
        damage(&db, &["UPDATE registrations SET street = 'Straße 5' WHERE customer_serial = 2"]).await;
        let request = Uuid::now_v7().to_string();
        let arguments = ["apply", "--all-proven", "--yes", "--reason", "getauscht", "--request-id", &request];
        let done = repairs(&db, &arguments, 3);
        assert_eq!((&done["applied"], &done["refused"], &done["batch"]), (&json!(2), &json!(1), &json!(request)), "{done}");
        let again = repairs(&db, &arguments, 3);
        assert_eq!((&again["applied"], &again["refused"]), (&json!(2), &json!(1)), "{again}");
        assert_eq!(db.number("SELECT count(*) FROM journal WHERE action = 'repair.apply'").await, 2);
        damage(&db, &["UPDATE registrations SET street = 'Straße 2' WHERE customer_serial = 2"]).await;
        assert_eq!(differing(&clean, &stored(&db).await), Vec::<String>::new());
        let reason = kontor(&db).args(["repairs", "apply", "--all-proven", "--reason", " "]).run().expect(2);
        assert!(reason.stderr.contains("reason"), "{}", reason.stderr);
    }

    async fn staged_by_one_and_applied_by_another(db: TestDb) {
        office(&db, 6);
        let clean = stored(&db).await;
        damage(&db, &WRONG).await;
        let broken = stored(&db).await;
        check(&db, &[]);
        let store = store(&db).await;
        let open = finding::open(store.read(), &["seal_broken"]).await.expect("findings");
        let orders: Vec<Order> = open.iter().map(|one| Order::named(one.id)).collect();
        let staged = repair::stage(&store, &actor("erika"), &orders).await.expect("an answer");
        assert_eq!((staged.applied, staged.refused), (4, 0));
        assert_eq!(differing(&broken, &stored(&db).await), Vec::<String>::new(), "nothing is written yet");
        let waiting = repair::staged(&store, &[]).await.expect("orders");
        let accepted = waiting.iter().find(|order| {
            open.iter().any(|one| one.id == order.finding && one.evidence == kontor::check::Evidence::None)
        });
        let accepted = accepted.and_then(|order| order.staged).expect("a row nobody can put right");
        assert_eq!(repair::unstage(&store, &[accepted]).await.expect("a count"), 1);
        damage(&db, &["UPDATE registrations SET last_name = 'Anders' WHERE customer_serial = 3"]).await;
        let waiting = repair::staged(&store, &[]).await.expect("orders");
        let erika = actor("erika");
        let alone = repair::apply(&store, &erika, &waiting, "geprüft").await.expect("an answer");
        assert!(alone.items.iter().all(|item| item.obstacle == Some(Obstacle::SecondConfirmation)), "{alone:?}");
        assert_eq!(repair::staged(&store, &[]).await.expect("orders"), waiting, "what waits for a second person still waits");
        let twice = repair::stage(&store, &actor("jürgen"), &[Order::named(waiting[0].finding)]).await.expect("an answer");
        assert_eq!(twice.items[0].obstacle, Some(Obstacle::StagedAlready));
        let other = actor("jürgen");
        let done = repair::apply(&store, &other, &waiting, "geprüft").await.expect("an answer");
        assert_eq!((done.applied, done.refused), (2, 1), "{done:?}");
        let refused = done.items.iter().find(|item| item.outcome == Ended::Refused).expect("one");
        assert_eq!(refused.obstacle, Some(Obstacle::RowChanged));
        assert_eq!(repair::apply(&store, &other, &waiting, "geprüft").await.expect("an answer"), done);
        let listed = repair::list(&store, &Filter { state: Some("applied".to_owned()), limit: 10, ..Filter::default() }).await;
        let listed = listed.expect("a list");
        assert!(listed.len() == 2 && listed.iter().all(|one| one.person == "erika" && one.batch == Some(other.request)), "{listed:?}");
        assert_eq!(db.number("SELECT count(*) FROM journal WHERE action = 'repair.apply' AND person = 'jürgen'").await, 2);
        damage(&db, &[
            "UPDATE registrations SET last_name = 'Groß-Müller 3', postal_code = '24103' WHERE customer_serial = 3",
            "UPDATE registrations SET city = 'Kiel' WHERE customer_serial = 4",
        ]).await;
        assert_eq!(differing(&clean, &stored(&db).await), Vec::<String>::new());
    }

    async fn whoever_cancels_keeps_what_was_applied_and_the_rest_waits(db: TestDb) {
        office(&db, 6);
        let clean = stored(&db).await;
        damage(&db, &WRONG[..3]).await;
        check(&db, &[]);
        let store = store(&db).await;
        let open = finding::open(store.read(), &["seal_broken"]).await.expect("findings");
        let orders: Vec<Order> = open.iter().map(|one| Order::named(one.id)).collect();
        repair::stage(&store, &actor("erika"), &orders).await.expect("an answer");
        let waiting = repair::staged(&store, &[]).await.expect("orders");
        let (other, cancel) = (actor("jürgen"), AtomicBool::new(false));
        let mut told = Vec::new();
        let mut tell = |far: Far| {
            told.push((far.done, far.total));
            cancel.store(far.done == 1, Ordering::Relaxed);
        };
        let done = repair::apply_watched(&store, &other, &waiting, "geprüft", &mut tell, &cancel).await.expect("an answer");
        assert_eq!((done.applied, done.items.len(), &told[..]), (2, 2, &[(0, 3), (1, 3)][..]), "what was begun is finished");
        assert_eq!(repair::staged(&store, &[]).await.expect("orders"), waiting[2..]);
        let rest = repair::apply(&store, &other, &waiting, "geprüft").await.expect("an answer");
        assert_eq!((rest.applied, rest.items.len()), (3, 3), "the same request goes on where it was cancelled");
        assert_eq!(differing(&clean, &stored(&db).await), Vec::<String>::new());
        let plans = repair::undo_plan(&store, &Undo::Batch(rest.batch)).await.expect("a preview");
        assert!(plans.len() == 3 && plans.iter().all(|plan| plan.obstacle.is_none()), "{plans:?}");
    }

    async fn another_damage_of_the_row_is_never_sealed_with_it(db: TestDb) {
        office(&db, 3);
        let row = "registration_id = (SELECT id FROM registrations WHERE customer_serial = 2)";
        let wrong = format!("UPDATE mailboxes SET quota_bytes = quota_bytes + 3, state = 'closed' WHERE {row}");
        damage(&db, &[&wrong]).await;
        let findings = check(&db, &[]);
        let seal = "SELECT count(*) FROM findings WHERE rule = 'seal_broken' AND closed_at IS NULL";
        assert_eq!(db.number(seal).await, 1);
        let done = repairs(&db, &["apply", "--finding", text(only(&findings, "quota_deviates"), "id"), "--reason", "Tarif"], 0);
        assert_eq!((&done["applied"], db.number(seal).await), (&json!(1), 1), "the seal still tells of the state: {done}");
        let done = repairs(&db, &["apply", "--finding", text(only(&findings, "state_contradicts"), "id"), "--reason", "Vertrag läuft"], 0);
        assert_eq!((&done["applied"], db.number(seal).await), (&json!(1), 0), "and fits again: {done}");
        assert!(check(&db, &[]).is_empty());
    }

    async fn what_leaves_a_rule_broken_is_refused(db: TestDb) {
        office(&db, 6);
        damage(&db, &["UPDATE registrations SET customer_number = 'K-0000X3-1' WHERE customer_serial = 3"]).await;
        let findings = check(&db, &[]);
        let id = text(only(&findings, "check_digit_wrong"), "id");
        let broken = stored(&db).await;
        let still = repairs(&db, &["apply", "--finding", id, "--value", "K-000009-9", "--reason", "x"], 3);
        assert_eq!(still["items"][0]["code"], "still_found", "{still}");
        assert_eq!(differing(&broken, &stored(&db).await), Vec::<String>::new());
        // A name is right for the one rule and cannot be printed, which is another's business.
        let refused = repairs(&db, &["apply", "--finding", text(only(&findings, "seal_broken"), "id"), "--value", "王", "--reason", "x"], 3);
        assert_eq!(refused["items"][0]["outcome"], "refused", "{refused}");
        damage(&db, &["UPDATE mailboxes SET used_bytes = 10000000001 WHERE registration_id = (SELECT id FROM registrations WHERE customer_serial = 5)"]).await;
        let findings = check(&db, &[]);
        let usage = only(&findings, "usage_impossible");
        damage(&db, &["UPDATE mailboxes SET quota_bytes = 5 WHERE registration_id = (SELECT id FROM registrations WHERE customer_serial = 5)"]).await;
        let broken = stored(&db).await;
        // The rule about quotas was never asked about this row; what it finds was there before and is no fault of the repair.
        let done = repairs(&db, &["apply", "--finding", text(usage, "id"), "--value", "3", "--reason", "x"], 0);
        assert_eq!(done["applied"], 1, "{done}");
        assert_ne!(stored(&db).await, broken);
        assert_eq!(db.number("SELECT count(*) FROM findings WHERE rule = 'quota_deviates' AND closed_at IS NULL").await, 1);
    }

    async fn what_is_wrongly_asked_is_said(db: TestDb) {
        office(&db, 1);
        for (arguments, code) in [
            (vec!["plan"], 2),
            (vec!["plan", "--rule", "no_such_rule"], 2),
            (vec!["apply", "--all-proven"], 2),
            (vec!["plan", "--finding", "01900000-0000-7000-8000-000000000009"], 1),
            (vec!["undo", "--batch", "01900000-0000-7000-8000-000000000009", "--reason", "x"], 1),
            (vec!["apply", "--all-proven", "--value", "x", "--reason", "x"], 2),
        ] {
            drop(kontor(&db).args(["repairs"]).args(&arguments).run().expect(code));
        }
        let nothing = repairs(&db, &["apply", "--all-proven", "--reason", "x"], 0);
        assert_eq!((&nothing["applied"], &nothing["refused"], &nothing["items"]), (&json!(0), &json!(0), &json!([])));
    }
}

#[test]
fn a_damaged_database_is_not_repaired() {
    let db = TestDb::sqlite();
    kontor_tests::databases::block_on(async {
        office(&db, 3);
        damage(&db, &WRONG[..1]).await;
        let findings = check(&db, &[]);
        let id = text(only(&findings, "seal_broken"), "id").to_owned();
        db.execute(
            "INSERT INTO findings (id, rule, severity, table_name, row_key, evidence, opened_at, seen_at) VALUES \
             (X'01900000000070008000000000000009', 'database_corrupt', 'critical', 'database', 'page 7', 'none', \
             '2013-02-01 00:00:00+00:00', '2013-02-01 00:00:00+00:00')",
        )
        .await;
        let broken = stored(&db).await;
        let plan = repairs(&db, &["plan", "--finding", &id], 0);
        assert_eq!(plan[0]["obstacle"]["code"], "database_corrupt");
        let refused = repairs(&db, &["apply", "--finding", &id, "--reason", "x"], 3);
        assert_eq!(refused["items"][0]["code"], "database_corrupt", "{refused}");
        assert_eq!(differing(&broken, &stored(&db).await), Vec::<String>::new());
    });
}
