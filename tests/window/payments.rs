//! Payments in the window: listed, found, read, and followed to what they belong to.

use kontor_tests::both_databases;
use kontor_tests::databases::{TestDb, block_on};
use serde_json::json;

use crate::harness::{Opening, Window};
use crate::support::{kontor, text};

/// A payment whose payer paid no other one and whose invoice is known.
const MATCHED: &str = "FROM payments p JOIN invoices i ON i.id = p.invoice_id JOIN registrations r ON r.id = i.registration_id \
    WHERE p.state = 'matched' AND (SELECT count(*) FROM payments o WHERE o.payer = p.payer) = 1 AND (SELECT count(*) FROM \
    payments o WHERE o.invoice_id = p.invoice_id) = 1 ORDER BY p.payer LIMIT 1";

/// Cents as the window writes them.
fn euros(cents: i64) -> String {
    format!("{},{:02} €", cents / 100, cents % 100)
}

async fn payments(db: &TestDb) -> Window {
    drop(kontor(db).args(["demo", "create", "--registrations", "300", "--seed", "1"]).run().expect(0));
    // One that nobody could match: its reference names no invoice.
    let payer = text(db, "SELECT min(payer) FROM payments WHERE state = 'open'").await;
    let sql = format!(
        "UPDATE payments SET invoice_id = NULL, reference = 'wie besprochen' WHERE state = 'open' AND payer = '{payer}'"
    );
    assert_eq!(db.execute(&sql).await, 1, "one payment");
    // Wide enough for the column with the invoice.
    let window = Window::on(db, Opening { size: (1_440, 900), ..Opening::default() }).await;
    window.keys("Ctrl+3").await;
    window.press("Zahlungen").await;
    window.rows(db.number("SELECT count(*) FROM payments").await).await;
    window
}

#[test]
fn at_twice_the_size_a_payment_opens_over_its_list() {
    block_on(async {
        let db = TestDb::sqlite();
        drop(kontor(&db).args(["demo", "create", "--registrations", "300", "--seed", "1"]).run().expect(0));
        let settings = json!({ "zoom_percent": 200, "motion": "reduced" });
        let window = Window::on(&db, Opening { settings, ..Opening::default() }).await;
        window.keys("Ctrl+3").await;
        window.press("Zahlungen").await;
        window.focus_is_on("[role=row][data-index]").await;
        window.keys("Enter").await;
        window.read_in("[data-pane=opened]", "Verwendungszweck").await;
        window.shot("payments-zoomed").await;
        assert_eq!(window.clipped().await, Vec::<String>::new());
        window.keys("Escape").await;
        window.see("[role=row][data-index]").await;
        // So does what failed, and a report shows its paper.
        window.keys("Ctrl+4").await;
        window.press("Einzelne Rechnungen").await;
        window.focus_is_on("[role=row][data-index]").await;
        window.keys("Enter").await;
        window.read_in("[data-pane=opened]", "Erneut ausführen").await;
        window.shot("failures-zoomed").await;
        window.keys("Ctrl+7").await;
        window.press("PDF").await;
        let drawn =
            "return document.querySelector('[data-page] .texts')?.textContent.includes('Monatsbericht Januar 2013')";
        window.until("the report is drawn", drawn, vec![]).await;
        window.shot("report-zoomed").await;
        assert_eq!(window.clipped().await, Vec::<String>::new());
        // Its keys come with it.
        let file = db.path().join("bericht.pdf");
        window.will_choose(&file);
        window.keys("Ctrl+S").await;
        window
            .comes_true("the paper is saved", async || {
                std::fs::read(&file).is_ok_and(|bytes| bytes.starts_with(b"%PDF-"))
            })
            .await;
    });
}

both_databases! {
    async fn payments_are_filtered_found_and_followed(db: TestDb) {
        let window = payments(&db).await;
        window.shot("payments-list").await;
        let open = db.number("SELECT count(*) FROM payments WHERE state = 'open'").await;
        assert!(open > 0, "the demo has payments that nobody could match");
        window.press("Filter").await;
        window.press("Zustand").await;
        window.press("offen").await;
        window.keys("Escape").await;
        window.rows(open).await;
        // Such a payment says that it has no invoice, and leads nowhere.
        window.script("document.querySelector('[role=row][tabindex=\"0\"]').focus()", vec![]).await;
        window.walk_to_row("offen").await;
        window.read_in("[data-pane=detail]", "wie besprochen").await;
        window.read_in("[data-pane=detail]", "keiner Rechnung zugeordnet").await;
        window.miss("[data-pane=detail] button.link").await;
        window.shot("payments-open").await;
        window.press("Filter zurücksetzen").await;
        window.rows(db.number("SELECT count(*) FROM payments").await).await;

        let [payer, number, customer, reference] = [
            text(&db, &format!("SELECT p.payer {MATCHED}")).await,
            text(&db, &format!("SELECT i.number {MATCHED}")).await,
            text(&db, &format!("SELECT r.customer_number {MATCHED}")).await,
            text(&db, &format!("SELECT p.reference {MATCHED}")).await,
        ];
        let amount = euros(db.number(&format!("SELECT p.amount_cents {MATCHED}")).await);
        // By the number of the invoice, which stands beside the list, and by the payer.
        window.keys("Ctrl+F").await;
        window.focus_is_on("[data-search]").await;
        window.type_text(&number).await;
        window.keys("Enter").await;
        window.rows(1).await;
        window.search(&payer).await;
        window.rows(1).await;
        let detail = "[data-pane=detail]";
        window.read_in(&format!("{detail} h2"), &amount).await;
        for words in ["zugeordnet", &payer, &reference, &number] {
            window.read_in(detail, words).await;
        }
        window.shot("payments-record").await;

        // Its invoice: there the payment stands, too.
        window.keys("Enter").await;
        window.read_in("main h2", &number).await;
        window.read_in("main section", &payer).await;
        window.read_in("[data-pane=data], [data-pane=detail]", &amount).await;
        window.shot("payments-invoice").await;
        window.keys("Alt+ArrowLeft").await;
        window.rows(1).await;
        window.read_in(detail, &payer).await;
        // Its customer.
        window.press("Registrierung ansehen").await;
        window.read_in("h1", "Registrierungen").await;
        window.read_in("main header", &customer).await;
        window.keys("Alt+ArrowLeft").await;
        window.read_in(detail, &payer).await;
        // A link in the record does the same as Enter.
        window.press(&number).await;
        window.read_in("main h2", &number).await;
    }
}
