//! What a person does with a list and with papers, timed in the page itself.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::Window;

/// Something that is done with the list of registrations.
pub struct Action {
    /// What it is called.
    pub name: &'static str,
    /// Begins it; `turn` counts the repetitions.
    begin: &'static str,
    /// Whether it shows.
    shows: &'static str,
}

/// The actions, each left so that the next can begin.
pub const ACTIONS: &[Action] = &[
    Action {
        name: "sort by name, and back",
        begin: "before = rows(); const head = [...document.querySelectorAll('[role=columnheader]')].find((each) => \
                each.innerText.trim().startsWith(turn % 2 ? 'Kundennr' : 'Name')); \
                (head.querySelector('button') ?? head).click();",
        shows: "rows() !== before && isFresh()",
    },
    Action {
        name: "search",
        begin: "before = rows(); paste(['müller', 'schmidt', 'K-0001', 'anna', 'example', 'weber'][turn % 6]);",
        shows: "rows() !== before && isFresh()",
    },
    Action {
        name: "search for nothing, end it",
        begin: "before = rows(); paste(turn % 2 ? '' : 'zzzz');",
        shows: "rows() !== before && isFresh()",
    },
    Action {
        name: "jump into the middle",
        begin: "before = rows(); const pane = document.querySelector('[role=grid]').parentElement; pane.scrollTop = \
                pane.scrollHeight * (0.35 + 0.07 * turn);",
        shows: "rows() !== before && rows() !== '' && isFresh()",
    },
];

/// What the scripts share. A row that is not there yet has no text.
const SHARED: &str = "const turn = arguments[0], done = arguments[arguments.length - 1]; let before; \
    const rows = () => { const all = [...document.querySelectorAll('[role=row][data-index]')].map((each) => \
    each.innerText.trim()); return all.some((each) => !each) ? '' : all.join('|'); }; \
    const paste = (text) => { const field = document.querySelector('[data-search]'); field.value = text; \
    field.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertFromPaste' })); }; \
    const isFresh = () => !document.querySelector('.table.stale'); \
    const isCounted = () => document.querySelector('[role=grid]').getAttribute('aria-busy') !== 'true'; \
    const shown = () => (document.querySelector('[data-paper-view]')?.innerText ?? ''); \
    const focused = () => document.querySelector('[role=row][aria-selected=true], [role=row][tabindex=\"0\"]')?.innerText \
    .match(/RE-\\d{4}-\\d+-\\d/)?.[0]; const start = performance.now(); const once = (holds, then) => { const look = () => \
    requestAnimationFrame(holds() ? () => then(performance.now() - start) : look); look(); }; \
    const finish = (holds) => once(holds, (shown) => once(isCounted, (counted) => done([shown, counted])));";

impl Action {
    /// Does it once: the time until the rows show, and until their number does too.
    pub async fn time(&self, window: &Window, turn: usize) -> [Duration; 2] {
        timed(window, &format!("{SHARED} {} finish(() => {});", self.begin, self.shows), json!(turn)).await
    }
}

/// Opens the first invoice of the list; the time until its page can be read.
pub async fn open_first_invoice(window: &Window) -> Duration {
    window.keys("Ctrl+3").await;
    window.see("[role=row][data-index]").await;
    window.until("the focus is in the list", "return !!document.activeElement?.closest('[role=row]')", vec![]).await;
    let press = key("Enter");
    timed(window, &format!("{SHARED} {press} finish(() => /RE-\\d{{4}}-\\d+-\\d/.test(shown()));"), Value::Null).await
        [0]
}

/// Goes to the next invoice; the time until its page can be read.
pub async fn next_invoice(window: &Window) -> Duration {
    let press = key("ArrowDown");
    let script = format!(
        "{SHARED} const old = shown().match(/RE-\\d{{4}}-\\d+-\\d/)?.[0]; {press} finish(() => {{ const now = \
         shown().match(/RE-\\d{{4}}-\\d+-\\d/)?.[0]; return now && now !== old; }});"
    );
    timed(window, &script, Value::Null).await[0]
}

fn key(name: &str) -> String {
    format!(
        "(document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', {{ key: '{name}', bubbles: \
         true, cancelable: true }}));"
    )
}

async fn timed(window: &Window, script: &str, argument: Value) -> [Duration; 2] {
    let answer = window.client.execute_async(script, vec![argument]).await;
    let answer = answer.unwrap_or_else(|error| panic!("{script}: {error}"));
    let time = |place: usize| Duration::from_secs_f64(answer.json()[place].as_f64().expect("a time") / 1_000.0);
    [time(0), time(1)]
}
