//! The reviewer's mark: a person looked at the PDF of an invoice. It is for these bytes: another document, or another
//! hash, has no mark. A damaged PDF is not marked; it is repaired, and what comes back with the archived hash is what was
//! looked at.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use super::archive;
use crate::identity::Actor;
use crate::obstacle::Obstacle;
use crate::store::entities::{documents, reviews};
use crate::store::{self, Store, Write, insert_all};
use crate::{Error, Result, journal};

/// The journal's word for marking, and for taking a mark away.
pub const ACTION: &str = "invoice.review";

/// A mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Who looked.
    pub person: String,
    /// From which desk.
    pub desk: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Marks the PDF of an invoice as reviewed, or takes the mark away, and returns the mark that stands now. Where it stands
/// as asked already, nothing is written, so that whoever looked first stays named.
pub async fn mark(
    store: &Store,
    actor: &Actor,
    invoice: Uuid,
    document: Uuid,
    is_reviewed: bool,
) -> Result<Option<Mark>> {
    if let Some(earlier) = answered(store, actor).await? {
        return Ok(earlier);
    }
    match attempt(store, actor, invoice, document, is_reviewed).await {
        // The answer was lost, or another desk was faster: the rows tell.
        Err(error) if error.is_duplicate() => match answered(store, actor).await? {
            Some(earlier) => Ok(earlier),
            None => attempt(store, actor, invoice, document, is_reviewed).await,
        },
        other => other,
    }
}

/// What an earlier call with the same request left.
async fn answered(store: &Store, actor: &Actor) -> Result<Option<Option<Mark>>> {
    let Some(entry) = journal::done_before(store.read(), actor.request, ACTION).await? else { return Ok(None) };
    let after = entry.after.as_deref().and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
    let is_reviewed = after.is_some_and(|after| after["is_reviewed"] == json!(true));
    Ok(Some(is_reviewed.then_some(Mark { person: entry.person, desk: entry.desk, at: entry.written_at })))
}

async fn attempt(
    store: &Store,
    actor: &Actor,
    invoice: Uuid,
    document: Uuid,
    is_reviewed: bool,
) -> Result<Option<Mark>> {
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    let number = number_of(&write, invoice).await?;
    let original = looked_at(&write, invoice, document, &number).await?;
    let standing = reviews::Entity::find().filter(reviews::Column::DocumentId.eq(document)).one(&*write).await?;
    let holds = standing.as_ref().is_some_and(|review| review.sha256 == original.sha256);
    if holds == is_reviewed {
        return Ok(standing.filter(|_| holds).map(mark_of));
    }
    if standing.is_some() {
        reviews::Entity::delete_many().filter(reviews::Column::DocumentId.eq(document)).exec(&*write).await?;
    }
    let mark = Mark { person: actor.person.clone(), desk: actor.desk.clone(), at: now };
    if is_reviewed {
        check_whole(&original, &number)?;
        insert_all(&*write, vec![row(actor, &original, now)]).await?;
    }
    note(&write, actor, invoice, &number, is_reviewed, now).await?;
    write.commit().await?;
    Ok(is_reviewed.then_some(mark))
}

/// The number as far as it can be read; a mark does not depend on it.
async fn number_of(write: &Write, invoice: Uuid) -> Result<String> {
    let text = "SELECT number FROM invoices WHERE id = ?";
    let row = write.query_one_raw(store::sql(write.get_database_backend(), text, [invoice.into()])).await?;
    let row = row.ok_or_else(|| Error::NotFound(format!("There is no invoice with the id {invoice}.")))?;
    Ok(row.try_get("", "number").unwrap_or_default())
}

async fn looked_at(write: &Write, invoice: Uuid, document: Uuid, number: &str) -> Result<documents::Model> {
    let original = archive::original(&**write, invoice).await?;
    let original = original
        .ok_or_else(|| Error::from(Obstacle::NoDocument.says(format!("{number} has no stored PDF to review."))))?;
    if original.id == document {
        return Ok(original);
    }
    let sentence = format!("The PDF of {number} was replaced since it was looked at; nothing was written.");
    Err(Obstacle::DocumentReplaced.says(sentence).into())
}

fn check_whole(original: &documents::Model, number: &str) -> Result<()> {
    if kontor_pdf::content::sha256(&original.bytes)[..] == original.sha256[..] {
        return Ok(());
    }
    let sentence =
        format!("The PDF of {number} is not the file that was archived; repair it first. Nothing was written.");
    Err(Obstacle::DocumentDamaged.says(sentence).into())
}

fn row(actor: &Actor, original: &documents::Model, now: DateTime<Utc>) -> reviews::Model {
    reviews::Model {
        id: Uuid::now_v7(),
        invoice_id: original.invoice_id,
        document_id: original.id,
        sha256: original.sha256.clone(),
        size_bytes: i64::try_from(original.bytes.len()).unwrap_or(i64::MAX),
        person: actor.person.clone(),
        desk: actor.desk.clone(),
        request_id: actor.request,
        reviewed_at: now,
    }
}

fn mark_of(review: reviews::Model) -> Mark {
    Mark { person: review.person, desk: review.desk, at: review.reviewed_at }
}

async fn note(
    write: &Write,
    actor: &Actor,
    invoice: Uuid,
    number: &str,
    is_reviewed: bool,
    now: DateTime<Utc>,
) -> Result<()> {
    let entry = journal::Entry {
        action: ACTION,
        record: Some(("invoices", invoice.to_string())),
        reason: "",
        before: Some(json!({ "number": number, "is_reviewed": !is_reviewed })),
        after: Some(json!({ "number": number, "is_reviewed": is_reviewed })),
    };
    journal::record(&**write, actor, now, entry).await
}
