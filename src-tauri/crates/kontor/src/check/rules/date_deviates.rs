//! Dates of invoices without frozen content against the day their number was taken, in Berlin, and the time for payment.

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::neighbours;
use crate::check::proposal::Action;
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Invoice date deviates.
pub(in crate::check) static RULE: Rule = Rule {
    id: "date_deviates",
    severity: Severity::High,
    de: Words {
        title: "Rechnungsdatum weicht ab",
        what: "Das Datum einer Rechnung der alten Programme ist nicht der Tag, an dem ihre Nummer vergeben wurde, oder das Zahlungsziel folgt nicht daraus.",
        why: "Fälligkeit, Mahnung und Voranmeldung folgen aus diesen Tagen.",
        how: "Der Tag folgt aus dem Nummernprotokoll oder der Zahlungsfrist; das PDF bestätigt ihn.",
        when_not: "Nicht bei Rechnungen mit eingefrorenem Inhalt: dort gilt der Inhalt.",
    },
    en: Words {
        title: "Invoice date deviates",
        what: "The date of an invoice of the old programs is not the day its number was taken, or the last day of payment does not follow from it.",
        why: "Due date, dunning and tax return follow from these days.",
        how: "The day follows from the log of numbers or the time for payment; the PDF confirms it.",
        when_not: "Not for invoices with frozen content: there the content holds.",
    },
    method: Method::Ask(Question::one(TEXT, judge)),
};

const TEXT: &str = "SELECT i.id AS id, i.issued_on AS issued_on, i.due_on AS due_on, a.allocated_at AS allocated_at FROM \
                    invoices i JOIN number_allocations a ON a.invoice_id = i.id WHERE i.snapshot IS NULL AND \
                    i.kind = 'invoice' {only:i.id}";

/// A day that lies in Berlin is no question for the database: every invoice of the old programs is looked at.
fn judge(row: &Row<'_>, facts: &Facts) -> Vec<Found> {
    let (Some(id), Some(taken)) = (row.id(), row.at("allocated_at")) else { return Vec::new() };
    let day = taken.with_timezone(&chrono_tz::Europe::Berlin).date_naive();
    let mut found = Vec::new();
    let mut look = |field: &str, current: Option<chrono::NaiveDate>, right: chrono::NaiveDate, from: &str| {
        if let Some(current) = current.filter(|current| *current != right) {
            let proposal = neighbours::expected(field, &current.to_string(), &right.to_string(), from);
            let proposal = neighbours::copied(proposal).by(Action::RestoreInvoice);
            found.push(Found::new("invoices", id).field(field, Some(current.to_string())).proposing(proposal));
        }
    };
    look("issued_on", row.day("issued_on"), day, "number_log");
    if let Ok(issuer) = facts.settings.issuer(day) {
        let days = chrono::Days::new(u64::try_from(issuer.payment_days).unwrap_or(0));
        look("due_on", row.day("due_on"), day + days, "payment_days");
    }
    found
}
