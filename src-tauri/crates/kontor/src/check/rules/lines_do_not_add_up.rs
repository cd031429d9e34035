//! Net and gross of invoice and lines; the shared reckoning stands in `amounts`.

use crate::check::amounts;
use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::question::{Question, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Lines do not add up.
pub(in crate::check) static RULE: Rule = Rule {
    id: "lines_do_not_add_up",
    severity: Severity::High,
    de: Words {
        title: "Positionen ergeben die Summe nicht",
        what: "Netto oder Brutto der Rechnung ist nicht die Summe ihrer Positionen, oder eine Position rechnet sich nicht.",
        why: "Die Rechnung ist nach § 14 UStG falsch.",
        how: "Der Betrag, den Position, Tarif und Summe gemeinsam ergeben.",
        when_not: "Nicht, wenn das verschickte Papier selbst falsch ist: dann Storno.",
    },
    en: Words {
        title: "Lines do not add up",
        what: "Net or gross of the invoice is not the sum of its lines, or a line does not compute.",
        why: "The invoice is wrong under § 14 UStG.",
        how: "The amount that line, tariff and sum give together.",
        when_not: "Not where the mailed paper itself is wrong: then cancel it.",
    },
    method: Method::Ask(Question::one(amounts::TEXT, judge)),
};

fn judge(row: &Row<'_>, facts: &Facts) -> Vec<Found> {
    amounts::wrong(row, facts, amounts::Part::Sums)
}
