//! Two at once, a death in the middle, a row that changed meanwhile: before or after, and never in between.

use kontor::failpoint;
use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::{Value, json};

use super::{differing, only, repairs, stored};
use crate::check::fixtures::{month, spelled};
use crate::check::{check, damage, text};
use crate::support::{kontor, mailing, office};

const WRONG: &str = "UPDATE registrations SET city = 'Kiem' WHERE customer_serial = 2";

/// Repairs and journal entries that stand there.
async fn written(db: &TestDb) -> (i64, i64, i64) {
    (
        db.number("SELECT count(*) FROM repairs WHERE state = 'applied'").await,
        db.number("SELECT count(*) FROM repairs WHERE is_open").await,
        db.number("SELECT count(*) FROM journal WHERE action = 'repair.apply'").await,
    )
}

both_databases! {
    async fn of_two_who_repair_the_same_record_one_does(db: TestDb) {
        office(&db, 3);
        for round in 1..=5 {
            damage(&db, &[WRONG]).await;
            let findings = check(&db, &[]);
            let id = text(only(&findings, "seal_broken"), "id").to_owned();
            let both = [0, 1].map(|_| kontor(&db).args(["repairs", "apply", "--finding", &id, "--reason", "zugleich"]).spawn());
            let ends: Vec<Value> = both.into_iter().map(|one| one.wait().json()).collect();
            let sum = |name: &str| ends.iter().map(|end| end[name].as_u64().expect("a count")).sum::<u64>();
            // Whoever comes second finds the row changed, or the finding closed since it began.
            assert_eq!((sum("applied"), sum("refused") + sum("resolved")), (1, 1), "{ends:?}");
            assert_eq!(written(&db).await, (round, 0, round));
        }
    }

    async fn of_two_who_undo_the_same_repair_one_does(db: TestDb) {
        office(&db, 3);
        damage(&db, &[WRONG]).await;
        let findings = check(&db, &[]);
        let done = repairs(&db, &["apply", "--finding", text(only(&findings, "seal_broken"), "id"), "--reason", "x"], 0);
        let both = [0, 1].map(|_| kontor(&db).args(["repairs", "undo", "--batch", text(&done, "batch"), "--reason", "zugleich"]).spawn());
        let ends: Vec<Value> = both.into_iter().map(|one| one.wait().json()).collect();
        let undone: u64 = ends.iter().map(|end| end["applied"].as_u64().expect("a count")).sum();
        assert_eq!(undone, 1, "{ends:?}");
        assert_eq!(db.number("SELECT count(*) FROM journal WHERE action = 'repair.undo'").await, 1);
    }

    async fn a_death_at_any_point_leaves_before_or_after(db: TestDb) {
        office(&db, 3);
        let clean = stored(&db).await;
        damage(&db, &[WRONG]).await;
        let broken = stored(&db).await;
        let findings = check(&db, &[]);
        let mut id = text(only(&findings, "seal_broken"), "id").to_owned();
        for name in failpoint::REPAIRS {
            let is_undo = name.contains("undo");
            let is_after = name.contains("after");
            if is_undo {
                assert_eq!(repairs(&db, &["apply", "--finding", &id, "--reason", "x"], 0)["applied"], 1);
            }
            let request = uuid::Uuid::now_v7().to_string();
            let verb = if is_undo { "undo" } else { "apply" };
            let arguments = ["repairs", verb, "--finding", &id, "--reason", "Tod", "--request-id", &request];
            let died = kontor(&db).args(arguments).failpoints(&format!("{name}=1*return(abort)")).run();
            assert_eq!(died.signal, Some(6), "{name} was hit: {}", died.stderr);
            let expected = if is_undo == is_after { &broken } else { &clean };
            assert_eq!(differing(expected, &stored(&db).await), Vec::<String>::new(), "{name}");
            assert_eq!(db.number("SELECT count(*) FROM repairs WHERE is_open").await, 0, "{name}");
            // Whoever asks again under the same request gets it done, once.
            let again = kontor(&db).args(arguments).run().expect(0).json();
            assert_eq!((&again["applied"], &again["refused"]), (&json!(1), &json!(0)), "{name}: {again}");
            let expected = if is_undo { &broken } else { &clean };
            assert_eq!(differing(expected, &stored(&db).await), Vec::<String>::new(), "{name}");
            if !is_undo {
                repairs(&db, &["undo", "--finding", &id, "--reason", "zurück"], 0);
            }
            let findings = check(&db, &[]);
            text(only(&findings, "seal_broken"), "id").clone_into(&mut id);
        }
        assert_eq!(kontor(&db).args(["journal", "verify"]).run().expect(0).code, Some(0));
    }

    async fn a_death_between_a_run_or_a_cancellation_and_the_repair_does_nothing_twice(db: TestDb) {
        month(&db).await;
        damage(&db, &[
            "DELETE FROM delivery_evidence WHERE delivery_id IN (SELECT id FROM deliveries WHERE invoice_id = {L58})",
            "DELETE FROM deliveries WHERE invoice_id = {L58}",
            "UPDATE number_allocations SET period = '2013-01-01' WHERE invoice_id = {K42}",
        ].map(|statement| spelled(&db, statement)).iter().map(String::as_str).collect::<Vec<_>>()).await;
        let findings = check(&db, &[]);
        let cases = [("mail_missing", "repair.after_run"), ("invoice_twice", "repair.after_cancel")];
        assert_eq!(cases.map(|(_, point)| point).len(), failpoint::REPAIR_STARTS.len());
        let counted = async || {
            let runs = db.number("SELECT count(*) FROM runs WHERE kind = 'rerun'").await;
            (runs, db.number("SELECT count(*) FROM invoices WHERE kind = 'cancellation'").await, written(&db).await)
        };
        for (rule, point) in cases {
            let id = text(only(&findings, rule), "id");
            let (runs, cancelled, (applied, ..)) = counted().await;
            let request = uuid::Uuid::now_v7().to_string();
            let arguments = ["repairs", "apply", "--finding", id, "--reason", "Tod", "--request-id", &request];
            let died = kontor(&db).args(arguments).failpoints(&format!("{point}=1*return(abort)")).run();
            assert_eq!(died.signal, Some(6), "{point} was hit: {}", died.stderr);
            let between = counted().await;
            assert_eq!(between.2, (applied, 0, applied), "{point}: no repair is written yet");
            assert!(between.0 + between.1 > runs + cancelled, "{point}: what was set going stands");
            let again = kontor(&db).args(arguments).run().expect(0).json();
            assert_eq!((&again["applied"], &again["refused"]), (&json!(1), &json!(0)), "{point}: {again}");
            assert_eq!(counted().await, (between.0, between.1, (applied + 1, 0, applied + 1)), "{point}: once, and written down");
            let third = kontor(&db).args(arguments).run().expect(0).json();
            assert_eq!((&third["applied"], counted().await), (&json!(1), (between.0, between.1, (applied + 1, 0, applied + 1))));
        }
        drop(mailing(&db).args(["work", "--until-idle"]).run().expect(0));
        assert_eq!(db.number(&spelled(&db, "SELECT count(*) FROM deliveries WHERE invoice_id = {L58}")).await, 1, "mailed once");
        let left = check(&db, &[]);
        assert!(left.iter().all(|one| one["rule"] != "mail_missing" && one["rule"] != "invoice_twice"), "{left:?}");
    }

    async fn a_database_error_is_told_and_nothing_is_written(db: TestDb) {
        office(&db, 3);
        damage(&db, &[WRONG]).await;
        let broken = stored(&db).await;
        let findings = check(&db, &[]);
        let id = text(only(&findings, "seal_broken"), "id").to_owned();
        let failed = kontor(&db).args(["repairs", "apply", "--finding", &id, "--reason", "x"])
            .failpoints("repair.before_commit=1*return(database)").run();
        assert_ne!(failed.code, Some(0), "{}", failed.stdout);
        assert_eq!(differing(&broken, &stored(&db).await), Vec::<String>::new());
        assert_eq!(written(&db).await, (0, 0, 0));
    }

    async fn a_row_that_changed_since_it_was_found_is_not_written(db: TestDb) {
        office(&db, 3);
        damage(&db, &[WRONG]).await;
        let findings = check(&db, &[]);
        let id = text(only(&findings, "seal_broken"), "id").to_owned();
        damage(&db, &["UPDATE registrations SET city = 'Kiez' WHERE customer_serial = 2"]).await;
        let changed = stored(&db).await;
        let plan = repairs(&db, &["plan", "--finding", &id], 0);
        assert_eq!(plan[0]["obstacle"]["code"], "row_changed", "{plan}");
        let refused = repairs(&db, &["apply", "--finding", &id, "--reason", "x"], 3);
        assert_eq!(refused["items"][0]["code"], "row_changed", "{refused}");
        assert_eq!(differing(&changed, &stored(&db).await), Vec::<String>::new());
        // What was right again by itself is no longer found.
        damage(&db, &["UPDATE registrations SET city = 'Kiel' WHERE customer_serial = 2"]).await;
        check(&db, &[]);
        let closed = repairs(&db, &["apply", "--finding", &id, "--reason", "x"], 3);
        assert_eq!(closed["items"][0]["code"], "finding_closed", "{closed}");
    }
}
