//! The patrol: a worker draws stored documents of other hosts again, and the reference invoices, now and then; and documents
//! of a bad time before they leave the house.
//!
//! A few of those that other hosts archived of late are taken at random; where there are none, any of the archive. What lies
//! there otherwise than it was stored is another matter (`document_damaged`) and left to the check.

use std::collections::HashSet;

use chrono::TimeDelta;
use kontor_pdf::RENDERER;
use kontor_pdf::content::{Content, sha256};
use rayon::prelude::*;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::{Alarm, Kind, aside, blame, draw, note_good, references, row, withdraw_this};
use crate::identity::Process;
use crate::seal::hex;
use crate::store::entities::{canaries, documents, invoices};
use crate::store::{self, Store, insert_all};
use crate::{Error, Result, withdrawal};

/// Documents drawn again at a time.
const SAMPLE: usize = 4;
/// Attempts of others, the newest, that the sample is taken from.
const RECENT: u64 = 256;
/// What is older than this is not of late.
const OF_LATE: TimeDelta = TimeDelta::hours(1);
/// How often a page that came out otherwise is drawn again, to see whether this machine draws steadily.
const AGAIN: usize = 3;

/// A stored document with the content that it was drawn from.
pub(super) struct Stored {
    pub document: documents::Model,
    pub content: Content,
}

/// Draws the references and a sample; returns why this host is out of service, if it is from now on. One that is out of
/// service already accuses nobody.
pub async fn patrol(store: &Store, process: &Process) -> Result<Option<Error>> {
    if withdrawal::open(store.read(), &process.host).await?.is_some() {
        return Ok(None);
    }
    if let Some(alarm) = references().await {
        return withdraw_this(store, process, &alarm).await.map(Some);
    }
    let Some((same, otherwise)) = all_again(sample(store, process).await?).await else { return Ok(None) };
    let rows = of_same(store, process, same).await?;
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    if withdrawal::open(&*write, &process.host).await?.is_some() {
        return Ok(None);
    }
    note_good(&*write, process, Kind::Reference, kontor_pdf::references().len(), now).await?;
    insert_all(&*write, rows).await?;
    write.commit().await?;
    for (stored, found) in otherwise {
        if let Some(out) = weigh(store, process, stored, found).await? {
            return Ok(Some(out));
        }
    }
    Ok(None)
}

/// Draws documents again before anybody relies on them, and says which of them came out otherwise. What cannot be drawn
/// again, or lies there otherwise than it was stored, is neither. An error when it is this host that draws wrong.
pub(crate) async fn prove(store: &Store, process: &Process, documents: Vec<documents::Model>) -> Result<HashSet<Uuid>> {
    let ours = documents.into_iter().filter(|document| document.renderer.as_deref() == Some(RENDERER)).collect();
    let Some((same, otherwise)) = all_again(with_content(store, ours).await?).await else {
        return Err(Error::Refused(
            "Drawing stopped in the middle of its work. Nothing was sent; start again.".to_owned(),
        ));
    };
    let rows = of_same(store, process, same).await?;
    let write = store.write().await?;
    withdrawal::require_service(&*write, &process.host).await?;
    insert_all(&*write, rows).await?;
    write.commit().await?;
    let mut wrong = HashSet::with_capacity(otherwise.len());
    for (stored, found) in otherwise {
        wrong.insert(stored.document.id);
        if let Some(out) = weigh(store, process, stored, found).await? {
            return Err(out);
        }
    }
    Ok(wrong)
}

type Otherwise = Vec<(Stored, [u8; 32])>;

/// Draws all of these again; none when drawing panicked.
async fn all_again(stored: Vec<Stored>) -> Option<(Vec<documents::Model>, Otherwise)> {
    aside(move || stored.into_par_iter().map(drawn_again).partition_map(|each| each)).await
}

/// What is to be noted of documents that came out as they were archived: another host's word stands for them with it. Whose
/// work they were is asked before anything is written.
async fn of_same(store: &Store, process: &Process, same: Vec<documents::Model>) -> Result<Vec<canaries::Model>> {
    let now = store.now().await?;
    let mut rows = Vec::with_capacity(same.len());
    for document in same {
        let mut canary = row(process, Kind::Sample, 1, now);
        canary.author = blame::author(store.read(), document.id).await?.map(|author| author.host);
        canary.document_id = Some(document.id);
        canary.expected_sha256 = Some(document.sha256.clone());
        canary.found_sha256 = Some(document.sha256);
        rows.push(canary);
    }
    Ok(rows)
}

/// A page came out otherwise than it was archived: either this machine draws wrong now, or the other one did then.
async fn weigh(store: &Store, process: &Process, stored: Stored, found: [u8; 32]) -> Result<Option<Error>> {
    let Stored { document, content } = stored;
    if let Some(out) = withdraw_unsteady(store, process, &content, &document.sha256, found).await? {
        return Ok(Some(out));
    }
    blame::withdraw_author(store, process, &document, &alarm(&document.sha256, found)).await
}

fn alarm(expected: &[u8], found: [u8; 32]) -> Alarm {
    Alarm {
        kind: Kind::Sample,
        drawings: 1 + AGAIN,
        told: format!("the PDF of a stored invoice came out otherwise ({})", hex(&found)),
        expected: expected.try_into().ok(),
        found: Some(found),
    }
}

/// Draws a page again that came out otherwise than it was stored. Where it does not come out so each time, or the references
/// do not come out right, it is this machine that draws wrong: it is out of service then, and the reason is returned.
pub(crate) async fn withdraw_unsteady(
    store: &Store,
    process: &Process,
    content: &Content,
    expected: &[u8],
    found: [u8; 32],
) -> Result<Option<Error>> {
    let content = content.clone();
    let again = move || (0..AGAIN).all(|_| draw(&content).is_ok_and(|pdf| sha256(&pdf) == found));
    if aside(again).await != Some(true) {
        return withdraw_this(store, process, &alarm(expected, found)).await.map(Some);
    }
    match references().await {
        Some(alarm) => withdraw_this(store, process, &alarm).await.map(Some),
        None => Ok(None),
    }
}

/// Whether a document comes out as it was archived; otherwise what came out.
fn drawn_again(stored: Stored) -> rayon::iter::Either<documents::Model, (Stored, [u8; 32])> {
    // What cannot be drawn at all is no page that came out otherwise; it has no hash and says so by all its digits.
    let found = draw(&stored.content).map(|pdf| sha256(&pdf)).unwrap_or_default();
    if found[..] == stored.document.sha256[..] {
        rayon::iter::Either::Left(stored.document)
    } else {
        rayon::iter::Either::Right((stored, found))
    }
}

/// A few documents of others, whole, with their content.
async fn sample(store: &Store, process: &Process) -> Result<Vec<Stored>> {
    let text = "SELECT a.invoice_id AS id FROM attempts a WHERE a.outcome = 'done' AND a.code IS NULL AND a.host <> ? AND \
                a.invoice_id IS NOT NULL AND a.started_at >= ? ORDER BY a.started_at DESC LIMIT ?";
    // Without a bound, a host that works alone would walk over all its attempts in search of others.
    let since = store.now().await? - OF_LATE;
    let values = [process.host.clone().into(), since.into(), i64::try_from(RECENT).unwrap_or(0).into()];
    let rows = store.read().query_all_raw(store::sql(store.backend(), text, values)).await?;
    let recent = rows.iter().map(|row| row.try_get("", "id")).collect::<std::result::Result<Vec<Uuid>, _>>()?;
    let known = canaries::Entity::find()
        .select_only()
        .column(canaries::Column::DocumentId)
        .filter(canaries::Column::Outcome.eq("differs"))
        .filter(canaries::Column::DocumentId.is_not_null())
        .into_query();
    let of_ours = documents::Entity::find()
        .filter(documents::Column::Role.eq("original"))
        .filter(documents::Column::Renderer.eq(RENDERER))
        // What came out otherwise before is known, and a finding.
        .filter(documents::Column::Id.not_in_subquery(known));
    let found = if recent.is_empty() {
        // Keys are times: a random one among them lies anywhere in the archive. After the last comes the first.
        let from = random_key(store).await?;
        let of_ours = of_ours.order_by_asc(documents::Column::Id);
        let later = of_ours.clone().filter(documents::Column::Id.gte(from)).limit(SAMPLE as u64);
        let mut found = later.all(store.read()).await?;
        let earlier = of_ours.filter(documents::Column::Id.lt(from)).limit((SAMPLE - found.len()) as u64);
        found.extend(earlier.all(store.read()).await?);
        found
    } else {
        let chosen: Vec<Uuid> = (0..SAMPLE).map(|_| recent[rand::random_range(0..recent.len())]).collect();
        of_ours.filter(documents::Column::InvoiceId.is_in(chosen)).all(store.read()).await?
    };
    with_content(store, found).await
}

/// Leaves out what is damaged where it lies, and what has no content to draw from.
async fn with_content(store: &Store, found: Vec<documents::Model>) -> Result<Vec<Stored>> {
    let ids = found.iter().map(|document| document.invoice_id);
    let rows = invoices::Entity::find().filter(invoices::Column::Id.is_in(ids)).all(store.read()).await?;
    let stored = found.into_iter().filter_map(|document| {
        let invoice = rows.iter().find(|row| row.id == document.invoice_id)?;
        let (snapshot, hash) = (invoice.snapshot.as_deref()?, invoice.snapshot_sha256.as_deref()?);
        let is_whole = sha256(&document.bytes)[..] == document.sha256[..] && sha256(snapshot)[..] == *hash;
        let content = is_whole.then(|| Content::from_bytes(snapshot).ok()).flatten()?;
        Some(Stored { document, content })
    });
    Ok(stored.collect())
}

async fn random_key(store: &Store) -> Result<Uuid> {
    let ends = |descending: bool| {
        let query = documents::Entity::find().select_only().column(documents::Column::Id);
        if descending { query.order_by_desc(documents::Column::Id) } else { query.order_by_asc(documents::Column::Id) }
    };
    let first: Option<Uuid> = ends(false).into_tuple().one(store.read()).await?;
    let last: Option<Uuid> = ends(true).into_tuple().one(store.read()).await?;
    let (Some(first), Some(last)) = (first, last) else { return Ok(Uuid::nil()) };
    Ok(Uuid::from_u128(rand::random_range(first.as_u128()..=last.as_u128().max(first.as_u128()))))
}
