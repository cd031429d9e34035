//! What is the same on every screen: keys, the palette, help, language, colours, size; that everybody can use it, and that
//! nothing is cut off.

use kontor_tests::databases::{TestDb, block_on};
use serde_json::json;

use crate::harness::{Opening, Window};
use crate::office::{demo, kontor, office, repaired, text};

/// Keys of the screens, and the words at their top in German and English.
const SCREENS: [(&str, &str, &str); 9] = [
    ("Ctrl+1", "Übersicht", "Overview"),
    ("Ctrl+2", "Registrierungen", "Registrations"),
    ("Ctrl+3", "Rechnungen", "Invoices"),
    ("Ctrl+4", "Läufe", "Runs"),
    ("Ctrl+5", "Befunde", "Findings"),
    ("Ctrl+6", "Ursachen", "Causes"),
    ("Ctrl+7", "Berichte", "Reports"),
    ("Ctrl+8", "Protokoll", "Journal"),
    ("Ctrl+,", "Einstellungen", "Settings"),
];

/// Waits until nothing on the screen is still coming.
async fn settled(window: &Window) {
    let script = "return !document.querySelector('.skeleton, .stale, [aria-busy=true]')";
    window.until("everything is to be there", script, vec![]).await;
}

fn look(language: &str, theme: &str, zoom: u32) -> serde_json::Value {
    json!({ "language": language, "theme": theme, "zoom_percent": zoom, "motion": "reduced" })
}

/// What is done on the way round, in words of the language.
struct Words {
    plan: &'static str,
    resend: &'static str,
    cancel: &'static str,
    settle: &'static str,
    stage: &'static str,
    compare: &'static str,
    reason: &'static str,
}

const GERMAN: Words = Words {
    plan: "Lauf planen …",
    resend: "Erneut senden …",
    cancel: "Stornieren …",
    settle: "Ausgang klären …",
    stage: "Bewiesene vormerken …",
    compare: "Vergleichen …",
    reason: "Grund",
};
const ENGLISH: Words = Words {
    plan: "Plan a run …",
    resend: "Send again …",
    cancel: "Cancel invoice …",
    settle: "Settle the outcome …",
    stage: "Stage proven …",
    compare: "Compare …",
    reason: "Reason",
};

/// The tabs of a screen, one after the other.
async fn tabs(window: &Window, name: &str, seen: &mut impl AsyncFnMut(&Window, &str)) {
    let tabs = window.script("return document.querySelectorAll('main [role=tab]').length", vec![]).await;
    let tabs = tabs.as_u64().unwrap_or(0);
    for tab in 0..tabs {
        window.script("document.querySelectorAll('main [role=tab]')[arguments[0]].click()", vec![json!(tab)]).await;
        settled(window).await;
        seen(window, &format!("{name}-{tab}")).await;
        // A tab with a list has a record beside it.
        let rows = window.script("return document.querySelector('[role=row][data-index]') !== null", vec![]).await;
        if tab > 0 && rows == json!(true) {
            window.script("document.querySelector('[role=row][tabindex=\"0\"]')?.focus()", vec![]).await;
            window.keys("ArrowDown").await;
            settled(window).await;
            seen(window, &format!("{name}-{tab}-beside")).await;
        }
    }
    if tabs > 0 {
        window.script("document.querySelector('main [role=tab]').click()", vec![]).await;
        settled(window).await;
    }
}

/// Every screen, its tabs, the record beside a list, the record opened, and the dialogs; nothing is changed.
async fn tour(window: &Window, words: &Words, whole: &str, mut seen: impl AsyncFnMut(&Window, &str)) {
    for (keys, name, _) in SCREENS {
        window.keys(keys).await;
        window.see("main h1").await;
        settled(window).await;
        seen(window, name).await;
        tabs(window, name, &mut seen).await;
        let rows = window.script("return document.querySelector('[role=row][data-index]') !== null", vec![]).await;
        if rows == json!(true) {
            window.script("document.querySelector('[role=row][tabindex=\"0\"]')?.focus()", vec![]).await;
            window.keys("ArrowDown").await;
            window.see("main h2, [data-pane=list]:only-of-type").await;
            settled(window).await;
            seen(window, &format!("{name}-beside")).await;
            if ["Ctrl+2", "Ctrl+3", "Ctrl+5"].contains(&keys) {
                window.keys("Enter").await;
                settled(window).await;
                if keys == "Ctrl+3" {
                    let drawn = "const pane = document.querySelector('[data-pane=paper]'); return !pane || \
                                 pane.querySelector('[data-page] .texts')?.childElementCount > 0";
                    window.until("the PDF is to be drawn", drawn, vec![]).await;
                }
                seen(window, &format!("{name}-opened")).await;
                window.keys("Escape").await;
            }
        }
    }
    window.keys("Ctrl+2").await;
    window.focus_is_on("[role=row][data-index]").await;
    window.keys("ArrowDown").await;
    for (keys, name, ready) in [
        ("F2", "Kontaktdaten", "dialog[open] input"),
        ("F1", "Hilfe", "dialog[open]"),
        ("Ctrl+K", "Palette", "dialog[open] [role=listbox]"),
    ] {
        window.keys(keys).await;
        look_at_dialog(window, name, ready, &mut seen).await;
    }
    deeds(window, words, whole, &mut seen).await;
    repairs(window, words, &mut seen).await;
}

/// Looks at a dialog once what matches is in it, and leaves it.
async fn look_at_dialog(window: &Window, name: &str, ready: &str, seen: &mut impl AsyncFnMut(&Window, &str)) {
    window.see(ready).await;
    settled(window).await;
    seen(window, name).await;
    window.keys("Escape").await;
    window.miss("dialog").await;
}

/// The dialogs before what cannot be undone: a run, a mail sent again, a cancellation, a mail settled.
async fn deeds(window: &Window, words: &Words, whole: &str, seen: &mut impl AsyncFnMut(&Window, &str)) {
    window.keys("Ctrl+4").await;
    window.press(words.plan).await;
    look_at_dialog(window, "Lauf planen", "dialog[open] input", seen).await;
    window.keys("Ctrl+3").await;
    window.search(whole).await;
    window.keys("Enter").await;
    window.press(words.resend).await;
    look_at_dialog(window, "Erneut senden", "dialog[open] input", seen).await;
    window.press(words.cancel).await;
    look_at_dialog(window, "Stornieren", "dialog[open] input", seen).await;
    window.keys("Ctrl+1").await;
    // The first line is about mails that nobody knows the fate of.
    let first =
        "const line = document.querySelector('main section li button.line'); line?.click(); return line != null";
    window.until("a line about unknown mails", first, vec![]).await;
    window.focus_is_on("[role=row][data-index]").await;
    settled(window).await;
    seen(window, "Zustellungen unbekannt").await;
    window.keys("Space").await;
    window.press(words.settle).await;
    look_at_dialog(window, "Ausgang klären", "dialog[open] .answers", seen).await;
}

/// The dialogs of repairs: many staged at once, a record that changed meanwhile, the second confirmation, an undo.
async fn repairs(window: &Window, words: &Words, seen: &mut impl AsyncFnMut(&Window, &str)) {
    window.keys("Ctrl+5").await;
    window.press(words.stage).await;
    look_at_dialog(window, "Vormerken", "dialog[open] .records", seen).await;
    let tab = "const tab = document.querySelectorAll('main [role=tab]')[arguments[0]]; tab?.click(); return \
               tab?.ariaSelected === 'true'";
    window.until("what is staged", tab, vec![json!(1)]).await;
    window.press(words.compare).await;
    look_at_dialog(window, "Vergleichen", "dialog[open] table", seen).await;
    window.fill(words.reason, "gekippte Bits").await;
    window.keys("Ctrl+Enter").await;
    look_at_dialog(window, "Zweite Bestätigung", "dialog[open] li", seen).await;
    window.until("the history", tab, vec![json!(4)]).await;
    // The newest was undone; the one below it is applied.
    window.see("[role=row][data-index='1']").await;
    window.script("document.querySelector('[role=row][data-index=\"0\"]').focus()", vec![]).await;
    window.keys("ArrowDown").await;
    window.focus_is_on("[role=row][data-index='1']").await;
    window.key_until("Ctrl+Z", "the preview", "return document.querySelector('dialog[open]') !== null").await;
    look_at_dialog(window, "Rückgängig", "dialog[open] input", seen).await;
}

/// The demo, and something that was done in it: an entry in the journal, a run, a cancellation, a check. Returns the number of an
/// invoice that everything can be done with.
async fn january(db: &TestDb) -> String {
    demo(db, 200);
    let number = text(db, "SELECT number FROM invoices WHERE state = 'archived' ORDER BY number DESC LIMIT 1").await;
    drop(kontor(db).args(["invoices", "cancel", &number, "--reason", "doppelt"]).run().expect(0));
    drop(kontor(db).args(["check"]).run().expect(0));
    repaired(db).await;
    let whole = "SELECT min(i.number) FROM invoices i JOIN deliveries d ON d.invoice_id = i.id JOIN documents o ON \
                 o.invoice_id = i.id AND o.role = 'original' WHERE d.state = 'accepted' AND i.state = 'archived'";
    text(db, whole).await
}

async fn audited(theme: &str) {
    let db = TestDb::sqlite();
    let whole = january(&db).await;
    let start = Window::open(Opening { settings: look("de", theme, 100), ..Opening::default() }).await;
    let mut found = start.violations().await;
    drop(start);
    let window = Window::on(&db, Opening { settings: look("de", theme, 100), ..Opening::default() }).await;
    tour(&window, &GERMAN, &whole, async |window: &Window, name: &str| {
        window.shot(&format!("audit-{theme}-{name}")).await;
        found.extend(window.violations().await.into_iter().map(|each| format!("{name}: {each}")));
    })
    .await;
    assert!(found.is_empty(), "{} violations:\n{}", found.len(), found.join("\n"));
}

#[test]
fn every_screen_passes_the_audit_in_light() {
    block_on(audited("light"));
}

#[test]
fn every_screen_passes_the_audit_in_dark() {
    block_on(audited("dark"));
}

async fn nothing_is_cut(name: &str, size: (u32, u32), language: &str, theme: &str, zoom: u32) {
    let db = TestDb::sqlite();
    let whole = january(&db).await;
    let words = if language == "en" { ENGLISH } else { GERMAN };
    let window = Window::on(&db, Opening { size, settings: look(language, theme, zoom), ..Opening::default() }).await;
    let mut found = Vec::new();
    tour(&window, &words, &whole, async |window: &Window, screen: &str| {
        window.shot(&format!("{name}-{language}-{theme}-{screen}")).await;
        found.extend(window.clipped().await.into_iter().map(|each| format!("{screen}: {each}")));
    })
    .await;
    assert!(found.is_empty(), "{} at {size:?}:\n{}", found.len(), found.join("\n"));
}

#[test]
fn nothing_is_cut_off_in_a_small_window() {
    block_on(nothing_is_cut("1024", (1_024, 700), "de", "light", 100));
}

#[test]
fn nothing_is_cut_off_in_english() {
    block_on(nothing_is_cut("1280", (1_280, 800), "en", "dark", 100));
}

#[test]
fn nothing_is_cut_off_in_a_wide_window() {
    block_on(nothing_is_cut("1920", (1_920, 1_080), "en", "light", 100));
}

#[test]
fn nothing_is_cut_off_at_200_percent() {
    block_on(nothing_is_cut("200", (1_280, 800), "de", "light", 200));
}

#[test]
fn nothing_is_cut_off_at_4k() {
    block_on(nothing_is_cut("4k", (3_840, 2_160), "de", "dark", 100));
}

#[test]
fn the_palette_finds_records_and_commands() {
    block_on(async {
        let db = TestDb::sqlite();
        demo(&db, 100);
        let number = text(&db, "SELECT number FROM invoices WHERE state = 'archived' ORDER BY number LIMIT 1").await;
        let window = Window::on(&db, Opening::default()).await;
        window.keys("Ctrl+K").await;
        window.focus_is_on("[role=combobox]").await;
        window.type_text("proto").await;
        window.read_in("[role=option]", "Gehe zu: Protokoll").await;
        window.keys("Enter").await;
        window.read_in("h1", "Protokoll").await;
        window.keys("Ctrl+K").await;
        window.type_text(&number).await;
        window.read_in("[role=option][aria-selected=true]", &number).await;
        window.shot("palette").await;
        window.keys("Enter").await;
        window.read_in("main header", &number).await;
        window.keys("Ctrl+K").await;
        window.type_text("gibt es nicht").await;
        window.read("gibt es weder Datensatz noch Befehl").await;
        window.keys("Escape").await;
        window.miss("dialog").await;
        let here = "return document.activeElement !== document.body";
        window.until("the focus is to be somewhere", here, vec![]).await;
    });
}

#[test]
fn screens_panes_and_help_by_keys_alone() {
    block_on(async {
        let db = TestDb::sqlite();
        office(&db, "test", 12);
        let window = Window::on(&db, Opening::default()).await;
        for (keys, name, _) in SCREENS {
            window.keys(keys).await;
            window.read_in("h1", name).await;
            for help in ["F1", "?"] {
                if help == "?" {
                    window.script("document.activeElement?.blur?.()", vec![]).await;
                    window.type_text("?").await;
                } else {
                    window.keys(help).await;
                }
                window.read_in("dialog h2", &format!("Hilfe: {name}")).await;
                window.keys("Escape").await;
                window.miss("dialog").await;
            }
        }
        window.keys("Ctrl+2").await;
        window.focus_is_on("[role=row][data-index]").await;
        window.keys("ArrowDown").await;
        window.see("[data-pane=detail]").await;
        let pane = "return document.activeElement?.closest('[data-pane]')?.dataset.pane ?? ''";
        let mut passed = Vec::new();
        for _ in 0..8 {
            passed.push(window.script(pane, vec![]).await.as_str().unwrap_or_default().to_owned());
            window.keys("F6").await;
        }
        for wanted in ["list", "detail", "nav"] {
            assert!(passed.iter().any(|each| each == wanted), "F6 comes to {wanted}: {passed:?}");
        }
        assert!(!passed.contains(&String::new()), "the focus is never nowhere: {passed:?}");
        // What is beside the list is drawn anew right after an arrow key, and F6 may be there already.
        for _ in 0..5 {
            window.keys("Ctrl+2").await;
            window.script("document.querySelector('[role=row][tabindex=\"0\"]').focus()", vec![]).await;
            window.keys("ArrowDown").await;
            window.keys("F6").await;
            let customer = "return document.querySelector('[role=row][tabindex=\"0\"]')?.innerText.match(/K-\\d+-\\d/)?.[0] ?? null";
            let customer = window.wait_for("the number of the row", customer, vec![]).await;
            window.read_in("[data-pane=detail] header", customer.as_str().expect("a number")).await;
            let pane = window.script(pane, vec![]).await;
            assert_eq!(pane, "detail", "the focus stays in the pane whose record follows");
        }
    });
}

#[test]
fn language_colours_and_size_change_at_once_and_stay() {
    block_on(async {
        let db = TestDb::sqlite();
        office(&db, "test", 3);
        let window = Window::on(&db, Opening::default()).await;
        window.keys("Ctrl+,").await;
        let choose = "const field = [...document.querySelectorAll('select')].find((each) => each.labels[0]?.innerText.trim() \
            === arguments[0]); if (!field) return false; field.value = arguments[1]; field.dispatchEvent(new \
            Event('change', { bubbles: true })); return true";
        window.until("the choice of language", choose, vec![json!("Sprache"), json!("en")]).await;
        window.read_in("h1", "Settings").await;
        window.until("the choice of colours", choose, vec![json!("Colours"), json!("dark")]).await;
        let dark = "return document.documentElement.dataset.theme === 'dark' && getComputedStyle(document.body).colorScheme.includes('dark')";
        window.until("it is to be dark", dark, vec![]).await;
        for (keys, _, name) in SCREENS {
            window.keys(keys).await;
            window.read_in("h1", name).await;
        }
        let size = "return parseFloat(getComputedStyle(document.documentElement).fontSize)";
        let before = window.script(size, vec![]).await.as_f64().expect("a size");
        window.keys("Ctrl++").await;
        window.until("it is to be larger", &format!("{size} > {before}"), vec![]).await;
        window.keys("Ctrl+0").await;
        window.until("it is to be as before", &format!("{size} === {before}"), vec![]).await;
        window.keys("Ctrl+-").await;
        window.until("it is to be smaller", &format!("{size} < {before}"), vec![]).await;
        let kept =
            || std::fs::read_to_string(window.desk().join("desk.json")).expect("the desk's file").replace(' ', "");
        let all = ["\"language\":\"en\"", "\"theme\":\"dark\"", "\"zoom_percent\":90"];
        window.comes_true("the settings are kept", async || all.iter().all(|each| kept().contains(each))).await;
        let folder = window.close().await;
        let again = Window::open_in(folder, Opening::default()).await;
        again.until("it is to be dark again", dark, vec![]).await;
        again.read("Opened last").await;
    });
}
