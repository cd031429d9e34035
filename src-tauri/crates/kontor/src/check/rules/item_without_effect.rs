//! Items that are done, against the document and the mail that their run should have left.

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Done without its effect.
pub(in crate::check) static RULE: Rule = Rule {
    id: "item_without_effect",
    severity: Severity::High,
    de: Words {
        title: "Erledigt ohne Wirkung",
        what: "Ein Posten eines Laufs gilt als erledigt, aber Beleg oder Mail fehlt.",
        why: "Der Lauf meldet Erfolg, und der Kunde hat nichts.",
        how: "Ein neuer Lauf holt es nach.",
        when_not: "Nicht, wenn die Rechnung inzwischen storniert ist.",
    },
    en: Words {
        title: "Done without its effect",
        what: "An item of a run counts as done, but document or mail is missing.",
        why: "The run reports success, and the customer has nothing.",
        how: "A new run makes up for it.",
        when_not: "Not where the invoice was cancelled meanwhile.",
    },
    method: Method::Ask(Question::one(TEXT, judge)),
};

const TEXT: &str = "SELECT t.id AS id, t.state AS current, i.id AS invoice_id FROM run_items t JOIN runs u ON u.id = t.run_id JOIN invoices i ON i.id = t.invoice_id \
    WHERE t.state = 'done' AND i.state <> 'cancelled' AND t.updated_at < {grace} {only:t.id} AND (NOT EXISTS (SELECT 1 FROM documents \
    d WHERE d.invoice_id = i.id AND d.role = 'original') OR (u.last_step = 'deliver' AND NOT EXISTS (SELECT 1 FROM deliveries m WHERE \
    m.invoice_id = i.id AND m.state IN ('accepted', 'bounced', 'refused', 'unknown'))))";

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let rerun = Proposal::act(Action::Rerun, Evidence::Single).because(Reason::new("effect_missing"));
    let rerun = match row.uuid("invoice_id") {
        Some(invoice) => rerun.on("invoices", invoice),
        None => rerun,
    };
    let found = |id| Found::new("run_items", id).field("state", row.shown("current")).proposing(rerun);
    row.id().map(found).into_iter().collect()
}
