//! A mail on its way out: the item it belongs to, its row, its exact bytes.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::claim::Claimed;
use super::code::{self, Refusal};
use super::papers::Paper;
use crate::delivery::message::{self, Stored};
use crate::store::entities::{deliveries, documents};

/// A mail ready to go out.
#[derive(Debug)]
pub struct Letter {
    /// The item it belongs to.
    pub item: Claimed,
    /// The delivery's id.
    pub delivery: Uuid,
    /// Envelope sender; a mail of an older version has none of its own.
    pub return_path: Option<String>,
    /// PDF, message and recipient.
    pub paper: Paper,
}

impl Letter {
    /// The row of a mail that is queued now.
    pub fn row(&self, invoice: Uuid, document: Uuid, now: DateTime<Utc>) -> deliveries::Model {
        let stored = &self.paper.stored;
        deliveries::Model {
            id: self.delivery,
            invoice_id: invoice,
            document_id: Some(document),
            purpose: self.item.key.subject.purpose().to_owned(),
            origin: "kontor".to_owned(),
            recipient: self.paper.recipient.clone(),
            message_id: stored.message_id.clone(),
            message_head: Some(stored.head.clone()),
            message_tail: Some(stored.tail.clone()),
            message_sha256: Some(stored.sha256.to_vec()),
            state: "queued".to_owned(),
            target: None,
            code: None,
            tries: 0,
            queued_at: now,
            sending_at: None,
            settled_at: None,
            person: None,
            reason: None,
            request_id: None,
            return_path: self.return_path.clone(),
        }
    }

    /// A mail that was stored before.
    pub fn stored(item: &Claimed, row: deliveries::Model, document: documents::Model) -> Result<Self, Refusal> {
        let whole = (row.message_head, row.message_tail, row.message_sha256.and_then(|hash| hash.try_into().ok()));
        let (Some(head), Some(tail), Some(sha256)) = whole else {
            return Err(Refusal::new(code::INTERNAL, "the stored mail has no text"));
        };
        let stored = Stored { message_id: row.message_id, head, tail, sha256 };
        let sha256 = document.sha256.try_into().unwrap_or_default();
        let paper = Paper { pdf: document.bytes, sha256, stored, recipient: row.recipient };
        Ok(Self { item: item.clone(), delivery: row.id, return_path: row.return_path, paper })
    }

    /// Its bytes; none when the stored parts do not have the hash they were stored with.
    pub fn message(&self) -> Option<Vec<u8>> {
        let stored = &self.paper.stored;
        message::whole(&stored.head, &self.paper.pdf, &stored.tail, &stored.sha256)
    }
}
