//! Numbers taken and never used without a reason, and serials that the log skips. A skipped serial that a number
//! in the log bears is no gap: there the serial is wrong, and another rule says so.

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Gap in the numbers.
pub(in crate::check) static RULE: Rule = Rule {
    id: "number_gap",
    severity: Severity::Info,
    de: Words {
        title: "Lücke in den Nummern",
        what: "Eine Nummer wurde vergeben und nicht benutzt, oder fehlt im Protokoll, und niemand hat es erklärt.",
        why: "Eine Prüferin wird danach fragen.",
        how: "Einen Grund vermerken; wird der Zeitraum berechnet, erklärt sich die Nummer von selbst.",
        when_not: "Gefüllt wird eine Lücke nie.",
    },
    en: Words {
        title: "Gap in the numbers",
        what: "A number was taken and not used, or is missing in the log, and nobody explained it.",
        why: "An auditor will ask.",
        how: "Note a reason; once the period is invoiced the number explains itself.",
        when_not: "A gap is never filled.",
    },
    method: Method::Ask(Question::many(texts, judge)),
};

fn texts() -> Vec<String> {
    let unused = "SELECT a.id AS id, 'invoice_id' AS field, a.number AS current FROM number_allocations a WHERE \
                  a.invoice_id IS NULL AND a.explanation IS NULL AND a.allocated_at < {grace} {only:a.id}";
    let skipped = "SELECT g.id AS id, 'serial' AS field, CAST(g.before + 1 AS text) || '-' || CAST(g.serial - 1 AS text) AS \
                   current FROM (SELECT a.id, a.range_id, r.last_serial, a.serial, coalesce(lag(a.serial) OVER (PARTITION BY a.range_id ORDER BY \
                   a.serial), 0) AS before FROM number_allocations a JOIN number_ranges r ON r.id = a.range_id WHERE \
                   a.serial <= r.last_serial AND r.kind <> 'customer') g WHERE g.serial > g.before + 1 {only:g.id} AND NOT EXISTS (SELECT 1 FROM \
                   number_allocations o WHERE o.range_id = g.range_id AND o.serial > g.last_serial AND g.serial = \
                   g.before + 2 AND o.number LIKE '%' || CAST(g.before + 1 AS text) || '-_')";
    [unused, skipped].map(str::to_owned).to_vec()
}

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let (Some(id), Some(field)) = (row.id(), row.text("field")) else { return Vec::new() };
    vec![Found::new("number_allocations", id).field(&field, row.shown("current"))]
}
