//! Every column that holds a word of a closed list.

use crate::check::book::Found;
use crate::check::candidates;
use crate::check::doubt;
use crate::check::facts::Facts;
use crate::check::proposal::{Candidate, Evidence, Proposal};
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Unknown state.
pub(in crate::check) static RULE: Rule = Rule {
    id: "state_unknown",
    severity: Severity::Critical,
    de: Words {
        title: "Unbekannter Zustand",
        what: "Ein Zustandswort ist keines der erlaubten.",
        why: "Kein Teil des Programms weiß, was mit dem Datensatz zu tun ist.",
        how: "Das erlaubte Wort, das ein Bit entfernt liegt, wird eingesetzt.",
        when_not: "Nicht, wenn kein oder mehr als ein Wort so nah liegt.",
    },
    en: Words {
        title: "Unknown state",
        what: "A word of state is none of those allowed.",
        why: "No part of the program knows what to do with the record.",
        how: "The allowed word that lies one bit away is set.",
        when_not: "Not where no word, or more than one, lies that near.",
    },
    method: Method::Ask(Question::many(texts, judge)),
};

/// Table, column, and the words that it may hold.
pub(in crate::check) const WORDS: [(&str, &str, &[&str]); 21] = [
    ("registrations", "kind", &["person", "company"]),
    ("registrations", "language", &["de", "en"]),
    ("registrations", "state", &["active", "blocked", "closed"]),
    ("registrations", "source", &["signup", "import", "desk"]),
    ("mailboxes", "state", &["active", "closed"]),
    ("subscriptions", "state", &["active", "ended"]),
    ("invoices", "kind", &["invoice", "cancellation"]),
    ("invoices", "origin", &["kontor", "legacy"]),
    ("invoices", "state", &["incomplete", "issued", "archived", "cancelled"]),
    ("documents", "role", &["original", "discarded"]),
    ("documents", "origin", &["kontor", "legacy"]),
    ("deliveries", "purpose", &["invoice", "resend", "cancellation"]),
    ("deliveries", "origin", &["kontor", "legacy"]),
    ("deliveries", "state", &["queued", "sending", "accepted", "deferred", "refused", "unknown", "bounced"]),
    ("delivery_evidence", "verdict", &["accepted", "deferred", "refused", "unknown", "bounced"]),
    ("runs", "kind", &["invoice", "rerun"]),
    ("runs", "state", &["running", "paused", "cancelling", "cancelled", "done"]),
    ("run_items", "state", &["waiting", "claimed", "done", "failed", "skipped", "unknown", "cancelled"]),
    ("attempts", "outcome", &["running", "done", "failed", "died", "skipped", "unknown"]),
    ("payments", "state", &["matched", "open", "returned"]),
    ("number_ranges", "kind", &["customer", "invoice", "cancellation"]),
];

fn texts() -> Vec<String> {
    let text = |(table, column, words): &(&str, &str, &[&str])| {
        let words: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        format!(
            "SELECT c.id AS id, '{table}' AS named, '{column}' AS field, c.{column} AS current FROM {table} c WHERE \
             c.{column} NOT IN ({}) {{only:c.id}}",
            words.join(", ")
        )
    };
    WORDS.iter().map(text).collect()
}

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let (Some(id), Some(named), Some(field)) = (row.id(), row.text("named"), row.text("field")) else {
        return Vec::new();
    };
    let known = WORDS.iter().find(|(table, column, _)| *table == named && *column == field);
    let Some((table, column, words)) = known else { return Vec::new() };
    let current = row.shown("current");
    let found = Found::new(table, id).field(column, current.clone());
    let current = current.unwrap_or_default();
    let near: Vec<String> = candidates::texts(&current).filter(|word| words.contains(&word.as_str())).collect();
    vec![match &near[..] {
        [] => found,
        [one] => {
            let mut proposal = Proposal::set(column, one, Evidence::Single);
            proposal.reasons = doubt::flip(&current, one);
            found.proposing(proposal)
        }
        _ => {
            let from_bit = |value: &String| Candidate { value: value.clone(), from: "bit".to_owned() };
            found.proposing(Proposal::choose(near.iter().map(from_bit).collect()))
        }
    }]
}
