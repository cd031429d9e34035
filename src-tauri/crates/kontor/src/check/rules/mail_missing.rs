//! Archived invoices without any mail that no run has in hand.

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Issued but never mailed.
pub(in crate::check) static RULE: Rule = Rule {
    id: "mail_missing",
    severity: Severity::Medium,
    de: Words {
        title: "Ausgestellt, aber nie verschickt",
        what: "Zu einer abgelegten Rechnung gibt es keine Mail.",
        why: "Der Kunde weiß nicht, dass er zahlen soll.",
        how: "Ein Lauf verschickt sie.",
        when_not: "Nicht, wenn sie auf anderem Weg zugestellt wurde.",
    },
    en: Words {
        title: "Issued but never mailed",
        what: "There is no mail for an archived invoice.",
        why: "The customer does not know that they should pay.",
        how: "A run mails it.",
        when_not: "Not where it was delivered in another way.",
    },
    method: Method::Ask(Question::one(TEXT, judge)),
};

const TEXT: &str = "SELECT i.id AS id FROM invoices i WHERE i.state = 'archived' AND i.updated_at < {grace} {only:i.id} AND NOT EXISTS (SELECT 1 \
    FROM deliveries d WHERE d.invoice_id = i.id) AND NOT EXISTS (SELECT 1 FROM run_items t WHERE t.subscription_id = \
    i.subscription_id AND t.period = i.period AND t.state IN ('waiting', 'claimed'))";

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let rerun = Proposal::act(Action::Rerun, Evidence::Single).because(Reason::new("never_left"));
    row.id().map(|id| Found::new("invoices", id).proposing(rerun)).into_iter().collect()
}
