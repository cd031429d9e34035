//! What a mail says: subject and text, in the customer's language, from the files in `assets/mail`.
//!
//! One file is the letter around (greeting, covering text, signature), one each the matter: an invoice or a cancellation
//! invoice, for the first time or again. Left out: what the paper says, and the making of the message.

use chrono::NaiveDate;
use kontor_pdf::content::{Kind, Language, Seller};
use kontor_pdf::format;

use super::template::fill;
use super::{Facts, Occasion, flow};

macro_rules! texts {
    ($language:literal) => {
        Texts {
            letter: include_str!(concat!("../../../../../../assets/mail/letter.", $language, ".txt")),
            invoice: include_str!(concat!("../../../../../../assets/mail/invoice.", $language, ".txt")),
            invoice_again: include_str!(concat!("../../../../../../assets/mail/invoice-again.", $language, ".txt")),
            cancellation: include_str!(concat!("../../../../../../assets/mail/cancellation.", $language, ".txt")),
            cancellation_again: include_str!(concat!(
                "../../../../../../assets/mail/cancellation-again.",
                $language,
                ".txt"
            )),
        }
    };
}

/// The texts of one language.
pub(super) struct Texts {
    pub letter: &'static str,
    pub invoice: &'static str,
    pub invoice_again: &'static str,
    pub cancellation: &'static str,
    pub cancellation_again: &'static str,
}

pub(super) const DE: Texts = texts!("de");
pub(super) const EN: Texts = texts!("en");

/// Subject of the mail, on one line.
pub fn subject(facts: &Facts, occasion: Occasion<'_>) -> String {
    let again = occasion.repeats.is_some();
    let template = match (facts.language, facts.kind) {
        (Language::De, Kind::Invoice) => "Ihre Rechnung {number}",
        (Language::De, Kind::Cancellation) => "Ihre Stornorechnung {number}[ zur Rechnung {original}]",
        (Language::En, Kind::Invoice) => "Your invoice {number}",
        (Language::En, Kind::Cancellation) => "Your cancellation invoice {number}[ for invoice {original}]",
    };
    let note = match facts.language {
        _ if !again => "",
        Language::De => " (erneute Zusendung)",
        Language::En => " (sent again)",
    };
    fill(&format!("{template}{note}"), |name| value(facts, occasion, name))
}

/// Text of the mail as people see it above the attachment, lines broken at 72 characters.
pub fn text(facts: &Facts, occasion: Occasion<'_>) -> String {
    flow::plain(&unbroken(facts, occasion))
}

/// The same text with each paragraph on one line.
pub(super) fn unbroken(facts: &Facts, occasion: Occasion<'_>) -> String {
    let texts = match facts.language {
        Language::De => DE,
        Language::En => EN,
    };
    let matter = match (facts.kind, occasion.repeats) {
        (Kind::Invoice, None) => texts.invoice,
        (Kind::Invoice, Some(_)) => texts.invoice_again,
        (Kind::Cancellation, None) => texts.cancellation,
        (Kind::Cancellation, Some(_)) => texts.cancellation_again,
    };
    fill(texts.letter, |name| match name {
        "body" => Some(fill(matter, |name| value(facts, occasion, name))),
        name => value(facts, occasion, name),
    })
}

/// The value of a gap; none where it is not known. Amounts, dates and telephone numbers hold no-break blanks, which go when
/// the lines are broken.
pub(super) fn value(facts: &Facts, occasion: Occasion<'_>, name: &str) -> Option<String> {
    let date = |day: NaiveDate| format::date(day, facts.language);
    let original = facts.original.as_ref();
    match name {
        "name" => Some(one_line(&facts.name)),
        "number" => Some(one_line(&facts.number)),
        "gross" => Some(format::money(facts.gross_cents, facts.language)),
        "period" => Some(format::period(facts.service_from, facts.service_to, facts.language)),
        "due" => facts.due_on.map(date),
        "repeats" => occasion.repeats.map(date),
        "covering" => occasion.covering.map(many_lines),
        "original" => original.map(|original| one_line(&original.number)),
        "original_date" => original.map(|original| date(original.issued_on)),
        name => of_seller(&facts.seller, name),
    }
}

fn of_seller(seller: &Seller, name: &str) -> Option<String> {
    let text = match name {
        "seller" => seller.name.clone(),
        "seller_street" => seller.address.street.clone(),
        "seller_place" => format!("{} {}", seller.address.postal_code, seller.address.city),
        "seller_email" => seller.email.clone(),
        "seller_phone" => return Some(one_line(&seller.phone).replace(' ', "\u{a0}")),
        "seller_register" => seller.register.clone(),
        "seller_directors" => seller.directors.clone(),
        "seller_vat_id" => seller.vat_id.clone(),
        _ => return None,
    };
    Some(one_line(&text))
}

/// A text without line breaks and other control characters, so that it stays on its line, in a header or in the text.
pub(super) fn one_line(text: &str) -> String {
    let words = text.split(|ch: char| ch.is_control() || ch.is_whitespace());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A text whose lines hold no control characters but tabs.
fn many_lines(text: &str) -> String {
    let shown = |ch: char| if ch.is_control() && ch != '\t' { ' ' } else { ch };
    let lines = text.lines().map(|line| line.chars().map(shown).collect::<String>().trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}
