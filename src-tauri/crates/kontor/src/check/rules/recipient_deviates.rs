//! Addressees of old first mails against customers that nobody changed.

use crate::check::book::Found;
use crate::check::doubt;
use crate::check::facts::Facts;
use crate::check::proposal::{Candidate, Evidence, Proposal, Reason};
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};
use crate::registration::folded;

/// Recipient deviates.
pub(in crate::check) static RULE: Rule = Rule {
    id: "recipient_deviates",
    severity: Severity::High,
    de: Words {
        title: "Empfänger weicht ab",
        what: "Die Mail einer alten Rechnung ging laut Zeile an eine andere Adresse als die des Kunden, obwohl niemand ihn geändert hat.",
        why: "Eine der beiden Adressen ist falsch.",
        how: "Was Anmeldung oder Suchwörter bestätigen, gilt.",
        when_not: "Nicht ohne eine solche Kopie: dann entscheidet eine Person.",
    },
    en: Words {
        title: "Recipient deviates",
        what: "By its row, the mail of an old invoice went to another address than the customer's, though nobody changed the customer.",
        why: "One of the two addresses is wrong.",
        how: "What sign-up or search words confirm holds.",
        when_not: "Not without such a copy: then a person decides.",
    },
    method: Method::Ask(Question::one(TEXT, judge)),
};

const TEXT: &str = "SELECT d.id AS id, d.recipient AS current, r.email AS email, r.search_text AS words, r.customer_number AS customer_number FROM \
    deliveries d JOIN invoices i ON i.id = d.invoice_id JOIN registrations r ON r.id = i.registration_id WHERE d.origin = 'legacy' AND \
    d.purpose = 'invoice' AND r.version = 1 AND d.recipient <> r.email {only:d.id}";

fn judge(row: &Row<'_>, facts: &Facts) -> Vec<Found> {
    let (Some(id), Some(current), Some(email)) = (row.id(), row.text("current"), row.text("email")) else {
        return Vec::new();
    };
    let found = Found::new("deliveries", id).field("recipient", Some(current.clone()));
    let number = row.text("customer_number").unwrap_or_default();
    let signed_up =
        facts.export.as_ref().and_then(|export| export.by_number(&number)).and_then(|line| line.get("email"));
    let is_confirmed = |address: &str| {
        let in_words = row.text("words").is_some_and(|words| words.split(' ').any(|word| word == folded(address)));
        signed_up.map_or(in_words, |known| known == address)
    };
    let proposal = match (is_confirmed(&current), is_confirmed(&email)) {
        // The customer's address is the wrong one; another rule says so.
        (true, false) => return Vec::new(),
        (false, true) => {
            let mut proposal =
                Proposal::set("recipient", &email, Evidence::Copy).because(Reason::new("customer_address"));
            proposal.reasons.extend(doubt::against_flip(&current, &email));
            proposal
        }
        _ => {
            let candidate = |value: &str, from: &str| Candidate { value: value.to_owned(), from: from.to_owned() };
            Proposal::choose(vec![candidate(&current, "row"), candidate(&email, "registration")])
        }
    };
    vec![found.proposing(proposal)]
}
