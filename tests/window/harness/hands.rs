//! A person's hands: keys pressed, texts typed, buttons pressed, panes and fields gone to.

use std::path::Path;

use serde_json::{Value, json};

use super::{Window, keys};

impl Window {
    /// Searches the list of this screen and puts the focus on its first row, by keys alone.
    pub async fn search(&self, text: &str) {
        self.keys("Ctrl+F").await;
        self.focus_is_on("[data-search]").await;
        self.keys("Ctrl+A").await;
        self.type_text(text).await;
        self.keys("Enter").await;
        self.read_in("[role=row][data-index='0']", text).await;
        self.focus_is_on("[role=row][data-index]").await;
    }

    /// Goes from pane to pane until the focus is within what matches.
    pub async fn pane(&self, selector: &str) {
        for _ in 0..12 {
            let script = "return document.activeElement?.closest(arguments[0]) != null";
            if self.script(script, vec![json!(selector)]).await == Value::Bool(true) {
                return;
            }
            self.keys("F6").await;
        }
        self.fail(&format!("F6 leads to {selector}"), "12 presses").await;
    }

    /// Presses a key until what has the focus is called so, as one looks for a button with Tab.
    pub async fn key_to(&self, key: &str, name: &str) {
        let script = "const said = (active.getAttribute('aria-label') ?? ([...(active.labels ?? [])] \
            .map((label) => label.innerText).join(' ') || active.innerText) ?? '').replace(/\\s+/g, ' ').trim(); \
            return said.startsWith(wanted)";
        self.key_until(key, name, script).await;
    }

    /// Presses a key until a script says that it led there; the script knows what is `active` and the `wanted` text.
    pub async fn key_until(&self, key: &str, wanted: &str, script: &str) {
        let script = format!(
            "const wanted = arguments[0]; const active = document.activeElement; if (!active) return false; {script}"
        );
        for _ in 0..120 {
            self.focus_is_filled().await;
            if self.script(&script, vec![json!(wanted)]).await == Value::Bool(true) {
                return;
            }
            self.keys(key).await;
        }
        self.fail(&format!("{key} leads to “{wanted}”"), "120 presses").await;
    }

    /// What the next dialog of the system answers.
    pub fn will_choose(&self, path: &Path) {
        std::fs::write(self.dialogs.path().join("answer"), path.display().to_string()).expect("the folder is writable");
    }

    /// Presses keys: `Ctrl+K`, `ArrowDown`, `Enter`.
    pub async fn keys(&self, combination: &str) {
        let actions = self.client.action_chain_with_delay(None, None);
        keys::combination(actions, combination).perform().await.expect("keys are pressed");
    }

    /// Types a text, key by key.
    pub async fn type_text(&self, text: &str) {
        let actions = self.client.action_chain_with_delay(None, None);
        actions.send_keys(text).perform().await.expect("keys are pressed");
    }

    /// Presses the button, link, tab or menu item with this name, as soon as it is there and can be pressed.
    pub async fn press(&self, name: &str) {
        let script = "const name = arguments[0]; const said = (each) => (each.getAttribute('aria-label') ?? each.innerText \
            ?? '').replace(/\\s+/g, ' ').trim(); const all = [...document.querySelectorAll('button, a[href], [role=button], \
            [role=tab], [role=menuitem], [role=option], summary, label')].filter((each) => each.checkVisibility() && \
            !each.disabled && each.getAttribute('aria-disabled') !== 'true'); const found = all.find((each) => said(each) \
            === name) ?? all.find((each) => said(each).startsWith(name)); if (!found) return false; \
            found.scrollIntoView({ block: 'nearest' }); found.click(); return true;";
        self.until(&format!("“{name}” is to be pressed"), script, vec![json!(name)]).await;
    }

    /// Puts the focus on the field with this label, and types in place of what it holds.
    pub async fn fill(&self, label: &str, text: &str) {
        let script = "const wanted = arguments[0]; const named = (each) => (each.getAttribute('aria-label') ?? \
            [...(each.labels ?? [])].map((label) => label.innerText).join(' ') ?? '').replace(/\\s+/g, ' ').trim(); \
            const found = [...document.querySelectorAll('input, textarea, select')].find((each) => each.checkVisibility() \
            && named(each).startsWith(wanted)); if (!found) return false; found.focus(); return true;";
        self.until(&format!("the field “{label}” is to be there"), script, vec![json!(label)]).await;
        self.keys("Ctrl+A").await;
        self.keys("Backspace").await;
        let empty = "return (document.activeElement?.value ?? '') === ''";
        self.until(&format!("the field “{label}” is to be empty"), empty, vec![]).await;
        self.type_text(text).await;
    }
}
