//! The storage class of every column on the embedded database, days and times out of range on the server, and whatever a pass cannot decode.

use crate::check::passes::Pass;
use crate::check::rule::{Method, Rule, Severity, Words};

/// Value unreadable.
pub(in crate::check) static RULE: Rule = Rule {
    id: "value_undecodable",
    severity: Severity::Critical,
    de: Words {
        title: "Wert nicht lesbar",
        what: "Ein gespeicherter Wert hat nicht die Art, die seine Spalte verlangt.",
        why: "Der Datensatz kann weder berechnet noch verschickt werden.",
        how: "Den Wert aus einer Kopie wieder einsetzen; passt das Siegel zu einem Nachbarwert, ist er bewiesen.",
        when_not: "Nicht ohne Kopie oder Siegel: geraten wird nicht.",
    },
    en: Words {
        title: "Value unreadable",
        what: "A stored value is not of the kind its column asks for.",
        why: "The record can neither be computed with nor mailed.",
        how: "Put the value back from a copy; where the seal fits a neighbouring value, that one is proven.",
        when_not: "Not without a copy or a seal: nothing is guessed.",
    },
    method: Method::Pass(&[
        Pass::Decodable,
        Pass::Registrations,
        Pass::Mailboxes,
        Pass::Subscriptions,
        Pass::Notes,
        Pass::Filters,
        Pass::Invoices,
        Pass::Payments,
        Pass::Numbers,
    ]),
};
