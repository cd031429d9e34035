//! Findings about a record and all that hangs on it, where the record itself is looked at; and how many there are.

use kontor::store;
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::super::Answered;
use super::super::stored::{spelled, word};
use super::destination;
use super::detail::whole;
use crate::finding::{FindingFigure, FindingFilter, FindingRow, Severity};
use crate::list::Figure;
use crate::office::Open;

/// Rows that belong to a registration, itself among them.
const OF_REGISTRATION: [&str; 10] = [
    "SELECT id FROM registrations WHERE id = ?",
    "SELECT id FROM mailboxes WHERE registration_id = ?",
    "SELECT id FROM subscriptions WHERE registration_id = ?",
    "SELECT id FROM notes WHERE registration_id = ?",
    "SELECT id FROM invoices WHERE registration_id = ?",
    "SELECT l.id FROM invoice_lines l JOIN invoices i ON i.id = l.invoice_id WHERE i.registration_id = ?",
    "SELECT d.id FROM documents d JOIN invoices i ON i.id = d.invoice_id WHERE i.registration_id = ?",
    "SELECT m.id FROM deliveries m JOIN invoices i ON i.id = m.invoice_id WHERE i.registration_id = ?",
    "SELECT p.id FROM payments p JOIN invoices i ON i.id = p.invoice_id WHERE i.registration_id = ?",
    "SELECT t.id FROM run_items t JOIN subscriptions s ON s.id = t.subscription_id WHERE s.registration_id = ?",
];

/// Rows that belong to an invoice, itself among them.
const OF_INVOICE: [&str; 6] = [
    "SELECT id FROM invoices WHERE id = ?",
    "SELECT id FROM invoice_lines WHERE invoice_id = ?",
    "SELECT id FROM documents WHERE invoice_id = ?",
    "SELECT id FROM deliveries WHERE invoice_id = ?",
    "SELECT id FROM payments WHERE invoice_id = ?",
    "SELECT id FROM run_items WHERE invoice_id = ?",
];

/// Findings that are not closed about a registration and what belongs to it, what matters most first.
pub(in crate::answer) async fn of_registration(open: &Open, id: Uuid) -> Answered<Vec<FindingRow>> {
    of_rows(open, &OF_REGISTRATION, id).await
}

/// The same about an invoice.
pub(in crate::answer) async fn of_invoice(open: &Open, id: Uuid) -> Answered<Vec<FindingRow>> {
    of_rows(open, &OF_INVOICE, id).await
}

async fn of_rows(open: &Open, rows: &[&str], id: Uuid) -> Answered<Vec<FindingRow>> {
    let rows_of_it = rows.join(" UNION ALL ");
    let text = format!("SELECT f.id FROM findings f WHERE f.closed_at IS NULL AND f.row_id IN ({rows_of_it})");
    let values = std::iter::repeat_n(Value::from(id), rows.len());
    let found = open.store.read().query_all_raw(store::sql(open.store.backend(), &text, values)).await?;
    let ids = found.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?;
    whole(open, ids).await
}

/// How many are open of those that somebody should look at, by how much they matter.
pub(in crate::answer) async fn by_severity(open: &Open) -> Answered<Vec<FindingFigure>> {
    let text = "SELECT f.severity AS severity, count(*) AS found FROM findings f WHERE f.closed_at IS NULL AND \
                (f.set_aside_until_at IS NULL OR f.set_aside_until_at <= ?) AND f.severity <> ? GROUP BY f.severity";
    let values = [open.store.now().await?.into(), spelled(&Severity::Info).into()];
    let rows = open.store.read().query_all_raw(store::sql(open.store.backend(), text, values)).await?;
    let mut figures = Vec::with_capacity(rows.len());
    for row in &rows {
        let Some(severity) = word::<Severity>(&row.try_get::<String>("", "severity")?) else { continue };
        let filter = FindingFilter { severities: vec![severity], ..FindingFilter::default() };
        let figure = Figure { count: row.try_get("", "found")?, destination: destination(filter) };
        figures.push(FindingFigure { severity, figure });
    }
    figures.sort_by_key(|figure| figure.severity);
    Ok(figures)
}
