//! Payments that the bank took back, whose invoice no other payment covers.

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Payment returned.
pub(in crate::check) static RULE: Rule = Rule {
    id: "payment_returned",
    severity: Severity::Medium,
    de: Words {
        title: "Zahlung zurückgegeben",
        what: "Die Bank hat eine Zahlung zurückgeholt, und keine andere deckt die Rechnung.",
        why: "Die Rechnung gilt als bezahlt und ist es nicht.",
        how: "Den Kunden anschreiben.",
        when_not: "Nicht von selbst: es geht um Geld.",
    },
    en: Words {
        title: "Payment returned",
        what: "The bank took a payment back, and no other covers the invoice.",
        why: "The invoice counts as paid and is not.",
        how: "Write to the customer.",
        when_not: "Not by itself: it is about money.",
    },
    method: Method::Ask(Question::one(TEXT, judge)),
};

const TEXT: &str = "SELECT p.id AS id, p.state AS current FROM payments p WHERE p.state = 'returned' {only:p.id} AND NOT EXISTS (SELECT 1 FROM \
    payments o WHERE o.invoice_id = p.invoice_id AND o.id <> p.id AND o.state = 'matched')";

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let decide = Proposal::act(Action::Decide, Evidence::None).because(Reason::new("tell_customer"));
    let found = |id| Found::new("payments", id).field("state", row.shown("current")).proposing(decide);
    row.id().map(found).into_iter().collect()
}
