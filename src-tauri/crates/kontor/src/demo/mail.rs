//! The mails of the old programs, and what the mail server answered. Their text was not kept.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::fault::{End, Milestone, Reason};
use super::mailbox::DOMAIN;
use super::program::{Customer, Process};
use crate::run::code;
use crate::store::entities::{deliveries, delivery_evidence};

impl Reason {
    /// The normalised code.
    pub fn code(self) -> &'static str {
        match self {
            Self::MistypedAddress => code::RECIPIENT_REFUSED,
            Self::MailboxFull => "mailbox_full",
            Self::ConnectionTimeout => "connection_timeout",
            Self::AddressInvalid => code::ADDRESS_INVALID,
            Self::CharacterNotCovered => code::CHARACTER_NOT_COVERED,
        }
    }
}

/// What the program, or the mail server, said of a failure; addresses masked.
pub(super) fn said(reason: Reason, customer: &Customer) -> String {
    let address = format!("<{}>", customer.registration.email);
    match reason {
        Reason::MistypedAddress => {
            code::masked(&format!("550 5.1.1 {address} Recipient address rejected: User unknown"))
        }
        Reason::MailboxFull => code::masked(&format!("452 4.2.2 {address} Mailbox full")),
        Reason::ConnectionTimeout => format!("connection to mail.{DOMAIN} timed out after 30 seconds"),
        Reason::AddressInvalid => "the mail was not built: the recipient is no address".to_owned(),
        Reason::CharacterNotCovered => "the PDF was not drawn: Helvetica lacks a character of the name".to_owned(),
    }
}

/// The mail's row, if the process came as far as queueing it.
pub(super) fn delivery(
    process: &mut Process,
    invoice: Uuid,
    serial: i64,
    recipient: &str,
) -> Option<deliveries::Model> {
    let queued_at = process.passed(Milestone::Queued)?;
    let sending_at = process.passed(Milestone::Sending);
    let (state, code, settled_at) = state(process);
    Some(deliveries::Model {
        id: process.dice.id(queued_at),
        invoice_id: invoice,
        document_id: None,
        purpose: "invoice".to_owned(),
        origin: "legacy".to_owned(),
        recipient: recipient.to_owned(),
        message_id: format!("{}.{}.{serial}@{}.{DOMAIN}", queued_at.format("%Y%m%d%H%M%S"), process.pid, process.host),
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

/// State, code and the time of the answer.
fn state(process: &Process) -> (&'static str, Option<&'static str>, Option<DateTime<Utc>>) {
    match process.end {
        End::Done => ("accepted", None, process.passed(Milestone::Answered)),
        End::Failed(reason @ Reason::MistypedAddress) => ("refused", Some(reason.code()), Some(process.failed_at())),
        End::Failed(reason) => ("deferred", Some(reason.code()), Some(process.failed_at())),
        End::Killed(kill) if kill.after == Milestone::Sending => ("sending", None, None),
        End::Killed(_) => ("queued", None, None),
    }
}

/// What the mail server answered, or that it did not.
pub(super) fn evidence(
    process: &mut Process,
    mail: &deliveries::Model,
    attempt: Uuid,
) -> Option<delivery_evidence::Model> {
    let seen_at = mail.settled_at?;
    let (source, reply_code) = match process.trouble() {
        None => ("smtp_reply", Some(250)),
        Some(Reason::MistypedAddress) => ("smtp_reply", Some(550)),
        Some(Reason::MailboxFull) => ("smtp_reply", Some(452)),
        Some(_) => ("connection", None),
    };
    let masked = code::masked(&format!("<{}>", mail.recipient));
    let detail = match reply_code {
        Some(250) => format!("250 2.0.0 Ok: queued as {:010X}", process.dice.below(1 << 40)),
        Some(550) => format!("550 5.1.1 {masked} Recipient address rejected: User unknown"),
        Some(_) => format!("452 4.2.2 {masked} Mailbox full"),
        None => format!("connection to mail.{DOMAIN} timed out after 30 seconds"),
    };
    Some(delivery_evidence::Model {
        id: process.dice.id(seen_at),
        delivery_id: mail.id,
        attempt_id: Some(attempt),
        source: source.to_owned(),
        verdict: mail.state.clone(),
        reply_code,
        detail,
        seen_at,
        queue_id: None,
        fingerprint: None,
    })
}
