//! Lines whose unit price is none that the tariff had in the month of the invoice.

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::neighbours;
use crate::check::proposal::{Action, Evidence};
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Price deviates from the tariff.
pub(in crate::check) static RULE: Rule = Rule {
    id: "price_deviates",
    severity: Severity::High,
    de: Words {
        title: "Preis weicht vom Tarif ab",
        what: "Eine Position hat einen anderen Einzelpreis als der Tarif in diesem Zeitraum.",
        why: "Der Kunde zahlt zu viel oder zu wenig.",
        how: "Der Preis des Tarifs; ist die Rechnung verschickt und falsch, dann Storno und neue Rechnung.",
        when_not: "Nicht, wenn der Preis vereinbart war.",
    },
    en: Words {
        title: "Price deviates from the tariff",
        what: "A line has another unit price than the tariff in that period.",
        why: "The customer pays too much or too little.",
        how: "The tariff's price; where the mailed invoice itself is wrong, cancel it and issue a new one.",
        when_not: "Not where the price was agreed upon.",
    },
    method: Method::Ask(Question::one(TEXT, judge)),
};

const TEXT: &str = "SELECT l.id AS id, l.unit_gross_cents AS current, l.gross_cents AS gross_cents, l.quantity AS quantity, i.id AS invoice_id, \
    (SELECT max(v.gross_cents) FROM tariffs t JOIN tariffs v ON v.code = t.code WHERE t.id = s.tariff_id AND \
    CAST(v.valid_from_on AS text) <= substr(CAST(i.period AS text), 1, 7) || '-31' AND (v.valid_until_on IS NULL OR \
    v.valid_until_on >= i.period)) AS expected FROM invoice_lines l JOIN invoices i ON i.id = l.invoice_id JOIN subscriptions s ON \
    s.id = i.subscription_id WHERE i.kind = 'invoice' {only:l.id} AND NOT EXISTS (SELECT 1 FROM tariffs t JOIN tariffs v ON \
    v.code = t.code WHERE t.id = s.tariff_id AND v.gross_cents = l.unit_gross_cents AND CAST(v.valid_from_on AS text) <= \
    substr(CAST(i.period AS text), 1, 7) || '-31' AND (v.valid_until_on IS NULL OR v.valid_until_on >= i.period)) AND EXISTS \
    (SELECT 1 FROM tariffs t WHERE t.id = s.tariff_id)";

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let Some(id) = row.id() else { return Vec::new() };
    let found = Found::new("invoice_lines", id).field("unit_gross_cents", row.shown("current"));
    let (Some(current), Some(expected)) = (row.whole("current"), row.whole("expected")) else { return vec![found] };
    let mut proposal = neighbours::expected("unit_gross_cents", &current.to_string(), &expected.to_string(), "tariff");
    // The gross of the line says the same.
    let gross = row.whole("quantity").and_then(|quantity| quantity.checked_mul(expected));
    if gross.is_some() && gross == row.whole("gross_cents") {
        proposal.evidence = Evidence::Copy;
    }
    vec![found.proposing(proposal.by(Action::RestoreInvoice))]
}
