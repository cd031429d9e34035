//! The office behind a window, asked as a window asks it: by [`kontor_api::Office`] and a host that no desktop stands
//! behind.

mod causes;
mod connect;
mod contact;
mod damage;
mod deliveries;
mod exports;
mod failures;
mod findings;
mod hosts;
mod in_place;
mod invoices;
mod journal;
mod lists;
mod overview;
mod registrations;
mod repairs;
mod replays;
mod reports;
mod runs;
mod walk;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kontor::identity::{Actor, Pace};
use kontor_api::contact::Language;
use kontor_api::host::Keyring;
use kontor_api::secret::Secret;
use kontor_api::start::{Appearance, PathChoice};
use kontor_api::{Document, Event, Failure, Host, Office, Request};
use kontor_tests::databases::{Kind, TestDb};
use kontor_tests::sink::SmtpSink;
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use crate::support::outbox;

/// A desk with an office behind it, and nobody in front of it.
pub struct Desk {
    /// The office.
    pub office: Office,
    /// What stands in for the desktop.
    pub host: Arc<TestHost>,
}

/// What stands in for a desktop.
pub struct TestHost {
    folder: TempDir,
    person: String,
    desk: String,
    told: Mutex<Vec<Value>>,
    chosen: Mutex<Vec<PathBuf>>,
    opened: Mutex<Vec<PathBuf>>,
    notified: Mutex<Vec<String>>,
    keyring: Option<Arc<TestKeyring>>,
}

/// A keyring in memory.
#[derive(Default)]
pub struct TestKeyring(Mutex<HashMap<String, String>>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Desk {
    /// A desk of this person, without any database.
    pub fn of(person: &str) -> Self {
        Self::with_keyring(person, Some(Arc::default()))
    }

    /// The same, with or without a keyring.
    pub fn with_keyring(person: &str, keyring: Option<Arc<TestKeyring>>) -> Self {
        let host = Arc::new(TestHost {
            folder: tempfile::Builder::new().prefix("kontor-desk-").tempdir().expect("a folder"),
            person: person.to_owned(),
            desk: format!("desk-of-{person}"),
            told: Mutex::default(),
            chosen: Mutex::default(),
            opened: Mutex::default(),
            notified: Mutex::default(),
            keyring,
        });
        let shared: Arc<dyn Host> = Arc::clone(&host) as _;
        Self { office: Office::new(shared), host }
    }

    /// A desk with this database open, whose mails go to the outbox of the test.
    pub async fn at(db: &TestDb) -> Self {
        Self::of("eva").opening(db).await
    }

    /// Opens this database; its mails go to the outbox of the test.
    pub async fn opening(self, db: &TestDb) -> Self {
        self.opening_for(db, json!({ "type": "folder", "path": outbox(db) })).await
    }

    /// Opens this database; its mails go to this server.
    pub async fn mailing_to(self, db: &TestDb, sink: &SmtpSink) -> Self {
        let target = json!({
            "type": "server", "host": "127.0.0.1", "port": sink.port(), "security": "plain", "user": null, "ca_file": null,
            "senders": 4, "per_minute": null,
        });
        self.opening_for(db, target).await
    }

    async fn opening_for(self, db: &TestDb, target: Value) -> Self {
        let opened = self.call(json!({ "type": "open_database", "place": place(db), "password": password(db) })).await;
        self.call(json!({ "type": "save_mail_settings", "profile": opened["profile"], "target": target })).await;
        self
    }

    /// Asks, and takes the answer.
    pub async fn call(&self, request: Value) -> Value {
        self.ask(request.clone()).await.unwrap_or_else(|failure| panic!("{request}: {failure:#}"))
    }

    /// Asks for something that must not work, and takes the failure.
    pub async fn failure(&self, request: Value) -> Value {
        match self.ask(request.clone()).await {
            Ok(answer) => panic!("{request} was answered: {answer:#}"),
            Err(failure) => failure,
        }
    }

    /// Asks.
    pub async fn ask(&self, request: Value) -> Result<Value, Value> {
        let asked: Request =
            serde_json::from_value(request.clone()).unwrap_or_else(|error| panic!("{request}: {error}"));
        match self.office.call(asked).await {
            Ok(answer) => Ok(serde_json::from_str(&answer).expect("an answer is JSON")),
            Err(failure) => Err(serde_json::to_value(failure).expect("a failure is JSON")),
        }
    }

    /// The bytes of a document.
    pub async fn document(&self, document: Value) -> Result<Vec<u8>, Failure> {
        let asked: Document = serde_json::from_value(document).expect("a document");
        self.office.document(asked).await
    }

    /// Waits until a job has ended, and takes its outcome.
    pub async fn outcome(&self, job: &Value) -> Value {
        let told = self.until(|event| {
            event["type"] == "job" && event["job"]["id"] == job["id"] && !event["job"]["outcome"].is_null()
        });
        told.await["job"]["outcome"].clone()
    }

    /// Waits until a run has ended, and takes what was told of it.
    pub async fn run_ended(&self, run: &Value) -> Value {
        self.until(|event| event["type"] == "run_ended" && event["row"]["id"] == *run).await
    }

    /// Waits until something was told.
    pub async fn until(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            if let Some(event) = lock(&self.host.told).iter().find(|event| wanted(event)) {
                return event.clone();
            }
            assert!(begun.elapsed() < Duration::from_mins(2), "never told; told were {:#?}", lock(&self.host.told));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Where a database of a test is, as a window says it.
pub fn place(db: &TestDb) -> Value {
    match db.kind {
        Kind::Sqlite => json!({ "type": "file", "path": db.url.trim_start_matches("sqlite:") }),
        Kind::Postgres => place_of(&db.url),
    }
}

/// Where a database on a server is, by its address.
pub fn place_of(url: &str) -> Value {
    let ((user, _), host, port, database) = server(url);
    json!({ "type": "server", "host": host, "port": port, "database": database, "user": user, "ca_file": null })
}

/// Its password, where it has one.
pub fn password(db: &TestDb) -> Value {
    match db.kind {
        Kind::Sqlite => Value::Null,
        Kind::Postgres => match server(&db.url).0.1 {
            Some(password) => json!({ "password": password, "keep": false }),
            None => Value::Null,
        },
    }
}

/// Login, host, port and name of a database on a server: `postgres://user[:password]@host:port/name`.
fn server(url: &str) -> ((String, Option<String>), String, u16, String) {
    let rest = url.split_once("://").expect("an address").1;
    let (login, place) = rest.rsplit_once('@').unwrap_or(("", rest));
    let (user, password) = match login.split_once(':') {
        Some((user, password)) => (user.to_owned(), Some(password.to_owned())),
        None => (login.to_owned(), None),
    };
    let (authority, name) = place.split_once('/').expect("a database");
    let (host, port) = authority.rsplit_once(':').expect("a port");
    let name = name.split('?').next().expect("a name");
    ((user, password), host.to_owned(), port.parse().expect("a port"), name.to_owned())
}

impl TestHost {
    /// The folder of this desk.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What the next dialog answers.
    pub fn will_choose(&self, path: impl Into<PathBuf>) {
        lock(&self.chosen).push(path.into());
    }

    /// Files that were shown in the system's own program.
    pub fn opened(&self) -> Vec<PathBuf> {
        lock(&self.opened).clone()
    }

    /// Notifications that were shown.
    pub fn notified(&self) -> Vec<String> {
        lock(&self.notified).clone()
    }

    /// Everything that was told, oldest first.
    pub fn told(&self) -> Vec<Value> {
        lock(&self.told).clone()
    }
}

#[async_trait]
impl Host for TestHost {
    fn actor(&self, request_id: Uuid) -> Actor {
        Actor { person: self.person.clone(), desk: self.desk.clone(), request: request_id }
    }

    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn folder(&self) -> PathBuf {
        self.path().to_owned()
    }

    fn appearance(&self) -> Appearance {
        Appearance { is_dark: false, is_motion_reduced: false, language: Language::De }
    }

    fn tell(&self, event: Event) {
        lock(&self.told).push(serde_json::to_value(event).expect("an event is JSON"));
    }

    async fn choose(&self, _: PathChoice, _: &str) -> Option<PathBuf> {
        lock(&self.chosen).pop()
    }

    async fn choose_save(&self, _: &str, _: &str) -> Option<PathBuf> {
        lock(&self.chosen).pop()
    }

    async fn open(&self, path: &Path) -> Result<(), Failure> {
        lock(&self.opened).push(path.to_owned());
        Ok(())
    }

    fn notify(&self, title: &str, text: &str) {
        lock(&self.notified).push(format!("{title}: {text}"));
    }

    fn keyring(&self) -> Option<Arc<dyn Keyring>> {
        self.keyring.clone().map(|keyring| keyring as Arc<dyn Keyring>)
    }

    fn pace(&self) -> Pace {
        Pace { lease: Duration::from_secs(2), poll: Duration::from_millis(50), ..Pace::default() }
    }

    fn log_folder(&self) -> PathBuf {
        self.path().join("log")
    }
}

impl Keyring for TestKeyring {
    fn password(&self, name: &str) -> Option<Secret> {
        lock(&self.0).get(name).cloned().map(Secret)
    }

    fn keep(&self, name: &str, password: &Secret) -> bool {
        lock(&self.0).insert(name.to_owned(), password.0.clone());
        true
    }

    fn forget(&self, name: &str) {
        lock(&self.0).remove(name);
    }
}
