//! Closed or ended rows in the midst of active ones, and invoices whose document is there.

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// State contradicts the rows.
pub(in crate::check) static RULE: Rule = Rule {
    id: "state_contradicts",
    severity: Severity::High,
    de: Words {
        title: "Zustand widerspricht den Zeilen",
        what: "Ein Zustand verträgt sich nicht mit dem, was die übrigen Zeilen desselben Vorgangs sagen.",
        why: "Der Kunde wird nicht berechnet, oder eine fertige Rechnung gilt als offen.",
        how: "Der Zustand, den alle übrigen Zeilen verlangen, wird vorgeschlagen.",
        when_not: "Nicht, wenn jemand den Zustand gewollt hat: dann gehören die übrigen Zeilen angepasst.",
    },
    en: Words {
        title: "State contradicts the rows",
        what: "A state does not agree with what the other rows of the same case say.",
        why: "The customer is not invoiced, or a finished invoice counts as open.",
        how: "The state that all other rows ask for is proposed.",
        when_not: "Not where somebody wanted that state: then the other rows have to follow.",
    },
    method: Method::Ask(Question::many(texts, judge)),
};

fn texts() -> Vec<String> {
    let registrations = "SELECT r.id AS id, 'registrations' AS named, r.state AS current, 'active' AS expected FROM \
                         registrations r WHERE r.state = 'closed' {only:r.id} AND EXISTS (SELECT 1 FROM subscriptions s \
                         JOIN mailboxes m ON m.id = s.mailbox_id WHERE s.registration_id = r.id AND s.state = 'active' \
                         AND s.ended_on IS NULL AND m.state = 'active')";
    let mailboxes = "SELECT m.id AS id, 'mailboxes' AS named, m.state AS current, 'active' AS expected FROM mailboxes m \
                     JOIN registrations r ON r.id = m.registration_id WHERE m.state = 'closed' AND r.state = 'active' \
                     {only:m.id} AND EXISTS (SELECT 1 FROM subscriptions s WHERE s.mailbox_id = m.id AND \
                     s.state = 'active' AND s.ended_on IS NULL)";
    let subscriptions = "SELECT s.id AS id, 'subscriptions' AS named, s.state AS current, 'active' AS expected FROM \
                         subscriptions s WHERE s.state = 'ended' AND s.ended_on IS NULL {only:s.id}";
    let invoices = "SELECT i.id AS id, 'invoices' AS named, i.state AS current, 'archived' AS expected FROM invoices i \
                    WHERE i.state IN ('incomplete', 'issued') AND i.updated_at < {grace} {only:i.id} AND EXISTS (SELECT \
                    1 FROM documents d WHERE d.invoice_id = i.id AND d.role = 'original')";
    [registrations, mailboxes, subscriptions, invoices].map(str::to_owned).to_vec()
}

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let (Some(id), Some(named), Some(expected)) = (row.id(), row.text("named"), row.text("expected")) else {
        return Vec::new();
    };
    let table = match named.as_str() {
        "registrations" => "registrations",
        "mailboxes" => "mailboxes",
        "subscriptions" => "subscriptions",
        _ => "invoices",
    };
    let proposal = Proposal::set("state", expected, Evidence::Single).because(Reason::new("rows_around"));
    let action = if table == "invoices" { Action::RestoreInvoice } else { Action::SetFields };
    vec![Found::new(table, id).field("state", row.shown("current")).proposing(proposal.by(action))]
}
