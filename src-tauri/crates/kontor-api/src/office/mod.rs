//! The office behind a window: this desk's profiles and settings, the open database with its connection, and the work of
//! this desk. One for the whole program; what it needs of the desktop is its [`Host`].

mod crew;
mod desk;
mod jobs;
mod link;
mod open;
mod papers;
mod passwords;
mod places;
mod tell;
mod watch;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use kontor::identity::Actor;
use tokio::sync::Mutex;
use uuid::Uuid;

pub(crate) use crew::{Crew, Mail};
pub(crate) use desk::{DeskFile, KeptProfile};
pub(crate) use jobs::{JobHandle, Jobs};
pub(crate) use link::Link;
pub(crate) use open::Open;
pub(crate) use papers::Papers;
pub(crate) use passwords::Passwords;
pub(crate) use places::{address_of, file_name, open_problem, url_of};
pub(crate) use tell::file as file_failure;
pub(crate) use tell::file as file_trouble;
pub(crate) use tell::text as text_fault;

use crate::answer::Answered;
use crate::document::Document;
use crate::event::{Event, Part};
use crate::failure::Failure;
use crate::host::Host;
use crate::problem::Problem;
use crate::request::{Access, Request};

/// How often reading is tried again by itself before the person is told that the connection is lost.
const TRIES: u32 = 3;
/// How long it waits before that.
const PAUSE: Duration = Duration::from_millis(150);

/// The office behind a window.
#[derive(Clone)]
pub struct Office {
    host: Arc<dyn Host>,
    desk: Arc<DeskFile>,
    passwords: Arc<Passwords>,
    jobs: Arc<Jobs>,
    papers: Arc<Papers>,
    open: Arc<RwLock<Option<Arc<Open>>>>,
    /// Held while a database is opened or closed, so that two windows' clicks do not cross.
    door: Arc<Mutex<()>>,
}

impl Office {
    /// Makes the office of this desk. What cannot be read of its files is set aside and begun anew.
    pub fn new(host: Arc<dyn Host>) -> Self {
        Self {
            desk: Arc::new(DeskFile::read(&host.folder())),
            passwords: Arc::new(Passwords::new(host.keyring())),
            jobs: Arc::new(Jobs::new(Arc::clone(&host))),
            papers: Arc::default(),
            open: Arc::default(),
            door: Arc::default(),
            host,
        }
    }

    /// Answers a request, as JSON.
    pub async fn call(&self, request: Request) -> Result<String, Failure> {
        match request.access() {
            Access::Desk => request.answer(self).await.map_err(|problem| self.told(problem)),
            Access::Read => self.read(request).await,
            Access::Write => self.write(request).await,
        }
    }

    /// The bytes of a document as they are stored.
    pub async fn document(&self, document: Document) -> Result<Vec<u8>, Failure> {
        let mut tries = 0;
        loop {
            tries += 1;
            match crate::answer::document(self, document).await {
                Err(problem) if problem.is_lost() && tries < TRIES => tokio::time::sleep(PAUSE * tries).await,
                answered => return answered.map_err(|problem| self.told(problem)),
            }
        }
    }

    /// Tells how things stand; after this, [`Host::tell`] hears of every change.
    pub fn begin(&self) {
        let open = self.current();
        self.host.tell(Event::Connection { connection: open.as_ref().map(|open| open.connection()) });
        for job in self.jobs.going_on() {
            self.host.tell(Event::Job { job });
        }
        if let Some(open) = open {
            open.tell_runs_again();
        }
    }

    /// How the window looks and behaves.
    pub fn settings(&self) -> crate::settings::Settings {
        self.desk.settings()
    }

    /// Ends the work of this desk: what it has in hand is finished, the database is closed.
    pub async fn end(&self) {
        self.jobs.cancel_all();
        let _turn = self.door.lock().await;
        self.close_open().await;
        self.papers.clear();
    }

    /// Reading is tried again by itself; a connection that was dropped is made anew by the pool.
    async fn read(&self, request: Request) -> Result<String, Failure> {
        let mut tries = 0;
        loop {
            tries += 1;
            match request.clone().answer(self).await {
                Err(problem) if problem.is_lost() && tries < TRIES => tokio::time::sleep(PAUSE * tries).await,
                answered => return answered.map_err(|problem| self.told(problem)),
            }
        }
    }

    /// Writing is never tried again by itself. Without a connection it is refused; when the connection goes while it is
    /// written, nobody knows, and the window asks again under the same id.
    async fn write(&self, request: Request) -> Result<String, Failure> {
        let request_id = request.request_id().unwrap_or_default();
        if let Some(since) = self.current().and_then(|open| open.link.lost_since()) {
            return Err(Failure::ConnectionLost { since });
        }
        let answered = request.answer(self).await;
        answered.map_err(|problem| match self.told(problem) {
            Failure::ConnectionLost { .. } => Failure::AnswerLost { request_id },
            failure => failure,
        })
    }

    /// What the person is told of a problem; a connection that is gone is noted.
    fn told(&self, problem: Problem) -> Failure {
        match problem {
            Problem::Failure(failure) => *failure,
            Problem::Office(error) if error.is_connection_lost() => {
                let since = self.current().map_or_else(|| self.host.now(), |open| open.link.lose(self));
                tracing::info!(%error, "the connection is lost");
                Failure::ConnectionLost { since }
            }
            Problem::Office(error) => tell::failure(error),
        }
    }

    /// The open database.
    pub(crate) fn open(&self) -> Answered<Arc<Open>> {
        self.current().ok_or(Failure::NotConnected.into())
    }

    fn current(&self) -> Option<Arc<Open>> {
        self.open.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the desktop gives.
    pub(crate) fn host(&self) -> &dyn Host {
        &*self.host
    }

    /// Profiles and settings of this desk.
    pub(crate) fn desk(&self) -> &DeskFile {
        &self.desk
    }

    /// Passwords of this desk.
    pub(crate) fn passwords(&self) -> &Passwords {
        &self.passwords
    }

    /// Long work of this desk.
    pub(crate) fn jobs(&self) -> &Jobs {
        &self.jobs
    }

    /// Papers that are being looked at.
    pub(crate) fn papers(&self) -> &Papers {
        &self.papers
    }

    /// Who acts, under this request id.
    pub(crate) fn actor(&self, request_id: Uuid) -> Actor {
        self.host.actor(request_id)
    }

    /// Tells the window that this desk changed rows.
    pub(crate) fn changed(&self, parts: &[Part]) {
        if let Some(open) = self.current() {
            open.anchors.outdate();
        }
        self.host.tell(Event::Changed { parts: parts.to_vec(), is_own: true });
    }

    /// Takes the database that is open from now on, after closing the one that was.
    pub(crate) async fn enter(&self, open: Open) {
        let _turn = self.door.lock().await;
        self.close_open().await;
        let open = Arc::new(open);
        let marks = watch::marks(&open).await.ok();
        *self.open.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&open));
        self.host.tell(Event::Connection { connection: Some(open.connection()) });
        watch::begin(self.clone(), open, marks);
    }

    /// Closes the database, when one is open.
    pub(crate) async fn leave(&self) {
        let _turn = self.door.lock().await;
        self.close_open().await;
    }

    async fn close_open(&self) {
        let open = self.open.write().unwrap_or_else(PoisonError::into_inner).take();
        let Some(open) = open else { return };
        open.close().await;
        self.host.tell(Event::Connection { connection: None });
    }
}
