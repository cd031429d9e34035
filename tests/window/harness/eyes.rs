//! What has the focus, what stands in a list, and what only a machine sees of a screen: whether everybody can use it, and
//! whether anything is cut off unseen.

use serde_json::{Value, json};

use super::Window;

/// The auditor: the text of the npm package that `ui` brings along.
const AXE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/node_modules/axe-core/axe.min.js");

/// What is cut off: a text that reaches beyond a box which hides it, without the dots that say so.
const CLIPPED: &str = include_str!("clipped.js");

/// The row of a list that has the focus, or holds it.
const FOCUSED: &str = "document.activeElement?.closest('[role=row][data-index]')";

impl Window {
    /// Waits until what matches has the focus.
    pub async fn focus_is_on(&self, selector: &str) {
        let script = "return document.activeElement?.matches(arguments[0]) === true";
        self.until(&format!("the focus is to be on {selector}"), script, vec![json!(selector)]).await;
    }

    /// Waits until the row with the focus says this.
    pub async fn focus_is_on_row(&self, text: &str) {
        let script = format!("return {FOCUSED}?.innerText.includes(arguments[0]) === true");
        self.until(&format!("the focus is to be on the row “{text}”"), &script, vec![json!(text)]).await;
    }

    /// Waits until the row with the focus is there whole: a row that is still to come says nothing, and whoever walks on over it
    /// misses what it holds.
    pub(super) async fn focus_is_filled(&self) {
        let script = format!("return {FOCUSED}?.querySelector('.skeleton') == null");
        self.until("the row with the focus is to be there", &script, vec![]).await;
    }

    /// Goes down with the arrow key until the row with the focus says this.
    pub async fn walk_to_row(&self, text: &str) {
        let script = format!("return {FOCUSED}?.innerText ?? ''");
        let shown = "return [...document.querySelectorAll('[role=row][data-index]')].some((row) => \
                     row.innerText.includes(arguments[0]))";
        self.until(&format!("“{text}” is to be in the list"), shown, vec![json!(text)]).await;
        for _ in 0..60 {
            self.focus_is_filled().await;
            let here = self.script(&script, vec![]).await;
            if here.as_str().is_some_and(|here| here.contains(text)) {
                return;
            }
            self.keys("ArrowDown").await;
        }
        self.focus_is_on_row(text).await;
    }

    /// Waits until the list has this many rows.
    pub async fn rows_are(&self, rows: i64) {
        let script = "const grid = document.querySelector('[role=grid]'); return grid?.getAttribute('aria-rowcount') === \
                      String(arguments[0] + 1) && grid.getAttribute('aria-busy') !== 'true'";
        self.until(&format!("{rows} rows are to be listed"), script, vec![json!(rows)]).await;
    }

    /// Waits until the list shows this many rows.
    pub async fn rows(&self, count: i64) {
        self.rows_of("body", count).await;
    }

    /// The same of the list within what matches.
    pub async fn rows_of(&self, within: &str, count: i64) {
        let script = "const grid = [...document.querySelectorAll('[role=grid]')].find((each) => \
            each.closest(arguments[1]) && each.checkVisibility()); return grid?.getAttribute('aria-busy') !== 'true' && Number(grid?.getAttribute('aria-rowcount')) === \
            arguments[0] + 1 && (arguments[0] === 0 || grid.querySelector('[data-index] bdi')?.innerText.length > 0)";
        self.until(&format!("the list has {count} rows"), script, vec![json!(count), json!(within)]).await;
    }

    /// Headings of the list, from left to right.
    pub async fn headings(&self) -> Vec<String> {
        let script = "return [...document.querySelectorAll('[role=columnheader] .heading')].map((each) => each.innerText.trim())";
        let headings = self.script(script, vec![]).await;
        let texts = headings.as_array().expect("a list").iter();
        texts.map(|text| text.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// What the accessibility audit says against what is on the screen: rule, and where.
    pub async fn violations(&self) -> Vec<String> {
        let axe = std::fs::read_to_string(AXE).expect("axe-core is one of ui's packages; `make ui` installs them");
        self.script(&format!("if (!window.axe) {{ {axe} }} return typeof window.axe"), vec![]).await;
        // WebKit draws the end of a transition late on a screen that nobody looks at.
        self.script("document.getAnimations().forEach((each) => each.finish())", vec![]).await;
        let begin = "window.audited = undefined; window.axe.run(document, { resultTypes: ['violations'] }).then((result) => \
            { window.audited = result.violations.map((each) => `${each.id}: ` + each.nodes.map((node) => `${node.target} \
            ${node.failureSummary}`).join(' | ').slice(0, 900)); }, (error) => { window.audited = [String(error)]; });";
        self.script(begin, vec![]).await;
        let found = self.wait_for("an audit", "return window.audited ?? null", vec![]).await;
        found.as_array().expect("a list").iter().map(Value::to_string).collect()
    }

    /// Buttons, headings, labels and tabs whose text is cut off without a sign of it, and whether the page itself scrolls.
    pub async fn clipped(&self) -> Vec<String> {
        let found = self.script(CLIPPED, vec![]).await;
        found.as_array().expect("a list").iter().map(|each| each.as_str().unwrap_or_default().to_owned()).collect()
    }
}
