//! The invoice that a reference names against the one the payment is matched with.

use crate::check::passes::Pass;
use crate::check::rule::{Method, Rule, Severity, Words};

/// Payment with somebody else's invoice.
pub(in crate::check) static RULE: Rule = Rule {
    id: "payment_misassigned",
    severity: Severity::High,
    de: Words {
        title: "Zahlung bei fremder Rechnung",
        what: "Der Verwendungszweck nennt eine andere Rechnung als die, der die Zahlung zugeordnet ist.",
        why: "Ein Kunde gilt als säumig, ein anderer als bezahlt.",
        how: "Die Zahlung wird der genannten Rechnung zugeordnet.",
        when_not: "Nicht, wenn es die genannte Rechnung nicht gibt.",
    },
    en: Words {
        title: "Payment with somebody else's invoice",
        what: "The reference names another invoice than the one the payment is matched with.",
        why: "One customer counts as late, another as paid.",
        how: "The payment is matched with the invoice that is named.",
        when_not: "Not where the named invoice does not exist.",
    },
    method: Method::Pass(&[Pass::Payments]),
};
