//! Invoices whose numbers are the same when blanks and small letters are forgiven.

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Duplicate invoice number.
pub(in crate::check) static RULE: Rule = Rule {
    id: "number_duplicate",
    severity: Severity::Critical,
    de: Words {
        title: "Rechnungsnummer doppelt",
        what: "Zwei Rechnungen tragen dieselbe Nummer.",
        why: "Nummern müssen einmalig sein (§ 14 Abs. 4 Nr. 4 UStG).",
        how: "Das Nummernprotokoll sagt, wem sie gehört; die andere wird storniert.",
        when_not: "Umnummeriert wird nichts, was verschickt ist.",
    },
    en: Words {
        title: "Duplicate invoice number",
        what: "Two invoices bear the same number.",
        why: "Numbers must be unique (§ 14 (4) no. 4 UStG).",
        how: "The log of numbers says whose it is; the other one is cancelled.",
        when_not: "Nothing that was mailed is numbered anew.",
    },
    method: Method::Ask(Question::one(TEXT, judge)),
};

const TEXT: &str = "SELECT i.id AS id, i.number AS current, (SELECT a.number FROM number_allocations a WHERE a.invoice_id = i.id) AS logged \
    FROM invoices i WHERE upper(trim(i.number)) IN (SELECT upper(trim(o.number)) FROM invoices o GROUP BY upper(trim(o.number)) \
    HAVING count(*) > 1) {only:i.id}";

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let Some(id) = row.id() else { return Vec::new() };
    let current = row.shown("current");
    let found = Found::new("invoices", id).field("number", current.clone());
    let logged = row.text("logged").filter(|logged| Some(logged) != current.as_ref());
    vec![
        found.proposing(match logged {
            Some(number) => Proposal::set("number", number, Evidence::Copy)
                .by(Action::RestoreInvoice)
                .because(Reason::new("number_log")),
            None => Proposal::act(Action::Decide, Evidence::None),
        }),
    ]
}
