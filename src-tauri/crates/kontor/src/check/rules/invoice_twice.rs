//! Invoices under a number that was taken for a period with another valid invoice, and plain duplicates.

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Two invoices for one period.
pub(in crate::check) static RULE: Rule = Rule {
    id: "invoice_twice",
    severity: Severity::Critical,
    de: Words {
        title: "Zwei Rechnungen für einen Zeitraum",
        what: "Die Nummer dieser Rechnung wurde für einen Zeitraum vergeben, der schon eine gültige Rechnung hat.",
        why: "Der Kunde wird zweimal zur Zahlung aufgefordert, und die Steuer wird zweimal geschuldet.",
        how: "Die zweite wird storniert.",
        when_not: "Gelöscht wird keine: eine ausgestellte Rechnung bleibt.",
    },
    en: Words {
        title: "Two invoices for one period",
        what: "The number of this invoice was taken for a period that has a valid invoice already.",
        why: "The customer is asked to pay twice, and the tax is owed twice.",
        how: "The second one is cancelled.",
        when_not: "None is deleted: an issued invoice stays.",
    },
    method: Method::Ask(Question::many(texts, judge)),
};

fn texts() -> Vec<String> {
    let of_another = "SELECT i.id AS id, i.period AS current, a.period AS meant, o.number AS other FROM invoices i JOIN \
                      number_allocations a ON a.invoice_id = i.id JOIN invoices o ON o.subscription_id = \
                      i.subscription_id AND o.period = a.period AND o.id <> i.id WHERE i.kind = 'invoice' AND \
                      i.state <> 'cancelled' AND o.kind = 'invoice' AND o.state <> 'cancelled' AND a.period <> i.period \
                      {only:i.id}";
    let of_the_same = "SELECT i.id AS id, i.period AS current, i.period AS meant, o.number AS other FROM invoices i JOIN \
                       invoices o ON o.subscription_id = i.subscription_id AND o.period = i.period AND o.id < i.id \
                       WHERE i.kind = 'invoice' AND i.state <> 'cancelled' AND o.kind = 'invoice' AND \
                       o.state <> 'cancelled' {only:i.id}";
    [of_another, of_the_same].map(str::to_owned).to_vec()
}

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let Some(id) = row.id() else { return Vec::new() };
    let period = |column: &str| row.day(column).map(|day| day.to_string()).unwrap_or_default();
    let reason = Reason::new("period_taken").with("number", row.text("other").unwrap_or_default());
    let cancel = Proposal::act(Action::CancelInvoice, Evidence::Copy).because(reason.with("period", period("meant")));
    vec![Found::new("invoices", id).field("period", Some(period("current"))).proposing(cancel)]
}
