//! Customers: importing them, finding them, looking at one, changing their contact data, notes about them.
//!
//! What this module leaves out: the sign-up site.

pub mod change;
pub mod contact;
pub mod import;
pub mod line;
pub mod list;
pub mod note;
pub mod vat_id;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::store::entities::registrations;

/// Text that searches look into, the same on both databases: small letters, no accents, ß as ss.
pub fn search_text(registration: &registrations::Model, mailbox: &str) -> String {
    let parts = [
        registration.first_name.as_str(),
        &registration.last_name,
        registration.company.as_deref().unwrap_or_default(),
        &registration.customer_number,
        &registration.email,
        mailbox,
    ];
    let words: Vec<String> = parts.iter().filter(|part| !part.is_empty()).map(|part| folded(part)).collect();
    words.join(" ")
}

/// Text by which registrations are sorted by name: last name and first name, or the company that has none.
pub fn sort_name(registration: &registrations::Model) -> String {
    match &registration.company {
        Some(company) if registration.last_name.is_empty() => folded(company),
        _ => folded(format!("{} {}", registration.last_name, registration.first_name).trim_end()),
    }
}

/// Folds a text for searching: small letters, no accents, ß as ss.
pub fn folded(text: &str) -> String {
    let small = text.to_lowercase().replace('ß', "ss");
    small.nfkd().filter(|character| !is_combining_mark(*character)).collect()
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn searching_forgives_accents_and_case() {
        assert_eq!(folded("Müller-LÜDENSCHEIDT, Straße"), "muller-ludenscheidt, strasse");
        assert_eq!(folded("Łukasz Çelik"), "łukasz celik");
    }
}
