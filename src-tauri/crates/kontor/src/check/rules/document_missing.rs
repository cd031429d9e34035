//! Invoices that should have a PDF, by their state and their mails.

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// PDF missing.
pub(in crate::check) static RULE: Rule = Rule {
    id: "document_missing",
    severity: Severity::High,
    de: Words {
        title: "PDF fehlt",
        what: "Zu einer ausgestellten Rechnung ist kein PDF abgelegt.",
        why: "Sie kann weder verschickt noch vorgelegt werden (§ 14b UStG).",
        how: "Ein Lauf zeichnet sie aus dem eingefrorenen Inhalt, oder stellt sie zum ersten Mal aus.",
        when_not: "Nicht, wenn eine Rechnung der alten Programme das Haus schon verlassen hat: dann nur ein Ersatzbeleg.",
    },
    en: Words {
        title: "PDF missing",
        what: "No PDF is stored for an issued invoice.",
        why: "It can neither be mailed nor shown (§ 14b UStG).",
        how: "A run draws it from the frozen content, or issues it for the first time.",
        when_not: "Not where an invoice of the old programs has left the house: then only a marked substitute.",
    },
    method: Method::Ask(Question::one(TEXT, judge)),
};

const TEXT: &str = "SELECT i.id AS id, i.state AS current, CASE WHEN i.snapshot IS NULL THEN 0 ELSE 1 END AS frozen, CASE WHEN EXISTS (SELECT 1 \
    FROM deliveries d WHERE d.invoice_id = i.id AND d.state IN ('sending', 'accepted', 'unknown', 'bounced')) THEN 1 ELSE 0 END AS \
    has_left FROM invoices i WHERE NOT EXISTS (SELECT 1 FROM documents d WHERE d.invoice_id = i.id AND d.role = 'original') \
    {only:i.id} AND i.updated_at < {grace} AND (i.state IN ('issued', 'archived') OR (i.state = 'cancelled' AND EXISTS (SELECT 1 FROM \
    deliveries d WHERE d.invoice_id = i.id AND d.state IN ('accepted', 'bounced')))) AND NOT EXISTS (SELECT 1 FROM run_items t WHERE \
    t.subscription_id = i.subscription_id AND t.period = i.period AND t.state IN ('waiting', 'claimed'))";

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let Some(id) = row.id() else { return Vec::new() };
    let proposal = if row.flag("frozen") {
        Proposal::act(Action::Rerun, Evidence::Copy).because(Reason::new("frozen_content"))
    } else if row.flag("has_left") {
        Proposal::act(Action::Decide, Evidence::None).because(Reason::new("substitute"))
    } else {
        Proposal::act(Action::Rerun, Evidence::Single).because(Reason::new("never_left"))
    };
    vec![Found::new("invoices", id).field("state", row.shown("current")).proposing(proposal)]
}
