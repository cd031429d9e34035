//! Issuing: in one transaction lock the number range, take the numbers, freeze the contents.
//!
//! Drawing and mailing never happen in here. A batch is issued together; a refused item does not stop the others,
//! because contents are composed before the transaction begins.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use kontor_pdf::content::Content;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::content::{Dates, compose};
use super::settings::Settings;
use crate::number::{INVOICE, Number};
use crate::run::case::Case;
use crate::run::code::{self, Refusal};
use crate::store::entities::{invoice_lines, invoices, number_allocations, number_ranges};
use crate::store::{self, insert_all, places};
use crate::{Error, Result};

/// Stands where the number will stand until one is taken.
const UNNUMBERED: &str = "RE-0000-000000-0";

/// A case that is ready to be issued.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    case: &'a Case,
    content: Content,
    dates: Dates,
}

/// Composes the content of a case without writing anything; this is also the dry run's test.
pub fn draft<'a>(case: &'a Case, settings: &Settings, issue_on: NaiveDate) -> Result<Draft<'a>, Refusal> {
    let legacy = case.invoice.as_ref();
    let day = legacy.map_or(issue_on, |invoice| invoice.issued_on);
    let dates = Dates { issued_on: day, released_on: issue_on.max(day) };
    let number = legacy.map_or(UNNUMBERED, |invoice| invoice.number.as_str());
    let content = compose(case.source(), settings, number, dates)?;
    if let Some(invoice) = legacy {
        agrees(invoice, &case.legacy_lines, &content)?;
    }
    Ok(Draft { case, content, dates })
}

/// What the old programs stored must not contradict what is frozen now; what they left out may be added.
fn agrees(invoice: &invoices::Model, lines: &[invoice_lines::Model], content: &Content) -> Result<(), Refusal> {
    let contradiction =
        |what: &str| Err(Refusal::new(code::CONTENT_CONTRADICTS, format!("{}: {what}", invoice.number)));
    let complete = invoice.state != "incomplete";
    let sums = (invoice.net_cents, invoice.tax_cents, invoice.gross_cents);
    if complete && sums != (content.net_cents, content.tax_cents, content.gross_cents) {
        return contradiction("the stored amounts differ from the tariff's");
    }
    for line in lines {
        let agreed = content.lines.iter().any(|wanted| {
            i64::from(wanted.position) == line.position
                && (wanted.quantity, wanted.net_cents, wanted.tax_cents, wanted.gross_cents)
                    == (line.quantity, line.net_cents, line.tax_cents, line.gross_cents)
                && (wanted.unit_gross_cents, i64::from(wanted.tax_basis_points))
                    == (line.unit_gross_cents, line.tax_basis_points)
        });
        if !agreed {
            return contradiction("a stored line differs from the tariff's");
        }
    }
    Ok(())
}

/// Issues the drafts: takes numbers for those without one, writes invoices and lines, and logs each number.
pub async fn issue(
    connection: &impl ConnectionTrait,
    drafts: Vec<Draft<'_>>,
    host: &str,
    now: DateTime<Utc>,
) -> Result<Vec<invoices::Model>> {
    let (legacy, mut fresh): (Vec<_>, Vec<_>) = drafts.into_iter().partition(|draft| draft.case.invoice.is_some());
    let mut issued = Vec::with_capacity(legacy.len() + fresh.len());
    for draft in legacy {
        issued.push(adopt(connection, draft, now).await?);
    }
    if let Some(year) = fresh.first().map(|draft| draft.dates.issued_on.year()) {
        // One order of numbers, whatever order the cases came in.
        fresh.sort_by_key(|draft| draft.case.registration.customer_serial);
        let range = take(connection, year, fresh.len()).await?;
        let first = range.last_serial - i64::try_from(fresh.len()).unwrap_or(0) + 1;
        issued.extend(write(connection, fresh, &range, first, host, now).await?);
    }
    Ok(issued)
}

/// Locks the yearly range and takes `count` numbers; the row stays locked until the transaction ends.
async fn take(connection: &impl ConnectionTrait, year: i32, count: usize) -> Result<number_ranges::Model> {
    let backend = connection.get_database_backend();
    let make = "INSERT INTO number_ranges (id, kind, year, prefix, last_serial) VALUES (?, 'invoice', ?, ?, 0) \
                ON CONFLICT (kind, year) DO NOTHING";
    let values = [Uuid::now_v7().into(), i64::from(year).into(), INVOICE.into()];
    let count = i64::try_from(count).unwrap_or(0);
    let rise = "UPDATE number_ranges SET last_serial = last_serial + ? WHERE kind = 'invoice' AND year = ?";
    let risen = connection.execute_raw(store::sql(backend, rise, [count.into(), i64::from(year).into()])).await?;
    if risen.rows_affected() == 0 {
        connection.execute_raw(store::sql(backend, make, values)).await?;
        connection.execute_raw(store::sql(backend, rise, [count.into(), i64::from(year).into()])).await?;
    }
    let range = number_ranges::Entity::find()
        .filter(number_ranges::Column::Kind.eq("invoice"))
        .filter(number_ranges::Column::Year.eq(i64::from(year)))
        .one(connection)
        .await?;
    range.ok_or_else(|| Error::Refused(format!("The number range of {year} cannot be locked.")))
}

async fn write(
    connection: &impl ConnectionTrait,
    drafts: Vec<Draft<'_>>,
    range: &number_ranges::Model,
    first: i64,
    host: &str,
    now: DateTime<Utc>,
) -> Result<Vec<invoices::Model>> {
    let mut rows = Vec::with_capacity(drafts.len());
    let mut lines = Vec::with_capacity(drafts.len());
    let mut log = Vec::with_capacity(drafts.len());
    for (draft, serial) in drafts.into_iter().zip(first..) {
        let year = draft.dates.issued_on.year();
        let mut content = draft.content;
        content.number = Number::of_year(&range.prefix, year, serial).to_string();
        if let Some(payment) = &mut content.payment {
            payment.reference.clone_from(&content.number);
        }
        let invoice = frozen(draft.case, &content, now);
        lines.extend(line_rows(invoice.id, &content, &[]));
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
    explain_gaps(connection, &rows).await?;
    Ok(rows)
}

/// A number that a dead process took for one of these periods, and never used, is explained now.
async fn explain_gaps(connection: &impl ConnectionTrait, issued: &[invoices::Model]) -> Result<()> {
    let backend = connection.get_database_backend();
    let unused = number_allocations::Entity::find()
        .filter(number_allocations::Column::SubscriptionId.is_in(issued.iter().map(|row| row.subscription_id)))
        .filter(number_allocations::Column::Period.is_in(issued.iter().map(|row| row.period)))
        .filter(number_allocations::Column::InvoiceId.is_null())
        .filter(number_allocations::Column::Explanation.is_null())
        .all(connection)
        .await?;
    if unused.is_empty() {
        return Ok(());
    }
    let numbers: HashMap<_, _> = issued.iter().map(|row| ((row.subscription_id, row.period), &row.number)).collect();
    for allocation in unused {
        let key = allocation.subscription_id.zip(allocation.period);
        let Some(number) = key.and_then(|key| numbers.get(&key)) else { continue };
        let text =
            format!("taken by a process that died before it wrote the invoice; the period is invoiced as {number}");
        let statement = "UPDATE number_allocations SET explanation = ? WHERE id = ?";
        connection.execute_raw(store::sql(backend, statement, [text.into(), allocation.id.into()])).await?;
    }
    Ok(())
}

fn frozen(case: &Case, content: &Content, now: DateTime<Utc>) -> invoices::Model {
    let snapshot = content.to_bytes();
    let sha256 = kontor_pdf::content::sha256(&snapshot);
    invoices::Model {
        id: Uuid::now_v7(),
        kind: "invoice".to_owned(),
        origin: "kontor".to_owned(),
        number: content.number.clone(),
        registration_id: case.registration.id,
        subscription_id: case.subscription.id,
        period: case.period.first_day(),
        issued_on: content.issued_on,
        due_on: content.payment.as_ref().map(|payment| payment.due_on),
        recipient_name: super::content::display_name(&case.registration),
        net_cents: content.net_cents,
        tax_cents: content.tax_cents,
        gross_cents: content.gross_cents,
        currency: content.currency.clone(),
        line_count: i64::try_from(content.lines.len()).unwrap_or(0),
        snapshot: Some(snapshot),
        snapshot_sha256: Some(sha256.to_vec()),
        cancels_id: None,
        state: "issued".to_owned(),
        cancelled_by: None,
        created_at: now,
        updated_at: now,
        version: 1,
        seal: None,
    }
}

fn line_rows(invoice: Uuid, content: &Content, present: &[invoice_lines::Model]) -> Vec<invoice_lines::Model> {
    let missing = |position: i64| !present.iter().any(|line| line.position == position);
    let lines = content.lines.iter().filter(|line| missing(i64::from(line.position)));
    lines
        .map(|line| invoice_lines::Model {
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
        })
        .collect()
}

/// Freezes an invoice of the old programs that never left the house, under its number and date.
async fn adopt(connection: &impl ConnectionTrait, draft: Draft<'_>, now: DateTime<Utc>) -> Result<invoices::Model> {
    let Some(old) = &draft.case.invoice else {
        return Err(Error::Refused("There is no invoice to take over.".to_owned()));
    };
    let mut row = frozen(draft.case, &draft.content, now);
    row.id = old.id;
    row.origin.clone_from(&old.origin);
    row.created_at = old.created_at;
    row.version = old.version + 1;
    let values = [
        row.due_on.into(),
        row.recipient_name.clone().into(),
        row.net_cents.into(),
        row.tax_cents.into(),
        row.gross_cents.into(),
        row.currency.clone().into(),
        row.line_count.into(),
        row.snapshot.clone().into(),
        row.snapshot_sha256.clone().into(),
        now.into(),
        old.id.into(),
        old.version.into(),
    ];
    let text = "UPDATE invoices SET due_on = ?, recipient_name = ?, net_cents = ?, tax_cents = ?, gross_cents = ?, \
                currency = ?, line_count = ?, snapshot = ?, snapshot_sha256 = ?, state = 'issued', updated_at = ?, \
                version = version + 1 WHERE id = ? AND version = ?";
    let changed = connection.execute_raw(store::sql(connection.get_database_backend(), text, values)).await?;
    if changed.rows_affected() != 1 {
        return Err(Error::Fenced);
    }
    insert_all(connection, line_rows(row.id, &draft.content, &draft.case.legacy_lines)).await?;
    Ok(row)
}

/// Ties the items to their invoices, under the fence of their token, and moves their attempts to the next step.
pub async fn tie_items(
    connection: &impl ConnectionTrait,
    items: &[Uuid],
    token: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    let backend = connection.get_database_backend();
    let list = places(items.len());
    let invoice = |table: &str| {
        format!(
            "(SELECT v.id FROM invoices v WHERE v.subscription_id = {table}.subscription_id AND \
             v.period = {table}.period AND v.kind = 'invoice' AND v.state <> 'cancelled')"
        )
    };
    let ids = items.iter().map(|id| (*id).into());
    let text = format!(
        "UPDATE run_items SET invoice_id = {}, token = ?, updated_at = ? WHERE id IN ({list}) AND state = 'claimed'",
        invoice("run_items")
    );
    let values = [token.into(), now.into()].into_iter().chain(ids.clone());
    let touched = connection.execute_raw(store::sql(backend, &text, values)).await?;
    if touched.rows_affected() != items.len() as u64 {
        return Err(Error::Fenced);
    }
    let text = format!(
        "UPDATE attempts SET invoice_id = {}, step = 'render' WHERE item_id IN ({list}) AND token = ?",
        invoice("attempts")
    );
    connection.execute_raw(store::sql(backend, &text, ids.chain([token.into()]))).await?;
    Ok(())
}
