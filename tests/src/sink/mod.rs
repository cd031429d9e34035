//! A mail server on loopback that keeps what it is given and misbehaves where a test asks for it.
//!
//! ```text
//! let sink = SmtpSink::start();                                     // plain SMTP, takes everything
//! let sink = SmtpSink::setup().starttls().login("office", "secret").login_required().start();
//!
//! sink.behave(|envelope| match envelope.to.as_str() {               // by message, asked at its first recipient
//!     "a@example.com" => Behaviour::AnswerRecipient("550 5.1.1 unknown".into()),
//!     "b@example.com" => Behaviour::CutWithin(100),
//!     "c@example.com" => Behaviour::LoseAfterDot,
//!     _ => Behaviour::Accept,
//! });
//! sink.fault_at(Phase::Greeting, Fault::Slow(Duration::from_secs(1)));  // by point of the conversation
//! sink.fault(|moment| (moment.phase == Phase::Mail && moment.nth == 3).then(|| Fault::Answer("451 4.3.0 later".into())));
//!
//! sink.messages();   // what was kept, whole         sink.accepted();  // Message-ID → how often it was kept
//! sink.log();        // what Postfix would have written about it
//! ```
//!
//! Enough of RFC 5321 for any client that waits for answers or pipelines, as strict as Postfix about the order of
//! commands; a thread for each connection. With TLS it has a certificate for `localhost` and 127.0.0.1 by a throw-away
//! authority ([`crate::certificates`]). Left out: passing mail on, BDAT, other ways to log in than PLAIN and LOGIN.

mod behaviour;
mod content;
mod conversation;
mod login;
mod maillog;
mod setup;
mod shared;
mod transaction;
mod wire;

use std::collections::BTreeMap;
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub use self::behaviour::{Behaviour, Envelope, Fault, Message, Moment, Phase};
use self::setup::Security;
pub use self::setup::Setup;
use self::shared::Shared;
use crate::certificates::Authority;
use crate::loopback::listen;

/// The listening server; it stops, and ends its connections, when dropped.
pub struct SmtpSink {
    port: u16,
    authority: Option<Arc<Authority>>,
    shared: Arc<Shared>,
}

impl SmtpSink {
    /// Starts a server without TLS and logins on a free port; accepts everything until told otherwise.
    pub fn start() -> Self {
        Self::setup().start()
    }

    /// A server of another kind, to be described and then started.
    pub fn setup() -> Setup {
        Setup::default()
    }

    fn start_as(setup: Setup) -> Self {
        let (listener, port) = listen();
        let (authority, handshake) = setup.encryption().unzip();
        let shared = Arc::new(Shared::new(setup, handshake));
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || accepting.accept(&listener));
        Self { port, authority, shared }
    }

    /// Its port on 127.0.0.1.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Its address as `kontor --smtp` takes it: `smtp://`, or `smtps://` with TLS from the first byte.
    pub fn url(&self) -> String {
        let scheme = if self.shared.setup.security == Security::Implicit { "smtps" } else { "smtp" };
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    /// The file, PEM, with the authority that a client has to trust. Only with TLS.
    pub fn ca_file(&self) -> PathBuf {
        self.authority.as_ref().expect("the server was started with TLS").ca_file()
    }

    /// Decides from now on what happens to each message; asked once per message, at its first recipient.
    pub fn behave(&self, decide: impl Fn(&Envelope) -> Behaviour + Send + Sync + 'static) {
        self.shared.set_decide(Box::new(decide));
    }

    /// Decides from now on what happens at each point of each conversation. What [`SmtpSink::behave`] planned for a
    /// message goes first.
    pub fn fault(&self, disturb: impl Fn(&Moment) -> Option<Fault> + Send + Sync + 'static) {
        self.shared.set_disturb(Box::new(disturb));
    }

    /// From now on this fault, always, at this point; replaces what [`SmtpSink::fault`] was told.
    pub fn fault_at(&self, phase: Phase, fault: Fault) {
        self.fault(move |moment| (moment.phase == phase).then(|| fault.clone()));
    }

    /// The messages kept so far, in order of arrival; none when bodies are off.
    pub fn messages(&self) -> Vec<Message> {
        self.shared.kept().messages.clone()
    }

    /// How many messages were kept so far.
    pub fn kept(&self) -> usize {
        self.shared.kept().count
    }

    /// How often each Message-ID was kept; a message without one counts under the empty name.
    pub fn accepted(&self) -> BTreeMap<String, usize> {
        self.shared.kept().accepted.clone()
    }

    /// Message-IDs that were kept more than once.
    pub fn duplicates(&self) -> BTreeMap<String, usize> {
        self.accepted().into_iter().filter(|(_, count)| *count > 1).collect()
    }

    /// Mail transactions begun so far, refused and cut ones included.
    pub fn transactions(&self) -> usize {
        self.shared.transactions.load(Ordering::SeqCst)
    }

    /// Connections so far.
    pub fn connections(&self) -> usize {
        self.shared.connections()
    }

    /// Its log so far, as Postfix would have written it.
    pub fn log(&self) -> String {
        self.shared.log.text()
    }
}

impl std::fmt::Debug for SmtpSink {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SmtpSink").field("port", &self.port).finish_non_exhaustive()
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.shared.stop();
        // Wakes the accepting thread.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}
