//! What is matched with an invoice against its amount; what the bank took back does not count.

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Payments do not give the amount.
pub(in crate::check) static RULE: Rule = Rule {
    id: "payment_sum",
    severity: Severity::Medium,
    de: Words {
        title: "Zahlungen ergeben den Betrag nicht",
        what: "Was einer Rechnung zugeordnet ist, ist nicht ihr Betrag.",
        why: "Zu viel ist zu erstatten, zu wenig nachzufordern.",
        how: "Erstatten, nachfordern oder umbuchen.",
        when_not: "Nicht von selbst: es geht um Geld.",
    },
    en: Words {
        title: "Payments do not give the amount",
        what: "What is matched with an invoice is not its amount.",
        why: "Too much has to be refunded, too little asked for.",
        how: "Refund, ask for the rest, or match otherwise.",
        when_not: "Not by itself: it is about money.",
    },
    method: Method::Ask(Question::one(TEXT, judge)),
};

const TEXT: &str = "SELECT i.id AS id, i.gross_cents AS gross_cents, CAST(sum(p.amount_cents) AS bigint) AS paid FROM payments p JOIN invoices i \
    ON i.id = p.invoice_id WHERE p.state = 'matched' {only:i.id} GROUP BY i.id, i.gross_cents HAVING sum(p.amount_cents) <> \
    i.gross_cents";

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let Some(id) = row.id() else { return Vec::new() };
    let reason = Reason::new("paid").with("paid", row.whole("paid").unwrap_or_default());
    let reason = reason.with("gross", row.whole("gross_cents").unwrap_or_default());
    let decide = Proposal::act(Action::Decide, Evidence::None).because(reason);
    vec![Found::new("invoices", id).field("paid_cents", row.whole("paid").map(|n| n.to_string())).proposing(decide)]
}
