//! Numbers that people type: their check digits, and what log, serial and invoice say of the same number.
//!
//! A number, its serial and the invoice that bears it are three witnesses; what two of them say is the copy for the third.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, EntityTrait, QueryResult, Value};
use uuid::Uuid;

use super::{Page, Rows, Scope, rows};
use crate::Result;
use crate::check::book::Found;
use crate::check::neighbours;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::rules::{CHECK_DIGIT_WRONG, NUMBER_LOG_DEVIATES};
use crate::number::Number;
use crate::store::entities::{number_allocations, number_ranges, registrations};
use crate::store::{self, places};

/// The finding about a customer's number, or about the serial beside it.
pub(super) fn of_customer(row: &registrations::Model) -> Option<(&'static str, Found)> {
    let meant = Number::customer(row.customer_serial).to_string();
    if row.customer_number == meant {
        return None;
    }
    let found = Found::new("registrations", row.id);
    Some((
        CHECK_DIGIT_WRONG,
        match Number::parse(&row.customer_number) {
            Ok(number) if number.prefix == crate::number::CUSTOMER => {
                let (current, right) = (row.customer_serial.to_string(), number.serial.to_string());
                let proposal = neighbours::expected("customer_serial", &current, &right, "check_digit");
                found.field("customer_serial", Some(current)).proposing(proposal)
            }
            _ => {
                let proposal = neighbours::expected("customer_number", &row.customer_number, &meant, "serial");
                found
                    .field("customer_number", Some(row.customer_number.clone()))
                    .proposing(neighbours::copied(proposal))
            }
        },
    ))
}

/// What an invoice's number should be, as far as the log tells, where it is none.
pub(super) fn of_invoice(id: Uuid, number: &str, logged: Option<&str>) -> Option<(&'static str, Found)> {
    if Number::parse(number).is_ok() {
        return None;
    }
    let found = Found::new("invoices", id).field("number", Some(number.to_owned()));
    let logged = logged.filter(|logged| Number::parse(logged).is_ok());
    let near = || crate::check::candidates::texts(number).filter(|text| Number::parse(text).is_ok()).collect();
    let found = match logged {
        Some(right) => {
            let proposal = neighbours::copied(neighbours::expected("number", number, right, "number_log"));
            found.proposing(proposal.by(Action::RestoreInvoice))
        }
        None => neighbours::proposed(found, "number", number, near()),
    };
    Some((CHECK_DIGIT_WRONG, found))
}

/// An invoice, as far as the log is concerned.
struct Named {
    id: Uuid,
    number: String,
    period: Option<chrono::NaiveDate>,
    subscription: Option<Uuid>,
}

/// The log of numbers.
pub(super) async fn page(connection: &impl ConnectionTrait, scope: &Scope) -> Result<Page> {
    use number_allocations::Column;
    let mut scope = scope.clone();
    if let Some(only) = scope.only {
        // The finding may be about the invoice that bears the number.
        scope.only = Some(logged_for(connection, only).await?.unwrap_or(only));
    }
    let Rows { rows, mut page } = rows::<number_allocations::Entity>(
        connection,
        &scope,
        "number_allocations",
        Column::Id,
        Some(Column::AllocatedAt),
    )
    .await?;
    let ranges = number_ranges::Entity::find().all(connection).await?;
    let ranges: HashMap<Uuid, number_ranges::Model> = ranges.into_iter().map(|range| (range.id, range)).collect();
    let invoices = invoices(connection, rows.iter().filter_map(|row| row.invoice_id)).await?;
    for row in &rows {
        let Some(range) = ranges.get(&row.range_id) else { continue };
        let invoice = row.invoice_id.and_then(|id| invoices.get(&id));
        page.found.extend(of_log(row, range, invoice));
        if let Some(invoice) = invoice {
            page.found.extend(of_period(connection, row, invoice).await?);
        }
    }
    Ok(page)
}

fn of_log(
    row: &number_allocations::Model,
    range: &number_ranges::Model,
    invoice: Option<&Named>,
) -> Option<(&'static str, Found)> {
    let year = i32::try_from(range.year).unwrap_or(0);
    let by_serial = Number::of_year(&range.prefix, year, row.serial).to_string();
    let borne = invoice.map(|invoice| invoice.number.as_str()).filter(|number| Number::parse(number).is_ok());
    if row.number == by_serial {
        let invoice = invoice.filter(|_| borne.is_some_and(|number| number != row.number))?;
        let proposal = neighbours::expected("number", &invoice.number, &row.number, "number_log");
        let found = Found::new("invoices", invoice.id).field("number", Some(invoice.number.clone()));
        let proposal = neighbours::copied(proposal).by(Action::RestoreInvoice);
        return Some((NUMBER_LOG_DEVIATES, found.proposing(proposal)));
    }
    let found = Found::new("number_allocations", row.id);
    let (current, logged) = (row.serial.to_string(), Number::parse(&row.number).ok());
    Some(match logged {
        // A number that fits its check digit speaks against the serial, and an invoice that bears it even more.
        Some(logged) if borne.is_none_or(|borne| borne == row.number) => {
            let proposal = neighbours::expected("serial", &current, &logged.serial.to_string(), "number_log");
            (NUMBER_LOG_DEVIATES, found.field("serial", Some(current)).proposing(neighbours::copied(proposal)))
        }
        logged => {
            let rule = if logged.is_none() { CHECK_DIGIT_WRONG } else { NUMBER_LOG_DEVIATES };
            let mut proposal = neighbours::expected("number", &row.number, borne.unwrap_or(&by_serial), "serial");
            if borne.is_some() {
                proposal.evidence = Evidence::Copy;
            }
            (rule, found.field("number", Some(row.number.clone())).proposing(proposal))
        }
    })
}

/// The number was taken for another period, which has no invoice of its own: then the period is wrong, not the invoice.
async fn of_period(
    connection: &impl ConnectionTrait,
    row: &number_allocations::Model,
    invoice: &Named,
) -> Result<Option<(&'static str, Found)>> {
    let (Some(logged), Some(period), Some(subscription)) = (row.period, invoice.period, invoice.subscription) else {
        return Ok(None);
    };
    if logged == period || row.subscription_id != Some(subscription) {
        return Ok(None);
    }
    let text = "SELECT 1 AS one FROM invoices WHERE subscription_id = ? AND period = ? AND kind = 'invoice' AND \
                state <> 'cancelled' LIMIT 1";
    let statement = store::sql(connection.get_database_backend(), text, [subscription.into(), logged.into()]);
    if connection.query_one_raw(statement).await?.is_some() {
        return Ok(None);
    }
    let proposal = Proposal::set("period", logged.to_string(), Evidence::Copy)
        .by(Action::RestoreInvoice)
        .because(Reason::new("number_log"));
    let found = Found::new("invoices", invoice.id).field("period", Some(period.to_string())).proposing(proposal);
    Ok(Some((NUMBER_LOG_DEVIATES, found)))
}

async fn logged_for(connection: &impl ConnectionTrait, invoice: Uuid) -> Result<Option<Uuid>> {
    let text = "SELECT id FROM number_allocations WHERE invoice_id = ? LIMIT 1";
    let row = connection.query_one_raw(store::sql(connection.get_database_backend(), text, [invoice.into()])).await?;
    Ok(row.and_then(|row| row.try_get("", "id").ok()))
}

/// Numbers of the log, by the invoice that bears them.
pub(super) async fn logged(
    connection: &impl ConnectionTrait,
    invoices: impl Iterator<Item = Uuid>,
) -> Result<HashMap<Uuid, String>> {
    let read = |row: &QueryResult| Some((row.try_get("", "invoice_id").ok()?, row.try_get("", "number").ok()?));
    let text = "SELECT invoice_id, number FROM number_allocations WHERE invoice_id IN";
    looked_up(connection, text, invoices, read).await
}

async fn invoices(connection: &impl ConnectionTrait, ids: impl Iterator<Item = Uuid>) -> Result<HashMap<Uuid, Named>> {
    let read = |row: &QueryResult| {
        let id = row.try_get("", "id").ok()?;
        let number = row.try_get("", "number").unwrap_or_default();
        let period = row.try_get("", "period").ok();
        Some((id, Named { id, number, period, subscription: row.try_get("", "subscription_id").ok() }))
    };
    looked_up(connection, "SELECT id, number, period, subscription_id FROM invoices WHERE id IN", ids, read).await
}

/// Reads what belongs to a page, in statements small enough for both databases.
pub(super) async fn looked_up<K: Eq + std::hash::Hash, V>(
    connection: &impl ConnectionTrait,
    text: &str,
    values: impl Iterator<Item = impl Into<Value>>,
    read: impl Fn(&QueryResult) -> Option<(K, V)>,
) -> Result<HashMap<K, V>> {
    let values: Vec<Value> = values.map(Into::into).collect();
    let mut found = HashMap::with_capacity(values.len());
    for part in values.chunks(500) {
        let text = format!("{text} ({})", places(part.len()));
        let statement = store::sql(connection.get_database_backend(), &text, part.iter().cloned());
        found.extend(connection.query_all_raw(statement).await?.iter().filter_map(&read));
    }
    Ok(found)
}
