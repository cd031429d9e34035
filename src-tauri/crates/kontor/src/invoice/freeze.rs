//! Freezing contents under numbers of their own, invoices and cancellation invoices alike: the yearly range of their kind
//! is locked, numbers are taken, rows and lines are written, and each number is logged.
//!
//! What this module leaves out: what a content says (`content`, `cancel`), and who may issue it.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use kontor_pdf::content::{Content, Kind};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::search_text;
use crate::number::{CANCELLATION, INVOICE, Number};
use crate::store::entities::{invoice_lines, invoices, number_allocations, number_ranges};
use crate::store::{self, insert_all};
use crate::{Error, Result, seal};

/// What an invoice is about, beside what its content says.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// The customer.
    pub registration_id: Uuid,
    /// The subscription.
    pub subscription_id: Uuid,
    /// First day of the billing period.
    pub period: NaiveDate,
    /// For a cancellation invoice: the invoice it cancels.
    pub cancels_id: Option<Uuid>,
}

/// A content that waits for its number.
#[derive(Clone, Debug)]
pub struct Fresh {
    /// What stands on the paper; its number is set when one is taken.
    pub content: Content,
    /// What it is about.
    pub subject: Subject,
}

/// The word for a kind in `invoices.kind` and `number_ranges.kind`.
pub fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Invoice => "invoice",
        Kind::Cancellation => "cancellation",
    }
}

/// Takes a number for each content, in this order, and writes it with its lines and the log. All are of one kind and bear
/// a date of one year.
pub async fn freeze(
    connection: &impl ConnectionTrait,
    fresh: Vec<Fresh>,
    host: &str,
    now: DateTime<Utc>,
) -> Result<Vec<invoices::Model>> {
    let Some(first) = fresh.first() else { return Ok(Vec::new()) };
    let (kind, year) = (first.content.kind, first.content.issued_on.year());
    let count = i64::try_from(fresh.len()).unwrap_or(0);
    let range = take(connection, kind, year, count).await?;
    let mut rows = Vec::with_capacity(fresh.len());
    let mut lines = Vec::with_capacity(fresh.len());
    let mut log = Vec::with_capacity(fresh.len());
    for (Fresh { mut content, subject }, serial) in fresh.into_iter().zip(range.last_serial - count + 1..) {
        content.number = Number::of_year(&range.prefix, year, serial).to_string();
        if let Some(payment) = &mut content.payment {
            payment.reference.clone_from(&content.number);
        }
        let invoice = row(&content, subject, now);
        lines.extend(line_rows(invoice.id, &content));
        log.push(number_allocations::Model {
            id: Uuid::now_v7(),
            range_id: range.id,
            serial,
            number: invoice.number.clone(),
            subscription_id: Some(invoice.subscription_id),
            period: Some(invoice.period),
            invoice_id: Some(invoice.id),
            host: host.to_owned(),
            allocated_at: now,
            explanation: None,
        });
        rows.push(invoice);
    }
    insert_all(connection, rows.clone()).await?;
    insert_all(connection, lines).await?;
    insert_all(connection, log).await?;
    Ok(rows)
}

/// Locks the yearly range and takes `count` numbers; the row stays locked until the transaction ends.
async fn take(connection: &impl ConnectionTrait, kind: Kind, year: i32, count: i64) -> Result<number_ranges::Model> {
    let backend = connection.get_database_backend();
    let (word, year) = (kind_word(kind), i64::from(year));
    let prefix = match kind {
        Kind::Invoice => INVOICE,
        Kind::Cancellation => CANCELLATION,
    };
    let make = "INSERT INTO number_ranges (id, kind, year, prefix, last_serial) VALUES (?, ?, ?, ?, 0) \
                ON CONFLICT (kind, year) DO NOTHING";
    let rise = "UPDATE number_ranges SET last_serial = last_serial + ? WHERE kind = ? AND year = ?";
    let rise = || store::sql(backend, rise, [count.into(), word.into(), year.into()]);
    if connection.execute_raw(rise()).await?.rows_affected() == 0 {
        let values = [Uuid::now_v7().into(), word.into(), year.into(), prefix.into()];
        connection.execute_raw(store::sql(backend, make, values)).await?;
        connection.execute_raw(rise()).await?;
    }
    let range = number_ranges::Entity::find()
        .filter(number_ranges::Column::Kind.eq(word))
        .filter(number_ranges::Column::Year.eq(year))
        .one(connection)
        .await?;
    range.ok_or_else(|| Error::Refused(format!("The number range of {year} cannot be locked.")))
}

/// The row that belongs to a content.
pub fn row(content: &Content, subject: Subject, now: DateTime<Utc>) -> invoices::Model {
    let snapshot = content.to_bytes();
    let sha256 = kontor_pdf::content::sha256(&snapshot);
    let recipient = &content.recipient;
    // As `content::display_name` has it of a registration.
    let recipient_name = recipient.company.as_ref().unwrap_or(&recipient.name).clone();
    let id = Uuid::now_v7();
    invoices::Model {
        id,
        kind: kind_word(content.kind).to_owned(),
        origin: "kontor".to_owned(),
        number: content.number.clone(),
        registration_id: subject.registration_id,
        subscription_id: subject.subscription_id,
        period: subject.period,
        issued_on: content.issued_on,
        due_on: content.payment.as_ref().map(|payment| payment.due_on),
        search_text: search_text(&content.number, &recipient_name),
        recipient_name,
        net_cents: content.net_cents,
        tax_cents: content.tax_cents,
        gross_cents: content.gross_cents,
        currency: content.currency.clone(),
        line_count: i64::try_from(content.lines.len()).unwrap_or(0),
        snapshot: Some(snapshot),
        snapshot_sha256: Some(sha256.to_vec()),
        cancels_id: subject.cancels_id,
        state: "issued".to_owned(),
        cancelled_by: None,
        created_at: now,
        updated_at: now,
        version: 1,
        seal: Some(seal::invoice(id, "issued", None)),
    }
}

/// The lines that belong to a content.
pub fn line_rows(invoice: Uuid, content: &Content) -> Vec<invoice_lines::Model> {
    let lines = content.lines.iter().map(|line| invoice_lines::Model {
        id: Uuid::now_v7(),
        invoice_id: invoice,
        position: i64::from(line.position),
        description: line.description.clone(),
        quantity: line.quantity,
        unit_gross_cents: line.unit_gross_cents,
        tax_basis_points: i64::from(line.tax_basis_points),
        net_cents: line.net_cents,
        tax_cents: line.tax_cents,
        gross_cents: line.gross_cents,
    });
    lines.collect()
}
