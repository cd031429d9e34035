//! Open payments and payments without an invoice; their reference is read as a person would.

use crate::check::passes::Pass;
use crate::check::rule::{Method, Rule, Severity, Words};

/// Payment without an invoice.
pub(in crate::check) static RULE: Rule = Rule {
    id: "payment_unmatched",
    severity: Severity::Medium,
    de: Words {
        title: "Zahlung ohne Rechnung",
        what: "Eine Zahlung ist keiner Rechnung zugeordnet oder offen.",
        why: "Der Kunde hat bezahlt und würde gemahnt.",
        how: "Eine Nummer im Verwendungszweck, auch mit einem Tippfehler, führt zur Rechnung.",
        when_not: "Nicht, wenn der Verwendungszweck nichts nennt.",
    },
    en: Words {
        title: "Payment without an invoice",
        what: "A payment belongs to no invoice, or is open.",
        why: "The customer has paid and would be dunned.",
        how: "A number in the reference, even mistyped, leads to the invoice.",
        when_not: "Not where the reference names nothing.",
    },
    method: Method::Pass(&[Pass::Payments]),
};
