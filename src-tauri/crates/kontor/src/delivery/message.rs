//! The message: German or English text, the PDF attached, its Message-ID fixed before anything is sent.
//!
//! The exact bytes are stored, but the PDF only once: a message is its head, the base64 lines of the stored document,
//! and its tail. Put together again they have the SHA-256 that was stored with them.

use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDate, Utc};
use kontor_pdf::content::{Content, Kind, Language, Original, Seller};
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart};
use uuid::Uuid;

use crate::run::code::{self, Refusal};

/// Longest covering text, in characters.
const LONGEST_COVERING: usize = 4_000;
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
    /// Whom the mail greets; the person, or the company where none is named.
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
    /// A text that opens the mail, before everything else.
    pub covering: Option<&'a str>,
}

impl Facts {
    /// The facts of a frozen content.
    pub fn of(content: &Content) -> Self {
        let recipient = &content.recipient;
        let company = recipient.company.as_deref().unwrap_or_default();
        Self {
            kind: content.kind,
            language: content.language,
            number: content.number.clone(),
            name: if recipient.name.is_empty() { company } else { &recipient.name }.to_owned(),
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
    let unwritable = |error: &dyn std::fmt::Display| Refusal::new(code::INTERNAL, code::masked(&error.to_string()));
    let to = Mailbox::new(Some(header_name(&facts.recipient)), super::address::check(address)?);
    let sender = super::address::check(&facts.seller.email)?;
    let from = Mailbox::new(Some(header_name(&facts.seller.name)), sender);
    let pdf_type = ContentType::parse("application/pdf").map_err(|error| unwritable(&error))?;
    let parts = MultiPart::mixed()
        .boundary(format!("kontor-{}", boundary(&message_id)))
        .singlepart(SinglePart::plain(text(facts, occasion)))
        .singlepart(Attachment::new(format!("{}.pdf", facts.number)).body(pdf.to_vec(), pdf_type));
    let message = Message::builder()
        .from(from)
        .to(to)
        .subject(subject(facts, occasion))
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

/// Subject of the mail.
pub fn subject(facts: &Facts, occasion: Occasion<'_>) -> String {
    let number = &facts.number;
    match (facts.language, facts.kind, occasion.repeats.is_some()) {
        (Language::De, Kind::Invoice, false) => format!("Ihre Rechnung {number}"),
        (Language::De, Kind::Invoice, true) => format!("Ihre Rechnung {number} (erneute Zusendung)"),
        (Language::De, Kind::Cancellation, false) => format!("Ihre Stornorechnung {number}"),
        (Language::De, Kind::Cancellation, true) => format!("Ihre Stornorechnung {number} (erneute Zusendung)"),
        (Language::En, Kind::Invoice, false) => format!("Your invoice {number}"),
        (Language::En, Kind::Invoice, true) => format!("Your invoice {number} (sent again)"),
        (Language::En, Kind::Cancellation, false) => format!("Your cancellation invoice {number}"),
        (Language::En, Kind::Cancellation, true) => format!("Your cancellation invoice {number} (sent again)"),
    }
}

/// Text of the mail, as it stands above the attachment.
pub fn text(facts: &Facts, occasion: Occasion<'_>) -> String {
    let template = match facts.language {
        Language::De => TEXT_DE,
        Language::En => TEXT_EN,
    };
    let text = filled(template, facts);
    match occasion.covering {
        Some(covering) => format!("{covering}\n\n{text}"),
        None => text,
    }
}

/// A covering text as it goes into mails: with plain line ends and without blanks around it. The refusal is a sentence.
pub fn covering(text: &str) -> Result<String, String> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    if text.is_empty() {
        return Err("The covering text is empty; write what shall open the mails.".to_owned());
    }
    if text.chars().any(|character| character.is_control() && character != '\n' && character != '\t') {
        return Err("The covering text contains a control character; save it as plain text.".to_owned());
    }
    let length = text.chars().count();
    if length > LONGEST_COVERING {
        return Err(format!("The covering text has {length} characters; at most {LONGEST_COVERING} are possible."));
    }
    Ok(text)
}

fn filled(template: &str, content: &Facts) -> String {
    let due = content.due_on;
    let date = |day: NaiveDate| match content.language {
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
    template
        .replace("{name}", &content.name)
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
