//! The columns that a list shows by itself: as many as the window has room for beside a record, so that nobody scrolls sideways.

use kontor_tests::databases::{TestDb, block_on};
use serde_json::json;

use crate::harness::{Opening, Window};
use crate::office::{demo, kontor, repaired, text};
use crate::registrations::list;

#[test]
fn the_list_beside_a_record_fits_into_every_usual_window() {
    block_on(async {
        let db = TestDb::sqlite();
        demo(&db, 200);
        let window = list(&db, Opening::default()).await;
        window.rows(200).await;
        window.keys("ArrowDown").await;
        let least = ["Kundennr.", "Name", "Offener Fehler"];
        let some = ["Kundennr.", "Name", "Offener Fehler", "Zustand"];
        let more = ["Kundennr.", "Name", "Offener Fehler", "Postfach", "Zustand"];
        let all = ["Kundennr.", "Name", "Offener Fehler", "Postfach", "Zustand", "Belegt", "Seit"];
        for (size, columns) in [
            ((1_024, 700), &least[..]),
            ((1_280, 800), &some[..]),
            ((1_440, 900), &more[..]),
            ((1_920, 1_080), &all[..]),
        ] {
            window.client.set_window_rect(0, 0, size.0, size.1).await.expect("a size");
            let shown = "return innerWidth === arguments[0] && [...document.querySelectorAll('[role=columnheader] \
                .heading')].map((each) => each.innerText.trim()).join() === arguments[1]";
            let arguments = vec![json!(size.0), json!(columns.join(","))];
            window.until(&format!("{} columns at {} pixels", columns.len(), size.0), shown, arguments).await;
            window.see("[data-pane=detail] h2").await;
            let fits = "const box = document.querySelector('[role=grid]').parentElement; \
                        return box.scrollWidth <= box.clientWidth";
            window.until(&format!("nothing scrolls sideways at {} pixels", size.0), fits, vec![]).await;
            assert_eq!(window.clipped().await, Vec::<String>::new());
            window.shot(&format!("registrations-columns-{}", size.0)).await;
        }
    });
}

/// Lists and the place of their tabs: invoices, mails, payments, what failed, runs, findings, repairs, the journal.
const LISTS: [(&str, Option<u32>); 10] = [
    ("Ctrl+3", Some(0)),
    ("Ctrl+3", Some(1)),
    ("Ctrl+3", Some(2)),
    ("Ctrl+4", Some(1)),
    ("Ctrl+4", Some(2)),
    ("Ctrl+5", Some(0)),
    ("Ctrl+5", Some(2)),
    ("Ctrl+5", Some(3)),
    ("Ctrl+5", Some(4)),
    ("Ctrl+8", None),
];

#[test]
fn no_list_scrolls_sideways_beside_a_record() {
    block_on(async {
        let db = TestDb::sqlite();
        demo(&db, 200);
        let number = text(&db, "SELECT max(number) FROM invoices WHERE state = 'archived'").await;
        drop(kontor(&db).args(["invoices", "cancel", &number, "--reason", "doppelt"]).run().expect(0));
        drop(kontor(&db).args(["check"]).run().expect(0));
        repaired(&db).await;
        let rules = "(SELECT DISTINCT rule FROM findings ORDER BY rule LIMIT 2)";
        db.execute(&format!("UPDATE findings SET closed_at = seen_at WHERE rule IN {rules}")).await;
        let aside = "UPDATE findings SET set_aside_until_at = '2999-01-01 00:00:00.000000+00:00', set_aside_reason = 'Der \
                     Kunde wird gefragt' WHERE closed_at IS NULL AND rule = (SELECT min(rule) FROM findings WHERE closed_at \
                     IS NULL)";
        db.execute(aside).await;
        let window = Window::on(&db, Opening::default()).await;
        for size in [(1_024, 700), (1_280, 800), (1_440, 900), (1_920, 1_080)] {
            window.client.set_window_rect(0, 0, size.0, size.1).await.expect("a size");
            window.until("the size", "return innerWidth === arguments[0]", vec![json!(size.0)]).await;
            for (place, (keys, tab)) in LISTS.into_iter().enumerate() {
                window.keys(keys).await;
                let go = "const tabs = document.querySelectorAll('main [role=tab]'); if (arguments[0] === null) return \
                          tabs.length === 0; tabs[arguments[0]]?.click(); return tabs[arguments[0]]?.ariaSelected === 'true'";
                window.until("the tab", go, vec![json!(tab)]).await;
                window.see("[data-pane=list] [role=row][data-index]").await;
                window
                    .script("document.querySelector('[data-pane=list] [role=row][tabindex=\"0\"]').focus()", vec![])
                    .await;
                window.see("[data-pane=detail], [data-pane=data]").await;
                let fits = "const box = document.querySelector('[data-pane=list] [role=grid]').parentElement; \
                            return box.scrollWidth <= box.clientWidth";
                window.until(&format!("list {place} fits at {} pixels", size.0), fits, vec![]).await;
                window.shot(&format!("columns-{place}-{}", size.0)).await;
            }
        }
    });
}
