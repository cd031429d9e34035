//! The message: German or English text, the PDF attached, its Message-ID fixed before anything is sent.
//!
//! The exact bytes are stored, but the PDF only once: a message is its head, the base64 lines of the stored document,
//! and its tail. Put together again they have the SHA-256 that was stored with them. Left out: who gets which mail when,
//! and signatures (DKIM is the mail server's).

mod covering;
mod flow;
mod template;
#[cfg(test)]
mod tests;
mod text;

pub use covering::{LONGEST, Unfit, covering};
pub use text::{subject, text};

use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDate, Utc};
use kontor_pdf::content::{Content, Kind, Language, Original, Seller};
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Body, Mailbox, Message, MultiPart, SinglePart};
use uuid::Uuid;

use crate::run::code::{self, Refusal};

/// Columns of a base64 line (RFC 2045, 6.8).
const LINE: usize = 76;

/// A message in the form it is stored in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its Message-ID, without angle brackets.
    pub message_id: String,
    /// All bytes before the document's base64 lines.
    pub head: Vec<u8>,
    /// All bytes after them.
    pub tail: Vec<u8>,
    /// SHA-256 of the whole message.
    pub sha256: [u8; 32],
}

/// Message-ID of a delivery: its own id at the sender's domain.
pub fn message_id(delivery: Uuid, sender: &str) -> String {
    let domain = sender.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    format!("{delivery}@{domain}")
}

/// What a mail says of the invoice that it carries. An invoice of the old programs has no frozen content, so these are
/// facts of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Invoice or cancellation invoice.
    pub kind: Kind,
    /// Language of the mail.
    pub language: Language,
    /// Number of the invoice.
    pub number: String,
    /// Whom the mail greets; empty where no person is named.
    pub name: String,
    /// Name in the header `To`: the company, or the person.
    pub recipient: String,
    /// Gross amount in cents.
    pub gross_cents: i64,
    /// First day of the service period.
    pub service_from: NaiveDate,
    /// Last day of the service period.
    pub service_to: NaiveDate,
    /// Last day of payment; none where nothing is to be paid.
    pub due_on: Option<NaiveDate>,
    /// Who sends it.
    pub seller: Seller,
    /// For a cancellation invoice: the invoice it cancels.
    pub original: Option<Original>,
}

/// Why a mail goes out, beside the invoice that it carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Occasion<'a> {
    /// The mail repeats one that was queued on this day; it says so.
    pub repeats: Option<NaiveDate>,
    /// A text that opens the mail, between greeting and everything else ([`covering()`] checks it).
    pub covering: Option<&'a str>,
}

impl Facts {
    /// The facts of a frozen content.
    pub fn of(content: &Content) -> Self {
        let recipient = &content.recipient;
        Self {
            kind: content.kind,
            language: content.language,
            number: content.number.clone(),
            name: recipient.name.clone(),
            recipient: recipient.company.clone().unwrap_or_else(|| recipient.name.clone()),
            gross_cents: content.gross_cents,
            service_from: content.service_from,
            service_to: content.service_to,
            due_on: content.payment.as_ref().map(|payment| payment.due_on),
            seller: content.seller.clone(),
            original: content.original.clone(),
        }
    }
}

/// Composes the mail of an invoice to `address`.
pub fn compose(
    facts: &Facts,
    occasion: Occasion<'_>,
    pdf: &[u8],
    address: &str,
    message_id: String,
    now: DateTime<Utc>,
) -> Result<Stored, Refusal> {
    let to = Mailbox::new(header_name(&facts.recipient), super::address::check(address)?);
    let from = Mailbox::new(header_name(&facts.seller.name), super::address::check(&facts.seller.email)?);
    let parts = MultiPart::mixed()
        .boundary(format!("kontor-{}", boundary(&message_id)))
        .singlepart(text_part(&text::unbroken(facts, occasion))?)
        .singlepart(document_part(&facts.number, pdf)?);
    let message = Message::builder()
        .from(from)
        .to(to)
        .subject(subject(facts, occasion))
        .date(SystemTime::from(now))
        .message_id(Some(format!("<{message_id}>")))
        .raw_header(generated())
        .multipart(parts)
        .map_err(|error| unwritable(&error))?
        .formatted();
    split(&message, pdf, message_id)
}

fn unwritable(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::new(code::INTERNAL, code::masked(&error.to_string()))
}

fn content_type(text: &str) -> Result<ContentType, Refusal> {
    ContentType::parse(text).map_err(|error| unwritable(&error))
}

/// The text, in an encoding that every server on the way leaves alone.
fn text_part(text: &str) -> Result<SinglePart, Refusal> {
    let part = SinglePart::builder()
        .header(content_type("text/plain; charset=utf-8; format=flowed")?)
        .header(ContentTransferEncoding::QuotedPrintable)
        .body(flow::flowed(text) + "\n");
    Ok(part)
}

/// The document, always in base64: what is stored of the message counts on it.
fn document_part(number: &str, pdf: &[u8]) -> Result<SinglePart, Refusal> {
    let body = Body::new_with_encoding(pdf.to_vec(), ContentTransferEncoding::Base64);
    let body = body.map_err(|_| unwritable(&"the document cannot be encoded"))?;
    Ok(Attachment::new(file_name(number)).body(body, content_type("application/pdf")?))
}

/// Keeps absence notices and other robots from answering (RFC 3834).
fn generated() -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned())
}

/// `RE-2013-000123-7.pdf`; a character that file systems or headers trip over becomes `_`.
fn file_name(number: &str) -> String {
    let safe = |ch: char| if ch.is_ascii_alphanumeric() || "-_.".contains(ch) { ch } else { '_' };
    format!("{}.pdf", number.chars().map(safe).collect::<String>())
}

/// Cuts the document's base64 lines out of a message.
fn split(message: &[u8], pdf: &[u8], message_id: String) -> Result<Stored, Refusal> {
    let lines = encoded(pdf);
    let at = find(message, &lines);
    let at = at.ok_or_else(|| Refusal::new(code::INTERNAL, "the attachment is not where it belongs"))?;
    Ok(Stored {
        message_id,
        head: message[..at].to_vec(),
        tail: message[at + lines.len()..].to_vec(),
        sha256: kontor_pdf::content::sha256(message),
    })
}

/// Puts a stored message together again; `None` when it does not have the hash it was stored with.
pub fn whole(head: &[u8], pdf: &[u8], tail: &[u8], sha256: &[u8]) -> Option<Vec<u8>> {
    let message = joined(head, pdf, tail);
    (kontor_pdf::content::sha256(&message) == sha256).then_some(message)
}

/// Puts a stored message together again, whatever became of its parts.
pub fn joined(head: &[u8], pdf: &[u8], tail: &[u8]) -> Vec<u8> {
    [head, &encoded(pdf), tail].concat()
}

fn encoded(pdf: &[u8]) -> Vec<u8> {
    let text = STANDARD.encode(pdf);
    let mut lines = Vec::with_capacity(text.len() + text.len() / LINE * 2 + 2);
    for (index, line) in text.as_bytes().chunks(LINE).enumerate() {
        if index > 0 {
            lines.extend_from_slice(b"\r\n");
        }
        lines.extend_from_slice(line);
    }
    lines
}

/// The document is the last part, so it is looked for from the end; the text may say what it likes.
fn find(message: &[u8], lines: &[u8]) -> Option<usize> {
    if lines.is_empty() {
        return None;
    }
    message.windows(lines.len()).rposition(|window| window == lines)
}

fn boundary(message_id: &str) -> String {
    message_id.chars().filter(char::is_ascii_alphanumeric).take(32).collect()
}

/// Names go into headers on one line; a blank one is none.
fn header_name(name: &str) -> Option<String> {
    Some(text::one_line(name)).filter(|name| !name.is_empty())
}
