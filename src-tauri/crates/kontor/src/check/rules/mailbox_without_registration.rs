//! Mailboxes whose customer does not exist.

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::question::{Question, Refine, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Mailbox without a registration.
pub(in crate::check) static RULE: Rule = Rule {
    id: "mailbox_without_registration",
    severity: Severity::Critical,
    de: Words {
        title: "Postfach ohne Registrierung",
        what: "Ein Postfach nennt einen Kunden, den es nicht gibt.",
        why: "Niemand zahlt dafür, und niemand weiß, wem die Mails gehören.",
        how: "Der Verweis wird auf den Kunden gesetzt, dessen Kennung ein Bit entfernt liegt oder den der Vertrag nennt.",
        when_not: "Nicht, wenn es den Kunden nicht mehr gibt.",
    },
    en: Words {
        title: "Mailbox without a registration",
        what: "A mailbox names a customer who does not exist.",
        why: "Nobody pays for it, and nobody knows whose mails these are.",
        how: "The reference is set to the customer whose id lies one bit away, or whom the subscription names.",
        when_not: "Not where the customer is gone.",
    },
    method: Method::Ask(Question::one(TEXT, judge).refined(Refine::Reference)),
};

const TEXT: &str = "SELECT m.id AS id, m.registration_id AS current FROM mailboxes m WHERE NOT EXISTS (SELECT 1 FROM \
                    registrations r WHERE r.id = m.registration_id) {only:m.id}";

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let found = row.id().map(|id| Found::new("mailboxes", id).field("registration_id", row.shown("current")));
    found.into_iter().collect()
}
