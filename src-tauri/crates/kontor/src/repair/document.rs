//! Bringing the bytes of a document back. Only bytes that have the hash they were stored with are taken: drawn again by the
//! program that drew them first, with one bit turned back, or lying with another invoice.

use chrono::{DateTime, Utc};
use kontor_pdf::audit::{self, Expected};
use kontor_pdf::content::{Content, sha256};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::intent::Bytes;
use super::obstacle::{Obstacle, Outcome};
use super::record::let_through;
use super::row::Row;
use super::table::Table;
use super::writing::{Values, update};
use crate::Result;
use crate::delivery::message;
use crate::store::entities::{deliveries, documents, invoices};
use crate::store::{Write, insert_all};

/// Writes the right bytes, or the right hash.
pub(super) async fn bring_back(
    write: &Write,
    row: &Row,
    from: Bytes,
    repair: Uuid,
    now: DateTime<Utc>,
) -> Result<Outcome<()>> {
    let (Some(bytes), Some(hash)) = (row.bytes("bytes"), row.bytes("sha256")) else {
        return Ok(Err(Obstacle::BytesGone));
    };
    let right = match from {
        Bytes::HashItself => return hash_itself(write, row, &bytes, &hash, now).await,
        Bytes::Exchanged(other) => return exchange(write, row, other, repair, now).await,
        // That is a repair of its own (`redrawn`): bytes and hash change.
        Bytes::Anew => None,
        Bytes::Drawn => drawn(&**write, row).await?,
        Bytes::Flipped(byte, bit) => flipped(bytes, byte, bit),
    };
    let Some(right) = right.filter(|right| sha256(right)[..] == hash[..]) else {
        return Ok(Err(Obstacle::BytesGone));
    };
    update(write, row, columns(Table::Documents, &[("bytes", right)]), now).await?;
    Ok(Ok(()))
}

/// Draws the lost document of a mailed invoice again. Each mail that was sent with it holds the proof: put together with
/// these bytes it has the hash that it was sent with.
pub(super) async fn draw_again(
    write: &Write,
    invoice: Uuid,
    document: Uuid,
    now: DateTime<Utc>,
) -> Result<Outcome<()>> {
    let drawn =
        frozen(&**write, invoice).await?.and_then(|content| Some((kontor_pdf::render(&content).ok()?, content)));
    let Some((bytes, content)) = drawn else { return Ok(Err(Obstacle::BytesGone)) };
    let mails = deliveries::Entity::find()
        .filter(deliveries::Column::InvoiceId.eq(invoice))
        .filter(deliveries::Column::MessageHead.is_not_null())
        .all(&**write)
        .await?;
    let is_proven = mails.iter().all(|mail| {
        let parts = mail.message_head.as_ref().zip(mail.message_tail.as_ref()).zip(mail.message_sha256.as_ref());
        parts.is_some_and(|((head, tail), hash)| message::whole(head, &bytes, tail, hash).is_some())
    });
    let is_good = audit::audit(Some(&bytes), &Expected::of(&content)).is_good();
    if mails.is_empty() || !is_proven || !is_good {
        return Ok(Err(Obstacle::BytesGone));
    }
    let row = documents::Model {
        id: document,
        invoice_id: invoice,
        role: "original".to_owned(),
        origin: "kontor".to_owned(),
        renderer: Some(kontor_pdf::RENDERER.to_owned()),
        sha256: sha256(&bytes).to_vec(),
        bytes,
        created_at: now,
    };
    insert_all(&**write, vec![row]).await?;
    Ok(Ok(()))
}

pub(super) fn columns(table: Table, values: &[(&str, Vec<u8>)]) -> Values {
    let column = |name: &str| table.column(name);
    values.iter().filter_map(|(name, bytes)| Some((column(name)?, bytes.clone().into()))).collect()
}

fn flipped(mut bytes: Vec<u8>, byte: usize, bit: u8) -> Option<Vec<u8>> {
    *bytes.get_mut(byte)? ^= 1_u8.checked_shl(bit.into())?;
    Some(bytes)
}

/// Drawn again from the frozen content, by the same version of the same renderer.
pub(super) async fn drawn(connection: &impl ConnectionTrait, row: &Row) -> Result<Option<Vec<u8>>> {
    let is_ours = row.text("renderer").as_deref() == Some(kontor_pdf::RENDERER);
    let Some(id) = row.uuid("invoice_id").filter(|_| is_ours) else { return Ok(None) };
    let content = frozen(connection, id).await?;
    Ok(content.and_then(|content| kontor_pdf::render(&content).ok()))
}

/// The frozen content of an invoice, if it has its hash.
pub(super) async fn frozen(connection: &impl ConnectionTrait, invoice: Uuid) -> Result<Option<Content>> {
    let Some(invoice) = invoices::Entity::find_by_id(invoice).one(connection).await? else { return Ok(None) };
    let hash = invoice.snapshot_sha256;
    let bytes = invoice.snapshot.filter(|bytes| hash.as_deref() == Some(&sha256(bytes)[..]));
    Ok(bytes.and_then(|bytes| Content::from_bytes(&bytes).ok()))
}

/// The bytes are right, and one bit of their hash was hit.
async fn hash_itself(write: &Write, row: &Row, bytes: &[u8], hash: &[u8], now: DateTime<Utc>) -> Result<Outcome<()>> {
    let right = sha256(bytes);
    let bits: u32 = right.iter().zip(hash).map(|(one, other)| (one ^ other).count_ones()).sum();
    if hash.len() != right.len() || bits != 1 {
        return Ok(Err(Obstacle::BytesGone));
    }
    update(write, row, columns(Table::Documents, &[("sha256", right.to_vec())]), now).await?;
    Ok(Ok(()))
}

/// Two documents lie with each other's invoices: their bytes, with their hashes, change places.
async fn exchange(write: &Write, row: &Row, other: Uuid, repair: Uuid, now: DateTime<Utc>) -> Result<Outcome<()>> {
    let Some(theirs) = Row::read(&**write, Table::Documents, other).await? else {
        return Ok(Err(Obstacle::RowMissing));
    };
    // Who drew them stands beside the bytes, and goes with them only where it is the same.
    if ["origin", "renderer", "role"].iter().any(|column| row.text(column) != theirs.text(column)) {
        return Ok(Err(Obstacle::BytesGone));
    }
    for (one, from) in [(row, &theirs), (&theirs, row)] {
        let (Some(bytes), Some(hash)) = (from.bytes("bytes"), from.bytes("sha256")) else {
            return Ok(Err(Obstacle::BytesGone));
        };
        if sha256(&bytes)[..] != hash[..] {
            return Ok(Err(Obstacle::BytesGone));
        }
        let_through(write, repair, one.id).await?;
        update(write, one, columns(Table::Documents, &[("bytes", bytes), ("sha256", hash)]), now).await?;
    }
    let_through(write, repair, row.id).await?;
    Ok(Ok(()))
}
