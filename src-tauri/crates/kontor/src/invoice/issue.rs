//! Issuing: in one transaction lock the number range, take the numbers, freeze the contents.
//!
//! Drawing and mailing never happen in here. A batch is issued together; a refused item does not stop the others,
//! because contents are composed before the transaction begins.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use kontor_pdf::content::Content;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::content::{Dates, compose};
use super::freeze::{self, Fresh, Subject, freeze};
use super::settings::Settings;
use crate::run::case::Case;
use crate::run::code::{self, Refusal};
use crate::store::entities::{invoice_lines, invoices, number_allocations};
use crate::store::{self, insert_all, places};
use crate::{Error, Result, seal};

/// Stands where the number will stand until one is taken.
const UNNUMBERED: &str = "RE-0000-000000-0";

/// A case that is ready to be issued.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    case: &'a Case,
    content: Content,
}

impl Draft<'_> {
    /// What would stand on the paper.
    pub fn content(&self) -> &Content {
        &self.content
    }
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
    Ok(Draft { case, content })
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
    refuse_cancelled(connection, &fresh).await?;
    // One order of numbers, whatever order the cases came in.
    fresh.sort_by_key(|draft| draft.case.registration.customer_serial);
    issued.extend(issue_fresh(connection, fresh, host, now).await?);
    Ok(issued)
}

/// Issues a draft for a period whose invoice was cancelled, because a person asked for it.
pub(super) async fn reissue(
    connection: &impl ConnectionTrait,
    draft: Draft<'_>,
    host: &str,
    now: DateTime<Utc>,
) -> Result<invoices::Model> {
    let issued = issue_fresh(connection, vec![draft], host, now).await?.pop();
    issued.ok_or_else(|| Error::Refused("There is no invoice to issue.".to_owned()))
}

async fn issue_fresh(
    connection: &impl ConnectionTrait,
    drafts: Vec<Draft<'_>>,
    host: &str,
    now: DateTime<Utc>,
) -> Result<Vec<invoices::Model>> {
    let fresh = drafts.into_iter().map(|draft| Fresh { subject: subject(draft.case), content: draft.content });
    let rows = freeze(connection, fresh.collect(), host, now).await?;
    explain_gaps(connection, &rows).await?;
    Ok(rows)
}

fn subject(case: &Case) -> Subject {
    Subject {
        registration_id: case.registration.id,
        subscription_id: case.subscription.id,
        period: case.period.first_day(),
        cancels_id: None,
    }
}

/// A period whose invoice was cancelled is invoiced again only when a person asks for it; a run that was planned before
/// does not.
async fn refuse_cancelled(connection: &impl ConnectionTrait, drafts: &[Draft<'_>]) -> Result<()> {
    if drafts.is_empty() {
        return Ok(());
    }
    let subjects: Vec<Subject> = drafts.iter().map(|draft| subject(draft.case)).collect();
    let cancelled = invoices::Entity::find()
        .filter(invoices::Column::SubscriptionId.is_in(subjects.iter().map(|subject| subject.subscription_id)))
        .filter(invoices::Column::Period.is_in(subjects.iter().map(|subject| subject.period)))
        .filter(invoices::Column::Kind.eq("invoice"))
        .filter(invoices::Column::State.eq("cancelled"))
        .select_only()
        .columns([invoices::Column::SubscriptionId, invoices::Column::Period, invoices::Column::Number])
        .into_tuple::<(Uuid, NaiveDate, String)>()
        .all(connection)
        .await?;
    let again = |(subscription, period, _): &&(Uuid, NaiveDate, String)| {
        subjects.iter().any(|subject| (subject.subscription_id, subject.period) == (*subscription, *period))
    };
    match cancelled.iter().find(again) {
        None => Ok(()),
        Some((.., number)) => Err(Error::Refused(format!(
            "{number} is cancelled. `kontor invoices cancel {number} --reissue` invoices its period again."
        ))),
    }
}

/// A number that a dead process took for one of these periods, and never used, is explained now.
pub(super) async fn explain_gaps(connection: &impl ConnectionTrait, issued: &[invoices::Model]) -> Result<()> {
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

/// Freezes an invoice of the old programs that never left the house, under its number and date.
async fn adopt(connection: &impl ConnectionTrait, draft: Draft<'_>, now: DateTime<Utc>) -> Result<invoices::Model> {
    let Some(old) = &draft.case.invoice else {
        return Err(Error::Refused("There is no invoice to take over.".to_owned()));
    };
    let mut row = freeze::row(&draft.content, subject(draft.case), now);
    row.id = old.id;
    row.origin.clone_from(&old.origin);
    row.created_at = old.created_at;
    row.version = old.version + 1;
    let values = [
        row.due_on.into(),
        row.recipient_name.clone().into(),
        row.search_text.clone().into(),
        row.net_cents.into(),
        row.tax_cents.into(),
        row.gross_cents.into(),
        row.currency.clone().into(),
        row.line_count.into(),
        row.snapshot.clone().into(),
        row.snapshot_sha256.clone().into(),
        now.into(),
        seal::invoice(old.id, "issued", None).into(),
        old.id.into(),
        old.version.into(),
    ];
    let text = "UPDATE invoices SET due_on = ?, recipient_name = ?, search_text = ?, net_cents = ?, tax_cents = ?, \
                gross_cents = ?, currency = ?, line_count = ?, snapshot = ?, snapshot_sha256 = ?, state = 'issued', updated_at = ?, \
                seal = ?, version = version + 1 WHERE id = ? AND version = ?";
    let changed = connection.execute_raw(store::sql(connection.get_database_backend(), text, values)).await?;
    if changed.rows_affected() != 1 {
        return Err(Error::Fenced);
    }
    let mut lines = freeze::line_rows(row.id, &draft.content);
    lines.retain(|line| !draft.case.legacy_lines.iter().any(|present| present.position == line.position));
    insert_all(connection, lines).await?;
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
