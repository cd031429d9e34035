//! Accepted first mails of one invoice; the younger ones are named.

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Two accepted mails for one purpose.
pub(in crate::check) static RULE: Rule = Rule {
    id: "mail_twice",
    severity: Severity::High,
    de: Words {
        title: "Zwei angenommene Mails für einen Zweck",
        what: "Der Mailserver hat zwei erste Mails derselben Rechnung angenommen.",
        why: "Der Kunde hat sie zweimal bekommen und zahlt vielleicht zweimal.",
        how: "Den Kunden anschreiben; zu ändern ist nichts.",
        when_not: "Mails werden nicht gelöscht.",
    },
    en: Words {
        title: "Two accepted mails for one purpose",
        what: "The mail server accepted two first mails of the same invoice.",
        why: "The customer got it twice, and may pay twice.",
        how: "Write to the customer; there is nothing to change.",
        when_not: "Mails are not deleted.",
    },
    method: Method::Ask(Question::one(TEXT, judge)),
};

const TEXT: &str = "SELECT d.id AS id, d.message_id AS current FROM deliveries d JOIN (SELECT c.invoice_id, c.purpose FROM deliveries c WHERE \
    c.state = 'accepted' AND c.purpose <> 'resend' GROUP BY c.invoice_id, c.purpose HAVING count(*) > 1) g ON g.invoice_id = \
    d.invoice_id AND g.purpose = d.purpose WHERE d.state = 'accepted' {only:d.id} AND EXISTS (SELECT 1 FROM deliveries o WHERE \
    o.invoice_id = d.invoice_id AND o.purpose = d.purpose AND o.state = 'accepted' AND o.id < d.id)";

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let decide = Proposal::act(Action::Decide, Evidence::None).because(Reason::new("tell_customer"));
    row.id().map(|id| Found::new("deliveries", id).proposing(decide)).into_iter().collect()
}
