//! Every reference of the schema, table by table; foreign keys keep them from arising, damage does not ask.

use crate::check::book::Found;
use crate::check::facts::Facts;
use crate::check::question::{Question, Refine, Row};
use crate::check::rule::{Method, Rule, Severity, Words};

/// Reference to nothing.
pub(in crate::check) static RULE: Rule = Rule {
    id: "reference_orphaned",
    severity: Severity::Critical,
    de: Words {
        title: "Verweis ins Leere",
        what: "Ein Verweis nennt einen Datensatz, den es nicht gibt.",
        why: "Rechnung, Zahlung oder Beleg gehört scheinbar niemandem.",
        how: "Der Verweis wird auf den Datensatz gesetzt, dessen Kennung ein Bit entfernt liegt oder den eine andere Zeile nennt.",
        when_not: "Nicht, wenn der Datensatz selbst fehlt: dann hilft nur eine Sicherung.",
    },
    en: Words {
        title: "Reference to nothing",
        what: "A reference names a record that does not exist.",
        why: "Invoice, payment or document seems to belong to nobody.",
        how: "The reference is set to the record whose id lies one bit away, or which another row names.",
        when_not: "Not where the record itself is gone: then only a backup helps.",
    },
    method: Method::Ask(Question::many(texts, judge).refined(Refine::Reference)),
};

/// Table, column and the table it refers to. A mailbox's customer has a rule of its own.
pub(in crate::check) const REFERENCES: [(&str, &str, &str); 26] = [
    ("subscriptions", "registration_id", "registrations"),
    ("subscriptions", "mailbox_id", "mailboxes"),
    ("subscriptions", "tariff_id", "tariffs"),
    ("invoices", "registration_id", "registrations"),
    ("invoices", "subscription_id", "subscriptions"),
    ("invoices", "cancels_id", "invoices"),
    ("invoices", "cancelled_by", "invoices"),
    ("invoice_lines", "invoice_id", "invoices"),
    ("number_allocations", "range_id", "number_ranges"),
    ("number_allocations", "subscription_id", "subscriptions"),
    ("number_allocations", "invoice_id", "invoices"),
    ("documents", "invoice_id", "invoices"),
    ("deliveries", "invoice_id", "invoices"),
    ("deliveries", "document_id", "documents"),
    ("delivery_evidence", "delivery_id", "deliveries"),
    ("delivery_evidence", "attempt_id", "attempts"),
    ("run_items", "run_id", "runs"),
    ("run_items", "subscription_id", "subscriptions"),
    ("run_items", "invoice_id", "invoices"),
    ("attempts", "item_id", "run_items"),
    ("attempts", "subscription_id", "subscriptions"),
    ("attempts", "invoice_id", "invoices"),
    ("payments", "invoice_id", "invoices"),
    ("notes", "registration_id", "registrations"),
    ("restorations", "invoice_id", "invoices"),
    ("reviews", "invoice_id", "invoices"),
];

fn texts() -> Vec<String> {
    let text = |(table, column, target): &(&str, &str, &str)| {
        format!(
            "SELECT c.id AS id, '{table}' AS named, '{column}' AS field, c.{column} AS current FROM {table} c WHERE \
             c.{column} IS NOT NULL {{only:c.id}} AND NOT EXISTS (SELECT 1 FROM {target} t WHERE t.id = c.{column})"
        )
    };
    REFERENCES.iter().map(text).collect()
}

fn judge(row: &Row<'_>, _: &Facts) -> Vec<Found> {
    let (Some(id), Some(named), Some(field)) = (row.id(), row.text("named"), row.text("field")) else {
        return Vec::new();
    };
    let Some((table, ..)) = REFERENCES.iter().find(|(table, ..)| *table == named) else { return Vec::new() };
    vec![Found::new(table, id).field(&field, row.shown("current"))]
}
