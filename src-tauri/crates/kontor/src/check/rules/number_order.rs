//! Each invoice's date against those of the numbers before and after it; the odd one out is named.

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Numbers and dates in different order.
pub(in crate::check) static RULE: Rule = Rule {
    id: "number_order",
    severity: Severity::Info,
    de: Words {
        title: "Nummern und Daten in verschiedener Reihenfolge",
        what: "Das Datum dieser Rechnung passt nicht zwischen die Daten der Nummern davor und danach.",
        why: "Meist ist ein Datum falsch; erlaubt ist es trotzdem.",
        how: "Das Datum mit Protokoll und PDF vergleichen.",
        when_not: "Nicht, wenn absichtlich rückdatiert wurde.",
    },
    en: Words {
        title: "Numbers and dates in different order",
        what: "The date of this invoice does not fit between those of the numbers before and after it.",
        why: "Mostly a date is wrong; it is allowed nevertheless.",
        how: "Compare the date with log and PDF.",
        when_not: "Not where it was dated back on purpose.",
    },
    method: Method::Ask(Question::one(TEXT, judge)),
};

const TEXT: &str = "SELECT w.id AS id, w.issued_on AS current FROM (SELECT i.id, i.issued_on, lag(i.issued_on) OVER o AS before, \
    lead(i.issued_on) OVER o AS behind FROM number_allocations a JOIN invoices i ON i.id = a.invoice_id JOIN number_ranges r ON r.id \
    = a.range_id WHERE a.serial <= r.last_serial WINDOW o AS (PARTITION BY a.range_id ORDER BY a.serial)) w WHERE w.before <= \
    w.behind AND (w.issued_on < w.before OR w.issued_on > w.behind) {only:w.id}";

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    row.id().map(|id| Found::new("invoices", id).field("issued_on", row.shown("current"))).into_iter().collect()
}
