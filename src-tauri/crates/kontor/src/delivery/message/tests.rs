//! The mails as a customer reads them, and as a mail program takes them apart, whatever names and texts hold.

use chrono::{DateTime, NaiveDate, Utc};
use kontor_pdf::content::{Address, Kind, Language, Original, Seller};
use mail_parser::{HeaderValue, Message, MessageParser, MimeHeaders};
use proptest::prelude::*;

use super::text::{DE, EN, Texts, unbroken};
use super::{Facts, Occasion, Stored, compose, subject, text, whole};

const PDF: &[u8] = b"%PDF-1.7\nnot much of a document, but more than one line of base64 when it is encoded\n%%EOF\n";
const APOLOGY: &str = "wegen eines Fehlers auf einem unserer Server haben wir Ihre Rechnung erst heute verschickt. Bitte entschuldigen Sie die Verspätung; Ihr Postfach war davon nicht betroffen.\n\nDie Frist zur Zahlung beginnt mit dieser E-Mail.";
const APOLOGY_EN: &str =
    "We apologise for sending your invoice late: one of our servers was faulty. Your mailbox was not affected.";

fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2013, month, day).expect("2013 has it")
}

fn seller() -> Seller {
    let address = Address {
        street: "Am Musterkai 1".to_owned(),
        postal_code: "24103".to_owned(),
        city: "Kiel".to_owned(),
        country: "DE".to_owned(),
    };
    Seller {
        name: "Euro Mail GmbH".to_owned(),
        address,
        vat_id: "DE123456788".to_owned(),
        register: "Sitz Kiel, Amtsgericht Kiel, HRB 4711".to_owned(),
        directors: "Erika Mustermann".to_owned(),
        email: "rechnung@example.com".to_owned(),
        phone: "+49 431 0000-0".to_owned(),
        bank: "Musterbank Kiel".to_owned(),
        iban: "DE02120300000000202051".to_owned(),
        bic: "BYLADEM1001".to_owned(),
    }
}

fn invoice(language: Language) -> Facts {
    Facts {
        kind: Kind::Invoice,
        language,
        number: "RE-2013-000123-7".to_owned(),
        name: "Jürgen Größe-Müller".to_owned(),
        recipient: "Jürgen Größe-Müller".to_owned(),
        gross_cents: 100,
        service_from: day(1, 1),
        service_to: day(1, 31),
        due_on: Some(day(2, 14)),
        seller: seller(),
        original: None,
    }
}

fn cancellation(language: Language) -> Facts {
    Facts {
        kind: Kind::Cancellation,
        number: "RE-2013-000131-9".to_owned(),
        gross_cents: -100,
        due_on: None,
        original: Some(Original { number: "RE-2013-000123-7".to_owned(), issued_on: day(1, 31) }),
        ..invoice(language)
    }
}

const FIRST: Occasion<'_> = Occasion { repeats: None, covering: None };

fn again() -> Occasion<'static> {
    Occasion { repeats: Some(day(1, 31)), covering: None }
}

fn shown(facts: &Facts, occasion: Occasion<'_>) -> String {
    format!("Subject: {}\n\n{}", subject(facts, occasion), text(facts, occasion))
}

#[test]
fn the_mails_in_german() {
    let covered = Occasion { covering: Some(APOLOGY), ..FIRST };
    insta::assert_snapshot!("rechnung", shown(&invoice(Language::De), FIRST));
    insta::assert_snapshot!("rechnung_mit_begleittext", shown(&invoice(Language::De), covered));
    insta::assert_snapshot!("rechnung_erneut", shown(&invoice(Language::De), again()));
    insta::assert_snapshot!("stornorechnung", shown(&cancellation(Language::De), FIRST));
    insta::assert_snapshot!("stornorechnung_erneut", shown(&cancellation(Language::De), again()));
}

#[test]
fn the_mails_in_english() {
    let covered = Occasion { covering: Some(APOLOGY_EN), ..FIRST };
    insta::assert_snapshot!("invoice", shown(&invoice(Language::En), FIRST));
    insta::assert_snapshot!("invoice_with_covering_text", shown(&invoice(Language::En), covered));
    insta::assert_snapshot!("invoice_again", shown(&invoice(Language::En), again()));
    insta::assert_snapshot!("cancellation", shown(&cancellation(Language::En), FIRST));
    insta::assert_snapshot!("cancellation_again", shown(&cancellation(Language::En), again()));
}

/// Everything that may be missing is: nobody to greet, nothing to pay, no phone, no register, no original.
#[test]
fn what_is_missing_leaves_no_hole() {
    let bare = |facts: Facts| {
        let address = Address { street: String::new(), ..facts.seller.address.clone() };
        let nothing = String::new;
        let seller = Seller {
            phone: nothing(),
            register: nothing(),
            directors: nothing(),
            vat_id: nothing(),
            address,
            ..seller()
        };
        Facts { name: nothing(), due_on: None, original: None, seller, ..facts }
    };
    insta::assert_snapshot!("rechnung_mit_luecken", shown(&bare(invoice(Language::De)), FIRST));
    insta::assert_snapshot!("cancellation_with_gaps", shown(&bare(cancellation(Language::En)), again()));
}

/// A mistyped gap would never be filled, and a group that is not closed would swallow the rest of its line.
#[test]
fn the_templates_name_only_values_that_exist() {
    let facts = Facts { original: cancellation(Language::De).original, ..invoice(Language::De) };
    let occasion = Occasion { covering: Some("x"), ..again() };
    let known = |name: &str| name == "body" || text::value(&facts, occasion, name).is_some();
    for Texts { letter, invoice, invoice_again, cancellation, cancellation_again } in [DE, EN] {
        for template in [letter, invoice, invoice_again, cancellation, cancellation_again] {
            for line in template.lines() {
                assert_eq!(line.matches('[').count(), line.matches(']').count(), "{line}");
                for gap in line.split('{').skip(1) {
                    let name = gap.split('}').next().unwrap_or_default();
                    assert!(known(name), "{{{name}}} in {line}");
                }
            }
        }
    }
}

fn made(facts: &Facts, occasion: Occasion<'_>) -> Stored {
    let now = DateTime::<Utc>::from_timestamp(1_359_633_600, 0).expect("a time in 2013");
    let id = "0197d3a0-0000-7000-8000-000000000001@example.com".to_owned();
    compose(facts, occasion, PDF, "kunde@example.net", id, now).expect("the mail can be composed")
}

/// The whole message, which has the hash that is stored with it.
fn bytes(stored: &Stored) -> Vec<u8> {
    assert_eq!(whole(&stored.head, b"another document", &stored.tail, &stored.sha256), None);
    whole(&stored.head, PDF, &stored.tail, &stored.sha256).expect("head, document and tail are the message")
}

/// Undoes `format=flowed` (RFC 3676, 4.1 and 4.4).
fn unflowed(text: &str) -> String {
    let mut whole = String::new();
    for line in text.lines() {
        whole.push_str(line.strip_prefix(' ').unwrap_or(line));
        if !line.ends_with(' ') || line == "-- " {
            whole.push('\n');
        }
    }
    whole
}

fn words(text: &str) -> Vec<Vec<&str>> {
    text.lines().map(|line| line.split_whitespace().collect()).collect()
}

/// What a mail program finds, checked against what went in.
fn assert_is(message: &Message<'_>, facts: &Facts, occasion: Occasion<'_>) {
    let names: Vec<_> = message.headers().iter().map(mail_parser::Header::name).collect();
    let expected = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"];
    assert_eq!(names, expected);
    let one = |value: Option<&mail_parser::Address<'_>>| {
        let value = value.expect("there is one").as_list().expect("a list of addresses").to_vec();
        assert_eq!(value.len(), 1);
        (value[0].name().map(str::to_owned), value[0].address().map(str::to_owned))
    };
    let name = |name: &str| Some(text::one_line(name)).filter(|name| !name.is_empty());
    assert_eq!(one(message.to()), (name(&facts.recipient), Some("kunde@example.net".to_owned())));
    assert_eq!(one(message.from()), (name(&facts.seller.name), Some("rechnung@example.com".to_owned())));
    assert_eq!(message.subject(), Some(subject(facts, occasion).as_str()));
    assert_eq!(message.message_id(), Some("0197d3a0-0000-7000-8000-000000000001@example.com"));
    assert_eq!(message.date().map(mail_parser::DateTime::to_timestamp), Some(1_359_633_600));
    assert!(matches!(message.header("Auto-Submitted"), Some(HeaderValue::Text(text)) if text == "auto-generated"));
    assert_eq!((message.text_body_count(), message.attachment_count()), (1, 1));
    let body = message.body_text(0).expect("there is a text");
    assert_eq!(words(&unflowed(&body)), words(&unbroken(facts, occasion)));
    assert!(!body.contains(|ch: char| ch.is_control() && !"\r\n\t".contains(ch)), "{body:?}");
    let attachment = message.attachment(0).expect("there is a document");
    assert_eq!(attachment.contents(), PDF);
    assert!(attachment.is_content_type("application", "pdf"));
    assert_eq!(attachment.attachment_name(), Some(super::file_name(&facts.number).as_str()));
}

fn assert_sound(facts: &Facts, occasion: Occasion<'_>) {
    let bytes = bytes(&made(facts, occasion));
    for line in bytes.split(|byte| *byte == b'\n') {
        assert!(line.is_ascii() && line.len() <= 998 && (line.is_empty() || line.ends_with(b"\r")), "{line:?}");
    }
    let message = MessageParser::default().parse(&bytes).expect("it is a message");
    assert_is(&message, facts, occasion);
}

#[test]
fn a_mail_program_finds_text_and_document() {
    for language in [Language::De, Language::En] {
        for facts in [invoice(language), cancellation(language)] {
            for occasion in [FIRST, again(), Occasion { covering: Some(APOLOGY), ..again() }] {
                assert_sound(&facts, occasion);
            }
        }
    }
}

#[test]
fn the_message_as_it_goes_out() {
    let bytes = bytes(&made(&invoice(Language::De), FIRST));
    insta::assert_snapshot!("message", String::from_utf8(bytes).expect("a message is ASCII").replace('\r', ""));
}

/// The document's own lines in the covering text do not confuse where the document begins.
#[test]
fn a_text_that_looks_like_the_document_is_text() {
    use base64::Engine;
    let line = base64::engine::general_purpose::STANDARD.encode(PDF);
    assert_sound(&invoice(Language::De), Occasion { covering: Some(&line[..76]), ..FIRST });
}

#[test]
fn an_address_that_is_none_is_refused() {
    for address in ["", "kunde", "kunde@example.net\r\nBcc: x@example.org", "a@example.net, b@example.net"] {
        let refused = compose(&invoice(Language::De), FIRST, PDF, address, "x@example.com".to_owned(), Utc::now());
        assert!(refused.is_err(), "{address:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_name_and_no_text_breaks_out(
        name in any::<String>(),
        company in "([a-z<>@,;:\"\\\\ \r\n\tÄ=?_-]{0,40}|\r\nBcc: x@example.org|=\\?utf-8\\?q\\?x\\?=)",
        number in "(RE-2013-[0-9]{6}-[0-9]|[ -~\r\nä]{1,30})",
        covering in "([ -~äöü€]{0,90}|\u{0}|\u{1b}\\[31m|\u{85}|\t|\r|\\.|From x|> y|-- ?|--kontor-[0-9a-f]{8}|\r\n\r\n|\n){0,12}",
        original in any::<bool>(),
    ) {
        let mut facts = if original { cancellation(Language::En) } else { invoice(Language::De) };
        facts.name.clone_from(&name);
        facts.recipient = format!("{company}{name}");
        facts.number = number;
        facts.seller.name = company;
        assert_sound(&facts, Occasion { covering: Some(&covering), ..again() });
    }
}
