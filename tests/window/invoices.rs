//! Invoices in the window: found, read with their PDFs, checked in a stack, sent again, cancelled.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use kontor_tests::both_databases;
use kontor_tests::databases::{Kind, TestDb};
use sea_orm::{ConnectionTrait, Statement};

use crate::harness::{Opening, Window};
use crate::support::{kontor, messages, past_the_guards, text};

/// January 2013 with 300 registrations: every kind of failure, few of each.
fn january(db: &TestDb) {
    drop(kontor(db).args(["demo", "create", "--registrations", "300", "--seed", "1"]).run().expect(0));
}

/// An invoice that is whole: its mail was accepted, its PDF passes every check, nobody asked for it twice.
async fn whole(db: &TestDb) -> String {
    let sql = "SELECT min(i.number) FROM invoices i JOIN deliveries d ON d.invoice_id = i.id JOIN documents o ON \
               o.invoice_id = i.id AND o.role = 'original' WHERE d.state = 'accepted' AND i.state = 'archived'";
    text(db, sql).await
}

/// The stored PDF of an invoice.
async fn original(db: &TestDb, number: &str) -> Vec<u8> {
    let connection = db.connect().await;
    let sql = format!(
        "SELECT d.bytes FROM documents d JOIN invoices i ON i.id = d.invoice_id WHERE d.role = 'original' AND \
         i.number = '{number}'"
    );
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await.expect("rows can be read").expect("a PDF is stored");
    row.try_get_by_index(0).expect("bytes")
}

/// The page is drawn: much of it is ink.
pub async fn is_drawn(window: &Window) {
    let script = "const canvas = document.querySelector('[data-page] canvas'); if (!canvas?.width) return false; const \
        { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height); let ink = 0; for (let at = 0; \
        at < data.length; at += 4) if (data[at + 3] > 0 && data[at] + data[at + 1] + data[at + 2] < 384) ink++; \
        return ink > 1000";
    window.until("the page is drawn", script, vec![]).await;
}

/// A folder with a viewer in it that writes down what it is asked to show.
fn viewer(db: &TestDb) -> (PathBuf, PathBuf) {
    let folder = db.path().join("viewer");
    let shown = db.path().join("shown");
    std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
    let program = folder.join("xdg-open");
    std::fs::write(&program, format!("#!/bin/sh\ncp \"$1\" '{}'\n", shown.display())).expect("it is writable");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
    (folder, shown)
}

fn first_in_path(folder: &Path) -> (String, String) {
    let path = std::env::var("PATH").unwrap_or_default();
    ("PATH".to_owned(), format!("{}:{path}", folder.display()))
}

both_databases! {
    async fn documents_are_listed_filtered_searched_and_read(db: TestDb) {
        january(&db);
        let (folder, shown) = viewer(&db);
        let opening = Opening { environment: vec![first_in_path(&folder)], ..Opening::default() };
        let window = Window::on(&db, opening).await;
        window.keys("Ctrl+3").await;
        window.rows(db.number("SELECT count(*) FROM invoices").await).await;
        window.shot("invoices-list").await;

        window.press("Filter").await;
        window.press("Mail").await;
        window.press("abgelehnt").await;
        window.keys("Escape").await;
        window.rows(db.number("SELECT count(DISTINCT invoice_id) FROM deliveries WHERE state = 'refused'").await).await;
        window.shot("invoices-filtered").await;
        window.press("Filter zurücksetzen").await;
        window.rows(db.number("SELECT count(*) FROM invoices").await).await;

        let number = whole(&db).await;
        window.search(&number).await;
        window.rows(1).await;
        window.read_in("[data-pane]", "Prüfungen des PDF").await;
        window.keys("Enter").await;
        is_drawn(&window).await;
        let texts = "[role=document]";
        window.read_in(texts, &number).await;
        for check in ["vorhanden bestanden", "unverändert bestanden", "lesbar bestanden", "Text stimmt bestanden"] {
            window.read(check).await;
        }
        window.shot("invoices-paper").await;

        // The search in the PDF.
        window.pane("[data-paper-view]").await;
        window.keys("Ctrl+F").await;
        window.focus_is_on("[data-paper-search]").await;
        window.type_text(&number).await;
        window.read_in("[data-paper-view]", "1/").await;
        window.see("mark.current").await;
        window.shot("invoices-paper-search").await;
        window.keys("Escape").await;
        window.miss("mark").await;

        // Sizes.
        let before = window.text("[data-paper-view] .percent").await;
        window.keys("Ctrl+-").await;
        let script = "return document.querySelector('[data-paper-view] .percent').innerText.trim() !== arguments[0]";
        window.until("the page is smaller", script, vec![before.clone().into()]).await;
        window.press("Seitenbreite").await;
        window.read_in("[data-paper-view]", &before).await;
        window.press("Ganze Seite").await;
        is_drawn(&window).await;
        window.read_in("[data-paper-view]", "Seite 1 von 1").await;

        let stored = original(&db, &number).await;
        let file = db.path().join("gespeichert.pdf");
        window.will_choose(&file);
        window.keys("Ctrl+S").await;
        window.comes_true("the PDF is saved", async || std::fs::read(&file).is_ok_and(|bytes| bytes == stored)).await;
        window.keys("Ctrl+P").await;
        window.comes_true("the viewer shows the PDF", async || std::fs::read(&shown).is_ok_and(|bytes| bytes == stored)).await;
        window.keys("Escape").await;
        window.keys("Escape").await;
        window.focus_is_on("[role=row]").await;
    }

    async fn a_damaged_and_an_empty_pdf_say_so_and_offer_the_rerun(db: TestDb) {
        january(&db);
        let empty = whole(&db).await;
        let nothing = match db.kind { Kind::Sqlite => "zeroblob(0)", Kind::Postgres => "''::bytea" };
        let broken = match db.kind { Kind::Sqlite => "x'255044462d312e34'", Kind::Postgres => "'\\x255044462d312e34'::bytea" };
        let of = |number: &str| format!("invoice_id = (SELECT id FROM invoices WHERE number = '{number}')");
        past_the_guards(&db, "documents", &format!("UPDATE documents SET bytes = {nothing} WHERE {}", of(&empty))).await;
        let stump = text(&db, &format!("SELECT number FROM invoices WHERE number > '{empty}' AND state = 'archived' ORDER BY number LIMIT 1")).await;
        past_the_guards(&db, "documents", &format!("UPDATE documents SET bytes = {broken} WHERE {}", of(&stump))).await;
        // What faulty memory left in the demo: the file is cut off, a viewer may still show it, the checks say what is wrong.
        let report = kontor(&db).args(["invoices", "audit"]).run().expect(3).json();
        let cut = report["damaged"].as_array().expect("a list").iter().find(|each| {
            each["checks"]["structure"] == false && each["number"] != empty.as_str() && each["number"] != stump.as_str()
        });
        let cut = cut.and_then(|each| each["number"].as_str()).expect("the demo has damaged PDFs").to_owned();

        let window = Window::on(&db, Opening::default()).await;
        window.keys("Ctrl+3").await;
        for (number, title, check) in [
            (&empty, "Das abgelegte PDF ist leer", "Das abgelegte PDF ist leer (0 Bytes)."),
            (&stump, "Das abgelegte PDF ist beschädigt", "Das PDF ist beschädigt und lässt sich nicht lesen."),
        ] {
            window.search(number).await;
            window.keys("Enter").await;
            window.read_in("[data-paper-view]", title).await;
            window.read_in("[data-paper-view]", "Erneut ausführen …").await;
            window.read(check).await;
            window.shot(&format!("invoices-damaged-{}", if number == &empty { "empty" } else { "stump" })).await;
            window.keys("Escape").await;
        }
        window.search(&cut).await;
        window.keys("Enter").await;
        window.read("lesbar nicht bestanden").await;
        window.shot("invoices-damaged-cut").await;
    }

    async fn a_stack_is_gone_through_with_one_key_each(db: TestDb) {
        january(&db);
        let window = Window::on(&db, Opening::default()).await;
        window.keys("Ctrl+3").await;
        window.rows(300).await;
        window.press("Stapel durchsehen").await;
        window.read("Beleg 1 von 300").await;
        is_drawn(&window).await;
        let reviewed = async |count: i64| {
            window.comes_true("the mark is stored", async || db.number("SELECT count(*) FROM reviews").await == count).await;
        };
        window.shot("invoices-stack").await;
        window.keys("N").await;
        window.read("Beleg 2 von 300").await;
        window.keys("P").await;
        window.read("Beleg 1 von 300").await;
        window.read_in("h2", "RE-2013-000001").await;
        let shown = window.text("h2").await;
        window.is_ready("Geprüft, weiter").await;
        window.keys("G").await;
        window.read("Beleg 2 von 300").await;
        reviewed(1).await;
        window.read_in("h2", "RE-2013-000002").await;
        window.is_ready("Geprüft, weiter").await;
        window.keys("G").await;
        window.read("2 geprüft").await;
        reviewed(2).await;
        window.keys("Escape").await;
        window.miss("[role=toolbar] kbd").await;
        let sql = "SELECT min(i.number) FROM reviews r JOIN invoices i ON i.id = r.invoice_id JOIN documents d ON \
                   d.id = r.document_id AND d.invoice_id = i.id AND d.sha256 = r.sha256 WHERE r.person = 'eva'";
        assert_eq!(text(&db, sql).await, shown);
        assert_eq!(db.number("SELECT count(*) FROM journal WHERE action = 'invoice.review'").await, 2);
    }

    async fn an_invoice_is_sent_again_and_another_is_cancelled(db: TestDb) {
        january(&db);
        let number = whole(&db).await;
        let window = Window::on(&db, Opening::default()).await;
        window.keys("Ctrl+3").await;
        window.search(&number).await;
        window.keys("Enter").await;
        is_drawn(&window).await;

        window.key_to("Tab", "Erneut senden").await;
        window.keys("Enter").await;
        window.read_in("dialog[open]", "Eine Mail lässt sich nicht zurückholen.").await;
        window.shot("resend-dialog").await;
        window.keys("Ctrl+Enter").await;
        assert_eq!(db.number("SELECT count(*) FROM deliveries WHERE purpose = 'resend'").await, 0, "not without a reason");
        window.fill("Grund", "Kunde hat sie verlegt").await;
        window.keys("Ctrl+Enter").await;
        window.miss("dialog[open]").await;
        window.comes_true("the mail is out", async || messages(&db).len() == 1).await;
        let mail = std::fs::read_to_string(&messages(&db)[0]).expect("a message is text");
        assert!(mail.contains("Wiederholung") || mail.contains("erneut"), "it says that it is a repetition:\n{mail}");
        let accepted = "SELECT count(*) FROM deliveries d JOIN invoices i ON i.id = d.invoice_id WHERE d.purpose = 'resend' \
                        AND d.state = 'accepted' AND i.number = ";
        window.comes_true("it is written down", async || db.number(&format!("{accepted}'{number}'")).await == 1).await;
        let entry = "SELECT count(*) FROM journal WHERE action = 'delivery.resend' AND reason = 'Kunde hat sie verlegt' AND \
                     person = 'eva' AND desk = 'schreibtisch-1'";
        assert_eq!(db.number(entry).await, 1);
        window.read_in("[data-pane=data]", "Wiederholung").await;
        window.shot("resend-done").await;

        window.press("Stornieren").await;
        window.read_in("dialog[open]", "Das lässt sich nicht rückgängig machen").await;
        window.fill("Grund", "Doppelt bestellt").await;
        window.shot("cancel-dialog").await;
        window.keys("Ctrl+Enter").await;
        window.miss("dialog[open]").await;
        window.read("storniert durch").await;
        let cancelled = "SELECT count(*) FROM invoices i JOIN invoices c ON c.id = i.cancelled_by WHERE i.state = 'cancelled' \
                         AND c.kind = 'cancellation' AND i.number = ";
        assert_eq!(db.number(&format!("{cancelled}'{number}'")).await, 1);
        assert_eq!(db.number("SELECT count(*) FROM journal WHERE action = 'invoice.cancel' AND reason = 'Doppelt bestellt'").await, 1);
        // The cancellation invoice and the new one, each with its mail.
        window.comes_true("both mails are out", async || messages(&db).len() == 3).await;
        let cancellation = "SELECT count(*) FROM deliveries WHERE purpose = 'cancellation' AND state = 'accepted'";
        window.comes_true("they are written down", async || db.number(cancellation).await == 1).await;
        window.shot("cancel-done").await;
    }
}
