//! The seal of every row that people edit, computed anew.

use crate::check::passes::Pass;
use crate::check::rule::{Method, Rule, Severity, Words};

/// Broken seal.
pub(in crate::check) static RULE: Rule = Rule {
    id: "seal_broken",
    severity: Severity::Critical,
    de: Words {
        title: "Siegel gebrochen",
        what: "Der Datensatz wurde außerhalb von Kontor verändert: sein Siegel passt nicht.",
        why: "Niemand hat die Änderung veranlasst, niemand steht für sie ein.",
        how: "Passt das Siegel zu einem Wert ein Bit daneben, ist dieser bewiesen; sonst nimmt eine Person den Stand mit Begründung an oder stellt ihn richtig.",
        when_not: "Zeilen ohne Siegel werden hier nicht beurteilt.",
    },
    en: Words {
        title: "Broken seal",
        what: "The record was changed outside Kontor: its seal does not fit.",
        why: "Nobody ordered the change, nobody answers for it.",
        how: "Where the seal fits a value one bit away, that value is proven; otherwise a person accepts the row with a reason, or puts it right.",
        when_not: "Rows without a seal are not judged here.",
    },
    method: Method::Pass(&[
        Pass::Registrations,
        Pass::Mailboxes,
        Pass::Subscriptions,
        Pass::Notes,
        Pass::Filters,
        Pass::Invoices,
        Pass::Payments,
    ]),
};
