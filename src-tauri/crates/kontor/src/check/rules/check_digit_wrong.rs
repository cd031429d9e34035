//! Check digit and form of customer numbers, invoice numbers and the log.

use crate::check::passes::Pass;
use crate::check::rule::{Method, Rule, Severity, Words};

/// Wrong check digit.
pub(in crate::check) static RULE: Rule = Rule {
    id: "check_digit_wrong",
    severity: Severity::Critical,
    de: Words {
        title: "Falsche Prüfziffer",
        what: "Eine Kunden- oder Rechnungsnummer hat eine falsche Prüfziffer oder Form.",
        why: "Unter dieser Nummer findet niemand den Vorgang, und auf Papier ist sie falsch.",
        how: "Die Nummer folgt aus der laufenden Nummer daneben oder aus dem Nummernprotokoll.",
        when_not: "Nicht, wenn sich die Zeugen widersprechen.",
    },
    en: Words {
        title: "Wrong check digit",
        what: "A customer or invoice number has a wrong check digit or form.",
        why: "Nobody finds the case under this number, and on paper it is wrong.",
        how: "The number follows from the serial beside it, or from the log of numbers.",
        when_not: "Not where the witnesses disagree.",
    },
    method: Method::Pass(&[Pass::Registrations, Pass::Invoices, Pass::Numbers]),
};
