//! The customer on the phone: found, answered, put right; and the list that they are found in.

use std::path::Path;

use kontor_tests::both_databases;
use kontor_tests::databases::{TestDb, block_on};
use serde_json::{Value, json};

use crate::harness::{Opening, Window};
use crate::office::{demo, messages, office, past_the_guards, text};

const REFUSED: &str = "FROM registrations r JOIN invoices i ON i.registration_id = r.id JOIN deliveries d ON d.invoice_id = \
    i.id WHERE d.state = 'refused' AND d.code = 'recipient_refused' AND r.state = 'active' ORDER BY r.customer_serial LIMIT 1";

/// The window with the list of registrations, the focus in it.
async fn list(db: &TestDb, opening: Opening) -> Window {
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
        window.press("Notiz ändern").await;
        window.fill("Notiz ändern", "Ruft am Dienstag an.").await;
        window.press("Notiz speichern").await;
        window.read_in("main li", "Ruft am Dienstag an.").await;
        assert_eq!(text(&db, "SELECT text FROM notes").await, "Ruft am Dienstag an.");
        window.read_in("main ol", "Notiz geändert").await;
        window.read_in("main ol", "Registriert").await;
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

/// Narrows the list by the filter with this label.
async fn narrow(window: &Window, label: &str, choice: &str) {
    window.press("Filter").await;
    window.press(label).await;
    window.press(choice).await;
    window.keys("Escape").await;
}

async fn save_filter(window: &Window, name: &str, is_shared: bool) {
    window.press("Gespeicherte Filter").await;
    window.press("Als Filter speichern …").await;
    window.fill("Name", name).await;
    if is_shared {
        window.press("Für alle sichtbar").await;
    }
    window.keys("Ctrl+Enter").await;
    window.miss("dialog").await;
    window.press(name).await;
    window.keys("Escape").await;
}

#[test]
fn filters_are_kept_for_oneself_and_for_all() {
    block_on(async {
        let db = TestDb::sqlite();
        demo(&db, 200);
        let companies = db.number("SELECT count(*) FROM registrations WHERE kind = 'company'").await;
        assert!((1..200).contains(&companies), "the demo has companies and others");
        let window = list(&db, Opening::default()).await;
        narrow(&window, "Art", "Firma").await;
        window.rows_are(companies).await;
        save_filter(&window, "Firmen", true).await;
        window.press("Filter zurücksetzen").await;
        window.rows_are(200).await;
        let folder = window.close().await;
        assert_eq!(db.number("SELECT count(*) FROM saved_filters").await, 1);
        let again = Window::open_in(folder, Opening::default()).await;
        again.press("Bestand").await;
        again.see("nav").await;
        again.keys("Ctrl+2").await;
        again.press("Gespeicherte Filter").await;
        again.press("Firmen").await;
        again.rows_are(companies).await;
        narrow(&again, "Rechnung fehlgeschlagen", "Mit offener Fehlrechnung").await;
        again.press("Firmen (geändert)").await;
        again.press("Als Filter speichern …").await;
        again.fill("Name", "Fehlerhafte").await;
        again.keys("Ctrl+Enter").await;
        again.miss("dialog").await;
        assert_eq!(db.number("SELECT count(*) FROM saved_filters").await, 2);
        let udo = list(&db, Opening { person: "udo", ..Opening::default() }).await;
        udo.press("Gespeicherte Filter").await;
        udo.read_in("[popover]", "von eva").await;
        udo.shot("registrations-saved-filters").await;
        let names = udo.text("[popover]:popover-open").await;
        assert!(!names.contains("Fehlerhafte"), "one's own is nobody else's: {names}");
        udo.press("Firmen").await;
        udo.rows_are(companies).await;
    });
}

#[test]
fn columns_stay_as_they_were_arranged() {
    block_on(async {
        let db = TestDb::sqlite();
        office(&db, "test", 5);
        let window = list(&db, Opening { size: (1_920, 1_080), ..Opening::default() }).await;
        let before = window.headings().await;
        assert_eq!(before[..2], ["Kundennr.", "Name"]);
        window.press("Spalten").await;
        window.press("Mailadresse").await;
        window.press("Zustand").await;
        window.press("Name nach vorn").await;
        window.shot("registrations-columns").await;
        window.keys("Escape").await;
        let width =
            "return document.querySelector('[role=columnheader] .heading').parentElement.getBoundingClientRect().width";
        window.script("document.querySelectorAll('[role=columnheader] .heading')[1].focus()", vec![]).await;
        window.keys("Shift+ArrowRight").await;
        window.keys("Shift+ArrowRight").await;
        let arranged = window.headings().await;
        assert_eq!(arranged[..2], ["Name", "Kundennr."]);
        assert!(
            arranged.contains(&"Mailadresse".to_owned()) && !arranged.contains(&"Zustand".to_owned()),
            "{arranged:?}"
        );
        let second = width.replace(
            "querySelector('[role=columnheader] .heading')",
            "querySelectorAll('[role=columnheader] .heading')[1]",
        );
        let wide = window.script(&second, vec![]).await;
        assert_eq!(wide, json!(148), "two steps of 16 pixels wider than 116");
        let kept = "\"width\":148";
        let begun = std::time::Instant::now();
        while !std::fs::read_to_string(window.desk().join("desk.json"))
            .expect("the desk")
            .replace(' ', "")
            .contains(kept)
        {
            assert!(begun.elapsed() < std::time::Duration::from_secs(30), "the columns are not kept");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let folder = window.close().await;
        let again = Window::open_in(folder, Opening { size: (1_920, 1_080), ..Opening::default() }).await;
        again.press("Bestand").await;
        again.see("nav").await;
        again.keys("Ctrl+2").await;
        again.rows_are(5).await;
        assert_eq!(again.headings().await, arranged);
        assert_eq!(again.script(&second, vec![]).await, wide);
    });
}

/// Cells of a worksheet's rows, read from the XML in the file.
fn sheet_rows(path: &Path) -> (usize, String) {
    let file = std::fs::File::open(path).expect("the file is there");
    let mut parts = zip::ZipArchive::new(file).expect("a workbook is a ZIP archive");
    let part = parts.by_name("xl/worksheets/sheet1.xml").expect("it has a worksheet");
    let sheet = std::io::read_to_string(part).expect("XML is UTF-8");
    (sheet.matches("<row ").count(), sheet)
}

async fn export(window: &Window, path: &Path, kind: &str, said: &str) {
    window.will_choose(path);
    window.press("Export").await;
    window.press(kind).await;
    window.read(said).await;
}

#[test]
fn what_was_chosen_by_keyboard_goes_into_a_file() {
    block_on(async {
        let db = TestDb::sqlite();
        office(&db, "test", 120);
        db.execute("UPDATE registrations SET last_name = '=1+1', first_name = '@SUM(A1)' WHERE customer_serial = 2")
            .await;
        let window = list(&db, Opening::default()).await;
        window.rows_are(120).await;
        window.keys("Space").await;
        window.read("1 gewählt").await;
        window.keys("Shift+ArrowDown").await;
        window.read("2 gewählt").await;
        window.keys("Shift+ArrowDown").await;
        window.read("3 gewählt").await;
        window.keys("ArrowDown").await;
        window.keys("ArrowDown").await;
        window.keys("Space").await;
        window.read("4 gewählt").await;
        window.shot("registrations-chosen").await;
        let path = db.path().join("auswahl.csv");
        export(&window, &path, "Textdatei (CSV) …", "4 Zeilen gespeichert").await;
        let text = std::fs::read_to_string(&path).expect("the file");
        let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
        let mut reader = csv::ReaderBuilder::new().delimiter(b';').has_headers(false).from_reader(text.as_bytes());
        let records: Vec<Vec<String>> =
            reader.records().map(|record| record.expect("a record").iter().map(str::to_owned).collect()).collect();
        assert_eq!(records[0][..4], ["Kundennr.", "Firma", "Vorname", "Nachname"]);
        let customers: Vec<&str> = records[1..].iter().map(|record| &record[0][..8]).collect();
        assert_eq!(customers, ["K-000001", "K-000002", "K-000003", "K-000005"]);
        assert_eq!(records[2][2..4], ["'@SUM(A1)", "'=1+1"], "no cell begins a formula");
        window.keys("Ctrl+2").await;
        window.press("Auswahl aufheben").await;
        window.focus_is_on_row("K-").await;
        window.keys("Ctrl+A").await;
        window.read("120 gewählt").await;
        window.keys("Space").await;
        window.read("119 gewählt").await;
        let path = db.path().join("alle.xlsx");
        export(&window, &path, "Excel-Datei (XLSX) …", "119 Zeilen gespeichert").await;
        let (rows, xml) = sheet_rows(&path);
        assert_eq!(rows, 120, "a head and the rows");
        assert!(
            xml.contains("Nachname") && xml.contains("Groß-Müller 7") && !xml.contains("<f>"),
            "words, and no formula"
        );
    });
}

#[test]
fn the_middle_of_a_long_list_is_one_jump_away() {
    block_on(async {
        let db = TestDb::sqlite();
        office(&db, "test", 4_000);
        let window = list(&db, Opening::default()).await;
        window.rows_are(4_000).await;
        let jump = "const box = document.querySelector('[role=grid]').parentElement; box.scrollTop = box.scrollHeight / 2; return true";
        window.until("the list scrolls", jump, vec![]).await;
        let shown = "const rows = [...document.querySelectorAll('[role=row][data-index]')].filter((row) => \
            row.getBoundingClientRect().top > 150 && row.getBoundingClientRect().bottom < innerHeight - 40); \
            const all = rows.map((row) => [Number(row.dataset.index), row.innerText.match(/K-\\d+/)?.[0] ?? null]); \
            return all.length > 15 && all.every(([, customer]) => customer) && all[0][0] > 1900 ? all : null";
        let rows = window.wait_for("the rows of the middle", shown, vec![]).await;
        for row in rows.as_array().expect("rows") {
            let at = row[0].as_i64().expect("an index");
            assert!((1_900..2_100).contains(&at), "{at}");
            assert_eq!(row[1], json!(format!("K-{:06}", at + 1)));
        }
        window.shot("registrations-middle").await;
        window.keys("End").await;
        window.focus_is_on_row("K-004000").await;
        window.keys("Home").await;
        window.focus_is_on_row("K-000001").await;
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
