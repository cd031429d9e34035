//! Names and addresses with characters that the fonts of the invoice lack.

use crate::check::book::Found;
use crate::check::passes::Pass;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::rule::{Method, Rule, Severity, Words};
use crate::registration::contact;
use crate::store::entities::registrations;

/// Character cannot be printed.
pub(in crate::check) static RULE: Rule = Rule {
    id: "text_unprintable",
    severity: Severity::Medium,
    de: Words {
        title: "Zeichen nicht druckbar",
        what: "Name oder Anschrift enthält ein Zeichen, das die Schriften der Rechnung nicht haben.",
        why: "Die Rechnung kann nicht gezeichnet werden.",
        how: "Den Namen mit dem Kunden so schreiben, dass er gedruckt werden kann.",
        when_not: "Nicht von selbst: wie jemand heißt, entscheidet kein Programm.",
    },
    en: Words {
        title: "Character cannot be printed",
        what: "Name or address has a character that the fonts of the invoice lack.",
        why: "The invoice cannot be drawn.",
        how: "Agree with the customer on a spelling that can be printed.",
        when_not: "Not by itself: what people are called is not for a program to decide.",
    },
    method: Method::Pass(&[Pass::Registrations]),
};

/// The finding, where a name or an address cannot be printed.
pub(in crate::check) fn look(row: &registrations::Model) -> Option<(&'static str, Found)> {
    let field = contact::unprintable(row)?;
    let decide = Proposal::act(Action::Decide, Evidence::None).because(Reason::new("ask_customer"));
    Some((RULE.id, Found::new("registrations", row.id).field(field.name(), field.of(row)).proposing(decide)))
}
