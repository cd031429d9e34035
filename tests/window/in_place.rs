//! What contradicts a rule, where people look at the record: on the overview, with the customer, with the invoice.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::json;

use crate::findings::Flipped;
use crate::harness::{Opening, Window};
use crate::office::{kontor, office, past_the_guards, text};

both_databases! {
    async fn from_the_overview_to_the_customer_and_to_the_finding(db: TestDb) {
        office(&db, "test", 12);
        let flipped = Flipped::one(&db, "customer_serial = 3", 'r', 'p').await;
        drop(kontor(&db).args(["check"]).run().expect(0));
        let window = Window::on(&db, Opening::default()).await;
        window.keys("Ctrl+1").await;
        window.read_in("main section", "1 kritischer Befund").await;
        window.read_in("main section", "weder abgerechnet noch gemailt").await;
        window.shot("in-place-overview").await;
        window.press("1 kritischer Befund").await;
        window.read_in("h1", "Befunde").await;
        window.rows_are(1).await;
        window.read_in("[role=grid]", &flipped.number).await;

        window.keys("Ctrl+2").await;
        window.search(&flipped.number).await;
        window.rows_are(1).await;
        let detail = "[data-pane=detail]";
        window.read_in(detail, "Ein kritischer Befund hält Rechnung und Mail zurück").await;
        window.read_in(detail, "Siegel gebrochen").await;
        window.read_in(detail, &format!("{} → {}", flipped.wrong, flipped.right)).await;
        window.shot("in-place-customer").await;
        assert_eq!(window.violations().await, Vec::<String>::new());
        assert_eq!(window.clipped().await, Vec::<String>::new());
        // The next step leads to what stands in the way.
        window.read_in(detail, "Befund ansehen").await;
        window.script("document.querySelector('[role=row][tabindex=\"0\"]').focus()", vec![]).await;
        window.keys("Ctrl+Enter").await;
        window.read_in("h1", "Befunde").await;
        window.read_in("[data-pane] h2", "Siegel gebrochen").await;
        window.read_in(".diff", &flipped.right).await;

        // Put right elsewhere, it is gone everywhere once the rules were asked again.
        flipped.write(&db, &flipped.right).await;
        window.keys("Ctrl+2").await;
        window.read_in(detail, "Siegel gebrochen").await;
        drop(kontor(&db).args(["check"]).run().expect(0));
        window.keys("F5").await;
        let gone = "return ![...document.querySelectorAll('[data-pane=detail] *')].some((each) => each.textContent.includes('Siegel gebrochen'))";
        window.until("the finding is gone", gone, vec![]).await;
        assert_eq!(db.number("SELECT count(*) FROM findings WHERE closed_at IS NULL AND rule = 'seal_broken'").await, 0);
    }

    async fn an_invoice_shows_what_is_wrong_with_its_pdf(db: TestDb) {
        office(&db, "test", 3);
        drop(kontor(&db).args(["invoices", "run", "--period", "2013-01"]).run().expect(0));
        let number = text(&db, "SELECT min(number) FROM invoices").await;
        let bytes = if db.url.starts_with("sqlite") { "x'25504446'" } else { "'\\x25504446'" };
        let of = format!("(SELECT id FROM invoices WHERE number = '{number}')");
        past_the_guards(&db, "documents", &format!("UPDATE documents SET bytes = {bytes} WHERE invoice_id = {of}")).await;
        drop(kontor(&db).args(["check"]).run().expect(0));
        let window = Window::on(&db, Opening::default()).await;
        window.keys("Ctrl+3").await;
        window.search(&number).await;
        window.rows_are(1).await;
        window.read_in("[data-pane=detail]", "PDF beschädigt").await;
        window.read_in("[data-pane=detail]", "bewiesen").await;
        window.shot("in-place-invoice").await;
        window.press("hoch PDF beschädigt").await;
        window.read_in("h1", "Befunde").await;
        window.read_in("[data-pane] h2", "PDF beschädigt").await;
        window.until("the finding is in hand", "return document.querySelector('[aria-current=step]')?.innerText.includes(arguments[0])", vec![json!("bewiesen")]).await;
    }
}
