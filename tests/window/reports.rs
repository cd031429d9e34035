//! Monthly reports in the window: the month, its differences, its paper, and saving it.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;

use crate::harness::{Opening, Window};
use crate::office::demo;

both_databases! {
    async fn a_month_is_read_followed_and_saved(db: TestDb) {
        demo(&db, 200);
        let window = Window::on(&db, Opening { size: (1_920, 1_080), ..Opening::default() }).await;
        window.keys("Ctrl+7").await;
        window.read_in("h1", "Berichte").await;
        window.read_in("[data-pane=data] h2", "Januar 2013").await;
        let issued = db.number("SELECT count(DISTINCT subscription_id) FROM invoices WHERE kind = 'invoice' AND state IN ('issued', 'archived') AND period = '2013-01-01'").await;
        window.read_in("[data-pane=data]", &format!("Ausgestellt {issued}")).await;
        let drawn = "return document.querySelector('[data-pane=paper] [data-page] .texts')?.textContent.includes('Monatsbericht Januar 2013')";
        window.until("the report is drawn", drawn, vec![]).await;
        window.shot("report").await;
        assert_eq!(window.violations().await, Vec::<String>::new());
        assert_eq!(window.clipped().await, Vec::<String>::new());

        // Saved on paper and as a table, in the language that was chosen.
        let file = db.path().join("bericht.pdf");
        window.will_choose(&file);
        window.press("Bericht speichern …").await;
        window.comes_true("the paper is saved", async || std::fs::read(&file).is_ok_and(|bytes| bytes.starts_with(b"%PDF-"))).await;
        let file = db.path().join("bericht.csv");
        window.will_choose(&file);
        window.press("Als CSV speichern …").await;
        let line = format!("invoices,issued,,{issued}");
        window.comes_true("the table is saved", async || std::fs::read_to_string(&file).is_ok_and(|table| table.contains(&line))).await;

        // By keys to the running month, and back; a figure leads to its list.
        window.script("document.querySelector('[data-pane=list] [aria-current]').focus()", vec![]).await;
        window.keys("ArrowUp").await;
        window.read_in("[data-pane=data] h2", "Februar 2013").await;
        window.read_in("[data-pane=data]", "Der Monat läuft noch.").await;
        window.keys("ArrowDown").await;
        window.read_in("[data-pane=data] h2", "Januar 2013").await;
        window.script("document.querySelector('[data-pane=data] table .link').click()", vec![]).await;
        window.read_in("h1", "Rechnungen").await;
        window.rows_are(issued).await;
    }
}
