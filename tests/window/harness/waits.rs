//! Patience: everything that is to come is waited for until it is there, however slow the machine; and pictures, of what
//! somebody wants to look at and of what never came.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Window, shots};

/// How long something may take to show, also where two processors do what other machines have twelve for.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// Between two looks.
const LOOK: Duration = Duration::from_millis(40);

impl Window {
    /// Waits until something outside of the window is so, such as a row or a file.
    pub async fn comes_true(&self, what: &str, mut is_so: impl AsyncFnMut() -> bool) {
        let begun = Instant::now();
        while !is_so().await {
            if begun.elapsed() > PATIENCE {
                self.fail(what, "it is not so").await;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits until the button with this name can be pressed.
    pub async fn is_ready(&self, name: &str) {
        let script = "return [...document.querySelectorAll('button')].some((each) => each.checkVisibility() && \
            (each.getAttribute('aria-label') ?? each.innerText).trim().startsWith(arguments[0]) && \
            each.getAttribute('aria-disabled') !== 'true')";
        self.until(&format!("“{name}” can be pressed"), script, vec![json!(name)]).await;
    }

    /// Runs a script in the window and takes what it returns.
    pub async fn script(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.run(script, arguments).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    async fn run(&self, script: &str, arguments: Vec<Value>) -> Result<Value, String> {
        let answer = self.client.execute(script, arguments).await.map_err(|error| error.to_string())?;
        Ok(answer.json().clone())
    }

    /// Waits until something that matches is visible.
    pub async fn see(&self, selector: &str) {
        let script = "return [...document.querySelectorAll(arguments[0])].some((each) => each.checkVisibility())";
        self.until(&format!("{selector} is to be seen"), script, vec![json!(selector)]).await;
    }

    /// Waits until nothing that matches is visible.
    pub async fn miss(&self, selector: &str) {
        let script = "return ![...document.querySelectorAll(arguments[0])].some((each) => each.checkVisibility())";
        self.until(&format!("{selector} is to be gone"), script, vec![json!(selector)]).await;
    }

    /// Waits until a text can be read somewhere in the window.
    pub async fn read(&self, text: &str) {
        let script = "return document.body.innerText.replace(/\\s+/g, ' ').includes(arguments[0])";
        self.until(&format!("“{text}” is to be read"), script, vec![json!(text)]).await;
    }

    /// Waits until a text can be read within what matches.
    pub async fn read_in(&self, selector: &str, text: &str) {
        let script = "return [...document.querySelectorAll(arguments[0])].some((each) => each.checkVisibility() && \
                      each.innerText.replace(/\\s+/g, ' ').includes(arguments[1]))";
        self.until(&format!("“{text}” is to be read in {selector}"), script, vec![json!(selector), json!(text)]).await;
    }

    /// The text of the first thing that matches.
    pub async fn text(&self, selector: &str) -> String {
        let script = "const all = [...document.querySelectorAll(arguments[0])]; const found = all.find((each) => \
                      each.checkVisibility()); return found ? found.innerText.replace(/\\s+/g, ' ').trim() : null";
        let text = self.wait_for(&format!("the text of {selector}"), script, vec![json!(selector)]).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until a script returns true.
    pub async fn until(&self, what: &str, script: &str, arguments: Vec<Value>) {
        self.until_within(PATIENCE, what, script, arguments).await;
    }

    /// The same, for work that takes its time.
    pub async fn until_within(&self, patience: Duration, what: &str, script: &str, arguments: Vec<Value>) {
        let begun = Instant::now();
        loop {
            let seen = self.run(script, arguments.clone()).await;
            if matches!(seen, Ok(Value::Bool(true))) {
                return;
            }
            if begun.elapsed() > patience {
                self.fail(what, &format!("{seen:?}")).await;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Reads until a script, asked again and again, returns something.
    pub async fn wait_for(&self, what: &str, script: &str, arguments: Vec<Value>) -> Value {
        // Looked at and taken at once: what is there now may be drawn anew in a moment.
        let begun = Instant::now();
        loop {
            let seen = self.run(script, arguments.clone()).await;
            match seen {
                Ok(value) if !value.is_null() => return value,
                _ if begun.elapsed() > PATIENCE => self.fail(what, &format!("{seen:?}")).await,
                _ => tokio::time::sleep(LOOK).await,
            }
        }
    }

    /// Takes a picture of the window, where pictures are wanted.
    pub async fn shot(&self, name: &str) {
        if shots::are_wanted() {
            // What moves is shown where it comes to rest, and drawn.
            let rest = "document.getAnimations().forEach((each) => each.effect?.getTiming().iterations !== Infinity && \
                each.finish()); window.rests = false; requestAnimationFrame(() => requestAnimationFrame(() => (window.rests = true)));";
            self.script(rest, vec![]).await;
            self.until("the picture is to be drawn", "return window.rests === true", vec![]).await;
            self.picture(name).await;
        }
    }

    async fn picture(&self, name: &str) -> PathBuf {
        let folder = shots::folder();
        std::fs::create_dir_all(&folder).expect("the folder of pictures is writable");
        let path = folder.join(format!("{name}.png"));
        let picture = self.client.screenshot_as_png().await.expect("a window has a picture");
        std::fs::write(&path, picture).expect("the folder of pictures is writable");
        path
    }

    pub(super) async fn fail(&self, what: &str, error: &str) -> ! {
        let name = format!("failed-{}", std::thread::current().name().unwrap_or("test").replace("::", "-"));
        let picture = self.picture(&name).await;
        let script = "return document.body.innerText.replace(/\\s+/g, ' ').slice(0, 2000)";
        let shown = self.run(script, vec![]).await.ok();
        let log = self.log();
        let tail: Vec<&str> = log.lines().rev().take(15).collect();
        panic!(
            "{what}: not within {PATIENCE:?} ({error}; driver {}).\nPicture: {}\nShown: {shown:?}\nLog: {tail:#?}",
            self.driver_id(),
            picture.display()
        );
    }
}
