//! Originals that bear another invoice's number.

use crate::check::passes::Pass;
use crate::check::rule::{Method, Rule, Severity, Words};

/// PDF of another invoice.
pub(in crate::check) static RULE: Rule = Rule {
    id: "document_of_another",
    severity: Severity::Critical,
    de: Words {
        title: "PDF einer anderen Rechnung",
        what: "Das abgelegte PDF trägt die Nummer einer anderen Rechnung.",
        why: "Ein Kunde bekäme die Rechnung eines anderen.",
        how: "Liegt das eigene PDF bei der anderen Rechnung, werden beide zurückgetauscht.",
        when_not: "Nicht, wenn das eigene PDF nirgends liegt.",
    },
    en: Words {
        title: "PDF of another invoice",
        what: "The stored PDF bears the number of another invoice.",
        why: "A customer would get somebody else's invoice.",
        how: "Where the own PDF lies with the other invoice, the two are exchanged back.",
        when_not: "Not where the own PDF is nowhere.",
    },
    method: Method::Pass(&[Pass::Documents]),
};
