//! Every field of a customer that an export names, beside the row.

use crate::check::passes::Pass;
use crate::check::rule::{Method, Rule, Severity, Words};

/// Deviates from the copy.
pub(in crate::check) static RULE: Rule = Rule {
    id: "copy_deviates",
    severity: Severity::High,
    de: Words {
        title: "Weicht von der Kopie ab",
        what: "Ein Feld sagt etwas anderes als die Datei, mit der verglichen wurde.",
        why: "Die Datei lag außerhalb und hat den Fehler nicht mitgemacht.",
        how: "Der Wert der Datei wird eingesetzt.",
        when_not: "Nicht, wenn der Kunde seine Daten seither geändert hat: Änderungen aus Kontor werden nicht gemeldet.",
    },
    en: Words {
        title: "Deviates from the copy",
        what: "A field says something else than the file that was compared with.",
        why: "The file lay outside and had no part in the fault.",
        how: "The file's value is set.",
        when_not: "Not where the customer changed the data since: changes made in Kontor are not reported.",
    },
    method: Method::Pass(&[Pass::Exported]),
};
