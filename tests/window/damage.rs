//! From a cause to its damage in the window: figures, drawing again, one go with a plan and a reason, and where that leads.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::json;

use crate::harness::{Opening, Window};
use crate::office::{demo, kontor, office};
use crate::support::mailing;

both_databases! {
    async fn a_host_leads_to_its_damage_and_one_go_puts_it_right(db: TestDb) {
        demo(&db, 2_500);
        drop(kontor(&db).args(["check"]).run().expect(0));
        let window = Window::on(&db, Opening::default()).await;
        window.keys("Ctrl+6").await;
        window.read_in("article h2", "Rechner rechnung-03").await;
        let opener = "return active.innerText.startsWith('Schaden ansehen') && active.closest('article') !== null";
        window.key_until("Tab", "the way to the damage", opener).await;
        window.keys("Enter").await;
        window.read_in("dialog[open] h2", "Schaden von rechnung-03").await;
        window.read_in("dialog[open]", "21.01.2013 bis 25.01.2013").await;
        window.read_in("dialog[open]", "In Arbeit gehabt").await;
        window.read_in("dialog[open]", "nicht nachzuzeichnen").await;
        window.read_in("dialog[open]", "Befunde nach Regel").await;
        window.shot("damage").await;
        assert_eq!(window.violations().await, Vec::<String>::new());
        assert_eq!(window.clipped().await, Vec::<String>::new());

        // Drawn again at this desk; nothing of the old programs can be.
        window.key_to("Tab", "Alles prüfen").await;
        window.keys("Enter").await;
        window.read_in("dialog[open]", "0 Belege nachgezeichnet.").await;
        window.key_until("Tab", "the message's cross", "return active.tagName === 'BUTTON' && active.closest('.notice') !== null").await;
        window.keys("Enter").await;
        window.until("the focus stays in the dialog", "return document.activeElement?.closest('dialog[open]') !== null", vec![]).await;

        // Escape leads back to what opened the first of the two dialogs.
        let plan = async |window: &Window| {
            window.is_ready("Alles vormerken und neu ausführen …").await;
            window.key_to("Tab", "Alles vormerken und neu ausführen …").await;
            window.keys("Enter").await;
            window.read_in("dialog[open] h2", "in einem Zug beheben").await;
            window.focus_is_on("dialog[open] input").await;
        };
        plan(&window).await;
        window.keys("Escape").await;
        window.miss("dialog[open]").await;
        let back = "return document.activeElement?.innerText.startsWith('Schaden ansehen')";
        window.until("the focus is where it was", back, vec![]).await;
        window.keys("Enter").await;
        window.read_in("dialog[open] h2", "Schaden von rechnung-03").await;
        plan(&window).await;
        window.read_in("dialog[open]", "Korrekturen werden vorgemerkt,").await;
        window.shot("damage-plan").await;
        assert_eq!(window.violations().await, Vec::<String>::new());
        assert_eq!(window.clipped().await, Vec::<String>::new());
        window.keys("Ctrl+Enter").await;
        window.read_in("dialog[open] .field", "Grund fehlt").await;
        window.type_text("Speicher getauscht").await;
        window.keys("Ctrl+Enter").await;
        window.read_in("dialog[open]", "im Lauf.").await;
        window.shot("damage-staged").await;
        assert_eq!(db.number("SELECT count(*) FROM runs WHERE kind = 'rerun'").await, 1);
        let staged = db.number("SELECT count(*) FROM repairs WHERE state = 'staged'").await;
        assert!(staged > 5, "{staged}");
        window.key_to("Tab", "Vorgemerkte zeigen").await;
        window.keys("Enter").await;
        window.read_in("h1", "Befunde").await;
        window.read_in("main", &format!("{staged} Korrekturen vorgemerkt")).await;
    }

    async fn the_same_in_english_and_dark_of_a_host_that_drew_documents(db: TestDb) {
        office(&db, "test", 3);
        let there = mailing(&db).env("KONTOR_HOST", "rechnung-03");
        drop(there.args(["invoices", "run", "--period", "2013-01"]).run().expect(0));
        // Days are named: nothing points to the host.
        let today = chrono::Utc::now().date_naive();
        let settings = json!({ "language": "en", "theme": "dark" });
        let said = kontor(&db).args(["causes", "damage", "--host", "rechnung-03"]);
        let day = |days: i64| (today + chrono::TimeDelta::days(days)).to_string();
        let said = said.args(["--from", &day(-1), "--to", &day(1)]).run().expect(0).json();
        assert_eq!(said["papers"]["unproven"], 3, "{said}");
        let scope = format!(
            "INSERT INTO withdrawals (id, host, source, suspect_from_at, withdrawn_at, person, desk, reason, request_id) SELECT \
             id, host, 'person', started_at, started_at, 'eva', 'desk', 'Test', id FROM attempts WHERE host = '{}' ORDER BY \
             started_at LIMIT 1",
            "rechnung-03"
        );
        assert_eq!(db.execute(&scope).await, 1);
        let window = Window::on(&db, Opening { settings, ..Opening::default() }).await;
        window.keys("Ctrl+3").await;
        window.see("[role=row][data-index]").await;
        window.read_in("[data-pane=detail]", "Unproven: rechnung-03 had it in hand in its bad time.").await;
        window.read_in("[data-pane=detail]", "Not drawn again on any other host.").await;
        window.shot("invoice-unproven").await;
        let examined = kontor(&db).env("KONTOR_HOST", "rechnung-01");
        drop(examined.args(["causes", "damage", "--host", "rechnung-03", "--examine"]).run().expect(0));
        window.keys("F5").await;
        window.read_in("[data-pane=detail]", "Drawn again on rechnung-01, the same").await;
        window.shot("invoice-drawn-again").await;
        assert_eq!(window.violations().await, Vec::<String>::new());
    }

    async fn the_dialog_in_english_and_dark(db: TestDb) {
        demo(&db, 2_500);
        drop(kontor(&db).args(["check"]).run().expect(0));
        let settings = json!({ "language": "en", "theme": "dark" });
        let window = Window::on(&db, Opening { settings, ..Opening::default() }).await;
        window.keys("Ctrl+6").await;
        window.read_in("article h2", "rechnung-03").await;
        window.press("Show damage …").await;
        window.read_in("dialog[open]", "Findings by rule").await;
        window.shot("damage-en-dark").await;
        assert_eq!(window.violations().await, Vec::<String>::new());
        assert_eq!(window.clipped().await, Vec::<String>::new());
        window.press("Stage and rerun everything …").await;
        window.read_in("dialog[open]", "repairs are staged,").await;
        window.shot("damage-plan-en-dark").await;
        assert_eq!(window.violations().await, Vec::<String>::new());
    }
}
