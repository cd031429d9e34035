//! The mail server's report that a mail came back (RFC 3464, in the form that Postfix gives it). It went to the plain
//! address that the old programs sent from, and nobody read it.

use chrono::{DateTime, FixedOffset, Utc};

use super::mail::SENDER;
use super::mailbox::DOMAIN;
use super::post::relay;
use super::process::Process;
use crate::store::entities::deliveries;

/// A report as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bounce {
    /// Name of its file.
    pub name: String,
    /// The message.
    pub text: String,
}

/// Message-ID of a report.
pub(super) fn message_id(queue_id: &str, at: DateTime<Utc>) -> String {
    format!("{}.{queue_id}@mail.{DOMAIN}", at.format("%Y%m%d%H%M%S"))
}

/// The report of a mail that came back; none when it did not.
pub(super) fn of(process: &Process, mail: &deliveries::Model, number: &str) -> Option<Bounce> {
    let refused = process.post.refused().filter(|_| process.is_taken())?;
    let taken_at = process.passed(super::clock::Milestone::Answered)?;
    let returned_at = process.post.returned_at(taken_at);
    let recipient = &mail.recipient;
    let report = Report {
        boundary: format!("{}.{}/mail.{DOMAIN}", process.post.report_id, returned_at.timestamp()),
        message_id: message_id(&process.post.report_id, returned_at),
        date: rfc5322(returned_at),
        queue_id: &process.post.queue_id,
        arrival: rfc5322(taken_at),
        recipient,
        status: refused.status(),
        sentence: refused.sentence(recipient),
        remote: (relay(recipient), refused.reply(recipient)),
        original: original(mail, number),
    };
    Some(Bounce { name: format!("{}.eml", process.post.report_id), text: report.text() })
}

/// The head of the mail that came back.
fn original(mail: &deliveries::Model, number: &str) -> String {
    format!(
        "Return-Path: <{SENDER}>\nDate: {}\nFrom: <{SENDER}>\nTo: <{}>\nSubject: Ihre Rechnung {number}\nMessage-ID: \
         <{}>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"rechnung\"\n",
        rfc5322(mail.queued_at),
        mail.recipient,
        mail.message_id
    )
}

struct Report<'a> {
    boundary: String,
    message_id: String,
    date: String,
    queue_id: &'a str,
    arrival: String,
    recipient: &'a str,
    status: &'static str,
    sentence: String,
    /// The recipient's server, and what it said.
    remote: (String, String),
    original: String,
}

impl Report<'_> {
    fn text(&self) -> String {
        let Self { boundary, original, .. } = self;
        let parts = [
            self.head(),
            format!("--{boundary}\nContent-Description: Notification\nContent-Type: text/plain; charset=us-ascii\n\n"),
            self.notification(),
            format!("\n--{boundary}\nContent-Description: Delivery report\nContent-Type: message/delivery-status\n\n"),
            self.delivery_status(),
            format!(
                "\n--{boundary}\nContent-Description: Undelivered Message Headers\nContent-Type: \
                 text/rfc822-headers\n\n{original}\n--{boundary}--\n"
            ),
        ];
        parts.concat().replace('\n', "\r\n")
    }

    fn head(&self) -> String {
        format!(
            "Return-Path: <>\nDate: {}\nFrom: MAILER-DAEMON@mail.{DOMAIN} (Mail Delivery System)\nSubject: Undelivered \
             Mail Returned to Sender\nTo: {SENDER}\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\nContent-Type: \
             multipart/report; report-type=delivery-status;\n\tboundary=\"{}\"\nMessage-Id: <{}>\n\nThis is a \
             MIME-encapsulated message.\n\n",
            self.date, self.boundary, self.message_id
        )
    }

    fn notification(&self) -> String {
        format!(
            "The mail system at mail.{DOMAIN} could not deliver your message.\n\n<{}>: {}\n",
            self.recipient, self.sentence
        )
    }

    /// The fields of the message, a blank line, the fields of its only recipient.
    fn delivery_status(&self) -> String {
        let (host, reply) = &self.remote;
        let host = host.split('[').next().unwrap_or_default();
        format!(
            "Reporting-MTA: dns; mail.{DOMAIN}\nX-Postfix-Queue-ID: {}\nX-Postfix-Sender: rfc822; \
             {SENDER}\nArrival-Date: {}\n\nFinal-Recipient: rfc822; {}\nOriginal-Recipient: \
             rfc822;{}\nAction: failed\nStatus: {}\nRemote-MTA: dns; {host}\nDiagnostic-Code: smtp; {reply}\n",
            self.queue_id, self.arrival, self.recipient, self.recipient, self.status
        )
    }
}

/// A time as mails carry it (RFC 5322, 3.3), in Berlin, where it is winter.
fn rfc5322(at: DateTime<Utc>) -> String {
    let winter = FixedOffset::east_opt(3_600).map(|offset| at.with_timezone(&offset));
    winter.map(|at| at.format("%a, %-d %b %Y %H:%M:%S %z (CET)").to_string()).unwrap_or_default()
}
