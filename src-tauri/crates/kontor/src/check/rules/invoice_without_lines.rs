//! Invoices without lines, or with another number of lines than they say.

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Invoice without lines.
pub(in crate::check) static RULE: Rule = Rule {
    id: "invoice_without_lines",
    severity: Severity::High,
    de: Words {
        title: "Rechnung ohne Positionen",
        what: "Die Rechnung hat keine Positionen, oder nicht so viele, wie sie nennt.",
        why: "Ohne Leistung ist sie keine Rechnung (§ 14 UStG).",
        how: "War sie nie verschickt, stellt ein Lauf sie zum ersten Mal aus; sonst kommen die Positionen aus dem eingefrorenen Inhalt.",
        when_not: "Nicht ohne eingefrorenen Inhalt, wenn sie verschickt ist.",
    },
    en: Words {
        title: "Invoice without lines",
        what: "The invoice has no lines, or not as many as it says.",
        why: "Without a service it is no invoice (§ 14 UStG).",
        how: "Where it never left the house, a run issues it for the first time; otherwise the lines come from its frozen content.",
        when_not: "Not without frozen content once it was mailed.",
    },
    method: Method::Ask(Question::one(TEXT, judge)),
};

const TEXT: &str = "SELECT i.id AS id, i.line_count AS current, (SELECT count(*) FROM invoice_lines l WHERE l.invoice_id = i.id) AS lines, \
    CASE WHEN i.snapshot IS NULL THEN 0 ELSE 1 END AS frozen, CASE WHEN EXISTS (SELECT 1 FROM deliveries d WHERE d.invoice_id = \
    i.id AND d.state IN ('sending', 'accepted', 'unknown', 'bounced')) THEN 1 ELSE 0 END AS has_left FROM invoices i WHERE \
    (i.line_count = 0 OR i.line_count <> (SELECT count(*) FROM invoice_lines l WHERE l.invoice_id = i.id)) AND i.updated_at < \
    {grace} {only:i.id}";

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let Some(id) = row.id() else { return Vec::new() };
    let found = Found::new("invoices", id).field("line_count", row.shown("current"));
    let proposal = if row.flag("frozen") {
        Proposal::act(Action::RestoreInvoice, Evidence::Copy).because(Reason::new("frozen_content"))
    } else if !row.flag("has_left") {
        Proposal::act(Action::Rerun, Evidence::Single).because(Reason::new("never_left"))
    } else if let Some(lines @ 1..) = row.whole("lines") {
        Proposal::set("line_count", lines.to_string(), Evidence::Single).by(Action::RestoreInvoice)
    } else {
        Proposal::act(Action::Decide, Evidence::None)
    };
    vec![found.proposing(proposal)]
}
