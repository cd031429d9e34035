//! Rows of every invoice with frozen content against that content.

use crate::check::passes::Pass;
use crate::check::rule::{Method, Rule, Severity, Words};

/// Invoice deviates from its frozen content.
pub(in crate::check) static RULE: Rule = Rule {
    id: "invoice_deviates",
    severity: Severity::Critical,
    de: Words {
        title: "Rechnung weicht vom eingefrorenen Inhalt ab",
        what: "Zeilen einer Rechnung sagen etwas anderes als der Inhalt, mit dem sie eingefroren wurde.",
        why: "Listen und Buchungen zeigen etwas anderes als das Papier.",
        how: "Die Zeilen folgen wieder dem Inhalt; sein Hash beweist ihn.",
        when_not: "Nicht, wenn der Inhalt selbst beschädigt ist.",
    },
    en: Words {
        title: "Invoice deviates from its frozen content",
        what: "Rows of an invoice say something else than the content it was frozen with.",
        why: "Lists and books show something else than the paper.",
        how: "The rows follow the content again; its hash proves it.",
        when_not: "Not where the content itself is damaged.",
    },
    method: Method::Pass(&[Pass::Invoices]),
};
