//! What a person does with a list, on the list of registrations: filters, columns, a choice that goes into a file, a jump.

use std::path::Path;

use kontor_tests::databases::{TestDb, block_on};
use serde_json::json;

use crate::harness::{Opening, Window};
use crate::office::{demo, office};
use crate::registrations::list;

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
        narrow(&again, "Rechnung fehlgeschlagen", "Mit fehlgeschlagener Rechnung").await;
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
        // Deleting one that others use asks first.
        again.press("Fehlerhafte").await;
        again.press("Filter „Firmen“ löschen").await;
        again.read_in("[popover]:popover-open", "„Firmen“ löschen? Andere sehen ihn dann auch nicht mehr.").await;
        again.shot("registrations-delete-filter").await;
        assert_eq!(again.violations().await, Vec::<String>::new());
        again.press("Abbrechen").await;
        assert_eq!(db.number("SELECT count(*) FROM saved_filters").await, 2);
        again.press("Filter „Firmen“ löschen").await;
        again.press("Löschen").await;
        let gone = "SELECT count(*) FROM saved_filters WHERE name = 'Firmen'";
        again.comes_true("the filter is gone", async || db.number(gone).await == 0).await;
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
        let desk = window.desk().join("desk.json");
        let kept = || std::fs::read_to_string(&desk).expect("the desk's file").replace(' ', "");
        window.comes_true("the columns are kept", async || kept().contains("\"width\":148")).await;
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

#[test]
fn a_search_from_further_down_leads_to_its_first_hit() {
    block_on(async {
        let db = TestDb::sqlite();
        office(&db, "test", 30);
        let window = list(&db, Opening::default()).await;
        window.rows_are(30).await;
        for _ in 0..4 {
            window.keys("ArrowDown").await;
        }
        window.read_in("[data-pane=detail] h2", "Groß-Müller 5").await;
        window.keys("Ctrl+F").await;
        window.focus_is_on("[data-search]").await;
        window.type_text("kunde1@example.com").await;
        window.keys("Enter").await;
        window.rows_are(1).await;
        window.focus_is_on_row("K-000001").await;
        window.read_in("[data-pane=detail] h2", "Groß-Müller 1").await;
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
        office(&db, "test", 5_200);
        let window = list(&db, Opening::default()).await;
        window.rows_are(5_200).await;
        let jump = "const box = document.querySelector('[role=grid]').parentElement; box.scrollTop = box.scrollHeight / 2; return true";
        window.until("the list scrolls", jump, vec![]).await;
        let shown = "const rows = [...document.querySelectorAll('[role=row][data-index]')].filter((row) => \
            row.getBoundingClientRect().top > 150 && row.getBoundingClientRect().bottom < innerHeight - 40); \
            const all = rows.map((row) => [Number(row.dataset.index), row.innerText.match(/K-\\d+/)?.[0] ?? null]); \
            return all.length > 15 && all.every(([, customer]) => customer) && all[0][0] > 2500 ? all : null";
        let rows = window.wait_for("the rows of the middle", shown, vec![]).await;
        for row in rows.as_array().expect("rows") {
            let at = row[0].as_i64().expect("an index");
            assert!((2_500..2_700).contains(&at), "{at}");
            assert_eq!(row[1], json!(format!("K-{:06}", at + 1)));
        }
        window.shot("registrations-middle").await;
        window.keys("End").await;
        window.focus_is_on_row("K-005200").await;
        window.keys("Home").await;
        window.focus_is_on_row("K-000001").await;
        // With Shift everything between is chosen, read or not, and left again on the way back.
        window.keys("Shift+PageDown").await;
        let some =
            "return Number(document.querySelector('[role=toolbar] strong')?.innerText.match(/^\\d+/)?.[0] ?? 0) > 10";
        window.until("every row of the page is chosen", some, vec![]).await;
        window.keys("Shift+End").await;
        window.read("5.000 gewählt").await;
        window.read("Von hier aus sind höchstens 5.000 Zeilen gewählt.").await;
        window.focus_is_on_row("K-005200").await;
        window.keys("Shift+Home").await;
        window.read("1 gewählt").await;
        window.focus_is_on_row("K-000001").await;
    });
}
