//! Addresses that are the same but for capital letters; the very same address twice is refused by the database.

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Duplicate address.
pub(in crate::check) static RULE: Rule = Rule {
    id: "address_duplicate",
    severity: Severity::High,
    de: Words {
        title: "Adresse doppelt",
        what: "Zwei Postfächer haben dieselbe Adresse, wenn Groß- und Kleinschreibung nicht zählt.",
        why: "Mails des einen landen beim anderen.",
        how: "Eines der beiden umbenennen oder schließen.",
        when_not: "Nicht von selbst: beide Kunden sind zu fragen.",
    },
    en: Words {
        title: "Duplicate address",
        what: "Two mailboxes have the same address when capital and small letters count alike.",
        why: "Mails for the one end up with the other.",
        how: "Rename or close one of them.",
        when_not: "Not by itself: both customers have to be asked.",
    },
    method: Method::Ask(Question::one(TEXT, judge)),
};

const TEXT: &str = "SELECT m.id AS id, m.address AS current FROM mailboxes m WHERE lower(m.address) IN (SELECT lower(d.address) FROM \
    mailboxes d GROUP BY lower(d.address) HAVING count(*) > 1) {only:m.id}";

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let decide = Proposal::act(Action::Decide, Evidence::None).because(Reason::new("ask_customer"));
    let found = |id| Found::new("mailboxes", id).field("address", row.shown("current")).proposing(decide);
    row.id().map(found).into_iter().collect()
}
