//! What kind of server it is, decided before it starts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;

use super::SmtpSink;
use crate::certificates::{Authority, Certificate};

/// What the server offers and asks for; made by [`SmtpSink::setup`].
#[derive(Clone, Debug)]
pub struct Setup {
    pub(super) security: Security,
    pub(super) tls_required: bool,
    certificate: Certificate,
    authority: Option<Arc<Authority>>,
    pub(super) login: Option<(String, String)>,
    pub(super) login_required: bool,
    pub(super) size: Option<usize>,
    pub(super) extensions: Vec<String>,
    pub(super) bodies: bool,
    pub(super) log_file: Option<PathBuf>,
}

/// How the connection gets encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Security {
    Plain,
    Implicit,
    StartTls,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            security: Security::Plain,
            tls_required: false,
            certificate: Certificate::Valid,
            authority: None,
            login: None,
            login_required: false,
            size: Some(26_214_400),
            extensions: vec!["8BITMIME".to_owned(), "ENHANCEDSTATUSCODES".to_owned()],
            bodies: true,
            log_file: None,
        }
    }
}

impl Setup {
    /// TLS from the first byte (`smtps`).
    #[must_use]
    pub const fn tls(mut self) -> Self {
        self.security = Security::Implicit;
        self
    }

    /// Offers STARTTLS. Without this it is neither offered nor understood.
    #[must_use]
    pub const fn starttls(mut self) -> Self {
        self.security = Security::StartTls;
        self
    }

    /// Takes mail only after STARTTLS: `530` before.
    #[must_use]
    pub const fn tls_required(mut self) -> Self {
        self.tls_required = true;
        self
    }

    /// Shows this certificate.
    #[must_use]
    pub const fn certificate(mut self, which: Certificate) -> Self {
        self.certificate = which;
        self
    }

    /// Has its certificate from this authority, instead of one of its own.
    #[must_use]
    pub fn authority(mut self, authority: &Arc<Authority>) -> Self {
        self.authority = Some(Arc::clone(authority));
        self
    }

    /// Offers AUTH PLAIN and LOGIN and lets this person in; anybody else hears `535`. Where STARTTLS is offered, AUTH
    /// is offered only after it.
    #[must_use]
    pub fn login(mut self, user: &str, password: &str) -> Self {
        self.login = Some((user.to_owned(), password.to_owned()));
        self
    }

    /// Takes mail only after a login: `530` before.
    #[must_use]
    pub const fn login_required(mut self) -> Self {
        self.login_required = true;
        self
    }

    /// The largest message it takes, in bytes (25 MiB unless said); `None` offers no SIZE and has no limit.
    #[must_use]
    pub const fn size(mut self, bytes: Option<usize>) -> Self {
        self.size = bytes;
        self
    }

    /// Offers this extension too, such as `SMTPUTF8`, `DSN` or `PIPELINING`.
    #[must_use]
    pub fn offer(mut self, extension: &str) -> Self {
        self.extensions.push(extension.to_owned());
        self
    }

    /// Does not offer this extension: `8BITMIME` or `ENHANCEDSTATUSCODES`, the only ones that are there unasked.
    #[must_use]
    pub fn withhold(mut self, extension: &str) -> Self {
        self.extensions.retain(|offered| offered != extension);
        self
    }

    /// Keeps no messages, only Message-IDs and how often each came: for benches.
    #[must_use]
    pub const fn bodies_off(mut self) -> Self {
        self.bodies = false;
        self
    }

    /// Appends its log to this file too.
    #[must_use]
    pub fn log_file(mut self, path: impl AsRef<Path>) -> Self {
        self.log_file = Some(path.as_ref().to_owned());
        self
    }

    /// Starts on a free port; accepts everything until told otherwise.
    pub fn start(self) -> SmtpSink {
        SmtpSink::start_as(self)
    }

    /// The authority in use, and what a handshake needs; `None` without TLS.
    pub(super) fn encryption(&self) -> Option<(Arc<Authority>, Arc<ServerConfig>)> {
        if self.security == Security::Plain {
            return None;
        }
        let authority = self.authority.clone().unwrap_or_else(Authority::new);
        let config = authority.issue(self.certificate).server_config();
        Some((authority, config))
    }

    /// Whether this extension is offered.
    pub(super) fn offers(&self, extension: &str) -> bool {
        self.extensions.iter().any(|offered| offered.split(' ').next() == Some(extension))
    }
}
