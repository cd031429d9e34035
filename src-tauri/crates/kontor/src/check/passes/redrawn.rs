//! Documents that are not believed, drawn again: those of invoices that a withdrawn host had in hand in its bad time, and
//! those that came out otherwise when another host drew them.

use std::collections::{HashMap, HashSet};

use kontor_pdf::content::{Content, sha256};
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::documents::Paper;
use super::numbers::looked_up;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::seal::hex;
use crate::store::entities::documents;
use crate::{Result, damage};

/// What speaks against documents beforehand.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    /// The host that had it in hand, by invoice.
    unproven: HashMap<Uuid, String>,
    /// Documents that another host drew otherwise.
    otherwise: HashSet<Uuid>,
}

impl Doubts {
    /// Reads them for a page of documents.
    pub async fn of(connection: &impl ConnectionTrait, documents: &[documents::Model]) -> Result<Self> {
        let invoices: Vec<Uuid> = documents.iter().map(|document| document.invoice_id).collect();
        let unproven = damage::unproven_among(connection, &invoices).await?;
        let flag = |row: &QueryResult| Some((row.try_get::<Uuid>("", "id").ok()?, ()));
        let text = "SELECT DISTINCT document_id AS id FROM canaries WHERE outcome = 'differs' AND document_id IN";
        let otherwise = looked_up(connection, text, documents.iter().map(|document| document.id), flag).await?;
        Ok(Self { unproven, otherwise: otherwise.into_keys().collect() })
    }

    /// The suspect host of a document's invoice.
    pub fn suspect(&self, document: &documents::Model) -> Option<String> {
        self.unproven.get(&document.invoice_id).cloned()
    }

    /// Whether it is worth drawing it again.
    pub fn is_doubted(&self, document: &documents::Model) -> bool {
        self.unproven.contains_key(&document.invoice_id) || self.otherwise.contains(&document.id)
    }
}

/// What is to be done about a whole document that its content does not give; none where it does, or where nobody can tell.
pub(super) fn otherwise(paper: &Paper) -> Option<Proposal> {
    let Paper { document, invoice, .. } = paper;
    let is_ours = document.origin == "kontor" && document.renderer.as_deref() == Some(kontor_pdf::RENDERER);
    if !paper.is_doubted || !is_ours || (invoice.state == "cancelled" && paper.has_left) {
        return None;
    }
    let snapshot =
        invoice.snapshot.as_ref().filter(|text| invoice.snapshot_sha256.as_deref() == Some(&sha256(text)[..]))?;
    let drawn = kontor_pdf::render(&Content::from_bytes(snapshot).ok()?).ok()?;
    if drawn == document.bytes {
        return None;
    }
    if paper.has_left {
        let decide = Proposal::act(Action::Decide, Evidence::None);
        return Some(decide.because(Reason::new("drawn_here")).because(Reason::new("sent_wrong")));
    }
    // The content has its hash, but nothing stored has that of the new bytes: that is a copy, and no proof.
    let mut proposal = Proposal::act(Action::RestoreDocument, Evidence::Copy).because(Reason::new("drawn_here"));
    proposal.value = Some(hex(&sha256(&drawn)));
    Some(proposal.because(Reason::new("never_left")))
}
