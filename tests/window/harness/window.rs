//! The window of a desk: opened on a database, closed, opened again.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use kontor_tests::databases::TestDb;
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{By, Capabilities, WebDriver};

use super::driver::{Driver, program};
use super::waits::PATIENCE;

/// How long the driver may take to answer: less than the patience, because a question that it lost is asked again.
const ANSWER: Duration = Duration::from_secs(40);

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
    pub(super) dialogs: TempDir,
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

    /// What the program wrote to its log.
    pub(super) fn log(&self) -> String {
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

    /// The folder of the desk.
    pub fn desk(&self) -> &Path {
        self.folder.path()
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
}

fn is_alive(process: u32) -> bool {
    // A process that ended and was not waited for yet is a zombie.
    let status = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    status.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}

fn temporary(prefix: &str) -> TempDir {
    tempfile::Builder::new().prefix(prefix).tempdir().expect("the temporary folder is writable")
}
