//! The overview in the window: each figure opens the list that it counts.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;

use crate::harness::{Opening, Window};
use crate::support::kontor;

/// The numbers of the elements that match, in order.
async fn figures(window: &Window, selector: &str) -> Vec<i64> {
    let script =
        "return [...document.querySelectorAll(arguments[0])].map((each) => Number(each.innerText.replace(/\\D/g, '')))";
    let figures = window.script(script, vec![selector.into()]).await;
    figures.as_array().expect("numbers").iter().filter_map(serde_json::Value::as_i64).collect()
}

/// Puts the focus on the element with this number among those that match, and presses Enter.
async fn enter(window: &Window, selector: &str, place: usize) {
    let script = "const found = document.querySelectorAll(arguments[0])[arguments[1]]; if (!found) return false; found.focus(); \
                  return document.activeElement === found";
    window.until("the figure takes the focus", script, vec![selector.into(), place.into()]).await;
    window.keys("Enter").await;
}

both_databases! {
    async fn every_figure_opens_the_list_that_it_counts(db: TestDb) {
        drop(kontor(&db).args(["demo", "create", "--registrations", "300", "--seed", "1"]).run().expect(0));
        let window = Window::on(&db, Opening::default()).await;
        let lines = "[aria-label='Zu erledigen'] li .count";
        window.see(lines).await;
        window.shot("overview").await;
        let counts = figures(&window, lines).await;
        let plan = kontor(&db).args(["runs", "plan", "--all"]).run().expect(0).json();
        assert_eq!(counts.iter().sum::<i64>(), plan["eligible"].as_i64().unwrap() + plan["ineligible"].as_i64().unwrap());
        for (place, count) in counts.iter().enumerate() {
            window.keys("Ctrl+1").await;
            window.see(lines).await;
            enter(&window, "[aria-label='Zu erledigen'] li button", place).await;
            window.rows(*count).await;
        }
        window.keys("Ctrl+1").await;
        window.press("10 offene Rechnungen").await;
        window.rows(10).await;

        let states = "[aria-label='Rechnungen nach Zustand'] li button > .figures";
        window.keys("Ctrl+1").await;
        window.see(states).await;
        let counts = figures(&window, states).await;
        assert_eq!(counts.iter().sum::<i64>(), db.number("SELECT count(*) FROM invoices").await);
        for (place, count) in counts.iter().enumerate() {
            window.keys("Ctrl+1").await;
            window.see(states).await;
            enter(&window, "[aria-label='Rechnungen nach Zustand'] li button", place).await;
            window.rows(*count).await;
        }

        // The chart of days: with the arrow keys, and as a table.
        window.keys("Ctrl+1").await;
        window.see("button.day").await;
        let script = "const days = [...document.querySelectorAll('button.day')]; return days.map((day) => \
                      Number(day.getAttribute('aria-label').split(': ')[1].replace('.', '')))";
        let days = window.script(script, vec![]).await;
        let days: Vec<i64> = days.as_array().unwrap().iter().filter_map(serde_json::Value::as_i64).collect();
        let script = "document.querySelector('button.day').focus(); return true";
        window.until("the chart takes the focus", script, vec![]).await;
        window.keys("ArrowRight").await;
        window.keys("ArrowRight").await;
        window.keys("Enter").await;
        window.rows(days[2]).await;
        window.keys("Ctrl+1").await;
        window.press("Als Tabelle").await;
        window.see(".card table").await;
        assert_eq!(figures(&window, ".card td.right button").await, days);
        window.shot("overview-table").await;
    }
}
