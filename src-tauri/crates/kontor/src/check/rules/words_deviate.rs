//! The words that searches look into, made anew from the row.

use crate::check::book::Found;
use crate::check::candidates;
use crate::check::doubt;
use crate::check::passes::Pass;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::rule::{Method, Rule, Severity, Words};
use crate::invoice;
use crate::registration::search_text;
use crate::store::entities::{invoices, registrations};

/// Search words deviate.
pub(in crate::check) static RULE: Rule = Rule {
    id: "words_deviate",
    severity: Severity::Medium,
    de: Words {
        title: "Suchwörter weichen ab",
        what: "Die Wörter, in denen gesucht wird, sagen etwas anderes als der Datensatz, aus dem sie gebildet wurden.",
        why: "Eines von beiden wurde außerhalb von Kontor verändert.",
        how: "Passt ein Wert ein Bit daneben zu den Suchwörtern, ist er durch diese Kopie belegt.",
        when_not: "Nicht, wenn kein einzelnes Feld die Abweichung erklärt.",
    },
    en: Words {
        title: "Search words deviate",
        what: "The words that searches look into say something else than the record they were made of.",
        why: "One of the two was changed outside Kontor.",
        how: "Where a value one bit away fits the search words, this copy speaks for it.",
        when_not: "Not where no single field explains the deviation.",
    },
    method: Method::Pass(&[Pass::Registrations, Pass::Invoices]),
};

/// A field that goes into the words of a customer.
type Field = (&'static str, fn(&mut registrations::Model) -> Option<&mut String>);

const FIELDS: [Field; 5] = [
    ("email", |row| Some(&mut row.email)),
    ("last_name", |row| Some(&mut row.last_name)),
    ("first_name", |row| Some(&mut row.first_name)),
    ("company", |row| row.company.as_mut()),
    ("customer_number", |row| Some(&mut row.customer_number)),
];

/// The finding, where the words of a customer are not those of the row.
pub(in crate::check) fn of_registration(row: &registrations::Model, mailbox: &str) -> Option<(&'static str, Found)> {
    if search_text(row, mailbox) == row.search_text {
        return None;
    }
    let found = Found::new("registrations", row.id);
    for (name, cell) in FIELDS {
        let mut tried = row.clone();
        let Some(current) = cell(&mut tried).cloned() else { continue };
        let mut fits = |value: &String| {
            if let Some(cell) = cell(&mut tried) {
                cell.clone_from(value);
            }
            search_text(&tried, mailbox) == row.search_text
        };
        if let Some(right) = candidates::texts(&current).find(|value| fits(value)) {
            return Some((RULE.id, explained(found, name, &current, &right, Action::SetFields)));
        }
    }
    Some((RULE.id, found.field("search_text", Some(row.search_text.clone()))))
}

/// The finding, where the words of an invoice are not those of the row.
pub(in crate::check) fn of_invoice(row: &invoices::Model) -> Option<(&'static str, Found)> {
    let words = |number: &str, name: &str| invoice::search_text(number, name);
    // Rows from before there were such words have none.
    if row.search_text.is_empty() || words(&row.number, &row.recipient_name) == row.search_text {
        return None;
    }
    let found = Found::new("invoices", row.id);
    let name = candidates::texts(&row.recipient_name).find(|name| words(&row.number, name) == row.search_text);
    let number = candidates::texts(&row.number).find(|number| words(number, &row.recipient_name) == row.search_text);
    let explanation = name.map(|right| ("recipient_name", &row.recipient_name, right));
    let explanation = explanation.or_else(|| number.map(|right| ("number", &row.number, right)));
    Some((
        RULE.id,
        match explanation {
            Some((field, current, right)) => explained(found, field, current, &right, Action::RestoreInvoice),
            None => found.field("search_text", Some(row.search_text.clone())),
        },
    ))
}

fn explained(found: Found, field: &str, current: &str, right: &str, action: Action) -> Found {
    let mut proposal = Proposal::set(field, right, Evidence::Copy).by(action).because(Reason::new("search_words"));
    proposal.reasons.extend(doubt::flip(current, right));
    found.field(field, Some(current.to_owned())).proposing(proposal)
}
