//! The customer on the phone: found, answered, put right; and the list that they are found in.

use kontor_tests::both_databases;
use kontor_tests::databases::{TestDb, block_on};
use serde_json::{Value, json};

use crate::harness::{Opening, Window};
use crate::office::{demo, messages, office, past_the_guards, text};

const REFUSED: &str = "FROM registrations r JOIN invoices i ON i.registration_id = r.id JOIN deliveries d ON d.invoice_id = \
    i.id WHERE d.state = 'refused' AND d.code = 'recipient_refused' AND r.state = 'active' ORDER BY r.customer_serial LIMIT 1";

/// The window with the list of registrations, the focus in it.
pub async fn list(db: &TestDb, opening: Opening) -> Window {
    let window = Window::on(db, opening).await;
    window.keys("Ctrl+2").await;
    window.focus_is_on("[role=row][data-index]").await;
    window
}

/// Finds a customer by a part of a name and opens the record, with the keyboard alone.
async fn find(window: &Window, part: &str, customer: &str) {
    window.keys("Ctrl+F").await;
    window.focus_is_on("input[data-search]").await;
    window.type_text(part).await;
    let narrowed = "return [...document.querySelectorAll('[role=row][data-index]')].some((row) => \
                    row.innerText.includes(arguments[0]))";
    window.until(&format!("{customer} is to be found by “{part}”"), narrowed, vec![json!(customer)]).await;
    window.keys("ArrowDown").await;
    window.walk_to_row(customer).await;
    window.keys("Enter").await;
    window.read_in("main header", customer).await;
}

both_databases! {
    async fn a_wrong_address_is_corrected_and_the_invoice_sent_again(db: TestDb) {
        demo(&db, 300);
        let customer = text(&db, &format!("SELECT r.customer_number {REFUSED}")).await;
        let name = text(&db, &format!("SELECT r.last_name {REFUSED}")).await;
        let old = text(&db, &format!("SELECT r.email {REFUSED}")).await;
        let (sent, entries) = (messages(&db).len(), db.number("SELECT count(*) FROM journal").await);
        let window = list(&db, Opening::default()).await;
        let part: String = name.chars().skip(1).collect();
        find(&window, &part, &customer).await;
        window.read_in("section", "abgelehnt: Adresse abgelehnt").await;
        window.shot(&format!("registration-call-{:?}", db.kind)).await;
        window.keys("F9").await;
        window.read_in("[aria-live]", "Kopiert").await;
        window.keys("Ctrl+Enter").await;
        window.read_in("dialog", "Mailadresse").await;
        window.focus_is_on("dialog input").await;
        window.keys("Ctrl+A").await;
        window.type_text("richtig@example.com").await;
        window.keys("Ctrl+Enter").await;
        window.read_in("dialog", "Änderungen prüfen").await;
        window.read_in("dialog", &old).await;
        window.read_in("dialog", "richtig@example.com").await;
        window.read_in("dialog", "Speichern und erneut senden").await;
        window.shot(&format!("registration-review-{:?}", db.kind)).await;
        assert_eq!(db.number("SELECT count(*) FROM registrations WHERE email = 'richtig@example.com'").await, 0, "staged");
        window.type_text("Anruf der Kundin").await;
        window.keys("Ctrl+Enter").await;
        window.miss("dialog").await;
        window.read("Die Rechnung geht an die neue Adresse").await;
        window.read_in("section", "für richtig@example.com vom Mailserver angenommen").await;
        window.shot(&format!("registration-sent-{:?}", db.kind)).await;
        let changed = format!("SELECT count(*) FROM registrations WHERE email = 'richtig@example.com' AND customer_number = '{customer}' AND version = 2");
        assert_eq!(db.number(&changed).await, 1);
        let accepted = "SELECT count(*) FROM deliveries WHERE recipient = 'richtig@example.com' AND state = 'accepted'";
        assert_eq!(db.number(accepted).await, 1);
        assert_eq!(db.number("SELECT count(*) FROM journal").await, entries + 1);
        assert_eq!(db.number("SELECT count(*) FROM journal WHERE reason = 'Anruf der Kundin' AND person = 'eva'").await, 1);
        let after = messages(&db);
        assert_eq!(after.len(), sent + 1, "one mail went out");
        let to = after.iter().filter(|path| std::fs::read_to_string(path).expect("a message").contains("\nTo: ")).count();
        assert_eq!(to, after.len());
        let new = after.iter().filter(|path| std::fs::read_to_string(path).expect("a message").contains("richtig@example.com"));
        assert_eq!(new.count(), 1, "to the new address");
    }

    async fn two_desks_change_one_customer_and_the_second_decides(db: TestDb) {
        office(&db, "test", 3);
        let eva = list(&db, Opening::default()).await;
        eva.keys("ArrowDown").await;
        eva.focus_is_on_row("K-000002").await;
        eva.keys("F2").await;
        eva.fill("Ort", "Plön").await;
        eva.fill("Nachname", "Groß").await;
        let udo = list(&db, Opening { person: "udo", ..Opening::default() }).await;
        udo.keys("ArrowDown").await;
        udo.focus_is_on_row("K-000002").await;
        udo.keys("F2").await;
        udo.fill("Ort", "Lübeck").await;
        udo.fill("Vorname", "Jörg").await;
        udo.keys("Ctrl+Enter").await;
        udo.read_in("dialog", "Änderungen prüfen").await;
        udo.keys("Ctrl+Enter").await;
        udo.miss("dialog").await;
        assert_eq!(text(&db, "SELECT city FROM registrations WHERE customer_serial = 2").await, "Lübeck");
        eva.keys("Ctrl+Enter").await;
        eva.read_in("dialog", "Änderungen prüfen").await;
        eva.keys("Ctrl+Enter").await;
        eva.read_in("dialog", "Inzwischen geändert von udo").await;
        for words in ["Kiel", "Plön", "Lübeck", "Jörg", "Eigene Änderung", "Jetzt gespeichert"] {
            eva.read_in("dialog table", words).await;
        }
        let radios = "return [document.querySelectorAll('dialog [type=radio]').length, document.querySelectorAll('dialog [type=radio]:checked').length]";
        assert_eq!(eva.script(radios, vec![]).await, json!([2, 0]), "one choice for the one field both changed; none made");
        eva.shot(&format!("registration-conflict-{:?}", db.kind)).await;
        eva.keys("Ctrl+Enter").await;
        let row = "SELECT city || ', ' || first_name || ', ' || last_name FROM registrations WHERE customer_serial = 2";
        assert_eq!(text(&db, row).await, "Lübeck, Jörg, Groß-Müller 2", "nothing is saved by itself");
        eva.press("Plön").await;
        eva.press("Weiter zur Prüfung").await;
        eva.read_in("dialog", "Änderungen prüfen").await;
        assert_eq!(text(&db, row).await, "Lübeck, Jörg, Groß-Müller 2", "still nothing");
        eva.keys("Ctrl+Enter").await;
        eva.miss("dialog").await;
        assert_eq!(text(&db, row).await, "Plön, Jörg, Groß");
        assert_eq!(db.number("SELECT version FROM registrations WHERE customer_serial = 2").await, 3);
    }
}

#[test]
fn notes_are_written_changed_and_taken_away() {
    block_on(async {
        let db = TestDb::sqlite();
        office(&db, "test", 3);
        let window = list(&db, Opening::default()).await;
        window.keys("ArrowDown").await;
        window.read_in("main h2", "Groß-Müller 2").await;
        window.press("Notiz schreiben").await;
        window.type_text("Ruft am Montag wieder an.").await;
        window.keys("Ctrl+Enter").await;
        window.read_in("main li", "Ruft am Montag wieder an.").await;
        assert_eq!(db.number("SELECT count(*) FROM notes").await, 1);
        // A month is due, which the same keys would begin elsewhere on this screen.
        window.read_in("main", "Januar 2013 abrechnen …").await;
        window.miss("dialog").await;
        window.press("Notiz ändern").await;
        window.fill("Notiz ändern", "Ruft am Dienstag an.").await;
        window.press("Notiz speichern").await;
        window.read_in("main li", "Ruft am Dienstag an.").await;
        assert_eq!(text(&db, "SELECT text FROM notes").await, "Ruft am Dienstag an.");
        window.read_in("main ol", "Notiz geändert").await;
        window.read_in("main ol", "Registriert").await;
        // A contract begins on a day, not at midnight.
        window.read_in("main ol", "Vertrag beginnt am 07.01.2013").await;
        assert!(!window.text("main ol").await.contains("00:00:00"), "no time that nobody knows");
        window.shot("registration-notes").await;
        window.press("Löschen").await;
        window.read("Wirklich löschen?").await;
        assert_eq!(db.number("SELECT count(*) FROM notes").await, 1, "not before it is confirmed");
        window.press("Löschen").await;
        window.read("Notiz gelöscht").await;
        assert_eq!(db.number("SELECT count(*) FROM notes").await, 0);
        assert_eq!(db.number("SELECT count(*) FROM journal WHERE action LIKE 'note.%' AND person = 'eva'").await, 3);
    });
}

#[test]
fn long_and_right_to_left_names_push_nothing() {
    block_on(async {
        let db = TestDb::sqlite();
        office(&db, "test", 6);
        let long = "Wolfeschlegelsteinhausenbergerdorff".repeat(9)[..300].to_owned();
        db.execute(&format!("UPDATE registrations SET last_name = '{long}' WHERE customer_serial = 2")).await;
        db.execute("UPDATE registrations SET first_name = 'محمد', last_name = 'الأحمد (12)' WHERE customer_serial = 3")
            .await;
        let window = list(&db, Opening::default()).await;
        window.rows_are(6).await;
        let edges = "return [...document.querySelectorAll('[role=row][data-index]')].map((row) => \
            [...row.querySelectorAll('[role=gridcell]')].map((cell) => Math.round(cell.getBoundingClientRect().left)).join())";
        for size in [(1_280, 800), (1_024, 700)] {
            window.client.set_window_rect(0, 0, size.0, size.1).await.expect("a size");
            window.keys("Home").await;
            window.keys("ArrowDown").await;
            window.read_in("h2", "Wolfeschlegelsteinhausen").await;
            let places = window.script(edges, vec![]).await;
            let places = places.as_array().expect("rows");
            assert!(
                places.iter().all(|row| row == &places[0]),
                "every row has its cells in the same places: {places:?}"
            );
            assert_eq!(window.clipped().await, Vec::<String>::new());
            window.shot(&format!("registrations-long-name-{}", size.0)).await;
        }
        window.keys("ArrowDown").await;
        window.read_in("h2 bdi", "محمد").await;
        window.shot("registrations-right-to-left").await;
        let isolated = "return [...document.querySelectorAll('[role=row][data-index=\"2\"] [role=gridcell]')].filter((cell) => \
            cell.innerText.includes('محمد')).every((cell) => cell.querySelector('bdi'))";
        assert_eq!(window.script(isolated, vec![]).await, Value::Bool(true));
    });
}

#[test]
fn a_value_that_cannot_be_read_costs_its_own_place_only() {
    block_on(async {
        let db = TestDb::sqlite();
        office(&db, "test", 4);
        past_the_guards(
            &db,
            "registrations",
            "UPDATE registrations SET registered_at = 'gestern' WHERE customer_serial = 2",
        )
        .await;
        let window = list(&db, Opening::default()).await;
        window.rows_are(4).await;
        window.read_in("[role=row][data-index='1']", "Wert nicht lesbar: Registriert seit").await;
        window.read_in("[role=row][data-index='2']", "K-000003").await;
        window.keys("ArrowDown").await;
        window.keys("Enter").await;
        window.read_in("h2", "K-000002").await;
        window.read("gestern").await;
        window.read_in("main", "box2@mail.example.com").await;
        window.shot("registration-unreadable").await;
    });
}
