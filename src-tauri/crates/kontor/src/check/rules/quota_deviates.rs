//! Mailboxes whose size is that of none of their tariffs, and no reason is noted.

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::neighbours;
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Mailbox size deviates.
pub(in crate::check) static RULE: Rule = Rule {
    id: "quota_deviates",
    severity: Severity::Medium,
    de: Words {
        title: "Postfachgröße weicht ab",
        what: "Die Größe des Postfachs ist nicht die des Tarifs, und kein Grund ist vermerkt.",
        why: "Der Kunde hat mehr oder weniger, als er bezahlt.",
        how: "Die Größe des Tarifs wird eingesetzt, oder ein Grund wird vermerkt.",
        when_not: "Nicht, wenn die Abweichung vereinbart ist: dann gehört ein Grund dazu.",
    },
    en: Words {
        title: "Mailbox size deviates",
        what: "The mailbox's size is not the tariff's, and no reason is noted.",
        why: "The customer has more or less than they pay for.",
        how: "The tariff's size is set, or a reason is noted.",
        when_not: "Not where it was agreed upon: then a reason belongs to it.",
    },
    method: Method::Ask(Question::one(TEXT, judge)),
};

const TEXT: &str = "SELECT m.id AS id, m.quota_bytes AS current, (SELECT max(t.quota_bytes) FROM subscriptions s JOIN tariffs t ON t.id = \
    s.tariff_id WHERE s.mailbox_id = m.id) AS expected FROM mailboxes m WHERE m.quota_override_reason IS NULL {only:m.id} \
    AND EXISTS (SELECT 1 FROM subscriptions s WHERE s.mailbox_id = m.id) AND NOT EXISTS (SELECT 1 FROM subscriptions s JOIN \
    tariffs t ON t.id = s.tariff_id JOIN tariffs v ON v.code = t.code WHERE s.mailbox_id = m.id AND v.quota_bytes = m.quota_bytes)";

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let Some(id) = row.id() else { return Vec::new() };
    let found = Found::new("mailboxes", id).field("quota_bytes", row.shown("current"));
    let (Some(current), Some(expected)) = (row.whole("current"), row.whole("expected")) else { return vec![found] };
    vec![found.proposing(neighbours::expected("quota_bytes", &current.to_string(), &expected.to_string(), "tariff"))]
}
