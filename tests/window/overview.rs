//! The overview in the window: each figure opens the list that it counts.

use kontor_tests::both_databases;
use kontor_tests::databases::{TestDb, block_on};

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

/// Types a day into a field and leaves it with Enter.
async fn day(window: &Window, label: &str, day: &str) {
    window.fill(label, day).await;
    window.keys("Enter").await;
}

#[test]
fn a_wrong_stretch_of_days_leaves_the_overview_standing() {
    block_on(async {
        let db = TestDb::sqlite();
        drop(kontor(&db).args(["demo", "create", "--registrations", "50", "--seed", "1"]).run().expect(0));
        let window = Window::on(&db, Opening::default()).await;
        window.see("[aria-label='Zu erledigen']").await;
        day(&window, "Bis", "10.01.2013").await;
        window.read("10.12.2012 bis 10.01.2013").await;
        // A first day beyond the last one takes it along.
        day(&window, "Von", "15.01.2013").await;
        window.read("15.01.2013 bis 15.01.2013").await;
        day(&window, "Von", "01.01.1990").await;
        window.read_in(".stretch", "Frühestens 22.04.2010.").await;
        window.see("[aria-label='Zu erledigen'] li").await;
        window.shot("overview-wrong-stretch").await;
        assert_eq!(window.violations().await, Vec::<String>::new());
        window.press("Zeitraum zurücksetzen").await;
        window.miss(".stretch .error").await;
        window.read("01.01.2013 bis 01.02.2013").await;
    });
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
        // The first line counts mails that wait for a person, the others what is open, by cause.
        let open = plan["eligible"].as_i64().expect("a number") + plan["ineligible"].as_i64().expect("a number");
        let script = "return document.querySelector(\"[aria-label='Zu erledigen'] li\").innerText.includes('unbekanntem Ausgang')";
        let causes = usize::from(window.script(script, vec![]).await == true);
        assert_eq!(counts[causes..].iter().sum::<i64>(), open);
        for (place, count) in counts.iter().enumerate() {
            window.keys("Ctrl+1").await;
            window.see(lines).await;
            enter(&window, "[aria-label='Zu erledigen'] li button", place).await;
            window.rows(*count).await;
        }
        window.keys("Ctrl+1").await;
        window.press("10 unfertige Rechnungen").await;
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
        let days: Vec<i64> = days.as_array().expect("numbers").iter().filter_map(serde_json::Value::as_i64).collect();
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
