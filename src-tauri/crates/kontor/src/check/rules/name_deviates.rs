//! Names of invoices without frozen content against customers that nobody changed; the documents have the last word.

use crate::check::book::Found;
use crate::check::candidates::differ_by_a_bit;
use crate::check::facts::Facts;
use crate::check::proposal::{Candidate, Proposal, Reason};
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Name on the invoice deviates.
pub(in crate::check) static RULE: Rule = Rule {
    id: "name_deviates",
    severity: Severity::High,
    de: Words {
        title: "Name auf der Rechnung weicht ab",
        what: "Kunde und Rechnung der alten Programme nennen verschiedene Namen, obwohl niemand den Kunden geändert hat.",
        why: "Einer der beiden Namen ist falsch.",
        how: "Was das gespeicherte PDF sagt, gilt.",
        when_not: "Nicht ohne unversehrtes PDF: dann entscheidet eine Person.",
    },
    en: Words {
        title: "Name on the invoice deviates",
        what: "Customer and invoice of the old programs name different people, though nobody changed the customer.",
        why: "One of the two names is wrong.",
        how: "What the stored PDF says holds.",
        when_not: "Not without an undamaged PDF: then a person decides.",
    },
    method: Method::Ask(Question::one(TEXT, judge)),
};

const TEXT: &str = "SELECT i.id AS id, i.recipient_name AS current, coalesce(r.company, trim(r.first_name || ' ' || r.last_name)) AS name, \
    r.id AS registration_id FROM invoices i JOIN registrations r ON r.id = i.registration_id WHERE i.snapshot IS NULL AND \
    r.version = 1 AND i.recipient_name <> coalesce(r.company, trim(r.first_name || ' ' || r.last_name)) {only:i.id}";

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let (Some(id), Some(current), Some(name)) = (row.id(), row.text("current"), row.text("name")) else {
        return Vec::new();
    };
    let candidate = |value: &str, from: &str| Candidate { value: value.to_owned(), from: from.to_owned() };
    let mut proposal = Proposal::choose(vec![candidate(&current, "row"), candidate(&name, "registration")]);
    if differ_by_a_bit(current.as_bytes(), name.as_bytes()) {
        proposal = proposal.because(Reason::new("one_bit"));
    }
    vec![Found::new("invoices", id).field("recipient_name", Some(current)).proposing(proposal)]
}
