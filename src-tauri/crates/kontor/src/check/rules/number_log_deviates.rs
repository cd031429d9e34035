//! Invoice, log and serial are three witnesses of one number.

use crate::check::passes::Pass;
use crate::check::rule::{Method, Rule, Severity, Words};

/// Log of numbers contradicts.
pub(in crate::check) static RULE: Rule = Rule {
    id: "number_log_deviates",
    severity: Severity::High,
    de: Words {
        title: "Nummernprotokoll widerspricht",
        what: "Protokoll und Rechnung sagen über Nummer, laufende Nummer oder Zeitraum Verschiedenes.",
        why: "Das Protokoll ist der Nachweis lückenloser Nummern.",
        how: "Was zwei von drei Zeugen sagen, gilt.",
        when_not: "Nicht, wenn alle drei verschieden sind.",
    },
    en: Words {
        title: "Log of numbers contradicts",
        what: "Log and invoice say different things about number, serial or period.",
        why: "The log proves that numbers are complete.",
        how: "What two of three witnesses say holds.",
        when_not: "Not where all three differ.",
    },
    method: Method::Pass(&[Pass::Numbers]),
};
