//! The columns that a list shows by itself: as many as the window has room for beside a record, so that nobody scrolls sideways.

use kontor_tests::databases::{TestDb, block_on};
use serde_json::json;

use crate::harness::Opening;
use crate::office::demo;
use crate::registrations::list;

#[test]
fn the_list_beside_a_record_fits_into_every_usual_window() {
    block_on(async {
        let db = TestDb::sqlite();
        demo(&db, 200);
        let window = list(&db, Opening::default()).await;
        window.rows(200).await;
        window.keys("ArrowDown").await;
        let least = ["Kundennr.", "Name", "Offener Fehler", "Zustand"];
        let more = ["Kundennr.", "Name", "Offener Fehler", "Postfach", "Zustand"];
        let all = ["Kundennr.", "Name", "Offener Fehler", "Postfach", "Zustand", "Belegt", "Seit"];
        for (size, columns) in [((1_280, 800), &least[..]), ((1_440, 900), &more[..]), ((1_920, 1_080), &all[..])] {
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
