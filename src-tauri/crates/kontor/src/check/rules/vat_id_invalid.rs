//! Form and check digit of VAT ids.

use crate::check::book::Found;
use crate::check::candidates;
use crate::check::neighbours;
use crate::check::passes::Pass;
use crate::check::rule::{Method, Rule, Severity, Words};
use crate::registration::vat_id;
use crate::store::entities::registrations;

/// VAT id invalid.
pub(in crate::check) static RULE: Rule = Rule {
    id: "vat_id_invalid",
    severity: Severity::Medium,
    de: Words {
        title: "USt-IdNr. ungültig",
        what: "Die Umsatzsteuer-Identifikationsnummer hat eine falsche Form oder Prüfziffer.",
        why: "Sie steht auf der Rechnung und gilt beim Finanzamt nicht.",
        how: "Eine Nummer ein Bit daneben, deren Prüfziffer stimmt, wird vorgeschlagen.",
        when_not: "Nicht, wenn mehrere passen oder keine.",
    },
    en: Words {
        title: "VAT id invalid",
        what: "The VAT identification number has a wrong form or check digit.",
        why: "It stands on the invoice and does not count for the tax office.",
        how: "A number one bit away whose check digit fits is proposed.",
        when_not: "Not where several fit, or none.",
    },
    method: Method::Pass(&[Pass::Registrations]),
};

/// The finding, where a VAT id is none.
pub(in crate::check) fn look(row: &registrations::Model) -> Option<(&'static str, Found)> {
    let current = row.vat_id.as_deref()?;
    vat_id::fault(current)?;
    let near: Vec<String> = candidates::texts(current).filter(|text| vat_id::fault(text).is_none()).collect();
    let found = Found::new("registrations", row.id).field("vat_id", Some(current.to_owned()));
    Some((RULE.id, neighbours::proposed(found, "vat_id", current, near)))
}
