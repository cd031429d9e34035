//! Active customers without any mailbox, open or closed.

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Active registration without a mailbox.
pub(in crate::check) static RULE: Rule = Rule {
    id: "registration_without_mailbox",
    severity: Severity::High,
    de: Words {
        title: "Aktive Registrierung ohne Postfach",
        what: "Ein aktiver Kunde hat kein Postfach.",
        why: "Er zahlt für etwas, das er nicht hat, oder wird nie berechnet.",
        how: "Ein Postfach anlegen, oder die Registrierung schließen.",
        when_not: "Nicht von selbst: nur der Kunde weiß, was er bestellt hat.",
    },
    en: Words {
        title: "Active registration without a mailbox",
        what: "An active customer has no mailbox.",
        why: "They pay for what they do not have, or are never invoiced.",
        how: "Create a mailbox, or close the registration.",
        when_not: "Not by itself: only the customer knows what was ordered.",
    },
    method: Method::Ask(Question::one(TEXT, judge)),
};

const TEXT: &str = "SELECT r.id AS id FROM registrations r WHERE r.state = 'active' {only:r.id} \
    AND NOT EXISTS (SELECT 1 FROM mailboxes m WHERE m.registration_id = r.id)";

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let decide = Proposal::act(Action::Decide, Evidence::None).because(Reason::new("ask_customer"));
    row.id().map(|id| Found::new("registrations", id).proposing(decide)).into_iter().collect()
}
