//! A desk that is out of service: what it finds, no longer finds and would write proves nothing, so it does none of it.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;

use super::{SUSPECT, invoiced_there, withdrawn};
use crate::check::{check, damage as past, told};
use crate::repair::store;
use crate::support::{kontor, office};

/// Runs this at the desk that is out of service; it refuses, and says why and what to do.
fn refused(db: &TestDb, arguments: &[&str]) {
    let output = kontor(db).env("KONTOR_HOST", SUSPECT).args(arguments).run().expect(1);
    assert!(output.stderr.contains("rechnung-03 is out of service since"), "{}", output.stderr);
    assert!(output.stderr.contains("Work on another host"), "{}", output.stderr);
}

both_databases! {
    async fn a_desk_out_of_service_checks_and_repairs_nothing(db: TestDb) {
        office(&db, 3);
        invoiced_there(&db);
        let damage = "UPDATE registrations SET city = 'Kiem' WHERE customer_serial = 1";
        past(&db, &[damage]).await;
        let found = check(&db, &[]);
        assert_eq!(found.len(), 1, "{:#?}", told(&found));
        drop(withdrawn(&store(&db).await).await);

        let open = "SELECT count(*) FROM findings WHERE closed_at IS NULL";
        past(&db, &["UPDATE registrations SET city = 'Kiel' WHERE customer_serial = 1"]).await;
        refused(&db, &["check"]);
        assert_eq!(db.number(open).await, 1, "what it no longer finds stays open");
        past(&db, &[damage, "UPDATE registrations SET city = 'Kiem' WHERE customer_serial = 2"]).await;
        refused(&db, &["check", "--rule", "seal_broken"]);
        assert_eq!(db.number(open).await, 1, "what it finds is no finding");

        let apply = ["repairs", "apply", "--all-proven", "--yes", "--reason", "x"];
        refused(&db, &apply);
        assert_eq!(db.number("SELECT count(*) FROM repairs").await, 0);
        let request = "0191e7a0-0000-7000-8000-0000000000ba";
        let apply = [&apply[..], &["--request-id", request]].concat();
        let done = kontor(&db).args(&apply).run().expect(0).json();
        assert_eq!(done["applied"], 1, "{done}");
        // The same request asks for nothing new, wherever it is asked.
        assert_eq!(kontor(&db).env("KONTOR_HOST", SUSPECT).args(&apply).run().expect(0).json()["applied"], 1);
        let undo = ["repairs", "undo", "--batch", request, "--reason", "x"];
        refused(&db, &undo);
        assert_eq!(db.number("SELECT count(*) FROM repairs WHERE state = 'applied'").await, 1);
        assert_eq!(kontor(&db).args(undo).run().expect(0).json()["items"][0]["outcome"], "undone");
    }
}
