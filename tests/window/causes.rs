//! Causes in the window: the conclusion, both sides of it, and the way to those affected.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;

use crate::harness::{Opening, Window};
use crate::office::demo;

both_databases! {
    async fn the_host_is_told_with_its_days_and_leads_to_its_invoices(db: TestDb) {
        demo(&db, 4_000);
        let window = Window::on(&db, Opening::default()).await;
        window.keys("Ctrl+6").await;
        window.read_in("h1", "Ursachen").await;
        window.read_in("article h2", "Rechner rechnung-03").await;
        window.read_in("article header", "Hardware verdächtig").await;
        window.read_in("article header", "21.01.2013 bis 25.01.2013").await;
        window.read_in("article", "Dafür spricht").await;
        window.read_in("article", "Dagegen spricht").await;
        window.read_in("main", "erklärt durch Rechner rechnung-03").await;
        window.shot("causes").await;
        assert_eq!(window.violations().await, Vec::<String>::new());
        assert_eq!(window.clipped().await, Vec::<String>::new());
        window.press("Betroffene zeigen").await;
        window.read_in("h1", "Läufe").await;
        window.see("[role=row][data-index]").await;
        window.read_in("[data-pane=detail]", "rechnung-03").await;
    }
}
