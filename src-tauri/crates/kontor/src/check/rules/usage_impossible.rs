//! Mailboxes that hold less than nothing, or more than their size and their tariff's size.

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};
use crate::check::{candidates, neighbours};

/// Usage impossible.
pub(in crate::check) static RULE: Rule = Rule {
    id: "usage_impossible",
    severity: Severity::Medium,
    de: Words {
        title: "Belegung unmöglich",
        what: "Das Postfach belegt weniger als nichts oder mehr, als hineinpasst.",
        why: "Speicherplanung und Warnungen rechnen mit dieser Zahl.",
        how: "Die Zahl ein Bit daneben, die hineinpasst, wird vorgeschlagen; der Mailserver zählt ohnehin neu.",
        when_not: "Nicht, wenn mehrere passen.",
    },
    en: Words {
        title: "Usage impossible",
        what: "The mailbox holds less than nothing, or more than fits.",
        why: "Storage planning and warnings count on this figure.",
        how: "The figure one bit away that fits is proposed; the mail server counts anew anyway.",
        when_not: "Not where several fit.",
    },
    method: Method::Ask(Question::one(TEXT, judge)),
};

const TEXT: &str = "SELECT u.id AS id, u.used_bytes AS current, u.room AS room FROM (SELECT m.id, m.used_bytes, \
    {greatest}(m.quota_bytes, coalesce((SELECT max(t.quota_bytes) FROM subscriptions s JOIN tariffs t ON t.id = s.tariff_id \
    WHERE s.mailbox_id = m.id), 0)) AS room FROM mailboxes m WHERE (m.used_bytes < 0 OR m.used_bytes > m.quota_bytes) \
    {only:m.id}) u WHERE u.used_bytes < 0 OR u.used_bytes > u.room";

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let Some(id) = row.id() else { return Vec::new() };
    let found = Found::new("mailboxes", id).field("used_bytes", row.shown("current"));
    let (Some(current), Some(room)) = (row.whole("current"), row.whole("room")) else { return vec![found] };
    let near = candidates::wholes(current).filter(|used| (0..=room).contains(used));
    vec![neighbours::proposed(found, "used_bytes", &current.to_string(), near.map(|used| used.to_string()).collect())]
}
