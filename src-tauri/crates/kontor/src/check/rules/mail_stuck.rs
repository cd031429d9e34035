//! Mails that are on their way, or unknown, and that no run has in hand.

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Mail stuck or unknown.
pub(in crate::check) static RULE: Rule = Rule {
    id: "mail_stuck",
    severity: Severity::Medium,
    de: Words {
        title: "Mail hängt oder ist ungewiss",
        what: "Eine Mail wartet, wird gesendet oder ist ungewiss, und niemand arbeitet daran.",
        why: "Der Kunde hat die Rechnung vielleicht nicht.",
        how: "Was wartet, verschickt ein Lauf; was ungewiss ist, klärt das Protokoll des Mailservers oder eine Person.",
        when_not: "Ungewisses wird nie von selbst noch einmal gesendet.",
    },
    en: Words {
        title: "Mail stuck or unknown",
        what: "A mail waits, is being sent or is unknown, and nobody works on it.",
        why: "The customer may not have the invoice.",
        how: "What waits is mailed by a run; what is unknown is settled by the mail server's log or a person.",
        when_not: "What is unknown is never sent again by itself.",
    },
    method: Method::Ask(Question::one(TEXT, judge)),
};

const TEXT: &str = "SELECT d.id AS id, d.state AS current, d.invoice_id AS invoice_id FROM deliveries d JOIN invoices i ON i.id = d.invoice_id WHERE d.state IN ('queued', \
    'sending', 'deferred', 'unknown') AND i.state <> 'cancelled' AND d.queued_at < {grace} {only:d.id} AND NOT EXISTS (SELECT 1 FROM \
    run_items t WHERE t.subscription_id = i.subscription_id AND t.period = i.period AND t.state IN ('waiting', 'claimed')) \
    AND NOT EXISTS (SELECT 1 FROM deliveries o WHERE o.invoice_id = d.invoice_id AND o.id <> d.id AND o.state = 'accepted')";

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let Some(id) = row.id() else { return Vec::new() };
    let current = row.shown("current");
    let proposal = match current.as_deref() {
        Some("queued" | "deferred") => Proposal::act(Action::Rerun, Evidence::Single).because(Reason::new("not_sent")),
        _ => Proposal::act(Action::Decide, Evidence::None).because(Reason::new("outcome_unheard")),
    };
    let proposal = match row.uuid("invoice_id") {
        Some(invoice) => proposal.on("invoices", invoice),
        None => proposal,
    };
    vec![Found::new("deliveries", id).field("state", current).proposing(proposal)]
}
