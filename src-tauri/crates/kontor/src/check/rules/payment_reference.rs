//! References that lie one bit beside a form that names the invoice.

use crate::check::passes::Pass;
use crate::check::rule::{Method, Rule, Severity, Words};

/// Reference damaged.
pub(in crate::check) static RULE: Rule = Rule {
    id: "payment_reference",
    severity: Severity::Info,
    de: Words {
        title: "Verwendungszweck beschädigt",
        what: "Der Verwendungszweck liegt ein Bit neben einem, der die Rechnung richtig nennt.",
        why: "Beim nächsten Abgleich findet ihn niemand.",
        how: "Der richtige Verwendungszweck wird eingesetzt.",
        when_not: "Nicht, wenn der Kunde ihn so geschrieben hat.",
    },
    en: Words {
        title: "Reference damaged",
        what: "The reference lies one bit beside one that names the invoice rightly.",
        why: "The next matching will not find it.",
        how: "The right reference is set.",
        when_not: "Not where the customer wrote it that way.",
    },
    method: Method::Pass(&[Pass::Payments]),
};
