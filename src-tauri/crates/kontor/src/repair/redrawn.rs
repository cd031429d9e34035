//! A document that was drawn wrong and hashed as it was: bytes and hash are written anew, from the frozen content.
//!
//! Only what never left the house is written so. A mail that waits was put together with the old bytes; where it fits them
//! its hash follows, so that it goes out with the right ones. All of it is one repair, and taken back as one.

use chrono::{DateTime, Utc};
use kontor_pdf::audit::{self, Expected};
use kontor_pdf::content::sha256;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::document::{columns, drawn, frozen};
use super::intent::Place;
use super::obstacle::{Obstacle, Outcome};
use super::record::let_through;
use super::row::Row;
use super::table::Table;
use super::writing::update;
use crate::delivery::message;
use crate::identity::Actor;
use crate::run::code::NOT_ARRIVED;
use crate::store::Write;
use crate::store::entities::deliveries::{self, Column};
use crate::{Error, Result, withdrawal};

/// States of mails that may have left the house.
const LEFT: [&str; 4] = ["sending", "accepted", "unknown", "bounced"];

/// Mails that may have left the house; what a person settled as not arrived did leave.
fn has_left() -> Condition {
    let not_arrived = Condition::all().add(Column::State.eq("refused")).add(Column::Code.eq(NOT_ARRIVED));
    Condition::any().add(Column::State.is_in(LEFT)).add(not_arrived)
}

/// Mails that carry a document and have not left; of an invoice of which anything has, none is written.
pub(super) async fn unsent(connection: &impl ConnectionTrait, document: Uuid) -> Result<Vec<Uuid>> {
    let query = deliveries::Entity::find()
        .filter(Column::DocumentId.eq(document))
        .filter(Column::State.is_not_in(LEFT))
        .filter(Column::MessageSha256.is_not_null())
        .order_by_asc(Column::Id);
    Ok(query.select_only().column(Column::Id).into_tuple().all(connection).await?)
}

/// Draws it and writes bytes and hash, and the hashes of mails that wait with it.
pub(super) async fn anew(
    write: &Write,
    actor: &Actor,
    row: &Row,
    repair: Uuid,
    now: DateTime<Utc>,
) -> Result<Outcome<()>> {
    trusted(write, actor).await?;
    let (Some(old), Some(hash), Some(invoice)) = (row.bytes("bytes"), row.bytes("sha256"), row.uuid("invoice_id"))
    else {
        return Ok(Err(Obstacle::BytesGone));
    };
    // A worker may be about to mark one of them; whoever comes second sees what the first one wrote.
    let of_invoice = || deliveries::Entity::find().filter(Column::InvoiceId.eq(invoice));
    of_invoice()
        .select_only()
        .column(Column::Id)
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .into_tuple::<Uuid>()
        .all(&**write)
        .await?;
    let left = of_invoice().filter(has_left());
    if sha256(&old)[..] != hash[..] || left.count(&**write).await? > 0 {
        return Ok(Err(Obstacle::RowChanged));
    }
    let content = frozen(&**write, invoice).await?;
    let (Some(content), Some(right)) = (content, drawn(&**write, row).await?) else {
        return Ok(Err(Obstacle::BytesGone));
    };
    if right == old || !audit::audit(Some(&right), &Expected::of(&content)).is_good() {
        return Ok(Err(Obstacle::BytesGone));
    }
    update(
        write,
        row,
        columns(Table::Documents, &[("bytes", right.clone()), ("sha256", sha256(&right).to_vec())]),
        now,
    )
    .await?;
    for mail in unsent(&**write, row.id).await? {
        let at = Place { table: Table::Deliveries, id: mail };
        if !letter(write, at, (&old, &right), repair, now).await? {
            return Ok(Err(Obstacle::BreaksRule { rule: "message_damaged".to_owned() }));
        }
    }
    let_through(write, repair, row.id).await?;
    Ok(Ok(()))
}

/// Only a host that is in service, whose program draws its golden hashes, may say what is right.
async fn trusted(write: &Write, actor: &Actor) -> Result<()> {
    withdrawal::require_service(&**write, &actor.desk).await?;
    kontor_pdf::self_check().map_err(|error| {
        Error::Refused(format!(
            "This program does not draw what it should ({error}). Nothing was written; repair it on another machine."
        ))
    })
}

/// A mail that fits the old bytes fits the new ones; false where it fits neither, because it is damaged itself.
async fn letter(
    write: &Write,
    at: Place,
    (old, right): (&[u8], &[u8]),
    repair: Uuid,
    now: DateTime<Utc>,
) -> Result<bool> {
    let Some(mail) = Row::read(&**write, at.table, at.id).await? else { return Ok(false) };
    let parts = (mail.bytes("message_head"), mail.bytes("message_tail"), mail.bytes("message_sha256"));
    let (Some(head), Some(tail), Some(hash)) = parts else { return Ok(false) };
    if message::whole(&head, old, &tail, &hash).is_none() {
        return Ok(false);
    }
    let right = sha256(&message::joined(&head, right, &tail)).to_vec();
    let_through(write, repair, at.id).await?;
    update(write, &mail, columns(Table::Deliveries, &[("message_sha256", right)]), now).await?;
    Ok(true)
}
