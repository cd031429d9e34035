//! Items that are claimed though their lease is over.

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Claim of a dead worker.
pub(in crate::check) static RULE: Rule = Rule {
    id: "claim_expired",
    severity: Severity::Medium,
    de: Words {
        title: "Arbeit eines toten Prozesses",
        what: "Ein Posten eines Laufs ist vergeben, und seine Frist ist vorbei.",
        why: "Niemand arbeitet daran, bis ein anderer ihn übernimmt.",
        how: "Der Posten wird freigegeben; der nächste Lauf übernimmt ihn.",
        when_not: "Nicht, solange die Frist läuft.",
    },
    en: Words {
        title: "Claim of a dead worker",
        what: "An item of a run is claimed, and its lease is over.",
        why: "Nobody works on it until another takes it over.",
        how: "The item is released; whoever works next takes it.",
        when_not: "Not while the lease runs.",
    },
    method: Method::Ask(Question::one(TEXT, judge)),
};

const TEXT: &str = "SELECT t.id AS id, t.state AS current FROM run_items t WHERE t.state = 'claimed' AND t.lease_expires_at < {late} {only:t.id}";

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let release = Proposal::act(Action::ReleaseItem, Evidence::Single).because(Reason::new("lease_over"));
    let found = |id| Found::new("run_items", id).field("state", row.shown("current")).proposing(release);
    row.id().map(found).into_iter().collect()
}
