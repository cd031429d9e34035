//! One invoice with all that belongs to it.

use kontor::invoice::content::{Frozen, frozen};
use kontor::{damage, store};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use super::super::stored::{Values, stored};
use super::super::{Answered, Handle, deliveries, findings, payments};
use super::{actions, attempts, rows_of};
use crate::delivery::DeliveryDetail;
use crate::failure::{Failure, RecordKind};
use crate::invoice::{DocumentRow, DrawnAgain, InvoiceContent, InvoiceDetail, InvoiceDoubt, InvoiceLine, ShowInvoice};
use crate::office::{Office, Open};
use crate::page::Stored;
use crate::payment::PaymentRow;

impl Handle for ShowInvoice {
    async fn handle(self, office: &Office) -> Answered<InvoiceDetail> {
        let open = office.open()?;
        let id = self.id;
        let row = rows_of(&open, vec![id]).await?.remove(&id);
        let row = row.ok_or_else(|| Failure::not_found(RecordKind::Invoice, id))?;
        Ok(InvoiceDetail {
            content: content(&open, id).await?,
            lines: lines(&open, id).await?,
            documents: documents(&open, id).await?,
            deliveries: mails(&open, id).await?,
            attempts: attempts::of_invoice(&open, id).await?,
            payments: paid(&open, id).await?,
            findings: findings::of_invoice(&open, id).await?,
            actions: actions::of(office, &open, id).await?,
            doubt: doubt(&open, id).await?,
            row,
        })
    }
}

async fn doubt(open: &Open, id: Uuid) -> Answered<Option<InvoiceDoubt>> {
    let doubt = damage::doubts(open.store.read(), id).await?;
    Ok(doubt.map(|doubt| InvoiceDoubt {
        host: doubt.host,
        drawn: doubt.drawn.map(|(host, at, is_same)| DrawnAgain { host, at, is_same }),
    }))
}

async fn rows(open: &Open, text: &str, id: Uuid) -> Answered<Vec<QueryResult>> {
    let statement = store::sql(open.store.backend(), text, [Value::from(id)]);
    Ok(open.store.read().query_all_raw(statement).await?)
}

/// Ids in the order in which they are shown.
async fn ids(open: &Open, text: &str, id: Uuid) -> Answered<Vec<Uuid>> {
    rows(open, text, id).await?.iter().map(|row| Ok(row.try_get("", "id")?)).collect()
}

async fn content(open: &Open, id: Uuid) -> Answered<Stored<InvoiceContent>> {
    let text = "SELECT number, net_cents, tax_cents, recipient_name, snapshot, snapshot_sha256, created_at FROM invoices \
                WHERE id = ?";
    let found = rows(open, text, id).await?;
    let row = found.first().ok_or_else(|| Failure::not_found(RecordKind::Invoice, id))?;
    Ok(stored(row, RecordKind::Invoice, id, "number", |values| {
        let (net_cents, tax_cents) = (values.get("net_cents"), values.get("tax_cents"));
        let (recipient, created_at) = (values.get::<String>("recipient_name"), values.get("created_at"));
        let sha256: Option<Option<Vec<u8>>> = values.get("snapshot_sha256");
        let paper = paper(values)?;
        let (service_from, service_to, address) = match paper {
            Some(paper) => (Some(paper.service_from), Some(paper.service_to), paper.address),
            // The old programs kept nothing of the paper but its name.
            None => (None, None, vec![recipient?]),
        };
        Some(InvoiceContent {
            net_cents: net_cents?,
            tax_cents: tax_cents?,
            service_from,
            service_to,
            address,
            snapshot_sha256: sha256?.map(|hash| kontor::seal::hex(&hash)),
            created_at: created_at?,
        })
    }))
}

#[expect(clippy::option_option, reason = "whether it can be read, and whether it is there")]
fn paper(values: &mut Values<'_>) -> Option<Option<Frozen>> {
    let Some(bytes) = values.get::<Option<Vec<u8>>>("snapshot")? else { return Some(None) };
    match frozen(&bytes) {
        Some(paper) => Some(Some(paper)),
        None => values.fault("snapshot"),
    }
}

async fn lines(open: &Open, id: Uuid) -> Answered<Vec<Stored<InvoiceLine>>> {
    let text = "SELECT id, position, description, quantity, unit_gross_cents, tax_basis_points, net_cents, tax_cents, \
                gross_cents FROM invoice_lines WHERE invoice_id = ? ORDER BY position, id";
    rows(open, text, id).await?.iter().map(|row| Ok(line(row, row.try_get("", "id")?))).collect()
}

fn line(row: &QueryResult, id: Uuid) -> Stored<InvoiceLine> {
    stored(row, RecordKind::InvoiceLine, id, "description", |values| {
        let (position, description) = (values.get("position"), values.get("description"));
        let (quantity, unit_gross_cents) = (values.get("quantity"), values.get("unit_gross_cents"));
        let (tax_basis_points, net_cents) = (values.get("tax_basis_points"), values.get("net_cents"));
        let (tax_cents, gross_cents) = (values.get("tax_cents"), values.get("gross_cents"));
        Some(InvoiceLine {
            position: position?,
            description: description?,
            quantity: quantity?,
            unit_gross_cents: unit_gross_cents?,
            tax_basis_points: tax_basis_points?,
            net_cents: net_cents?,
            tax_cents: tax_cents?,
            gross_cents: gross_cents?,
        })
    })
}

async fn documents(open: &Open, id: Uuid) -> Answered<Vec<Stored<DocumentRow>>> {
    let text = "SELECT id, role, origin, renderer, sha256, length(bytes) AS bytes, created_at FROM documents WHERE \
                invoice_id = ? ORDER BY CASE WHEN role = 'original' THEN 0 ELSE 1 END, created_at DESC, id";
    rows(open, text, id).await?.iter().map(|row| Ok(document(row, row.try_get("", "id")?))).collect()
}

fn document(row: &QueryResult, id: Uuid) -> Stored<DocumentRow> {
    stored(row, RecordKind::Document, id, "role", |values| {
        let (role, origin) = (values.get::<String>("role"), values.word("origin"));
        let (renderer, sha256) = (values.get("renderer"), values.get::<Vec<u8>>("sha256"));
        let (bytes, created_at) = (values.get::<i32>("bytes"), values.get("created_at"));
        Some(DocumentRow {
            id,
            is_original: role? == "original",
            origin: origin?,
            renderer: renderer?,
            sha256: kontor::seal::hex(&sha256?),
            bytes: i64::from(bytes?),
            created_at: created_at?,
        })
    })
}

async fn mails(open: &Open, id: Uuid) -> Answered<Vec<Stored<DeliveryDetail>>> {
    let text = "SELECT id FROM deliveries WHERE invoice_id = ? ORDER BY queued_at DESC, id DESC";
    let ids = ids(open, text, id).await?;
    let mut details = deliveries::details_of(open, ids.clone()).await?;
    Ok(ids.iter().filter_map(|id| details.remove(id)).collect())
}

async fn paid(open: &Open, id: Uuid) -> Answered<Vec<Stored<PaymentRow>>> {
    let text = "SELECT id FROM payments WHERE invoice_id = ? ORDER BY received_on DESC, id DESC";
    let ids = ids(open, text, id).await?;
    let mut found = payments::rows_of(open, ids.clone()).await?;
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}
