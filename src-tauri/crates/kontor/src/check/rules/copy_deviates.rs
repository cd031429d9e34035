//! Every field of a customer that an export names, beside the row, and who is missing on one side.

use crate::check::passes::Pass;
use crate::check::rule::{Method, Rule, Severity, Words};

/// Deviates from the copy.
pub(in crate::check) static RULE: Rule = Rule {
    id: "copy_deviates",
    severity: Severity::High,
    de: Words {
        title: "Weicht von der Kopie ab",
        what: "Ein Feld sagt etwas anderes als die Datei, mit der verglichen wurde, oder ein Kunde fehlt hier oder in ihr.",
        why: "Die Datei lag außerhalb und hat den Fehler nicht mitgemacht.",
        how: "Der Wert der Datei wird eingesetzt; wer fehlt, wird von einer Person geklärt.",
        when_not: "Nicht, wenn der Kunde seine Daten seither geändert hat: Änderungen aus Kontor werden nicht gemeldet.",
    },
    en: Words {
        title: "Deviates from the copy",
        what: "A field says something else than the file that was compared with, or a customer is missing here or in it.",
        why: "The file lay outside and had no part in the fault.",
        how: "The file's value is set; a person finds out about who is missing.",
        when_not: "Not where the customer changed the data since: changes made in Kontor are not reported.",
    },
    method: Method::Pass(&[Pass::Exported]),
};
