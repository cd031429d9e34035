//! What every stored original says, against the invoice it belongs to.

use crate::check::passes::Pass;
use crate::check::rule::{Method, Rule, Severity, Words};

/// PDF says something else than the database.
pub(in crate::check) static RULE: Rule = Rule {
    id: "document_text_deviates",
    severity: Severity::High,
    de: Words {
        title: "PDF sagt anderes als die Datenbank",
        what: "Nummer, Datum, Empfänger oder Betrag im PDF ist nicht der der Datenbank.",
        why: "Kunde und Bücher haben verschiedene Rechnungen.",
        how: "Hat das PDF seinen Hash, gilt, was es sagt; die Zeile wird angepasst.",
        when_not: "Nicht, wenn das verschickte PDF falsch ist: dann Storno und neue Rechnung.",
    },
    en: Words {
        title: "PDF says something else than the database",
        what: "Number, date, recipient or amount in the PDF is not the database's.",
        why: "Customer and books have different invoices.",
        how: "Where the PDF has its hash, what it says holds; the row follows.",
        when_not: "Not where the mailed PDF is wrong: then cancel and issue anew.",
    },
    method: Method::Pass(&[Pass::Documents]),
};
