//! The documents of a scope: which of them another host has drawn again, and how that came out.
//!
//! Only a host that is neither this one nor was suspect itself when it drew counts, and only for the hash that is stored
//! now. *Proven* further asks that the stored bytes still have that hash.

use std::collections::{HashMap, HashSet};

use kontor_pdf::content::sha256;
use rayon::prelude::*;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::Serialize;
use uuid::Uuid;

use super::scope::Scope;
use crate::store::entities::documents;
use crate::store::{self, Store, places};
use crate::{Error, Result, canary};

/// Documents that are hashed together.
const PAGE: usize = 100;

/// A canary `c` that speaks about the document `d` as it is stored, from a host that was not suspect itself when it drew.
pub(super) const TRUSTED: &str = "c.kind = 'sample' AND c.expected_sha256 = d.sha256 AND NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.host = c.host \
     AND w.suspect_from_at <= c.drawn_at AND (coalesce(w.suspect_until_at, w.returned_at) IS NULL OR \
     coalesce(w.suspect_until_at, w.returned_at) > c.drawn_at))";

/// What is known of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PaperState {
    /// Another host drew the same bytes.
    Proven,
    /// Another host drew other bytes.
    Otherwise,
    /// Nobody else has drawn it; this program can.
    Unproven,
    /// There is nothing to draw it from, or another version drew it.
    Undrawable,
}

/// A document of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Paper {
    /// The document.
    pub id: Uuid,
    /// Its invoice.
    pub invoice: Uuid,
    /// What is known of it.
    pub state: PaperState,
}

/// How many documents are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Papers {
    /// Another host drew the same bytes.
    pub proven: u64,
    /// Another host drew other bytes.
    pub otherwise: u64,
    /// Nobody else has drawn them; this program can.
    pub unproven: u64,
    /// There is nothing to draw them from, or another version drew them.
    pub undrawable: u64,
}

impl Papers {
    pub(super) fn of(papers: &[Paper]) -> Self {
        let count = |state| papers.iter().filter(|paper| paper.state == state).count() as u64;
        Self {
            proven: count(PaperState::Proven),
            otherwise: count(PaperState::Otherwise),
            unproven: count(PaperState::Unproven),
            undrawable: count(PaperState::Undrawable),
        }
    }
}

/// All originals of the invoices in hand, in the order of their keys.
pub(super) async fn papers(store: &Store, scope: &Scope) -> Result<Vec<Paper>> {
    let mut papers = drawn(store, scope).await?;
    hashed(store, &mut papers).await?;
    Ok(papers)
}

/// The same by what was drawn alone; nobody has looked whether the bytes still have their hash.
pub(super) async fn drawn(store: &Store, scope: &Scope) -> Result<Vec<Paper>> {
    let (in_hand, values) = scope.condition("a");
    let text = format!(
        "SELECT d.id AS id, d.invoice_id AS invoice, CASE WHEN d.origin = 'kontor' AND d.renderer = ? AND i.snapshot IS NOT \
         NULL THEN 1 ELSE 0 END AS drawable, (SELECT min(c.outcome) FROM canaries c WHERE c.document_id = d.id AND c.host <> \
         ? AND {TRUSTED}) AS drawn FROM documents d JOIN invoices i ON i.id = d.invoice_id WHERE d.role = 'original' AND \
         d.invoice_id IN (SELECT a.invoice_id FROM attempts a WHERE {in_hand}) ORDER BY d.id"
    );
    // Of several that drew it one that came out otherwise decides: `differs` sorts before `same`.
    let values = [kontor_pdf::RENDERER.into(), scope.host.as_str().into()].into_iter().chain(values);
    let rows = store.read().query_all_raw(store::sql(store.backend(), &text, values)).await?;
    let mut papers = Vec::with_capacity(rows.len());
    for row in &rows {
        let drawn: Option<String> = row.try_get("", "drawn")?;
        let is_drawable = i64::from(row.try_get::<i32>("", "drawable")?) == 1;
        let state = match drawn.as_deref() {
            Some("same") => PaperState::Proven,
            Some(_) => PaperState::Otherwise,
            None if is_drawable => PaperState::Unproven,
            None => PaperState::Undrawable,
        };
        papers.push(Paper { id: row.try_get("", "id")?, invoice: row.try_get("", "invoice")?, state });
    }
    Ok(papers)
}

/// What was drawn the same is proven only while its bytes have the hash.
async fn hashed(store: &Store, papers: &mut [Paper]) -> Result<()> {
    let same: Vec<Uuid> =
        papers.iter().filter(|paper| paper.state == PaperState::Proven).map(|paper| paper.id).collect();
    let mut whole = HashSet::with_capacity(same.len());
    for part in same.chunks(PAGE) {
        whole.extend(whole_of(store, part).await?);
    }
    for paper in papers.iter_mut().filter(|paper| paper.state == PaperState::Proven) {
        if !whole.contains(&paper.id) {
            paper.state = PaperState::Otherwise;
        }
    }
    Ok(())
}

/// Which of these documents have the hash that is stored with them.
async fn whole_of(store: &Store, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    use documents::Column;
    if let Some(has_hash) = store::has_hash(store.backend(), "d.bytes", "d.sha256") {
        let text = format!("SELECT d.id AS id FROM documents d WHERE d.id IN ({}) AND {has_hash}", places(ids.len()));
        let statement = store::sql(store.backend(), &text, ids.iter().map(|id| (*id).into()));
        let rows = store.read().query_all_raw(statement).await?;
        return rows.iter().map(|row| Ok(row.try_get("", "id")?)).collect();
    }
    let query = documents::Entity::find().filter(Column::Id.is_in(ids.iter().copied())).select_only();
    let query = query.columns([Column::Id, Column::Bytes, Column::Sha256]);
    let rows: Vec<(Uuid, Vec<u8>, Vec<u8>)> = query.into_tuple().all(store.read()).await?;
    let fits = |(id, bytes, hash): (Uuid, Vec<u8>, Vec<u8>)| (sha256(&bytes)[..] == hash[..]).then_some(id);
    aside(move || rows.into_par_iter().filter_map(fits).collect()).await
}

/// What is known of the documents of these invoices.
pub(super) async fn states(store: &Store, scope: &Scope, invoices: &[Uuid]) -> Result<HashMap<Uuid, PaperState>> {
    let mut states = HashMap::new();
    for part in invoices.chunks(PAGE) {
        let text = format!(
            "SELECT d.invoice_id AS invoice, d.origin AS origin, d.renderer AS renderer, (SELECT min(c.outcome) FROM canaries \
             c WHERE c.document_id = d.id AND c.host <> ? AND {TRUSTED}) AS drawn, CASE WHEN i.snapshot IS NULL THEN 0 ELSE 1 \
             END AS frozen, d.bytes AS bytes, d.sha256 AS sha256 FROM documents d JOIN invoices i ON i.id = d.invoice_id WHERE \
             d.role = 'original' AND d.invoice_id IN ({})",
            places(part.len())
        );
        let values = std::iter::once(scope.host.as_str().into()).chain(part.iter().map(|id| (*id).into()));
        for row in store.read().query_all_raw(store::sql(store.backend(), &text, values)).await? {
            let drawn: Option<String> = row.try_get("", "drawn")?;
            let (origin, renderer): (String, Option<String>) =
                (row.try_get("", "origin")?, row.try_get("", "renderer")?);
            let is_frozen = row.try_get::<i32>("", "frozen")? == 1;
            let is_drawable = origin == "kontor" && is_frozen && renderer.as_deref() == Some(kontor_pdf::RENDERER);
            let (bytes, hash): (Vec<u8>, Vec<u8>) = (row.try_get("", "bytes")?, row.try_get("", "sha256")?);
            let state = match drawn.as_deref() {
                Some("same") if sha256(&bytes)[..] == hash[..] => PaperState::Proven,
                Some(_) => PaperState::Otherwise,
                None if is_drawable => PaperState::Unproven,
                None => PaperState::Undrawable,
            };
            states.insert(row.try_get("", "invoice")?, state);
        }
    }
    Ok(states)
}

/// Works where it hinders nobody: the threads that talk to the database have others to serve.
pub(super) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let stopped = || Error::Refused("Drawing stopped in the middle of its work. Try it again.".to_owned());
    canary::aside(work).await.ok_or_else(stopped)
}
