//! SMTP step by step, so that it is known how far a message got (RFC 5321).
//!
//! Before the final dot a lost connection may be tried again; after it the outcome is unknown (RFC 1047). The caller
//! commits `sending` between [`Session::announce`] and [`Session::transmit`]. What this module leaves out: which mail is sent
//! when, and what is written down (`run`).

use std::error::Error as _;
use std::fmt::Display;
use std::sync::Mutex;
use std::time::Instant;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Ehlo, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use tokio::net::TcpStream;
use tokio::time::{Instant as Due, sleep_until, timeout};

use super::address::Address;
use super::target::{Patience, Security, Server};
use super::{Outcome, Verdict};
use crate::run::code::{self, Refusal};

/// Bytes handed over at once.
const PIECE: usize = 64 * 1024;
/// How long a goodbye, or a taking back, is waited for: nothing depends on the answer.
const GOODBYE: std::time::Duration = std::time::Duration::from_secs(5);

/// One connection, used for one message after another.
pub struct Session {
    connection: AsyncSmtpConnection,
    patience: Patience,
    /// Largest message the server takes, in bytes (RFC 1870).
    size_limit: Option<usize>,
    /// The connection was lost, or the dialogue is out of step.
    broken: bool,
    used_at: Instant,
}

impl Session {
    /// Connects, secures the connection, logs in and asks what the server can do.
    pub async fn open(server: &Server) -> Result<Self, Refusal> {
        let hello = ClientId::default();
        let patience = server.patience;
        let mut connection = connect(server, &hello).await?;
        if server.security == Security::StartTls {
            start_tls(&mut connection, server, &hello).await?;
        }
        if let Some(user) = &server.user {
            let password = server.password.as_ref().map(|secret| secret.0.clone()).unwrap_or_default();
            let credentials = Credentials::new(user.clone(), password);
            within(patience.command, connection.auth(DEFAULT_MECHANISMS, &credentials))
                .await?
                .map_err(|error| login_refused(&error))?;
        }
        // The crate keeps no sizes, so the question is asked once more; a server answers it at any time.
        let said = within(patience.command, connection.command(Ehlo::new(hello)))
            .await?
            .map_err(|error| unreachable(&error))?;
        Ok(Self { connection, patience, size_limit: size_of(&said), broken: false, used_at: Instant::now() })
    }

    /// Whether another message can be sent over this connection.
    pub fn is_usable(&self) -> bool {
        !self.broken && !self.connection.has_broken()
    }

    /// When it was used last.
    pub fn used_at(&self) -> Instant {
        self.used_at
    }

    /// Announces return path, recipient and size; nothing of the message has left the machine. `Err` is the outcome.
    pub async fn announce(&mut self, from: &Address, to: &Address, size: usize) -> Result<(), Outcome> {
        if let Some(limit) = self.size_limit.filter(|limit| size > *limit) {
            let detail = format!("the message has {size} bytes, the mail server takes {limit}");
            return Err(Outcome::deferred("connection", Refusal::new(code::MESSAGE_TOO_LARGE, detail)));
        }
        let parameters = self.parameters(from, to, size)?;
        self.command(Mail::new(Some(from.clone()), parameters), code::MAIL_REFUSED).await?;
        self.command(Rcpt::new(to.clone(), vec![]), code::RECIPIENT_REFUSED).await
    }

    fn parameters(&self, from: &Address, to: &Address, size: usize) -> Result<Vec<MailParameter>, Outcome> {
        let known = self.connection.server_info();
        let mut parameters = Vec::new();
        let plain = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
        if !plain(from) || !plain(to) {
            if !known.supports_feature(Extension::SmtpUtfEight) {
                return Err(Outcome {
                    source: "connection",
                    verdict: Verdict::Refused(code::RECIPIENT_REFUSED),
                    reply_code: None,
                    detail: "the mail server takes no addresses beyond ASCII (SMTPUTF8)".to_owned(),
                });
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if known.supports_feature(Extension::EightBitMime) {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        if self.size_limit.is_some() {
            parameters.push(MailParameter::Size(size));
        }
        Ok(parameters)
    }

    /// Sends the message after it was announced.
    pub async fn transmit(&mut self, message: &[u8]) -> Outcome {
        if let Err(outcome) = self.command(Data, code::MAIL_REFUSED).await {
            return outcome;
        }
        let watch = Watch::start();
        let sent = self.hand_over(message, &watch).await;
        self.used_at = Instant::now();
        let answered = matches!(&sent, Some(Ok(_))) || matches!(&sent, Some(Err(error)) if error.status().is_some());
        self.broken = !answered || matches!(&sent, Some(Err(error)) if is_closing(error));
        match sent {
            Some(Ok(response)) if is_taken(&response) => taken(&response),
            // Any other answer to the final dot says nothing about the message.
            Some(Ok(response)) => unknown(code::masked(&said(&response))),
            Some(Err(error)) if error.status().is_some() => replied(&error, code::MAIL_REFUSED),
            Some(Err(error)) if watch.is_handed_over() => unknown(code::masked(&error.to_string())),
            None if watch.is_handed_over() => {
                unknown(format!("no reply within {} after the message", spoken(self.patience.reply)))
            }
            Some(Err(error)) => lost(code::masked(&error.to_string())),
            None => lost(format!("the mail server took nothing more for {}", spoken(self.patience.block))),
        }
    }

    /// Hands the message over, as long as it moves; `None` when a phase took too long.
    async fn hand_over(&mut self, message: &[u8], watch: &Watch) -> Option<Result<Response, Error>> {
        let patience = self.patience;
        let sending = self.connection.message_iter(Pieces { rest: message, watch });
        tokio::pin!(sending);
        loop {
            let due = watch.due(patience);
            tokio::select! {
                ended = &mut sending => return Some(ended),
                () = sleep_until(due) => if watch.due(patience) <= Due::now() { return None },
            }
        }
    }

    /// Takes an announced message back.
    pub async fn withdraw(&mut self) {
        if !matches!(timeout(GOODBYE, self.connection.command(Rset)).await, Ok(Ok(_))) {
            self.broken = true;
        }
    }

    /// Says goodbye.
    pub async fn close(mut self) {
        let _ = timeout(GOODBYE, self.connection.quit()).await;
    }

    async fn command(&mut self, command: impl Display, refused: &'static str) -> Result<(), Outcome> {
        self.used_at = Instant::now();
        match timeout(self.patience.command, self.connection.command(command)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if is_closing(&error) => {
                self.broken = true;
                Err(lost(code::masked(&error.to_string())))
            }
            Ok(Err(error)) if error.status().is_some() => {
                let outcome = replied(&error, refused);
                self.withdraw().await;
                Err(outcome)
            }
            Ok(Err(error)) => {
                self.broken = true;
                Err(lost(code::masked(&error.to_string())))
            }
            Err(_) => {
                self.broken = true;
                Err(lost(format!("no answer within {}", spoken(self.patience.command))))
            }
        }
    }
}

async fn connect(server: &Server, hello: &ClientId) -> Result<AsyncSmtpConnection, Refusal> {
    let patience = server.patience;
    let place = (server.host.as_str(), server.port);
    if server.security == Security::Implicit {
        let tls = tls_of(server)?;
        let limit = patience.connect + patience.command;
        let connecting = AsyncSmtpConnection::connect_tokio1(place, Some(patience.connect), hello, Some(tls), None);
        return within(limit, connecting).await?.map_err(|error| insecure(&error));
    }
    let stream = within(patience.connect, TcpStream::connect(place)).await?;
    let stream = stream.map_err(|error| Refusal::new(code::SERVER_UNREACHABLE, error.to_string()))?;
    // The final dot is a small packet of its own; it must not wait for the one before it to be acknowledged.
    stream.set_nodelay(true).map_err(|error| Refusal::new(code::SERVER_UNREACHABLE, error.to_string()))?;
    let greeting = AsyncSmtpConnection::connect_with_transport(Box::new(stream), hello);
    within(patience.command, greeting).await?.map_err(|error| unreachable(&error))
}

/// STARTTLS, or no mail: what stands in the open before it can be forged, so a missing offer is never taken for a no.
async fn start_tls(connection: &mut AsyncSmtpConnection, server: &Server, hello: &ClientId) -> Result<(), Refusal> {
    if !connection.can_starttls() {
        return Err(Refusal::new(code::TLS_FAILED, "the mail server does not offer STARTTLS"));
    }
    let tls = tls_of(server)?;
    let upgraded = within(server.patience.command, connection.starttls(tls, hello)).await?;
    upgraded.map_err(|error| Refusal::new(code::TLS_FAILED, code::masked(&error.to_string())))?;
    if connection.is_encrypted() {
        return Ok(());
    }
    Err(Refusal::new(code::TLS_FAILED, "the connection is still in the open after STARTTLS"))
}

fn tls_of(server: &Server) -> Result<TlsParameters, Refusal> {
    let failed = |what: String| Refusal::new(code::TLS_FAILED, what);
    let mut builder = TlsParameters::builder(server.host.clone());
    if let Some(path) = &server.ca {
        let pem = std::fs::read(path)
            .map_err(|error| failed(format!("{}: {}", path.display(), crate::error::io_sentence(&error))))?;
        let certificate =
            Certificate::from_pem(&pem).map_err(|_| failed(format!("{} holds no certificate", path.display())))?;
        builder = builder.add_root_certificate(certificate);
    }
    builder.build_rustls().map_err(|error| failed(error.to_string()))
}

async fn within<T>(limit: std::time::Duration, step: impl Future<Output = T>) -> Result<T, Refusal> {
    timeout(limit, step)
        .await
        .map_err(|_| Refusal::new(code::SERVER_UNREACHABLE, format!("no answer within {}", spoken(limit))))
}

fn unreachable(error: &Error) -> Refusal {
    let code = if error.is_tls() { code::TLS_FAILED } else { code::SERVER_UNREACHABLE };
    Refusal::new(code, code::masked(&error.to_string()))
}

/// TLS from the first byte: the crate calls a failed handshake a lost connection; its cause is data that is none.
fn insecure(error: &Error) -> Refusal {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(one) = cause {
        let io = one.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == std::io::ErrorKind::InvalidData) {
            return Refusal::new(code::TLS_FAILED, code::masked(&error.to_string()));
        }
        cause = one.source();
    }
    unreachable(error)
}

/// A server that cannot check a login at the moment is away; one that says no, or offers no login, has decided.
fn login_refused(error: &Error) -> Refusal {
    let passing = error.is_transient() || !(error.is_permanent() || error.is_client());
    let code = if passing { code::SERVER_UNREACHABLE } else { code::LOGIN_REFUSED };
    Refusal::new(code, code::masked(&error.to_string()))
}

/// The size limit in the reply to EHLO; zero means that there is none (RFC 1870).
fn size_of(said: &Response) -> Option<usize> {
    let sizes = said.message().filter_map(|line| {
        let (word, value) = line.trim().split_once(' ')?;
        word.eq_ignore_ascii_case("SIZE").then(|| value.trim().parse().ok()).flatten()
    });
    sizes.last().filter(|size| *size > 0)
}

/// When the last piece went out, and whether it was the last.
struct Watch(Mutex<(Due, bool)>);

impl Watch {
    fn start() -> Self {
        Self(Mutex::new((Due::now(), false)))
    }

    fn note(&self, handed_over: bool) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = (Due::now(), handed_over);
    }

    fn is_handed_over(&self) -> bool {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).1
    }

    /// When patience ends, as things stand.
    fn due(&self, patience: Patience) -> Due {
        let (at, handed_over) = *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        at + if handed_over { patience.reply } else { patience.block }
    }
}

/// Hands a message over piece by piece and notes when the last piece is out.
struct Pieces<'a> {
    rest: &'a [u8],
    watch: &'a Watch,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.watch.note(self.rest.is_empty());
        if self.rest.is_empty() {
            return None;
        }
        let (piece, rest) = self.rest.split_at(self.rest.len().min(PIECE));
        self.rest = rest;
        Some(piece)
    }
}

fn is_taken(response: &Response) -> bool {
    response.code().to_string().starts_with('2')
}

fn taken(response: &Response) -> Outcome {
    Outcome::accepted("smtp_reply", response.code().to_string().parse().ok(), code::masked(&said(response)))
}

fn said(response: &Response) -> String {
    response.message().collect::<Vec<_>>().join(" ")
}

/// 421: the server is about to close the connection; it says nothing about the mail (RFC 5321, 3.8).
fn is_closing(error: &Error) -> bool {
    error.status().is_some_and(|code| code.to_string() == "421")
}

/// The server replied with 4xx or 5xx.
fn replied(error: &Error, refused: &'static str) -> Outcome {
    let status = error.status().map(|code| code.to_string()).unwrap_or_default();
    // The reply as the server gave it, without what the library calls it: a person looks for these words in the server's log.
    let words = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    let text = format!("{status} {words}").trim().to_owned();
    let verdict = if status == "530" {
        // The server wants a login or encryption first; the mail has done nothing wrong (RFC 4954, 6; RFC 3207, 4).
        Verdict::Deferred(code::LOGIN_REFUSED)
    } else if error.is_permanent() {
        Verdict::Refused(refused)
    } else if status == "452" || text.contains("4.2.2") {
        Verdict::Deferred(code::MAILBOX_FULL)
    } else {
        Verdict::Deferred(code::MAIL_DEFERRED)
    };
    Outcome { source: "smtp_reply", verdict, reply_code: status.parse().ok(), detail: code::masked(&text) }
}

fn lost(detail: String) -> Outcome {
    Outcome::deferred("connection", Refusal::new(code::CONNECTION_LOST, detail))
}

fn unknown(detail: String) -> Outcome {
    Outcome { source: "connection", verdict: Verdict::Unknown, reply_code: None, detail }
}

fn spoken(time: std::time::Duration) -> String {
    match time.as_secs() {
        seconds @ 120.. => format!("{} minutes", seconds / 60),
        1 => "one second".to_owned(),
        seconds @ 2.. => format!("{seconds} seconds"),
        0 => "less than a second".to_owned(),
    }
}
