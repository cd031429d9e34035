//! What the connections of one server have in common.

use std::collections::{BTreeMap, HashMap};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use rustls::ServerConfig;

use super::behaviour::{Behaviour, Envelope, Fault, Message, Moment};
use super::conversation::Conversation;
use super::maillog::MailLog;
use super::setup::Setup;
use super::wire::End;

type Decide = Box<dyn Fn(&Envelope) -> Behaviour + Send + Sync>;
type Disturb = Box<dyn Fn(&Moment) -> Option<Fault> + Send + Sync>;

pub(super) struct Shared {
    pub(super) setup: Setup,
    pub(super) handshake: Option<Arc<ServerConfig>>,
    pub(super) log: MailLog,
    pub(super) transactions: AtomicUsize,
    connections: AtomicUsize,
    decide: RwLock<Decide>,
    disturb: RwLock<Option<Disturb>>,
    kept: Mutex<Kept>,
    open: Mutex<HashMap<usize, TcpStream>>,
    stopped: Mutex<bool>,
    stop: Condvar,
}

/// The messages that the server has taken over.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) messages: Vec<Message>,
    pub(super) accepted: BTreeMap<String, usize>,
    pub(super) count: usize,
}

impl Shared {
    pub(super) fn new(setup: Setup, handshake: Option<Arc<ServerConfig>>) -> Self {
        Self {
            log: MailLog::new(setup.log_file.as_deref()),
            setup,
            handshake,
            transactions: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
            decide: RwLock::new(Box::new(|_| Behaviour::Accept)),
            disturb: RwLock::new(None),
            kept: Mutex::default(),
            open: Mutex::default(),
            stopped: Mutex::new(false),
            stop: Condvar::new(),
        }
    }

    pub(super) fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for client in listener.incoming() {
            if *self.stopped() {
                return;
            }
            let Ok(stream) = client else { continue };
            let shared = Arc::clone(self);
            let number = self.connections.fetch_add(1, Ordering::SeqCst) + 1;
            std::thread::spawn(move || {
                // A broken connection is the client's business; the tests look at what it makes of it.
                let _ = shared.remember(number, &stream).and_then(|()| Conversation::hold(&shared, stream, number));
                shared.forget(number);
            });
        }
    }

    /// Ends every connection, and the waiting of every slow answer.
    pub(super) fn stop(&self) {
        *self.stopped() = true;
        self.stop.notify_all();
        for stream in self.open().drain() {
            let _ = stream.1.shutdown(Shutdown::Both);
        }
    }

    /// Waits; if the server stops meanwhile, that is the end.
    pub(super) fn pause(&self, time: Duration) -> Result<(), End> {
        let waited = self.stop.wait_timeout_while(self.stopped(), time, |stopped| !*stopped);
        let (stopped, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if *stopped { Err(End::Closed) } else { Ok(()) }
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(super) fn decide(&self, envelope: &Envelope) -> Behaviour {
        self.decide.read().unwrap_or_else(PoisonError::into_inner)(envelope)
    }

    pub(super) fn set_decide(&self, decide: Decide) {
        *self.decide.write().unwrap_or_else(PoisonError::into_inner) = decide;
    }

    /// The fault for this moment; the moment is worked out only if somebody wants to know.
    pub(super) fn disturb(&self, moment: impl FnOnce() -> Moment) -> Option<Fault> {
        let disturb = self.disturb.read().unwrap_or_else(PoisonError::into_inner);
        disturb.as_ref().and_then(|disturb| disturb(&moment()))
    }

    pub(super) fn set_disturb(&self, disturb: Disturb) {
        *self.disturb.write().unwrap_or_else(PoisonError::into_inner) = Some(disturb);
    }

    pub(super) fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a message over.
    pub(super) fn keep(&self, message: Message) {
        let mut kept = self.kept();
        kept.count += 1;
        *kept.accepted.entry(message.message_id.clone().unwrap_or_default()).or_default() += 1;
        if self.setup.bodies {
            kept.messages.push(message);
        }
    }

    /// Lets go of a connection, so that its own thread is the last to hold it.
    pub(super) fn forget(&self, number: usize) {
        self.open().remove(&number);
    }

    fn remember(&self, number: usize, stream: &TcpStream) -> std::io::Result<()> {
        self.open().insert(number, stream.try_clone()?);
        if *self.stopped() {
            stream.shutdown(Shutdown::Both)?;
        }
        Ok(())
    }

    fn open(&self) -> MutexGuard<'_, HashMap<usize, TcpStream>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stopped(&self) -> MutexGuard<'_, bool> {
        self.stopped.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
