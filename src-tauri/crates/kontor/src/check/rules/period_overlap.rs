//! Pairs of subscriptions of one mailbox that hold on the same day; the younger one is named.

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Subscriptions overlap.
pub(in crate::check) static RULE: Rule = Rule {
    id: "period_overlap",
    severity: Severity::High,
    de: Words {
        title: "Verträge überschneiden sich",
        what: "Zwei Verträge desselben Postfachs gelten am selben Tag.",
        why: "Der Kunde wird doppelt berechnet.",
        how: "Einen der beiden beenden.",
        when_not: "Nicht von selbst: welcher gilt, weiß der Kunde.",
    },
    en: Words {
        title: "Subscriptions overlap",
        what: "Two subscriptions of the same mailbox hold on the same day.",
        why: "The customer is invoiced twice.",
        how: "End one of them.",
        when_not: "Not by itself: the customer knows which one holds.",
    },
    method: Method::Ask(Question::one(TEXT, judge)),
};

const TEXT: &str = "SELECT b.id AS id FROM subscriptions a JOIN subscriptions b ON b.mailbox_id = a.mailbox_id AND b.id > a.id WHERE \
    (a.ended_on IS NULL OR a.ended_on >= b.started_on) AND (b.ended_on IS NULL OR b.ended_on >= a.started_on) {only:b.id}";

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let decide = Proposal::act(Action::Decide, Evidence::None).because(Reason::new("ask_customer"));
    row.id().map(|id| Found::new("subscriptions", id).field("started_on", None).proposing(decide)).into_iter().collect()
}
