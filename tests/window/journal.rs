//! Who did what, and whether the journal still says so.

use kontor_tests::databases::{TestDb, block_on};

use crate::harness::{Opening, Window};
use crate::office::{kontor, office, past_the_guards, text};

/// Three people left entries: settings and import by one, runs by another, a cancellation by a third.
fn entries(db: &TestDb) {
    office(db, "test", 4);
    drop(kontor(db).env("KONTOR_PERSON", "zoe").args(["invoices", "run", "--period", "2013-01"]).run().expect(0));
}

async fn cancel_one(db: &TestDb) -> String {
    let number = text(db, "SELECT number FROM invoices ORDER BY number LIMIT 1").await;
    let call = kontor(db).env("KONTOR_PERSON", "udo").args(["invoices", "cancel", &number, "--reason", "doppelt"]);
    drop(call.run().expect(0));
    number
}

async fn journal(db: &TestDb) -> Window {
    let window = Window::on(db, Opening::default()).await;
    window.keys("Ctrl+8").await;
    window.focus_is_on("[role=row][data-index]").await;
    window
}

#[test]
fn entries_are_found_by_person_record_and_time() {
    block_on(async {
        let db = TestDb::sqlite();
        entries(&db);
        let number = cancel_one(&db).await;
        let all = db.number("SELECT count(*) FROM journal").await;
        let window = journal(&db).await;
        window.rows_are(all).await;
        window.shot("journal").await;
        window.press("Filter").await;
        window.press("Person").await;
        window.press("zoe").await;
        window.keys("Escape").await;
        window.rows_are(db.number("SELECT count(*) FROM journal WHERE person = 'zoe'").await).await;
        window.read_in("[role=grid]", "Lauf gestartet").await;
        window.press("Filter zurücksetzen").await;
        window.rows_are(all).await;
        window.keys("Ctrl+F").await;
        window.type_text(&number).await;
        window.rows_are(1).await;
        window.read_in("[role=grid]", "Rechnung storniert").await;
        window.keys("ArrowDown").await;
        window.read_in("main", "doppelt").await;
        window.shot("journal-entry").await;
        window.keys("Enter").await;
        window.read_in("main", "Rechnungen").await;
        window.read_in("main header", &number).await;
        window.keys("Alt+ArrowLeft").await;
        window.rows_are(1).await;
        window.keys("Ctrl+F").await;
        window.keys("Escape").await;
        window.rows_are(all).await;
        window.press("Filter").await;
        window.press("Zeit").await;
        window.fill("Bis", "31.12.2012").await;
        window.keys("Enter").await;
        window.keys("Escape").await;
        window.read("Keine Einträge. Filter ändern.").await;
    });
}

#[test]
fn the_chain_is_verified_and_a_changed_entry_is_named() {
    block_on(async {
        let db = TestDb::sqlite();
        entries(&db);
        let window = journal(&db).await;
        window.press("Kette prüfen").await;
        window.focus_is_on("dialog input").await;
        window.keys("Ctrl+Enter").await;
        let all = db.number("SELECT count(*) FROM journal").await;
        window.read_in("dialog", &format!("Die Kette hält: {all} Einträge unverändert")).await;
        window.read_in("dialog", &text(&db, "SELECT journal_hash FROM installation").await).await;
        window.shot("journal-holds").await;
        past_the_guards(&db, "journal", "UPDATE journal SET reason = 'anders' WHERE seq = 2").await;
        window.keys("Ctrl+Enter").await;
        window.read_in("dialog", "Eintrag 2 wurde nachträglich geändert. Die Technik verständigen.").await;
        window.shot("journal-broken").await;
        window.keys("Escape").await;
        window.miss("dialog").await;
    });
}
