//! Active mailboxes of active customers by their active subscriptions; one that ended without an end is another rule's.

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Mailbox without exactly one subscription.
pub(in crate::check) static RULE: Rule = Rule {
    id: "subscription_count",
    severity: Severity::High,
    de: Words {
        title: "Postfach ohne genau einen Vertrag",
        what: "Ein aktives Postfach hat keinen oder mehr als einen aktiven Vertrag.",
        why: "Es wird nicht oder doppelt berechnet.",
        how: "Den fehlenden Vertrag anlegen oder den überzähligen beenden.",
        when_not: "Nicht von selbst: was gilt, steht in der Bestellung.",
    },
    en: Words {
        title: "Mailbox without exactly one subscription",
        what: "An active mailbox has no active subscription, or more than one.",
        why: "It is not invoiced, or twice.",
        how: "Create the missing subscription, or end the surplus one.",
        when_not: "Not by itself: the order says what holds.",
    },
    method: Method::Ask(Question::one(TEXT, judge)),
};

const TEXT: &str = "SELECT m.id AS id FROM mailboxes m JOIN registrations r ON r.id = m.registration_id WHERE m.state = 'active' AND \
    r.state = 'active' {only:m.id} AND (SELECT count(*) FROM subscriptions s WHERE s.mailbox_id = m.id AND s.state = 'active') <> 1 \
    AND NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.mailbox_id = m.id AND s.state = 'ended' AND s.ended_on IS NULL)";

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let decide = Proposal::act(Action::Decide, Evidence::None).because(Reason::new("ask_customer"));
    row.id().map(|id| Found::new("mailboxes", id).proposing(decide)).into_iter().collect()
}
