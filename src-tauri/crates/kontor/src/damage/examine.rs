//! Drawing each document of a scope again, on this machine, and asking all rules afterwards.
//!
//! What was drawn is noted in `canaries` with its author, page by page, so that stopping in the middle keeps what is known
//! so far. Only another machine can tell: on the suspect host itself, or on one that is out of service, it is refused.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use kontor_pdf::content::{Content, sha256};
use rayon::prelude::*;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Serialize;
use uuid::Uuid;

use super::hindrance::Hindrance;
use super::papers::{Paper, PaperState, aside, drawn};
use super::scope::Scope;
use crate::canary::{self, blame};
use crate::check::{self, Options, Progress};
use crate::identity::Process;
use crate::store::entities::{canaries, documents, invoices};
use crate::store::{self, Store, insert_all};
use crate::{Result, withdrawal};

/// Documents drawn and noted together.
const PAGE: usize = 50;

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Far {
    /// Documents drawn, of how many.
    Drawn(u64, u64),
    /// The rules are asked.
    Rules(Progress),
}

/// What it came to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Examined {
    /// Documents that were drawn.
    pub drawn: u64,
    /// Those that came out the same.
    pub same: u64,
    /// Those that came out otherwise.
    pub otherwise: u64,
    /// Those that cannot be drawn again: there is no sound content, or another version drew them.
    pub undrawable: u64,
    /// Findings that are open after all rules were asked; none where it was stopped before.
    pub findings: Option<u64>,
    /// Whether it was stopped before its end.
    pub stopped: bool,
}

/// Draws all of them on all cores, notes what came out, and asks the rules.
pub async fn examine(
    store: &Store,
    process: &Process,
    scope: &Scope,
    cancel: &AtomicBool,
    tell: &mut (dyn FnMut(Far) + Send),
) -> Result<Examined> {
    require_another(store, process, scope).await?;
    let papers = drawn(store, scope).await?;
    let total = papers.len() as u64;
    let mut examined = Examined::default();
    for part in papers.chunks(PAGE) {
        tell(Far::Drawn(examined.drawn + examined.undrawable, total));
        if cancel.load(Ordering::Relaxed) {
            examined.stopped = true;
            return Ok(examined);
        }
        page(store, process, part, &mut examined).await?;
    }
    tell(Far::Drawn(total, total));
    let report = check::check(store, &Options::default(), &mut |far| tell(Far::Rules(far.clone())), cancel).await?;
    examined.stopped = report.stopped;
    examined.findings = (!report.stopped).then_some(report.findings.len() as u64);
    Ok(examined)
}

/// Refuses where drawing proves nothing, or where this program does not draw what it should.
async fn require_another(store: &Store, process: &Process, scope: &Scope) -> Result<()> {
    if process.host == scope.host {
        return Err(Hindrance::HostItself { host: scope.host.clone() }.into());
    }
    withdrawal::require_service(store.read(), &process.host).await?;
    let tried = aside(kontor_pdf::self_check).await?;
    Ok(tried.map_err(|error| Hindrance::DrawsOtherwise { error: error.to_string() })?)
}

/// A document with the content that it shows.
struct Sample {
    id: Uuid,
    hash: Vec<u8>,
    content: Content,
}

async fn page(store: &Store, process: &Process, part: &[Paper], examined: &mut Examined) -> Result<()> {
    let ids: Vec<Uuid> =
        part.iter().filter(|paper| paper.state != PaperState::Undrawable).map(|paper| paper.id).collect();
    let samples = samples(store, &ids).await?;
    examined.undrawable += (part.len() - samples.len()) as u64;
    let total = samples.len();
    let drawn = aside(move || {
        let draw = |sample: Sample| canary::draw(&sample.content).ok().map(|pdf| (sample, sha256(&pdf)));
        samples.into_par_iter().filter_map(draw).collect::<Vec<_>>()
    })
    .await?;
    // What cannot be drawn is no page that came out otherwise.
    examined.undrawable += (total - drawn.len()) as u64;
    let mut authors = HashMap::with_capacity(drawn.len());
    for (sample, found) in &drawn {
        if sample.hash != found[..]
            && let Some(out) = canary::withdraw_unsteady(store, process, &sample.content, &sample.hash, *found).await?
        {
            return Err(out);
        }
        // Who had the invoice in hand last need not be who drew its page.
        authors.insert(sample.id, blame::author(store.read(), sample.id).await?.map(|author| author.host));
    }
    let write = store.write().await?;
    withdrawal::require_service(&*write, &process.host).await?;
    let now = store::now(&*write).await?;
    let mut rows = Vec::with_capacity(drawn.len());
    for (Sample { id, hash, .. }, found) in drawn {
        let is_same = hash == found[..];
        examined.drawn += 1;
        examined.same += u64::from(is_same);
        examined.otherwise += u64::from(!is_same);
        rows.push(canaries::Model {
            id: Uuid::now_v7(),
            host: process.host.clone(),
            boot_id: process.boot_id.clone(),
            worker_id: None,
            drawn_at: now,
            kind: "sample".to_owned(),
            outcome: if is_same { "same" } else { "differs" }.to_owned(),
            drawings: 1,
            document_id: Some(id),
            author: authors.remove(&id).flatten(),
            expected_sha256: Some(hash),
            found_sha256: Some(found.to_vec()),
        });
    }
    insert_all(&*write, rows).await?;
    write.commit().await
}

/// Documents that this program drew, whose content has its hash.
async fn samples(store: &Store, ids: &[Uuid]) -> Result<Vec<Sample>> {
    use documents::Column;
    let query = documents::Entity::find().filter(Column::Id.is_in(ids.iter().copied()));
    let query = query.filter(Column::Origin.eq("kontor")).filter(Column::Renderer.eq(kontor_pdf::RENDERER));
    let papers = query.all(store.read()).await?;
    let of_these = invoices::Column::Id.is_in(papers.iter().map(|paper| paper.invoice_id));
    let mut samples = Vec::with_capacity(papers.len());
    for row in invoices::Entity::find().filter(of_these).all(store.read()).await? {
        let Some(bytes) = row.snapshot.filter(|bytes| row.snapshot_sha256.as_deref() == Some(&sha256(bytes)[..]))
        else {
            continue;
        };
        let Ok(content) = Content::from_bytes(&bytes) else { continue };
        let of_this = papers.iter().filter(|paper| paper.invoice_id == row.id);
        samples.extend(of_this.map(|paper| Sample {
            id: paper.id,
            hash: paper.sha256.clone(),
            content: content.clone(),
        }));
    }
    Ok(samples)
}
