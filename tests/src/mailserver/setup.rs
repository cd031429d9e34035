//! What the server hosts and refuses, decided before it starts.

use std::sync::Arc;

use super::MailServer;
use crate::certificates::{Authority, Certificate};

/// The server to be; made by [`MailServer::setup`].
#[derive(Clone, Debug)]
pub struct Setup {
    pub(super) domains: Vec<String>,
    pub(super) mailboxes: Vec<String>,
    pub(super) unknown: Vec<String>,
    pub(super) answers: Vec<(String, String)>,
    pub(super) verdicts: Vec<(String, String)>,
    pub(super) forwards: Vec<(String, u16)>,
    pub(super) size_limit: usize,
    pub(super) tls: Option<(Arc<Authority>, Certificate)>,
    pub(super) tls_required: bool,
    pub(super) settings: Vec<(String, String)>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            domains: vec!["example.com".to_owned()],
            mailboxes: Vec::new(),
            unknown: Vec::new(),
            answers: Vec::new(),
            verdicts: Vec::new(),
            forwards: Vec::new(),
            size_limit: 26_214_400,
            tls: None,
            tls_required: false,
            settings: Vec::new(),
        }
    }
}

impl Setup {
    /// Hosts this domain too, besides `example.com`; everybody in it has mail delivered into the Maildir of its name.
    #[must_use]
    pub fn domain(mut self, domain: &str) -> Self {
        self.domains.push(domain.to_owned());
        self
    }

    /// Gives this address, with whatever follows a `+`, a Maildir of its own. Its domain must be hosted.
    #[must_use]
    pub fn mailbox(mut self, address: &str) -> Self {
        self.mailboxes.push(address.to_owned());
        self
    }

    /// Knows nobody of this address: `550 5.1.1`.
    #[must_use]
    pub fn unknown(mut self, address: &str) -> Self {
        self.unknown.push(address.to_owned());
        self
    }

    /// Answers this recipient with these words, such as `450 4.2.1 Mailbox busy`; Postfix adds the address.
    #[must_use]
    pub fn answers(mut self, address: &str, words: &str) -> Self {
        self.answers.push((address.to_owned(), words.to_owned()));
        self
    }

    /// Accepts mail to this address and then returns it to its sender for this reason, such as `5.2.2 Mailbox full`.
    #[must_use]
    pub fn bounces(mut self, address: &str, reason: &str) -> Self {
        self.verdicts.push((address.to_owned(), reason.to_owned()));
        self
    }

    /// Accepts mail to this address and then keeps it in the queue for this reason, such as `4.4.1 host is away`.
    #[must_use]
    pub fn defers(self, address: &str, reason: &str) -> Self {
        self.bounces(address, reason)
    }

    /// Passes mail for this domain on to the server on 127.0.0.1 at this port, such as a sink's.
    #[must_use]
    pub fn forwards(mut self, domain: &str, port: u16) -> Self {
        self.forwards.push((domain.to_owned(), port));
        self
    }

    /// The largest message it takes, in bytes; 25 MiB unless said.
    #[must_use]
    pub const fn size_limit(mut self, bytes: usize) -> Self {
        self.size_limit = bytes;
        self
    }

    /// Offers STARTTLS, and TLS from the first byte on a port of its own, with a certificate of this authority.
    #[must_use]
    pub fn tls(mut self, authority: &Arc<Authority>, which: Certificate) -> Self {
        self.tls = Some((Arc::clone(authority), which));
        self
    }

    /// Takes mail only after STARTTLS: `530` before.
    #[must_use]
    pub const fn tls_required(mut self) -> Self {
        self.tls_required = true;
        self
    }

    /// Any other setting of Postfix, such as `smtpd_hard_error_limit`; goes last and so wins.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts it, and returns when it takes mail.
    pub fn start(self) -> MailServer {
        MailServer::start_as(&self).unwrap_or_else(|sentence| panic!("{sentence}"))
    }
}
