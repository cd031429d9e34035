//! The mails that carried a document: put together again they have the hash that they were stored with.
//!
//! Where they have not although the document is whole, one bit of the mail's head, tail or hash explains it, or nobody can
//! say what it was.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kontor_pdf::content::sha256;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::Scope;
use super::documents::Paper;
use crate::Result;
use crate::check::book::Found;
use crate::check::candidates::differ_by_a_bit;
use crate::check::hashes;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::question::model;
use crate::check::rules::MESSAGE_DAMAGED;
use crate::delivery::message;
use crate::seal::hex;
use crate::store::entities::deliveries::{self, Column};

/// A mail as it is stored.
#[derive(Debug, FromQueryResult)]
pub(super) struct Letter {
    id: Uuid,
    document_id: Uuid,
    message_head: Vec<u8>,
    message_tail: Vec<u8>,
    message_sha256: Vec<u8>,
}

/// Documents that were carried since.
pub(super) fn carried_since(since: DateTime<Utc>) -> SelectStatement {
    carried().filter(Column::QueuedAt.gte(since)).into_query()
}

/// The document that this mail carries.
pub(super) fn carried_by(mail: Uuid) -> SelectStatement {
    carried().filter(Column::Id.eq(mail)).into_query()
}

fn carried() -> sea_orm::Select<deliveries::Entity> {
    let query = deliveries::Entity::find().select_only().column(Column::DocumentId);
    query.filter(Column::DocumentId.is_not_null())
}

/// The mails that carry these documents, where they are wanted.
pub(super) async fn of(
    connection: &impl ConnectionTrait,
    documents: Vec<Uuid>,
    scope: &Scope,
) -> Result<HashMap<Uuid, Vec<Letter>>> {
    let mut letters: HashMap<Uuid, Vec<Letter>> = HashMap::new();
    if !scope.wants(MESSAGE_DAMAGED) {
        return Ok(letters);
    }
    let columns = [Column::Id, Column::DocumentId, Column::MessageHead, Column::MessageTail, Column::MessageSha256];
    let query = deliveries::Entity::find()
        .select_only()
        .columns(columns)
        .filter(Column::DocumentId.is_in(documents))
        .filter(Column::MessageSha256.is_not_null());
    for row in connection.query_all_raw(query.build(connection.get_database_backend())).await? {
        if let Ok(letter) = model::<Letter>(&row) {
            letters.entry(letter.document_id).or_default().push(letter);
        }
    }
    Ok(letters)
}

/// The mails of a document that do not have their hash. A document that itself is damaged explains it and is its own finding.
pub(super) fn look(paper: &Paper) -> Vec<(&'static str, Found)> {
    let document = &paper.document;
    if paper.letters().is_empty() || sha256(&document.bytes)[..] != document.sha256[..] {
        return Vec::new();
    }
    let damaged = paper.letters().iter().filter_map(|letter| judged(letter, &document.bytes));
    damaged.map(|found| (MESSAGE_DAMAGED, found)).collect()
}

fn judged(letter: &Letter, pdf: &[u8]) -> Option<Found> {
    let whole = message::joined(&letter.message_head, pdf, &letter.message_tail);
    let found = sha256(&whole);
    if found[..] == letter.message_sha256[..] {
        return None;
    }
    let row = Found::new("deliveries", letter.id);
    if differ_by_a_bit(&found, &letter.message_sha256) {
        let hit = row.field("message_sha256", Some(hex(&letter.message_sha256)));
        let proposal = Proposal::set("message_sha256", hex(&found), Evidence::Proven);
        return Some(hit.proposing(proposal.because(Reason::new("hash_itself_hit"))));
    }
    let (head, tail) = (letter.message_head.len(), whole.len() - letter.message_tail.len());
    let Some(flip) = hashes::flipped_back_within(&whole, &[0..head, tail..whole.len()], &letter.message_sha256) else {
        let decide = Proposal::act(Action::Decide, Evidence::None).because(Reason::new("restore_backup"));
        return Some(row.proposing(decide.because(Reason::against("no_single_bit"))));
    };
    let (field, current, right) = if flip.byte < head {
        ("message_head", &letter.message_head, &flip.bytes[..head])
    } else {
        ("message_tail", &letter.message_tail, &flip.bytes[tail..])
    };
    let fits = Reason::new("hash_fits").with("byte", flip.byte).with("bit", flip.bit);
    let proposal = Proposal::set(field, hex(right), Evidence::Proven).because(fits);
    Some(row.field(field, Some(hex(&sha256(current)))).proposing(proposal))
}
