//! Plain SMTP to this machine, step by step, so that it is known how far a message got (RFC 5321).
//!
//! Before the final dot a lost connection may be tried again; after it the outcome is unknown (RFC 1047). The caller
//! commits `sending` between [`Session::announce`] and [`Session::transmit`].

use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use tokio::time::timeout;

use super::address::Address;
use super::{Outcome, Verdict};
use crate::run::code::{self, Refusal};

/// Time for the server to be there and to answer a command (RFC 5321, 4.5.3.2 allows five minutes).
const COMMAND: Duration = Duration::from_mins(1);
/// Time for the reply after the final dot (RFC 5321, 4.5.3.2.6).
const FINAL_REPLY: Duration = Duration::from_mins(10);
/// Bytes handed over at once.
const PIECE: usize = 64 * 1024;

/// One connection, used for one message after another.
pub struct Session {
    connection: AsyncSmtpConnection,
    /// The connection was lost, or the dialogue is out of step.
    broken: bool,
}

impl Session {
    /// Connects and greets.
    pub async fn open(host: &str, port: u16) -> Result<Self, Refusal> {
        let unreachable = |why: String| Refusal::new(code::SERVER_UNREACHABLE, why);
        let hello = ClientId::default();
        let connecting = AsyncSmtpConnection::connect_tokio1((host, port), Some(COMMAND), &hello, None, None);
        match timeout(COMMAND, connecting).await {
            Ok(Ok(connection)) => Ok(Self { connection, broken: false }),
            Ok(Err(error)) => Err(unreachable(code::masked(&error.to_string()))),
            Err(_) => Err(unreachable("no answer within a minute".to_owned())),
        }
    }

    /// Whether another message can be sent over this connection.
    pub fn is_usable(&self) -> bool {
        !self.broken && !self.connection.has_broken()
    }

    /// Announces sender and recipient; nothing of the message has left the machine. `Err` is the outcome.
    pub async fn announce(&mut self, from: &Address, to: &Address) -> Result<(), Outcome> {
        let mut parameters = Vec::new();
        let plain = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
        if !plain(from) || !plain(to) {
            if !self.connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                return Err(Outcome {
                    source: "connection",
                    verdict: Verdict::Refused(code::RECIPIENT_REFUSED),
                    reply_code: None,
                    detail: "the mail server takes no addresses beyond ASCII (SMTPUTF8)".to_owned(),
                });
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if self.connection.server_info().supports_feature(Extension::EightBitMime) {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        self.command(Mail::new(Some(from.clone()), parameters), code::MAIL_REFUSED).await?;
        self.command(Rcpt::new(to.clone(), vec![]), code::RECIPIENT_REFUSED).await
    }

    /// Sends the message after it was announced.
    pub async fn transmit(&mut self, message: &[u8]) -> Outcome {
        if let Err(outcome) = self.command(Data, code::MAIL_REFUSED).await {
            return outcome;
        }
        let mut handed_over = false;
        let pieces = Pieces { rest: message, handed_over: &mut handed_over };
        let sent = timeout(FINAL_REPLY, self.connection.message_iter(pieces)).await;
        self.broken = !matches!(&sent, Ok(Ok(_))) && !matches!(&sent, Ok(Err(error)) if error.status().is_some());
        match sent {
            Ok(Ok(response)) => {
                let code = response.code().to_string().parse().ok();
                let text = response.message().collect::<Vec<_>>().join(" ");
                Outcome::accepted("smtp_reply", code, code::masked(&text))
            }
            Ok(Err(error)) if error.status().is_some() => replied(&error, code::MAIL_REFUSED),
            Ok(Err(error)) if handed_over => unknown(code::masked(&error.to_string())),
            Err(_) if handed_over => unknown("no reply within ten minutes after the message".to_owned()),
            Ok(Err(error)) => lost(code::masked(&error.to_string())),
            Err(_) => lost("the message could not be handed over within ten minutes".to_owned()),
        }
    }

    /// Takes an announced message back.
    pub async fn withdraw(&mut self) {
        let _ = timeout(COMMAND, self.connection.command(Rset)).await;
    }

    /// Says goodbye.
    pub async fn close(mut self) {
        let _ = timeout(COMMAND, self.connection.quit()).await;
    }

    async fn command(&mut self, command: impl std::fmt::Display, refused: &'static str) -> Result<(), Outcome> {
        match timeout(COMMAND, self.connection.command(command)).await {
            Ok(Ok(_)) => Ok(()),
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
                Err(lost("no answer within a minute".to_owned()))
            }
        }
    }
}

/// Hands a message over piece by piece and notes when the last piece is out.
struct Pieces<'a> {
    rest: &'a [u8],
    handed_over: &'a mut bool,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            *self.handed_over = true;
            return None;
        }
        let (piece, rest) = self.rest.split_at(self.rest.len().min(PIECE));
        self.rest = rest;
        Some(piece)
    }
}

/// The server replied with 4xx or 5xx.
fn replied(error: &Error, refused: &'static str) -> Outcome {
    let verdict = if error.is_permanent() { Verdict::Refused(refused) } else { Verdict::Deferred(code::MAIL_DEFERRED) };
    Outcome {
        source: "smtp_reply",
        verdict,
        reply_code: error.status().and_then(|code| code.to_string().parse().ok()),
        detail: code::masked(&error.to_string()),
    }
}

fn lost(detail: String) -> Outcome {
    Outcome::deferred("connection", Refusal::new(code::CONNECTION_LOST, detail))
}

fn unknown(detail: String) -> Outcome {
    Outcome { source: "connection", verdict: Verdict::Unknown, reply_code: None, detail }
}
