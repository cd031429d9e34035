//! Months that are over and that the house has invoiced, against the subscriptions that ran in them; the first that is missing is named.

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Due period without an invoice.
pub(in crate::check) static RULE: Rule = Rule {
    id: "invoice_missing",
    severity: Severity::High,
    de: Words {
        title: "Fälliger Zeitraum ohne Rechnung",
        what: "Für einen Zeitraum, den das Haus berechnet hat, hat dieser Vertrag keine Rechnung.",
        why: "Der Umsatz fehlt.",
        how: "Ein Lauf stellt die Rechnung aus.",
        when_not: "Nicht, wenn die Rechnung storniert wurde: dann will sie jemand nicht.",
    },
    en: Words {
        title: "Due period without an invoice",
        what: "For a period that the house has invoiced, this subscription has no invoice.",
        why: "The revenue is missing.",
        how: "A run issues the invoice.",
        when_not: "Not where the invoice was cancelled: then somebody does not want it.",
    },
    method: Method::Ask(Question::one(TEXT, judge)),
};

const TEXT: &str = "WITH p AS MATERIALIZED (SELECT DISTINCT i.period AS period FROM invoices i WHERE i.kind = 'invoice' AND i.period < {month} \
    AND i.period >= {year_ago}) SELECT s.id AS id, min(p.period) AS period FROM p JOIN subscriptions s ON CAST(s.started_on AS text) <= \
    substr(CAST(p.period AS text), 1, 7) || '-31' JOIN registrations r ON r.id = s.registration_id LEFT JOIN invoices n ON \
    n.subscription_id = s.id AND n.period = p.period AND n.kind = 'invoice' WHERE n.id IS NULL AND (s.ended_on >= p.period OR \
    (s.ended_on IS NULL AND s.state = 'active' AND r.state = 'active')) AND r.state <> 'blocked' AND r.registered_at < {grace} \
    {only:s.id} GROUP BY s.id";

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let Some(id) = row.id() else { return Vec::new() };
    let period = row.day("period").map(|day| crate::period::Period::containing(day).to_string());
    let rerun = Proposal::act(Action::Rerun, Evidence::Single)
        .because(Reason::new("issue_period").with("period", period.clone().unwrap_or_default()));
    vec![Found::new("subscriptions", id).field("period", period).proposing(rerun)]
}
