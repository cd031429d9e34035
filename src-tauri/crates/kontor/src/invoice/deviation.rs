//! Where the rows of an invoice deviate from its frozen content, field by field.
//!
//! Rows are read leniently: a value that cannot even be decoded is a deviation like any other. What this module leaves
//! out: whether the content is the right one (`frozen`, by its hash), and putting the rows right (`restore`).

use chrono::DateTime;
use kontor_pdf::content::Content;
use sea_orm::{ConnectionTrait, QueryResult, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::freeze::{self, Subject};
use crate::period::Period;
use crate::seal::hex;
use crate::store::entities::{invoice_lines, invoices};
use crate::store::{self, Lock};
use crate::{Error, Result};

/// Stands for a value that cannot be decoded.
const UNREADABLE: &str = "(unreadable)";

/// One field that is not as it was frozen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Deviation {
    /// Position of the line; none for the invoice itself.
    pub line: Option<i64>,
    /// Column; `line` for a line that is missing altogether.
    pub field: String,
    /// What stands there.
    pub old: Option<String>,
    /// What the content says.
    pub new: Option<String>,
}

/// The rows of an invoice as they stand.
#[derive(Debug)]
pub struct Rows {
    /// Id of the invoice.
    pub id: Uuid,
    /// Version of the row.
    pub version: i64,
    /// The stored content.
    pub snapshot: Option<Vec<u8>>,
    /// The hash it was frozen with.
    pub sha256: Option<Vec<u8>>,
    row: QueryResult,
    lines: Vec<QueryResult>,
}

/// What must change for the rows to agree with the content.
#[derive(Debug, Default)]
pub struct Changes {
    /// Columns of the invoice.
    pub invoice: Vec<(&'static str, Value)>,
    /// Columns of lines, by the line's id.
    pub lines: Vec<(Uuid, Vec<(&'static str, Value)>)>,
    /// Lines that are missing.
    pub missing: Vec<invoice_lines::Model>,
    /// The same, as it is told to people.
    pub told: Vec<Deviation>,
}

/// Reads the rows of an invoice; in a writing transaction, [`Lock::Wait`] holds the invoice from here on.
pub async fn read(connection: &impl ConnectionTrait, id: Uuid, lock: Option<Lock>) -> Result<Rows> {
    let backend = connection.get_database_backend();
    let text = "SELECT kind, number, registration_id, subscription_id, period, cancels_id, issued_on, due_on, \
                recipient_name, net_cents, tax_cents, gross_cents, currency, line_count, snapshot, snapshot_sha256, \
                version FROM invoices WHERE id = ?";
    let text = lock.map_or_else(|| text.to_owned(), |lock| store::locking(backend, text, lock));
    let row = connection.query_one_raw(store::sql(backend, &text, [id.into()])).await?;
    let row = row.ok_or_else(|| Error::NotFound(format!("There is no invoice with the id {id}.")))?;
    let lines = "SELECT id, position, description, quantity, unit_gross_cents, tax_basis_points, net_cents, tax_cents, \
                 gross_cents FROM invoice_lines WHERE invoice_id = ? ORDER BY position, id";
    Ok(Rows {
        id,
        version: row.try_get("", "version")?,
        snapshot: row.try_get("", "snapshot")?,
        sha256: row.try_get("", "snapshot_sha256")?,
        row,
        lines: connection.query_all_raw(store::sql(backend, lines, [id.into()])).await?,
    })
}

impl Rows {
    /// The number as it stands, for sentences.
    pub fn number(&self) -> String {
        seen(&self.row, "number", &Value::String(None)).unwrap_or_default()
    }

    /// Compares the rows with a content and its bytes.
    pub async fn changes(&self, connection: &impl ConnectionTrait, content: &Content, bytes: &[u8]) -> Result<Changes> {
        let mut right = freeze::row(content, self.subject(connection, content).await?, DateTime::UNIX_EPOCH);
        right.snapshot = Some(bytes.to_vec());
        let mut changes = Changes::default();
        changes.invoice = differing(&self.row, columns(&right), None, &mut changes.told);
        if !changes.invoice.is_empty() {
            changes.invoice.push(("search_text", right.search_text.into()));
        }
        self.compare_lines(freeze::line_rows(self.id, content), &mut changes)?;
        changes.told.sort();
        Ok(changes)
    }

    /// Lines are paired by position, the others in their order.
    fn compare_lines(&self, right: Vec<invoice_lines::Model>, changes: &mut Changes) -> Result<()> {
        let mut rows: Vec<&QueryResult> = self.lines.iter().collect();
        let mut unpaired = Vec::new();
        let mut pairs = Vec::with_capacity(right.len());
        for line in right {
            match rows.iter().position(|row| row.try_get::<i64>("", "position").ok() == Some(line.position)) {
                Some(at) => pairs.push((rows.remove(at), line)),
                None => unpaired.push(line),
            }
        }
        let mut rest = rows.into_iter();
        for line in unpaired {
            if let Some(row) = rest.next() {
                pairs.push((row, line));
            } else {
                changes.told.push(missing(&line));
                changes.missing.push(line);
            }
        }
        if rest.next().is_some() {
            return Err(Error::Refused(format!(
                "{} has a line that its frozen content does not know. A line is never deleted, so this cannot be \
                 restored: compare with a backup.",
                self.number()
            )));
        }
        for (row, line) in pairs {
            let fields = differing(row, line_columns(&line), Some(line.position), &mut changes.told);
            if !fields.is_empty() {
                changes.lines.push((row.try_get("", "id")?, fields));
            }
        }
        Ok(())
    }

    /// What the content determines of the references; what it leaves open stays as it is.
    async fn subject(&self, connection: &impl ConnectionTrait, content: &Content) -> Result<Subject> {
        let current = |column: &str| self.row.try_get::<Option<Uuid>>("", column).ok().flatten();
        let customer = content.recipient.customer_number.clone();
        let found =
            ids(connection, "SELECT id FROM registrations WHERE customer_number = ?", vec![customer.into()]).await?;
        let registration_id = found.first().copied().or(current("registration_id")).unwrap_or_default();
        let rented = "SELECT id FROM subscriptions WHERE registration_id = ?";
        let rented = ids(connection, rented, vec![registration_id.into()]).await?;
        let subscription = current("subscription_id");
        let subscription_id = match (&rented[..], subscription) {
            ([only], _) => *only,
            (_, subscription) => subscription.unwrap_or_default(),
        };
        let cancels_id = match &content.original {
            Some(original) => {
                let cancelled = "SELECT id FROM invoices WHERE kind = 'invoice' AND number = ?";
                let found = ids(connection, cancelled, vec![original.number.clone().into()]).await?;
                found.first().copied().or(current("cancels_id"))
            }
            None => None,
        };
        // The service period lies within the billing period.
        let period = Period::containing(content.service_from).first_day();
        Ok(Subject { registration_id, subscription_id, period, cancels_id })
    }
}

async fn ids(connection: &impl ConnectionTrait, text: &str, values: Vec<Value>) -> Result<Vec<Uuid>> {
    let rows = connection.query_all_raw(store::sql(connection.get_database_backend(), text, values)).await?;
    rows.iter().map(|row| Ok(row.try_get("", "id")?)).collect()
}

/// The columns that a content determines; the hash is what the content is held against.
fn columns(right: &invoices::Model) -> Vec<(&'static str, Value)> {
    vec![
        ("kind", right.kind.clone().into()),
        ("number", right.number.clone().into()),
        ("registration_id", right.registration_id.into()),
        ("subscription_id", right.subscription_id.into()),
        ("period", right.period.into()),
        ("cancels_id", right.cancels_id.into()),
        ("issued_on", right.issued_on.into()),
        ("due_on", right.due_on.into()),
        ("recipient_name", right.recipient_name.clone().into()),
        ("net_cents", right.net_cents.into()),
        ("tax_cents", right.tax_cents.into()),
        ("gross_cents", right.gross_cents.into()),
        ("currency", right.currency.clone().into()),
        ("line_count", right.line_count.into()),
        ("snapshot", right.snapshot.clone().into()),
    ]
}

fn line_columns(right: &invoice_lines::Model) -> Vec<(&'static str, Value)> {
    vec![
        ("position", right.position.into()),
        ("description", right.description.clone().into()),
        ("quantity", right.quantity.into()),
        ("unit_gross_cents", right.unit_gross_cents.into()),
        ("tax_basis_points", right.tax_basis_points.into()),
        ("net_cents", right.net_cents.into()),
        ("tax_cents", right.tax_cents.into()),
        ("gross_cents", right.gross_cents.into()),
    ]
}

fn missing(line: &invoice_lines::Model) -> Deviation {
    let new = Some(line.description.clone());
    Deviation { line: Some(line.position), field: "line".to_owned(), old: None, new }
}

fn differing(
    row: &QueryResult,
    right: Vec<(&'static str, Value)>,
    line: Option<i64>,
    said: &mut Vec<Deviation>,
) -> Vec<(&'static str, Value)> {
    let mut fields = Vec::new();
    for (column, value) in right {
        let (old, new) = (seen(row, column, &value), told(&value));
        if old != new {
            said.push(Deviation { line, field: column.to_owned(), old, new });
            fields.push((column, value));
        }
    }
    fields
}

/// What stands in a column that should hold a value of this kind.
fn seen(row: &QueryResult, column: &str, like: &Value) -> Option<String> {
    let read = match like {
        Value::BigInt(_) => row.try_get::<Option<i64>>("", column).map(Value::from),
        Value::ChronoDate(_) => row.try_get::<Option<chrono::NaiveDate>>("", column).map(Value::from),
        Value::Uuid(_) => row.try_get::<Option<Uuid>>("", column).map(Value::from),
        Value::Bytes(_) => row.try_get::<Option<Vec<u8>>>("", column).map(Value::from),
        _ => row.try_get::<Option<String>>("", column).map(Value::from),
    };
    match read {
        Ok(value) => told(&value),
        Err(_) => Some(UNREADABLE.to_owned()),
    }
}

/// A value as text.
fn told(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => text.clone(),
        Value::BigInt(number) => number.map(|number| number.to_string()),
        Value::ChronoDate(day) => day.map(|day| day.to_string()),
        Value::Uuid(id) => id.map(|id| id.to_string()),
        Value::Bytes(bytes) => {
            bytes.as_ref().map(|bytes| format!("SHA-256 {}", hex(&kontor_pdf::content::sha256(bytes))))
        }
        _ => None,
    }
}
