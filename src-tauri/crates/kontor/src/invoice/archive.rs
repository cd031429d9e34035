//! Archiving: the drawn PDF becomes a stored original, beside its hash and the version of what drew it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Value};
use uuid::Uuid;

use crate::store::entities::{documents, invoices};
use crate::store::{self, insert_all, places};
use crate::{Result, seal};

/// A drawn PDF on its way into the archive.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The invoice it shows.
    pub invoice_id: Uuid,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Their hash as they were drawn: what hits them on the way shows by it.
    pub sha256: [u8; 32],
    /// Whether a document of the old programs must make room.
    pub replaces_legacy: bool,
}

/// Stores the originals and returns their ids in the same order.
pub async fn archive(connection: &impl ConnectionTrait, drawn: &[Drawn], now: DateTime<Utc>) -> Result<Vec<Uuid>> {
    let backend = connection.get_database_backend();
    let replaced: Vec<Uuid> = drawn.iter().filter(|one| one.replaces_legacy).map(|one| one.invoice_id).collect();
    if !replaced.is_empty() {
        let text = format!(
            "UPDATE documents SET role = 'discarded' WHERE origin = 'legacy' AND role = 'original' AND invoice_id IN ({})",
            places(replaced.len())
        );
        connection.execute_raw(store::sql(backend, &text, replaced.into_iter().map(Into::into))).await?;
    }
    let mut ids = Vec::with_capacity(drawn.len());
    let mut rows = Vec::with_capacity(drawn.len());
    for one in drawn {
        let id = Uuid::now_v7();
        ids.push(id);
        rows.push(documents::Model {
            id,
            invoice_id: one.invoice_id,
            role: "original".to_owned(),
            origin: "kontor".to_owned(),
            renderer: Some(kontor_pdf::RENDERER.to_owned()),
            sha256: one.sha256.to_vec(),
            bytes: one.bytes.clone(),
            created_at: now,
        });
    }
    insert_all(connection, rows).await?;
    if drawn.is_empty() {
        return Ok(ids);
    }
    let text = format!(
        "UPDATE invoices SET state = 'archived', version = version + 1, updated_at = ?, seal = CASE id{} END WHERE \
         state = 'issued' AND id IN ({})",
        " WHEN ? THEN ?".repeat(drawn.len()),
        places(drawn.len())
    );
    let seals = drawn.iter().flat_map(|one| -> [Value; 2] {
        [one.invoice_id.into(), seal::invoice(one.invoice_id, "archived", None).into()]
    });
    let values = std::iter::once(now.into()).chain(seals).chain(drawn.iter().map(|one| one.invoice_id.into()));
    connection.execute_raw(store::sql(backend, &text, values)).await?;
    Ok(ids)
}

/// The stored original of an invoice, with its bytes.
pub async fn original(connection: &impl ConnectionTrait, invoice: Uuid) -> Result<Option<documents::Model>> {
    let query = documents::Entity::find()
        .filter(documents::Column::InvoiceId.eq(invoice))
        .filter(documents::Column::Role.eq("original"));
    Ok(query.one(connection).await?)
}

/// The stored originals of these invoices, with their bytes, by invoice.
pub async fn originals(
    connection: &impl ConnectionTrait,
    invoices: &[Uuid],
) -> Result<HashMap<Uuid, documents::Model>> {
    let query = documents::Entity::find()
        .filter(documents::Column::InvoiceId.is_in(invoices.iter().copied()))
        .filter(documents::Column::Role.eq("original"));
    Ok(query.all(connection).await?.into_iter().map(|row| (row.invoice_id, row)).collect())
}

/// What an invoice's PDF must show: from the frozen content, or from the row where the old programs left none.
pub fn expected(invoice: &invoices::Model, sha256: Option<&[u8]>) -> kontor_pdf::audit::Expected {
    let frozen = invoice.snapshot.as_deref().and_then(|bytes| kontor_pdf::content::Content::from_bytes(bytes).ok());
    let mut expected = match frozen {
        Some(content) => kontor_pdf::audit::Expected::of(&content),
        None => kontor_pdf::audit::Expected {
            number: invoice.number.clone(),
            issued_on: invoice.issued_on,
            recipient: invoice.recipient_name.clone(),
            gross_cents: invoice.gross_cents,
            sha256: None,
            pages: None,
        },
    };
    expected.sha256 = sha256.and_then(|hash| hash.try_into().ok());
    expected
}

/// Whether a stored document passes its whole audit.
pub fn is_sound(invoice: &invoices::Model, document: &documents::Model) -> bool {
    kontor_pdf::audit::audit(Some(&document.bytes), &expected(invoice, Some(&document.sha256))).is_good()
}
