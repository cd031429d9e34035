//! The hash of the frozen content of every invoice, computed anew.

use crate::check::passes::Pass;
use crate::check::rule::{Method, Rule, Severity, Words};

/// Frozen content damaged.
pub(in crate::check) static RULE: Rule = Rule {
    id: "snapshot_broken",
    severity: Severity::Critical,
    de: Words {
        title: "Eingefrorener Inhalt beschädigt",
        what: "Der eingefrorene Inhalt einer Rechnung hat nicht mehr seinen Hash.",
        why: "Aus ihm wird gezeichnet und gebucht.",
        how: "Passt der Hash zu einem Inhalt ein Bit daneben, ist dieser bewiesen und wird wiederhergestellt.",
        when_not: "Nicht ohne passenden Hash: dann hilft nur eine Sicherung.",
    },
    en: Words {
        title: "Frozen content damaged",
        what: "The frozen content of an invoice no longer has its hash.",
        why: "It is what is drawn and booked.",
        how: "Where the hash fits a content one bit away, that one is proven and restored.",
        when_not: "Not without a fitting hash: then only a backup helps.",
    },
    method: Method::Pass(&[Pass::Invoices]),
};
