//! Length, characters and check digits of IBANs (ISO 13616).

use crate::check::passes::Pass;
use crate::check::rule::{Method, Rule, Severity, Words};

/// IBAN invalid.
pub(in crate::check) static RULE: Rule = Rule {
    id: "iban_invalid",
    severity: Severity::Medium,
    de: Words {
        title: "IBAN ungültig",
        what: "Die IBAN einer Zahlung hat eine falsche Form oder Prüfziffer.",
        why: "Eine Erstattung käme nicht an.",
        how: "Eine IBAN ein Bit daneben, deren Prüfziffer stimmt, wird vorgeschlagen.",
        when_not: "Nicht, wenn mehrere passen.",
    },
    en: Words {
        title: "IBAN invalid",
        what: "The IBAN of a payment has a wrong form or check digits.",
        why: "A refund would not arrive.",
        how: "An IBAN one bit away whose check digits fit is proposed.",
        when_not: "Not where several fit.",
    },
    method: Method::Pass(&[Pass::Payments]),
};
