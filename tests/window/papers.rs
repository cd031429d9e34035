//! Going from one document to the next, and around within one: what stands on the page is always that of the invoice that is
//! named, text and picture alike.

use kontor_pdf::content::{Content, Line, TaxSum, sha256};
use kontor_tests::both_databases;
use kontor_tests::databases::{Kind, TestDb};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use crate::harness::{Opening, Window};
use crate::support::{invoice, kontor, office, past_the_guards, text};

/// The picture of the first page as one figure, FNV-1a over its pixels; none while too little of it is ink.
const PICTURE: &str = "const canvas = document.querySelector('[data-page] canvas'); if (!canvas?.width) return null; const \
    { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height); let ink = 0; let hash = 2166136261; \
    for (let at = 0; at < data.length; at += 4) { if (data[at + 3] > 0 && data[at] + data[at + 1] + data[at + 2] < 384) ink++; \
    hash = Math.imul(hash ^ ((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]), 16777619) >>> 0; } \
    return ink > 1000 ? `${canvas.width}x${canvas.height} ${hash}` : null;";

/// January 2013 with 300 registrations.
fn january(db: &TestDb) {
    drop(kontor(db).args(["demo", "create", "--registrations", "300", "--seed", "1"]).run().expect(0));
}

/// Waits until the page shows this invoice: its number in the text that lies over the page, and a picture that is none of
/// these. Returns the picture.
async fn page_of(window: &Window, number: &str, others: &[String]) -> String {
    window.read_in("[role=document] .texts", number).await;
    let script = format!(
        "const picture = (() => {{ {PICTURE} }})(); return picture && !arguments[0].includes(picture) ? picture : null"
    );
    let what = format!("a picture of its own for {number}");
    let picture = window.wait_for(&what, &script, vec![json!(others)]).await;
    window.read_in("[role=document] .texts", number).await;
    picture.as_str().expect("a figure").to_owned()
}

/// Waits until the page shows this invoice with exactly this picture.
async fn page_again(window: &Window, number: &str, picture: &str) {
    window.read_in("[role=document] .texts", number).await;
    let script = format!("return (() => {{ {PICTURE} }})() === arguments[0]");
    window.until(&format!("the picture of {number} once more"), &script, vec![json!(picture)]).await;
}

/// The number of the invoice that has the focus, from the row itself.
async fn focused_number(window: &Window) -> String {
    let script =
        "return document.activeElement?.closest('[role=row][data-index]')?.innerText.match(/RE-[0-9-]+/)?.[0] ?? null";
    window.wait_for("a row with a number", script, vec![]).await.as_str().expect("a number").to_owned()
}

/// Goes down this many rows, reading each page, and up again, where each picture is as it was.
async fn down_and_up(window: &Window, rows: usize) {
    let mut seen: Vec<(String, String)> = Vec::new();
    for row in 0..=rows {
        if row > 0 {
            window.keys("ArrowDown").await;
        }
        let number = focused_number(window).await;
        assert!(seen.iter().all(|(earlier, _)| *earlier != number), "the focus went on from {number}");
        let pictures: Vec<String> = seen.iter().map(|(_, picture)| picture.clone()).collect();
        let picture = page_of(window, &number, &pictures).await;
        seen.push((number, picture));
    }
    for (number, picture) in seen.iter().rev().skip(1) {
        window.keys("ArrowUp").await;
        page_again(window, number, picture).await;
    }
}

/// Makes the stored PDF of an invoice one of several pages: the same invoice with this many lines.
async fn lengthen(db: &TestDb, number: &str, lines: u32) {
    let connection = db.connect().await;
    let sql = format!("SELECT snapshot FROM invoices WHERE number = '{number}'");
    let row = connection.query_one_raw(Statement::from_string(connection.get_database_backend(), sql)).await;
    let bytes: Vec<u8> = row.expect("rows can be read").expect("the invoice").try_get_by_index(0).expect("bytes");
    let content = Content::from_bytes(&bytes).expect("a frozen content");
    let first = content.lines[0].clone();
    let line = |position: u32| Line { position, description: format!("Zusatzpostfach {position:03}"), ..first.clone() };
    let of = |cents: i64| cents * i64::from(lines);
    let long = Content {
        lines: (1..=lines).map(line).collect(),
        taxes: vec![TaxSum {
            basis_points: first.tax_basis_points,
            net_cents: of(first.net_cents),
            tax_cents: of(first.tax_cents),
        }],
        net_cents: of(first.net_cents),
        tax_cents: of(first.tax_cents),
        gross_cents: of(first.gross_cents),
        ..content
    };
    let pdf = kontor_pdf::render(&long).expect("a long invoice can be drawn");
    let literal = |bytes: &[u8]| {
        use std::fmt::Write as _;
        let hex = bytes.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        match db.kind {
            Kind::Sqlite => format!("x'{hex}'"),
            Kind::Postgres => format!("'\\x{hex}'::bytea"),
        }
    };
    let of = format!("(SELECT id FROM invoices WHERE number = '{number}')");
    let sql = format!(
        "UPDATE documents SET bytes = {}, sha256 = {} WHERE role = 'original' AND invoice_id = {of}",
        literal(&pdf),
        literal(&sha256(&pdf))
    );
    past_the_guards(db, "documents", &sql).await;
}

/// Width in pixels that the first page has on the screen.
const WIDTH: &str = "document.querySelector('[data-page] canvas').getBoundingClientRect().width";

both_databases! {
    async fn the_next_document_shows_text_and_picture_beside_the_list(db: TestDb) {
        january(&db);
        // Wide enough for the PDF beside list and data.
        let window = Window::on(&db, Opening { size: (1_920, 1_080), ..Opening::default() }).await;
        window.keys("Ctrl+3").await;
        window.rows(db.number("SELECT count(*) FROM invoices").await).await;
        window.focus_is_on("[role=row][data-index]").await;
        window.keys("ArrowDown").await;
        down_and_up(&window, 3).await;
        window.shot("papers-beside").await;
        // Opened, with the strip beside it, the arrows lead on as well.
        window.keys("Enter").await;
        window.see("[data-pane=strip]").await;
        window.focus_is_on("[data-pane=strip] [role=row][data-index]").await;
        down_and_up(&window, 2).await;
    }

    async fn the_next_document_shows_text_and_picture_in_the_stack(db: TestDb) {
        january(&db);
        let window = Window::on(&db, Opening::default()).await;
        window.keys("Ctrl+3").await;
        window.rows(300).await;
        window.press("Stapel durchsehen").await;
        let title = "[data-pane=data] h2";
        let mut seen: Vec<(String, String)> = Vec::new();
        for at in 1..=4 {
            window.read(&format!("Beleg {at} von 300")).await;
            if let Some((earlier, _)) = seen.last() {
                let script = "return document.querySelector(arguments[0])?.innerText.includes('RE-') && \
                              !document.querySelector(arguments[0]).innerText.includes(arguments[1])";
                window.until("the next number", script, vec![json!(title), json!(earlier)]).await;
            }
            let number = window.text(title).await;
            let pictures: Vec<String> = seen.iter().map(|(_, picture)| picture.clone()).collect();
            let picture = page_of(&window, &number, &pictures).await;
            seen.push((number, picture));
            window.keys("N").await;
        }
        window.read("Beleg 5 von 300").await;
        for (number, picture) in seen.iter().rev() {
            window.keys("P").await;
            window.read_in(title, number).await;
            page_again(&window, number, picture).await;
        }
        // What was shown is what the rows say stands first in the list.
        let mut numbers: Vec<&String> = seen.iter().map(|(number, _)| number).collect();
        numbers.dedup();
        assert_eq!(numbers.len(), 4);
        window.shot("papers-stack").await;
    }

    async fn a_document_of_several_pages_is_leafed_through_sized_and_searched(db: TestDb) {
        office(&db, 3);
        drop(invoice(&db, "2013-01"));
        let number = text(&db, "SELECT min(number) FROM invoices").await;
        lengthen(&db, &number, 60).await;
        let window = Window::on(&db, Opening::default()).await;
        window.keys("Ctrl+3").await;
        window.search(&number).await;
        window.rows(1).await;
        window.keys("Enter").await;
        page_of(&window, &number, &[]).await;
        let pages = "return document.querySelectorAll('[data-page]').length";
        let pages = window.script(pages, vec![]).await.as_i64().expect("a number");
        assert!(pages >= 2, "60 lines need more than a page");
        let place = "[data-paper-view] .pages";
        let at = |page: i64| format!("Seite {page} von {pages}");
        window.read_in(place, &at(1)).await;
        let is_off = "return document.querySelector(\"[aria-label='Seite zurück']\").getAttribute('aria-disabled') === 'true'";
        window.until("there is no page before the first", is_off, vec![]).await;
        for page in 2..=pages {
            window.press("Seite vor").await;
            window.read_in(place, &at(page)).await;
            window.read_in(&format!("[data-page='{page}'] .texts"), "Zusatzpostfach").await;
        }
        window.shot("papers-last-page").await;
        let is_off = "return document.querySelector(\"[aria-label='Seite vor']\").getAttribute('aria-disabled') === 'true'";
        window.until("there is no page after the last", is_off, vec![]).await;
        for page in (1..pages).rev() {
            window.press("Seite zurück").await;
            window.read_in(place, &at(page)).await;
        }

        // Sizes: what the figure says is what the page has.
        let width = async || window.script(&format!("return {WIDTH}"), vec![]).await.as_f64().expect("a width");
        let fitted = width().await;
        let percent = window.text("[data-paper-view] .percent").await;
        window.press("Größer").await;
        window.until("the page is larger", &format!("return {WIDTH} > arguments[0] * 1.2"), vec![json!(fitted)]).await;
        assert_ne!(window.text("[data-paper-view] .percent").await, percent);
        window.press("Kleiner").await;
        window.until("the page is as before", &format!("return Math.abs({WIDTH} - arguments[0]) < 2"), vec![json!(fitted)]).await;
        window.press("Kleiner").await;
        window.until("the page is smaller", &format!("return {WIDTH} < arguments[0] * 0.9"), vec![json!(fitted)]).await;
        window.press("Seitenbreite").await;
        window.until("the page has its width", &format!("return Math.abs({WIDTH} - arguments[0]) < 2"), vec![json!(fitted)]).await;
        window.press("Ganze Seite").await;
        let whole = "const page = document.querySelector('[data-page]').getBoundingClientRect(); const room = \
                     document.querySelector('[role=document]').getBoundingClientRect(); return page.height <= room.height && \
                     page.height > room.height * 0.8";
        window.until("the whole page is in sight", whole, vec![]).await;
        page_of(&window, &number, &[]).await;
        window.shot("papers-whole-page").await;
        window.press("Seitenbreite").await;

        // The search counts what stands in the document, on all its pages, and leads to each.
        window.pane("[data-paper-view]").await;
        window.keys("Ctrl+F").await;
        window.focus_is_on("[data-paper-search]").await;
        window.type_text("zusatzpostfach").await;
        let status = "[data-paper-view] [role=status]";
        window.read_in(status, "1/60").await;
        window.see("mark.current").await;
        window.keys("Enter").await;
        window.read_in(status, "2/60").await;
        window.keys("Shift+Enter").await;
        window.keys("Shift+Enter").await;
        window.read_in(status, "60/60").await;
        window.read_in("mark.current", "Zusatzpostfach").await;
        window.shot("papers-last-hit").await;
        window.keys("Ctrl+A").await;
        window.type_text("zusatzpostfach 041").await;
        window.read_in(status, "1/1").await;
        window.keys("Ctrl+A").await;
        window.type_text("steht nicht da").await;
        window.read_in(status, "nichts").await;
        window.miss("mark").await;
    }
}
