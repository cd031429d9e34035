//! The state of every mail against each piece of evidence, after the one table that settles mails (`delivery::settle`).

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::proposal::{Action, Candidate, Evidence, Proposal, Reason};
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};
use crate::delivery::settle;

/// Outcome contradicts the evidence.
pub(in crate::check) static RULE: Rule = Rule {
    id: "outcome_contradicts",
    severity: Severity::High,
    de: Words {
        title: "Ergebnis widerspricht den Belegen",
        what: "Was als Ergebnis einer Mail steht, passt nicht zu dem, was der Mailserver nachweislich sagte.",
        why: "Eine angenommene Mail würde noch einmal gesendet, oder eine abgelehnte gälte als angekommen.",
        how: "Das Ergebnis folgt den Belegen.",
        when_not: "Nicht, wenn die Belege selbst verstümmelt sind und mehreres möglich ist.",
    },
    en: Words {
        title: "Outcome contradicts the evidence",
        what: "What stands as a mail's outcome does not fit what the mail server demonstrably said.",
        why: "An accepted mail would be sent again, or a refused one would count as arrived.",
        how: "The outcome follows the evidence.",
        when_not: "Not where the evidence itself is garbled and several outcomes are possible.",
    },
    method: Method::Ask(Question::one(TEXT, judge)),
};

const TEXT: &str = "SELECT d.id AS id, d.state AS state, e.source AS source, e.verdict AS verdict, e.reply_code AS reply_code, e.detail AS detail \
    FROM deliveries d JOIN delivery_evidence e ON e.delivery_id = d.id WHERE (d.state <> e.verdict OR e.reply_code > 599 OR \
    e.reply_code < 200 OR e.detail LIKE '250 2.1.%' OR (e.verdict <> 'accepted' AND e.detail LIKE '%queued as %')) {only:d.id} AND \
    NOT EXISTS (SELECT 1 FROM delivery_evidence l WHERE l.delivery_id = d.id AND l.source IN ('maillog', 'bounce', 'person') AND \
    l.verdict = d.state AND l.id <> e.id) AND NOT EXISTS (SELECT 1 FROM deliveries o WHERE o.invoice_id = d.invoice_id AND \
    o.purpose = d.purpose AND o.id <> d.id AND o.state NOT IN ('refused', 'bounced'))";

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let (Some(id), Some(state), Some(verdict)) = (row.id(), row.text("state"), row.text("verdict")) else {
        return Vec::new();
    };
    let (source, detail) = (row.text("source").unwrap_or_default(), row.text("detail").unwrap_or_default());
    let proposal = if let Some(next) = settled(&source, &verdict, &state) {
        Proposal::set("state", next, Evidence::Copy).by(Action::SettleDelivery).because(Reason::new("evidence_says"))
    } else if took_it(&detail) && matches!(state.as_str(), "refused" | "unknown" | "deferred") {
        // It names the queue id under which the mail was taken, whatever was made of its code.
        Proposal::set("state", "accepted", Evidence::Single)
            .by(Action::SettleDelivery)
            .because(Reason::new("queue_id_named"))
    } else if state == "accepted" && answers_another_command(&source, &detail) {
        let candidate = |value: &str| Candidate { value: value.to_owned(), from: "evidence".to_owned() };
        Proposal::choose(["accepted", "refused", "unknown"].map(candidate).to_vec()).because(Reason::new("older_reply"))
    } else {
        return Vec::new();
    };
    vec![Found::new("deliveries", id).field("state", Some(state)).proposing(proposal)]
}

/// A deferred or unknown one may have been tried again since.
fn settled(source: &str, verdict: &str, state: &str) -> Option<&'static str> {
    let is_final = matches!(verdict, "accepted" | "refused" | "bounced");
    settle::next(source, verdict, state).filter(|next| is_final && *next != state)
}

fn took_it(detail: &str) -> bool {
    detail.contains(" Ok: queued as ")
}

/// Class 2.1 of RFC 3463 is about addresses: the answer to MAIL or RCPT, never to the message.
fn answers_another_command(source: &str, detail: &str) -> bool {
    source == "smtp_reply" && detail.starts_with("250 2.1.")
}
