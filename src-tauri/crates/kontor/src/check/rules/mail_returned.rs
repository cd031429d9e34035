//! First mails that were refused or came back, where no other arrived or is on its way.

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Mail refused or returned.
pub(in crate::check) static RULE: Rule = Rule {
    id: "mail_returned",
    severity: Severity::Medium,
    de: Words {
        title: "Mail abgelehnt oder zurückgekommen",
        what: "Die Mail einer Rechnung wurde abgelehnt oder kam zurück, und keine andere ist angekommen.",
        why: "Der Kunde hat die Rechnung nicht.",
        how: "Die Adresse klären, dann erneut senden.",
        when_not: "Nicht an dieselbe Adresse, solange sie abgelehnt wird.",
    },
    en: Words {
        title: "Mail refused or returned",
        what: "The mail of an invoice was refused or came back, and no other arrived.",
        why: "The customer does not have the invoice.",
        how: "Find out the address, then send it again.",
        when_not: "Not to the same address while it is refused.",
    },
    method: Method::Ask(Question::one(TEXT, judge)),
};

const TEXT: &str = "SELECT d.id AS id, d.state AS current FROM deliveries d JOIN invoices i ON i.id = d.invoice_id WHERE d.state IN ('refused', \
    'bounced') AND i.state <> 'cancelled' {only:d.id} AND NOT EXISTS (SELECT 1 FROM deliveries o WHERE o.invoice_id = d.invoice_id AND \
    o.id <> d.id AND o.state NOT IN ('refused', 'bounced')) AND NOT EXISTS (SELECT 1 FROM deliveries o WHERE o.invoice_id = \
    d.invoice_id AND o.id > d.id)";

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let Some(id) = row.id() else { return Vec::new() };
    let decide = Proposal::act(Action::Decide, Evidence::None).because(Reason::new("ask_address"));
    vec![Found::new("deliveries", id).field("state", row.shown("current")).proposing(decide)]
}
