//! The message: German or English text, the PDF attached, its Message-ID fixed before anything is sent.
//!
//! The exact bytes are stored, but the PDF only once: a message is its head, the base64 lines of the stored document,
//! and its tail. Put together again they have the SHA-256 that was stored with them.

use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use kontor_pdf::content::{Content, Language};
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart};
use uuid::Uuid;

use crate::run::code::{self, Refusal};

/// Columns of a base64 line (RFC 2045, 6.8).
const LINE: usize = 76;

/// Texts of the mail, one file per language.
const TEXT_DE: &str = include_str!("../../../../../assets/mail/rechnung.de.txt");
const TEXT_EN: &str = include_str!("../../../../../assets/mail/invoice.en.txt");

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

/// Composes the mail of an invoice to `address`.
pub fn compose(
    content: &Content,
    pdf: &[u8],
    address: &str,
    message_id: String,
    now: DateTime<Utc>,
) -> Result<Stored, Refusal> {
    let unwritable = |error: &dyn std::fmt::Display| Refusal::new(code::INTERNAL, code::masked(&error.to_string()));
    let recipient = &content.recipient;
    let name = recipient.company.as_deref().unwrap_or(&recipient.name);
    let to = Mailbox::new(Some(header_name(name)), super::address::check(address)?);
    let sender = super::address::check(&content.seller.email)?;
    let from = Mailbox::new(Some(header_name(&content.seller.name)), sender);
    let (subject, template) = match content.language {
        Language::De => (format!("Ihre Rechnung {}", content.number), TEXT_DE),
        Language::En => (format!("Your invoice {}", content.number), TEXT_EN),
    };
    let pdf_type = ContentType::parse("application/pdf").map_err(|error| unwritable(&error))?;
    let parts = MultiPart::mixed()
        .boundary(format!("kontor-{}", boundary(&message_id)))
        .singlepart(SinglePart::plain(filled(template, content)))
        .singlepart(Attachment::new(format!("{}.pdf", content.number)).body(pdf.to_vec(), pdf_type));
    let message = Message::builder()
        .from(from)
        .to(to)
        .subject(subject)
        .date(SystemTime::from(now))
        .message_id(Some(format!("<{message_id}>")))
        .multipart(parts)
        .map_err(|error| unwritable(&error))?
        .formatted();
    split(&message, pdf, message_id)
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
    let lines = encoded(pdf);
    let message = [head, &lines, tail].concat();
    (kontor_pdf::content::sha256(&message) == sha256).then_some(message)
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

/// The first line of the document marks the place; a message holds it once.
fn find(message: &[u8], lines: &[u8]) -> Option<usize> {
    let mark = &lines[..lines.len().min(LINE)];
    if mark.is_empty() {
        return None;
    }
    let at = message.windows(mark.len()).position(|window| window == mark)?;
    (message.get(at..at + lines.len())? == lines).then_some(at)
}

fn boundary(message_id: &str) -> String {
    message_id.chars().filter(char::is_ascii_alphanumeric).take(32).collect()
}

/// Names go into headers without line breaks or other control characters.
fn header_name(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn filled(template: &str, content: &Content) -> String {
    let due = content.payment.as_ref().map(|payment| payment.due_on);
    let date = |day: chrono::NaiveDate| match content.language {
        Language::De => day.format("%d.%m.%Y").to_string(),
        Language::En => day.format("%-d %B %Y").to_string(),
    };
    let euros = |cents: i64| {
        let (whole, rest) = (cents / 100, (cents % 100).abs());
        match content.language {
            Language::De => format!("{whole},{rest:02} €"),
            Language::En => format!("€{whole}.{rest:02}"),
        }
    };
    let recipient = &content.recipient;
    let name =
        if recipient.name.is_empty() { recipient.company.as_deref().unwrap_or_default() } else { &recipient.name };
    template
        .replace("{name}", name)
        .replace("{number}", &content.number)
        .replace("{from}", &date(content.service_from))
        .replace("{to}", &date(content.service_to))
        .replace("{gross}", &euros(content.gross_cents))
        .replace("{due}", &due.map(date).unwrap_or_default())
        .replace("{seller}", &content.seller.name)
        .replace("{seller_email}", &content.seller.email)
        .replace("{seller_phone}", &content.seller.phone)
        .replace("{seller_register}", &content.seller.register)
        .replace("{seller_directors}", &content.seller.directors)
        .replace("{seller_vat_id}", &content.seller.vat_id)
}
