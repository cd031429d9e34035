//! Addresses that no mail server could be asked about.

use crate::check::book::Found;
use crate::check::candidates;
use crate::check::neighbours;
use crate::check::passes::Pass;
use crate::check::rule::{Method, Rule, Severity, Words};
use crate::delivery::address;
use crate::store::entities::registrations;

/// Mail address invalid.
pub(in crate::check) static RULE: Rule = Rule {
    id: "email_invalid",
    severity: Severity::High,
    de: Words {
        title: "Mailadresse ungültig",
        what: "Was als Mailadresse steht, ist keine.",
        why: "Rechnungen können nicht zugestellt werden.",
        how: "Eine gültige Adresse ein Bit daneben wird vorgeschlagen; besser ist die Anmeldung des Kunden.",
        when_not: "Nicht, wenn der Kunde sich vertippt hat: dann nur auf Nachfrage.",
    },
    en: Words {
        title: "Mail address invalid",
        what: "What stands as a mail address is none.",
        why: "Invoices cannot be delivered.",
        how: "A valid address one bit away is proposed; the customer's sign-up is better.",
        when_not: "Not where the customer slipped: then only after asking.",
    },
    method: Method::Pass(&[Pass::Registrations]),
};

/// The finding, where the address is none.
pub(in crate::check) fn look(row: &registrations::Model) -> Option<(&'static str, Found)> {
    if address::check(&row.email).is_ok() {
        return None;
    }
    let near: Vec<String> = candidates::texts(&row.email).filter(|text| address::check(text).is_ok()).collect();
    let found = Found::new("registrations", row.id).field("email", Some(row.email.clone()));
    Some((RULE.id, neighbours::proposed(found, "email", &row.email, near)))
}
