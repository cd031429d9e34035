//! A document that has its hash and yet is not what its content gives: the host that drew it drew it wrong, and hashed what
//! it had drawn.
//!
//! Drawing every document in each check would cost too much. Only those are drawn that a withdrawn host had in hand in its
//! bad time, and those that came out otherwise when another host drew them.

use crate::check::passes::Pass;
use crate::check::rule::{Method, Rule, Severity, Words};

/// PDF drawn otherwise than its content.
pub(in crate::check) static RULE: Rule = Rule {
    id: "document_drawn_wrong",
    severity: Severity::Critical,
    de: Words {
        title: "PDF anders gezeichnet als sein Inhalt",
        what: "Das abgelegte PDF hat seinen Hash, aber aus dem eingefrorenen Inhalt entstehen andere Bytes.",
        why: "Der Rechner, der es gezeichnet hat, hat falsch gezeichnet; auf dem Papier kann etwas anderes stehen als in den Büchern.",
        how: "Hat es das Haus nie verlassen, wird es neu gezeichnet und mit neuem Hash abgelegt.",
        when_not: "Nicht, wenn es verschickt ist: dann stornieren und neu ausstellen.",
    },
    en: Words {
        title: "PDF drawn otherwise than its content",
        what: "The stored PDF has its hash, but the frozen content gives other bytes.",
        why: "The host that drew it drew it wrong; the paper may say something else than the books.",
        how: "If it never left the house it is drawn again and stored with a new hash.",
        when_not: "Not where it was mailed: then cancel the invoice and issue it anew.",
    },
    method: Method::Pass(&[Pass::Documents]),
};
