//! Auditing the stored PDFs, one streamed pass, all cores.

pub use kontor_pdf::audit::{Audit, Check};
use rayon::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use uuid::Uuid;

use super::archive;
use crate::store::Store;
use crate::store::entities::{deliveries, documents, invoices};
use crate::{Error, Result};

/// Documents in memory at once.
const PAGE: u64 = 200;

/// What the audit found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Invoices looked at.
    pub checked: u64,
    /// Those whose PDF is missing or damaged.
    pub damaged: Vec<Damaged>,
}

/// A missing or damaged PDF.
#[derive(Clone, Debug, Serialize)]
pub struct Damaged {
    /// Number of the invoice.
    pub number: String,
    /// Which checks passed.
    pub checks: Checks,
    /// What is wrong, in sentences.
    pub faults: Vec<String>,
}

/// The four checks; one that could not be done has not passed.
#[derive(Clone, Copy, Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "scripts rely on these four names")]
pub struct Checks {
    /// There are bytes at all.
    pub present: bool,
    /// They have the archived hash.
    pub hash: bool,
    /// They are a whole PDF.
    pub structure: bool,
    /// The page says what the database says.
    pub text: bool,
}

#[derive(FromQueryResult)]
struct Stored {
    invoice_id: Uuid,
    bytes: Vec<u8>,
    sha256: Vec<u8>,
}

/// Audits the PDFs of the numbers given, or of all invoices that should have one.
pub async fn audit(store: &Store, numbers: &[String], on_progress: &mut (dyn FnMut(u64) + Send)) -> Result<Report> {
    let mut wanted = Vec::with_capacity(numbers.len());
    for number in numbers {
        wanted.push(super::by_number(store, number).await?.number);
    }
    let mut report = Report::default();
    let mut after = String::new();
    loop {
        let mut query = invoices::Entity::find()
            .filter(invoices::Column::Number.gt(after.as_str()))
            .filter(should_have_one())
            .order_by_asc(invoices::Column::Number)
            .limit(PAGE);
        if !numbers.is_empty() {
            query = query.filter(invoices::Column::Number.is_in(wanted.clone()));
        }
        let page = query.all(store.read()).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.number);
        report.checked += page.len() as u64;
        report.damaged.extend(audit_page(store, page).await?);
        on_progress(report.checked);
    }
    Ok(report)
}

/// An invoice that is archived has a PDF, and so has a cancelled one unless it was cancelled before it was drawn.
fn should_have_one() -> Condition {
    let drawn = Query::select().expr(Expr::value(1)).from(documents::Entity).and_where(of_invoice("documents")).take();
    let mailed =
        Query::select().expr(Expr::value(1)).from(deliveries::Entity).and_where(of_invoice("deliveries")).take();
    let left = Condition::any().add(Expr::exists(drawn)).add(Expr::exists(mailed));
    Condition::any()
        .add(invoices::Column::State.eq("archived"))
        .add(Condition::all().add(invoices::Column::State.eq("cancelled")).add(left))
}

fn of_invoice(table: &'static str) -> SimpleExpr {
    Expr::col((table, "invoice_id")).equals((invoices::Entity, invoices::Column::Id))
}

/// The audit of one invoice's PDF.
#[derive(Clone, Debug)]
pub struct Audited {
    /// The document; none when there is none.
    pub document: Option<Uuid>,
    /// Whether there are bytes at all, even if the audit says that they are none.
    pub is_stored: bool,
    /// What was found.
    pub audit: Audit,
}

/// Audits the PDF of one invoice by its id.
pub async fn audit_one(store: &Store, id: Uuid) -> Result<Audited> {
    let invoice = invoices::Entity::find_by_id(id).one(store.read()).await?;
    let invoice = invoice.ok_or_else(|| Error::NotFound(format!("There is no invoice with the id {id}.")))?;
    let stored = archive::original(store.read(), id).await?;
    let (document, is_stored) = (stored.as_ref().map(|document| document.id), stored.is_some());
    let (sender, receiver) = tokio::sync::oneshot::channel();
    rayon::spawn(move || {
        let expected = archive::expected(&invoice, stored.as_ref().map(|document| &document.sha256[..]));
        let bytes = stored.as_ref().map(|document| &document.bytes[..]);
        let _ = sender.send(kontor_pdf::audit::audit(bytes, &expected));
    });
    let audit = receiver.await.map_err(|_| Error::Refused("The audit stopped in the middle.".to_owned()))?;
    Ok(Audited { document, is_stored, audit })
}

async fn audit_page(store: &Store, page: Vec<invoices::Model>) -> Result<Vec<Damaged>> {
    let stored = documents::Entity::find()
        .select_only()
        .columns([documents::Column::InvoiceId, documents::Column::Bytes, documents::Column::Sha256])
        .filter(documents::Column::InvoiceId.is_in(page.iter().map(|invoice| invoice.id)))
        .filter(documents::Column::Role.eq("original"))
        .into_model::<Stored>()
        .all(store.read())
        .await?;
    let (sender, receiver) = tokio::sync::oneshot::channel();
    rayon::spawn(move || {
        let damaged: Vec<Damaged> = page
            .par_iter()
            .filter_map(|invoice| one(invoice, stored.iter().find(|document| document.invoice_id == invoice.id)))
            .collect();
        let _ = sender.send(damaged);
    });
    receiver.await.map_err(|_| Error::Refused("The audit stopped in the middle.".to_owned()))
}

fn one(invoice: &invoices::Model, stored: Option<&Stored>) -> Option<Damaged> {
    use kontor_pdf::audit::Check;
    let expected = archive::expected(invoice, stored.map(|document| &document.sha256[..]));
    let audit = kontor_pdf::audit::audit(stored.map(|document| &document.bytes[..]), &expected);
    if audit.is_good() {
        return None;
    }
    let checks = [&audit.present, &audit.hash, &audit.structure, &audit.text];
    let faults = checks.iter().filter_map(|check| match check {
        Check::Failed(fault) => Some(fault.clone()),
        _ => None,
    });
    let passed = |check: &Check| *check == Check::Passed;
    Some(Damaged {
        number: invoice.number.clone(),
        faults: faults.collect(),
        checks: Checks {
            present: passed(&audit.present),
            hash: passed(&audit.hash),
            structure: passed(&audit.structure),
            text: passed(&audit.text),
        },
    })
}
