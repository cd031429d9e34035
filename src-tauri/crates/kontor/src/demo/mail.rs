//! The mails of the old programs, and what they took the mail server to have answered. Their text was not kept, and all
//! of them were sent from one plain address.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::clock::Milestone;
use super::fault::{End, Reason};
use super::mailbox::DOMAIN;
use super::process::Process;
use crate::run::code;
use crate::store::entities::{deliveries, delivery_evidence};

/// The address that the mails were sent from, and that reports about them went to.
pub(super) const SENDER: &str = "buchhaltung@euro-mail.example.com";

/// How `2` reads when one of its bits is flipped, where the result is no digit of a reply code.
const GARBLED: [char; 4] = [':', '"', 'r', '0'];

/// What the program read, or that it read nothing.
struct Reply {
    source: &'static str,
    verdict: &'static str,
    code: Option<i64>,
    /// Addresses are masked.
    said: String,
}

impl Reason {
    /// The normalised code.
    pub fn code(self) -> &'static str {
        match self {
            Self::MistypedAddress | Self::RecipientGone => code::RECIPIENT_REFUSED,
            Self::MailboxFull => code::MAILBOX_FULL,
            Self::ConnectionTimeout => code::CONNECTION_TIMEOUT,
            Self::ConnectionLost | Self::ReplyGarbled => code::OUTCOME_UNKNOWN,
            Self::ReplyMisread => code::MAIL_REFUSED,
            Self::AddressInvalid => code::ADDRESS_INVALID,
            Self::CharacterNotCovered => code::CHARACTER_NOT_COVERED,
        }
    }

    /// The state of the mail that follows.
    fn verdict(self) -> &'static str {
        match self {
            Self::MistypedAddress | Self::RecipientGone | Self::ReplyMisread => "refused",
            Self::ConnectionLost | Self::ReplyGarbled => "unknown",
            _ => "deferred",
        }
    }
}

/// How the mail server refuses a recipient; none for reasons that are not its own.
pub(super) fn refusal(reason: Reason, recipient: &str) -> Option<(i64, String)> {
    let (code, said) = match reason {
        Reason::MistypedAddress | Reason::RecipientGone => {
            (550, "550 5.1.1 <>: Recipient address rejected: User unknown")
        }
        Reason::MailboxFull => (452, "452 4.2.2 <>: Recipient address rejected: Mailbox full"),
        _ => return None,
    };
    Some((code, said.replace("<>", &format!("<{recipient}>"))))
}

fn reply(process: &Process, recipient: &str) -> Reply {
    let queued = |code: &str| format!("{code} 2.0.0 Ok: queued as {}", process.post.queue_id);
    let heard = |verdict, code, said| Reply { source: "smtp_reply", verdict, code, said };
    let Some(reason) = process.failure() else {
        // The reply to an earlier command: the new one never reached the memory that was read.
        let said = if process.end == End::Deceived { "250 2.1.0 Ok".to_owned() } else { queued("250") };
        return heard("accepted", Some(250), said);
    };
    if let Some((code, said)) = refusal(reason, recipient) {
        return heard(reason.verdict(), Some(code), code::masked(&said));
    }
    match reason {
        Reason::ReplyMisread => heard("refused", Some(650), queued("650")),
        Reason::ReplyGarbled => {
            let first = GARBLED[usize::try_from(process.pid).unwrap_or(0) % GARBLED.len()];
            heard("unknown", None, queued(&format!("{first}50")))
        }
        Reason::ConnectionLost => not_heard(reason, "was lost after the mail had been sent"),
        _ => not_heard(reason, "timed out after 30 seconds"),
    }
}

fn not_heard(reason: Reason, what: &str) -> Reply {
    let said = format!("connection to mail.{DOMAIN} {what}");
    Reply { source: "connection", verdict: reason.verdict(), code: None, said }
}

/// What the program said of its failure; addresses masked.
pub(super) fn said(process: &Process, reason: Reason, recipient: &str) -> String {
    match reason {
        Reason::AddressInvalid => "the mail was not built: the recipient is no address".to_owned(),
        Reason::CharacterNotCovered => "the PDF was not drawn: Helvetica lacks a character of the name".to_owned(),
        _ => reply(process, recipient).said,
    }
}

/// The mail's row, if the process came as far as queueing it.
pub(super) fn delivery(process: &Process, recipient: &str) -> Option<deliveries::Model> {
    let queued_at = process.passed(Milestone::Queued)?;
    let sending_at = process.passed(Milestone::Sending);
    let (state, code, settled_at) = state(process);
    Some(deliveries::Model {
        id: process.ids.delivery,
        invoice_id: process.ids.invoice,
        document_id: None,
        purpose: "invoice".to_owned(),
        origin: "legacy".to_owned(),
        recipient: recipient.to_owned(),
        message_id: message_id(process, queued_at),
        message_head: None,
        message_tail: None,
        message_sha256: None,
        state: state.to_owned(),
        target: None,
        code: code.map(str::to_owned),
        tries: i64::from(sending_at.is_some()),
        queued_at,
        sending_at,
        settled_at,
        person: None,
        reason: None,
        request_id: None,
        return_path: None,
    })
}

fn message_id(process: &Process, queued_at: DateTime<Utc>) -> String {
    let Process { pid, serial, host, .. } = process;
    format!("{}.{pid}.{serial}@{host}.{DOMAIN}", queued_at.format("%Y%m%d%H%M%S"))
}

/// State, code and the time of the answer. A mail that the server never got is still to be sent, and one that came back
/// came back: that is how the rows stand where no damage is left.
fn state(process: &Process) -> (&'static str, Option<&'static str>, Option<DateTime<Utc>>) {
    let answered_at = process.passed(Milestone::Answered);
    match process.end {
        End::Done if process.post.is_bounced() && !process.leaves_damage => ("bounced", None, answered_at),
        End::Failed(reason) => {
            let state =
                if process.leaves_damage || reason != Reason::ConnectionLost { reason.verdict() } else { "queued" };
            (state, Some(reason.code()), Some(process.failed_at()))
        }
        End::Killed(kill) => {
            let is_sending = kill.after == Milestone::Sending && process.leaves_damage;
            (if is_sending { "sending" } else { "queued" }, None, None)
        }
        _ => ("accepted", None, answered_at),
    }
}

/// What the program noted of the answer.
pub(super) fn evidence(process: &Process, mail: &deliveries::Model, attempt: Uuid) -> Option<delivery_evidence::Model> {
    let seen_at = mail.settled_at?;
    let reply = reply(process, &mail.recipient);
    let queue_id = reply.said.split_once("queued as ").map(|(_, id)| id.to_owned());
    Some(delivery_evidence::Model {
        id: process.ids.evidence,
        delivery_id: mail.id,
        attempt_id: Some(attempt),
        source: reply.source.to_owned(),
        verdict: reply.verdict.to_owned(),
        reply_code: reply.code,
        detail: reply.said,
        seen_at,
        queue_id,
        fingerprint: None,
    })
}
