//! Amount and rate of the tax of invoice and lines; the shared reckoning stands in `amounts`.

use crate::check::amounts;
use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Tax wrong.
pub(in crate::check) static RULE: Rule = Rule {
    id: "tax_wrong",
    severity: Severity::High,
    de: Words {
        title: "Umsatzsteuer falsch",
        what: "Steuerbetrag oder Steuersatz passt nicht zu Netto, Brutto und dem gültigen Satz.",
        why: "Die Rechnung weist falsche Steuer aus (§ 14c UStG).",
        how: "Der Betrag oder Satz, der aus Brutto und gültigem Satz folgt.",
        when_not: "Nicht, wenn das verschickte Papier selbst falsch ist: dann Storno.",
    },
    en: Words {
        title: "Tax wrong",
        what: "Amount or rate of the tax does not fit net, gross and the valid rate.",
        why: "The invoice states a wrong tax (§ 14c UStG).",
        how: "The amount or rate that follows from gross and the valid rate.",
        when_not: "Not where the mailed paper itself is wrong: then cancel it.",
    },
    method: Method::Ask(Question::one(amounts::TEXT, judge)),
};

fn judge(row: &Row<'_>, facts: &Facts) -> Vec<Found> {
    amounts::wrong(row, facts, amounts::Part::Tax)
}
