//! A desk's hands and eyes: what a person can press, type and read in the window.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use kontor_tests::databases::TestDb;
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{By, Capabilities, WebDriver};

use super::driver::{Driver, program};
use super::{keys, shots};

/// How long something may take to show. A person would have given up by then.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long the driver may take to answer.
const ANSWER: Duration = Duration::from_secs(10);

/// How a window is opened.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// The database file that it is started with.
    pub database: Option<PathBuf>,
    /// Settings of the desk, as its file has them.
    pub settings: Value,
    /// Who sits there.
    pub person: &'static str,
    /// Port of a proxy before the database's server.
    pub through: Option<u16>,
    /// Address of a session bus; none has no other window to show, no keyring and no portal.
    pub bus: Option<String>,
    /// Where mails go, as the desk's file has it; none is the folder `outbox` of the test.
    pub mail: Option<Value>,
    /// More of the program's environment, such as who sits at the desk.
    pub environment: Vec<(String, String)>,
}

impl Default for Opening {
    fn default() -> Self {
        Self {
            size: (1_280, 800),
            database: None,
            settings: json!({ "language": "de", "theme": "light" }),
            person: "eva",
            through: None,
            bus: None,
            mail: None,
            environment: Vec::new(),
        }
    }
}

/// The real window.
pub struct Window {
    /// The driver's client, for what is not here.
    pub client: WebDriver,
    folder: TempDir,
    dialogs: TempDir,
    driver: Driver,
}

impl Window {
    /// Opens the window of a new desk.
    pub async fn open(opening: Opening) -> Self {
        let folder = temporary("kontor-window-");
        let desk = json!({ "settings": opening.settings, "profiles": [] });
        std::fs::write(folder.path().join("desk.json"), desk.to_string()).expect("the folder is writable");
        Self::open_in(folder, opening).await
    }

    /// Opens the window again at a desk that was there before.
    pub async fn open_in(folder: TempDir, opening: Opening) -> Self {
        let dialogs = temporary("kontor-dialogs-");
        let driver = Driver::start(folder.path(), dialogs.path(), &opening);
        let arguments: Vec<String> = opening.database.iter().map(|path| path.display().to_string()).collect();
        let wanted = json!({ "webkitgtk:browserOptions": { "binary": program(), "args": arguments } });
        let Value::Object(wanted) = wanted else { unreachable!() };
        // The driver does not take a second question over one connection.
        let client = WebDriver::builder(driver.url(), Capabilities::from(wanted))
            .keep_alive(false)
            .request_timeout(ANSWER)
            .await
            .unwrap_or_else(|error| {
                let log = std::fs::read_to_string(folder.path().join("window.log")).unwrap_or_default();
                panic!("the window does not open: {error}\n{log}")
            });
        let window = Self { client, folder, dialogs, driver };
        let (width, height) = opening.size;
        window.client.set_window_rect(0, 0, width, height).await.expect("a window has a size");
        window.is_drawn().await;
        window
    }

    /// Waits until the window has drawn itself. A script that runs while the page is still coming is never answered, so the
    /// driver is asked for an element first.
    async fn is_drawn(&self) {
        let begun = Instant::now();
        while self.client.find(By::Css("#app > *")).await.is_err() {
            assert!(begun.elapsed() < PATIENCE, "the window stays empty: {}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("window.log")).unwrap_or_default()
    }

    /// Opens the window on a database, with its mails going to `outbox` below the test's folder.
    pub async fn on(db: &TestDb, opening: Opening) -> Self {
        let outbox = json!({ "type": "folder", "path": db.path().join("outbox") });
        let mail = opening.mail.clone().unwrap_or(outbox);
        let mut place = Self::place(&db.url);
        if let Some(port) = opening.through {
            place["port"] = json!(port);
        }
        Self::at(&place, &mail, opening).await
    }

    /// Opens the window on the database at this place, with mails going there.
    pub async fn at(place: &Value, mail: &Value, opening: Opening) -> Self {
        let folder = temporary("kontor-window-");
        let profile = json!({
            "id": "0190f5fe-7c00-7a00-8000-000000000001", "name": "Bestand", "place": place, "purpose": "test",
            "opened_at": null, "mail": mail,
        });
        let desk = json!({ "settings": opening.settings, "profiles": [profile] });
        std::fs::write(folder.path().join("desk.json"), desk.to_string()).expect("the folder is writable");
        let window = Self::open_in(folder, opening).await;
        window.press("Bestand").await;
        window.see("nav").await;
        window
    }

    /// Where a database is, as the desk's file has it: `sqlite:FILE`, or `postgres://user@host:port/name`.
    pub fn place(url: &str) -> Value {
        if let Some(path) = url.strip_prefix("sqlite:") {
            return json!({ "type": "file", "path": path });
        }
        let rest = url.split_once("://").expect("an address").1;
        let (user, place) = rest.split_once('@').expect("a user");
        let (authority, name) = place.split_once('/').expect("a database");
        let (host, port) = authority.rsplit_once(':').expect("a port");
        let port: u16 = port.parse().expect("a port");
        json!({ "type": "server", "host": host, "port": port, "database": name, "user": user, "ca_file": null })
    }

    /// Closes the window and keeps the desk, so that it can be opened again.
    pub async fn close(self) -> TempDir {
        let _ = self.client.quit().await;
        self.folder
    }

    /// The driver's process; the program is its child.
    pub fn driver_id(&self) -> u32 {
        self.driver.id()
    }

    /// Closes the window by its cross, waits until the program has ended, and keeps the desk.
    pub async fn close_by_hand(self) -> TempDir {
        let program = self.driver.program();
        super::close::close(program);
        let begun = Instant::now();
        while is_alive(program) {
            assert!(begun.elapsed() < PATIENCE * 2, "the program does not end: {}", self.log());
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        self.folder
    }

    /// Waits until something outside of the window is so, such as a row or a file.
    pub async fn comes_true(&self, what: &str, mut is_so: impl AsyncFnMut() -> bool) {
        let begun = Instant::now();
        while !is_so().await {
            if begun.elapsed() > PATIENCE {
                self.fail(what, "it is not so").await;
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    }

    /// Waits until the list shows this many rows.
    pub async fn rows(&self, count: i64) {
        let script = "const grid = [...document.querySelectorAll('[role=grid]')].find((each) => each.checkVisibility()); \
            return grid?.getAttribute('aria-busy') !== 'true' && Number(grid?.getAttribute('aria-rowcount')) === \
            arguments[0] + 1 && (arguments[0] === 0 || grid.querySelector('[data-index] bdi')?.innerText.length > 0)";
        self.until(&format!("the list has {count} rows"), script, vec![json!(count)]).await;
    }

    /// Searches the list of this screen and puts the focus on its first row, by keys alone.
    pub async fn search(&self, text: &str) {
        self.keys("Ctrl+F").await;
        self.focused("[data-search]").await;
        self.keys("Ctrl+A").await;
        self.type_text(text).await;
        self.keys("Enter").await;
        self.read_in("[role=row][data-index='0']", text).await;
        self.focused("[role=row][data-index]").await;
    }

    /// Waits until what has the focus matches.
    pub async fn focused(&self, selector: &str) {
        let script = "return document.activeElement?.matches(arguments[0]) ?? false";
        self.until(&format!("{selector} is to have the focus"), script, vec![json!(selector)]).await;
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

    /// Waits until the button with this name can be pressed.
    pub async fn is_ready(&self, name: &str) {
        let script = "return [...document.querySelectorAll('button')].some((each) => each.checkVisibility() && \
            (each.getAttribute('aria-label') ?? each.innerText).trim().startsWith(arguments[0]) && \
            each.getAttribute('aria-disabled') !== 'true')";
        self.until(&format!("“{name}” can be pressed"), script, vec![json!(name)]).await;
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
            if self.script(&script, vec![json!(wanted)]).await == Value::Bool(true) {
                return;
            }
            self.keys(key).await;
        }
        self.fail(&format!("{key} leads to “{wanted}”"), "120 presses").await;
    }

    /// The folder of the desk.
    pub fn desk(&self) -> &Path {
        self.folder.path()
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
        self.see(selector).await;
        let script = "return document.querySelector(arguments[0]).innerText.replace(/\\s+/g, ' ').trim()";
        self.script(script, vec![json!(selector)]).await.as_str().unwrap_or_default().to_owned()
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
            && named(each).startsWith(wanted)); if (!found) return false; found.focus(); found.select?.(); return true;";
        self.until(&format!("the field “{label}” is to be there"), script, vec![json!(label)]).await;
        self.keys("Backspace").await;
        self.type_text(text).await;
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
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    }

    /// Takes a picture of the window, where pictures are wanted.
    pub async fn shot(&self, name: &str) {
        if shots::are_wanted() {
            // What moves is shown where it comes to rest, and drawn.
            let rest = "document.getAnimations().forEach((each) => each.effect?.getTiming().iterations !== Infinity && each.finish())";
            self.script(rest, vec![]).await;
            tokio::time::sleep(Duration::from_millis(200)).await;
            self.picture(name).await;
        }
    }

    /// Reads until a script, asked again and again, returns something.
    pub async fn wait_for(&self, what: &str, script: &str, arguments: Vec<Value>) -> Value {
        self.until(what, &format!("return (() => {{ {script} }})() != null"), arguments.clone()).await;
        self.script(script, arguments).await
    }

    async fn picture(&self, name: &str) -> PathBuf {
        let folder = shots::folder();
        std::fs::create_dir_all(&folder).expect("the folder of pictures is writable");
        let path = folder.join(format!("{name}.png"));
        let picture = self.client.screenshot_as_png().await.expect("a window has a picture");
        std::fs::write(&path, picture).expect("the folder of pictures is writable");
        path
    }

    async fn fail(&self, what: &str, error: &str) -> ! {
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

fn is_alive(process: u32) -> bool {
    // A process that ended and was not waited for yet is a zombie.
    let status = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    status.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}

fn temporary(prefix: &str) -> TempDir {
    tempfile::Builder::new().prefix(prefix).tempdir().expect("the temporary folder is writable")
}
