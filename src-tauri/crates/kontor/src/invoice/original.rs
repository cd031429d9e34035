//! What an invoice says that is to be cancelled: its frozen content, or what the rows of the old programs tell.
//!
//! Left out: whether it may be cancelled (`cancel`), and putting rows right that contradict their content (`restore`).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use kontor_pdf::content::{CONTENT_VERSION, Content, Kind, Language, Line, Recipient, TaxSum};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::content::{display_name, recipient, seller, service};
use super::settings::Settings;
use super::{deviation, restore};
use crate::period::Period;
use crate::store::entities::{invoice_lines, invoices, registrations, subscriptions};
use crate::{Error, Result};

/// The content of an invoice, or the sentence that says why nobody can rely on it.
pub async fn content(connection: &impl ConnectionTrait, invoice: &invoices::Model) -> Result<Content> {
    match invoice.snapshot {
        Some(_) => frozen(connection, invoice).await,
        None => told(connection, invoice).await,
    }
}

/// Frozen content counts only when it is whole and the rows say the same: a cancellation must take away exactly what the
/// books show.
async fn frozen(connection: &impl ConnectionTrait, invoice: &invoices::Model) -> Result<Content> {
    let rows = deviation::read(connection, invoice.id, None).await?;
    let (content, bytes) = restore::frozen(&rows, None)?;
    let changes = rows.changes(connection, &content, &bytes).await?;
    if changes.told.is_empty() {
        return Ok(content);
    }
    let mut fields: Vec<&str> = changes.told.iter().map(|change| change.field.as_str()).collect();
    fields.dedup();
    Err(Error::Refused(format!(
        "{0} contradicts what it was frozen with ({1}); nothing was written. Put it right first: `kontor invoices \
         restore {0} --reason …`.",
        invoice.number,
        fields.join(", ")
    )))
}

/// The old programs froze nothing: amounts, lines, dates and name are as the rows have them, the rest is of today.
async fn told(connection: &impl ConnectionTrait, invoice: &invoices::Model) -> Result<Content> {
    let gone = |what: &str| Error::Refused(format!("{}: its {what} is missing; nothing was written.", invoice.number));
    let registration = registrations::Entity::find_by_id(invoice.registration_id).one(connection).await?;
    let registration = registration.ok_or_else(|| gone("customer"))?;
    let subscription = subscriptions::Entity::find_by_id(invoice.subscription_id).one(connection).await?;
    let subscription = subscription.ok_or_else(|| gone("subscription"))?;
    let lines = invoice_lines::Entity::find()
        .filter(invoice_lines::Column::InvoiceId.eq(invoice.id))
        .order_by_asc(invoice_lines::Column::Position)
        .all(connection)
        .await?;
    let settings = Settings::load(connection).await?;
    let issuer = settings.issuer(invoice.issued_on).map_err(|refusal| {
        Error::Refused(format!("{} cannot be cancelled: {refusal}. Nothing was written.", invoice.number))
    })?;
    let (service_from, service_to) = claimed(&subscription, Period::containing(invoice.period));
    let lines = lines.into_iter().map(line).collect::<Result<Vec<Line>>>()?;
    let content = Content {
        version: CONTENT_VERSION,
        kind: Kind::Invoice,
        language: if registration.language == "en" { Language::En } else { Language::De },
        number: invoice.number.clone(),
        issued_on: invoice.issued_on,
        service_from,
        service_to,
        seller: seller(issuer),
        recipient: addressee(invoice, &registration),
        taxes: taxes(&lines),
        lines,
        net_cents: invoice.net_cents,
        tax_cents: invoice.tax_cents,
        gross_cents: invoice.gross_cents,
        currency: invoice.currency.clone(),
        payment: None,
        original: None,
    };
    adds_up(invoice, &content)?;
    Ok(content)
}

/// The service period that was invoiced: the whole month where the subscription does not run in it at all, which may be
/// the very reason for cancelling.
fn claimed(subscription: &subscriptions::Model, period: Period) -> (NaiveDate, NaiveDate) {
    let (from, to) = service(subscription, period);
    if from <= to { (from, to) } else { (period.first_day(), period.last_day()) }
}

fn adds_up(invoice: &invoices::Model, content: &Content) -> Result<()> {
    let refused = |why: String| {
        Error::Refused(format!(
            "{} cannot be cancelled as it stands: {why}. Nothing was written; repair the record first.",
            invoice.number
        ))
    };
    if usize::try_from(invoice.line_count) != Ok(content.lines.len()) {
        return Err(refused(format!("it should have {} lines and has {}", invoice.line_count, content.lines.len())));
    }
    kontor_pdf::check(content).map_err(|error| refused(error.to_string()))
}

fn line(row: invoice_lines::Model) -> Result<Line> {
    let beyond =
        |what: &str| Error::Refused(format!("The {what} of a line lies outside what can be; nothing was written."));
    Ok(Line {
        position: u32::try_from(row.position).map_err(|_| beyond("position"))?,
        description: row.description,
        quantity: row.quantity,
        unit_gross_cents: row.unit_gross_cents,
        tax_basis_points: i32::try_from(row.tax_basis_points).map_err(|_| beyond("VAT rate"))?,
        net_cents: row.net_cents,
        tax_cents: row.tax_cents,
        gross_cents: row.gross_cents,
    })
}

fn taxes(lines: &[Line]) -> Vec<TaxSum> {
    let mut by_rate: BTreeMap<i32, (i64, i64)> = BTreeMap::new();
    for line in lines {
        let sum = by_rate.entry(line.tax_basis_points).or_default();
        *sum = (sum.0.saturating_add(line.net_cents), sum.1.saturating_add(line.tax_cents));
    }
    let sums = by_rate.into_iter().rev();
    sums.map(|(basis_points, (net_cents, tax_cents))| TaxSum { basis_points, net_cents, tax_cents }).collect()
}

/// The customer of today under the name that stood on the invoice.
fn addressee(invoice: &invoices::Model, registration: &registrations::Model) -> Recipient {
    let today = recipient(registration);
    if display_name(registration) == invoice.recipient_name {
        return today;
    }
    Recipient { company: None, name: invoice.recipient_name.clone(), ..today }
}
