//! Lists and details of invoices.

use chrono::NaiveDate;
use sea_orm::{FromQueryResult, Value};
use serde::Serialize;
use uuid::Uuid;

use crate::Result;
use crate::period::Period;
use crate::registration::list::rows;
use crate::run::Attempted;
use crate::store::Store;

/// An invoice as lists show it.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Number.
    pub number: String,
    /// State.
    pub state: String,
    /// `invoice` or `cancellation`.
    pub kind: String,
    /// `kontor` or `legacy`.
    pub origin: String,
    /// Billing period.
    pub period: String,
    /// Date on the paper.
    pub issued_on: NaiveDate,
    /// Gross amount in cents.
    pub gross_cents: i64,
    /// Customer number.
    pub customer: String,
    /// Name on the paper.
    pub recipient: String,
    /// State of its newest mail; `none` when there is none.
    pub delivery: String,
    /// For a cancellation invoice: number of the invoice it cancels.
    pub cancels: Option<String>,
    /// For a cancelled invoice: number of the cancellation invoice.
    pub cancelled_by: Option<String>,
}

#[derive(FromQueryResult)]
struct Raw {
    number: String,
    state: String,
    kind: String,
    origin: String,
    period: NaiveDate,
    issued_on: NaiveDate,
    gross_cents: i64,
    customer: String,
    recipient: String,
    delivery: Option<String>,
    cancels: Option<String>,
    cancelled_by: Option<String>,
}

/// Which invoices to show.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this period's.
    pub period: Option<Period>,
    /// Only those in this state.
    pub state: Option<String>,
    /// Only those whose newest mail is in this state (`none`: without a mail).
    pub delivery: Option<String>,
    /// Only those after this number (for paging).
    pub after: Option<String>,
    /// How many at most.
    pub limit: u64,
}

const SELECT: &str = "SELECT i.number, i.state, i.kind, i.origin, i.period, i.issued_on, i.gross_cents, \
                      r.customer_number AS customer, i.recipient_name AS recipient, \
                      (SELECT d.state FROM deliveries d WHERE d.invoice_id = i.id ORDER BY d.queued_at DESC, d.id DESC \
                      LIMIT 1) AS delivery, o.number AS cancels, c.number AS cancelled_by FROM invoices i \
                      JOIN registrations r ON r.id = i.registration_id LEFT JOIN invoices o ON o.id = i.cancels_id \
                      LEFT JOIN invoices c ON c.id = i.cancelled_by";

/// Invoices that match, in the order of their numbers.
pub async fn list(store: &Store, filter: &Filter) -> Result<Vec<Row>> {
    let mut conditions = vec!["i.number > ?"];
    let mut values: Vec<Value> = vec![filter.after.clone().unwrap_or_default().into()];
    if let Some(period) = filter.period {
        conditions.push("i.period = ?");
        values.push(period.first_day().into());
    }
    if let Some(state) = &filter.state {
        conditions.push("i.state = ?");
        values.push(state.clone().into());
    }
    if let Some(delivery) = &filter.delivery {
        conditions.push(
            "COALESCE((SELECT d.state FROM deliveries d WHERE d.invoice_id = i.id ORDER BY d.queued_at DESC, d.id DESC \
             LIMIT 1), 'none') = ?",
        );
        values.push(delivery.clone().into());
    }
    values.push(i64::try_from(filter.limit).unwrap_or(i64::MAX).into());
    let text = format!("{SELECT} WHERE {} ORDER BY i.number LIMIT ?", conditions.join(" AND "));
    Ok(rows::<Raw>(store, &text, values).await?.into_iter().map(Row::from).collect())
}

/// Invoices of one registration, newest period first.
pub async fn of_registration(store: &Store, registration: Uuid) -> Result<Vec<Row>> {
    let text = format!("{SELECT} WHERE i.registration_id = ? ORDER BY i.period DESC, i.number");
    Ok(rows::<Raw>(store, &text, vec![registration.into()]).await?.into_iter().map(Row::from).collect())
}

impl From<Raw> for Row {
    fn from(raw: Raw) -> Self {
        Self {
            number: raw.number,
            state: raw.state,
            kind: raw.kind,
            origin: raw.origin,
            period: Period::containing(raw.period).to_string(),
            issued_on: raw.issued_on,
            gross_cents: raw.gross_cents,
            customer: raw.customer,
            recipient: raw.recipient,
            delivery: raw.delivery.unwrap_or_else(|| "none".to_owned()),
            cancels: raw.cancels,
            cancelled_by: raw.cancelled_by,
        }
    }
}

/// Everything about one invoice.
#[derive(Clone, Debug, Serialize)]
pub struct Detail {
    /// The invoice.
    #[serde(flatten)]
    pub row: Row,
    /// Net amount in cents.
    pub net_cents: i64,
    /// VAT in cents.
    pub tax_cents: i64,
    /// Last day of payment.
    pub due_on: Option<NaiveDate>,
    /// SHA-256 of the frozen content.
    pub snapshot_sha256: Option<String>,
    /// Lines.
    pub lines: Vec<Line>,
    /// Mails.
    pub deliveries: Vec<Mail>,
    /// All attempts, oldest first.
    pub attempts: Vec<Attempted>,
}

/// A line.
#[derive(Clone, Debug, Serialize, FromQueryResult)]
pub struct Line {
    /// Position.
    pub position: i64,
    /// What was delivered.
    pub description: String,
    /// Pieces.
    pub quantity: i64,
    /// Gross amount in cents.
    pub gross_cents: i64,
}

/// A mail of the invoice.
#[derive(Clone, Debug, Serialize, FromQueryResult)]
pub struct Mail {
    /// Message-ID.
    pub message_id: String,
    /// State.
    pub state: String,
    /// Address.
    pub recipient: String,
    /// Why it went out.
    pub purpose: String,
    /// Normalised code where it did not go well.
    pub code: Option<String>,
}

/// One invoice by the number a person typed.
pub async fn show(store: &Store, typed: &str) -> Result<Detail> {
    let invoice = super::by_number(store, typed).await?;
    let id = || vec![Value::from(invoice.id)];
    let raw = rows::<Raw>(store, &format!("{SELECT} WHERE i.id = ?"), id()).await?.pop();
    let raw = raw.ok_or_else(|| crate::Error::NotFound(format!("{typed} is gone.")))?;
    let lines =
        "SELECT position, description, quantity, gross_cents FROM invoice_lines WHERE invoice_id = ? ORDER BY 1";
    let mails = "SELECT message_id, state, recipient, purpose, code FROM deliveries WHERE invoice_id = ? ORDER BY queued_at, id";
    // Attempts on the period before there was an invoice count as its own; those on another paper of the period do not.
    let tried = "SELECT started_at, host, step, outcome, code, signal, message FROM attempts WHERE subscription_id = ? \
                 AND period = ? AND (invoice_id = ? OR (invoice_id IS NULL AND ? = 'invoice')) ORDER BY started_at, id";
    let subject =
        vec![invoice.subscription_id.into(), invoice.period.into(), invoice.id.into(), invoice.kind.clone().into()];
    Ok(Detail {
        row: raw.into(),
        net_cents: invoice.net_cents,
        tax_cents: invoice.tax_cents,
        due_on: invoice.due_on,
        snapshot_sha256: invoice.snapshot_sha256.map(|hash| crate::seal::hex(&hash)),
        lines: rows(store, lines, id()).await?,
        deliveries: rows(store, mails, id()).await?,
        attempts: rows(store, tried, subject).await?,
    })
}
