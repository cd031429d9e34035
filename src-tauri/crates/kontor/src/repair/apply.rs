//! Applying many repairs: each on its own, in the order given, with a result for each; what has to run goes into one run
//! at the end.

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};
use sea_orm::EntityTrait;

use super::intent::Intent;
use super::obstacle::Obstacle;
use super::one::{self, Act, Ready};
use super::{Applied, Ended, Item, Order, record, rerun};
use crate::check::{self, finding};
use crate::identity::Actor;
use crate::store::Store;
use crate::store::entities::repairs;
use crate::{Error, Result, withdrawal};

/// How far applying or taking back is: done, of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Far {
    /// Done.
    pub done: u64,
    /// Of these.
    pub total: u64,
}

/// Whom it is told how far it is.
pub(super) type Tell<'a> = &'a mut (dyn FnMut(Far) + Send);

/// Applies repairs; one that cannot be applied stops no other. The same request a second time returns the first result. A
/// desk that is out of service, from before or meanwhile, applies nothing more.
pub async fn apply(store: &Store, actor: &Actor, orders: &[Order], reason: &str) -> Result<Applied> {
    apply_watched(store, actor, orders, reason, &mut |_| (), &AtomicBool::new(false)).await
}

/// The same, telling how far it is. When it is cancelled, what was not begun stays as it was, and is not among the items.
pub async fn apply_watched(
    store: &Store,
    actor: &Actor,
    orders: &[Order],
    reason: &str,
    tell: Tell<'_>,
    cancel: &AtomicBool,
) -> Result<Applied> {
    check_reason(reason)?;
    let act = Act { store, actor, reason };
    let is_corrupt = check::is_corrupt(store.read()).await?;
    let begun = store.now().await?;
    let mut items: Vec<Option<Item>> = Vec::with_capacity(orders.len());
    let mut running: Vec<(usize, Ready<'_>)> = Vec::new();
    for (index, order) in orders.iter().enumerate() {
        if cancel.load(Ordering::Relaxed) {
            break;
        }
        tell(Far { done: index as u64, total: orders.len() as u64 });
        items.push(match begin(act, order, is_corrupt, begun).await? {
            Begun::Ended(item) => Some(item),
            Begun::Later(ready) => {
                running.push((index, *ready));
                None
            }
        });
    }
    let run = match rerun::all(act, running, &mut items).await? {
        Some(run) => Some(run),
        None => rerun::earlier(act).await?,
    };
    // What was refused is told with its place on the list, so that one can look at it.
    for (item, order) in items.iter_mut().zip(orders).filter_map(|(item, order)| Some((item.as_mut()?, order))) {
        item.repair = item.repair.or(order.staged);
    }
    let earlier = record::earlier(act, orders).await?;
    let items = earlier.into_iter().chain(items.into_iter().flatten()).collect();
    Ok(Applied { run, ..Applied::of(act.batch(), items) })
}

/// How far one repair got.
enum Begun<'a> {
    /// It is done, or refused.
    Ended(Item),
    /// It waits until everything else is put right.
    Later(Box<Ready<'a>>),
}

async fn begin<'a>(act: Act<'_>, order: &'a Order, is_corrupt: bool, begun: DateTime<Utc>) -> Result<Begun<'a>> {
    if let Some(item) = record::answered(act, order).await? {
        return Ok(Begun::Ended(item));
    }
    withdrawal::require_service(act.store.read(), &act.actor.desk).await?;
    if let Some(obstacle) = off_stage(act, order).await? {
        // Nothing is written down: what waits goes on waiting, what was done is done.
        return Ok(Begun::Ended(Item::refused(order.finding, obstacle)));
    }
    let finding = finding::by_id(act.store.read(), order.finding).await?;
    let ready = one::ready(act.store.read(), order, finding.clone()).await?;
    let item = match ready {
        _ if is_corrupt => Item::refused(order.finding, Obstacle::DatabaseCorrupt),
        Ok(ready) if matches!(ready.intent, Intent::Rerun | Intent::Cancel(_)) => {
            return Ok(Begun::Later(Box::new(ready)));
        }
        Ok(ready) => match one::apply(act, &ready).await {
            Ok(item) => item,
            Err(error) if error.is_connection_lost() => return Err(error),
            // It passes (another program keeps the database busy); a repetition tries it again.
            Err(error) => {
                let sentence = error.to_string();
                return Ok(Begun::Ended(Item::refused(order.finding, Obstacle::Said { sentence })));
            }
        },
        // What the first repair of an invoice put right needs no second.
        Err(Obstacle::FindingClosed) if finding.closed_at.is_some_and(|at| at >= begun) => {
            Item::resolved(order.finding)
        }
        Err(obstacle) => Item::refused(order.finding, obstacle),
    };
    if item.outcome != Ended::Applied {
        record::refuse(act, order, &finding, item.obstacle.as_ref()).await?;
    }
    Ok(Begun::Ended(item))
}

/// Why what was staged is not to be applied by this person: somebody else was first, or it takes a second person, or the same
/// one confirming a second time.
async fn off_stage(act: Act<'_>, order: &Order) -> Result<Option<Obstacle>> {
    let Some(staged) = order.staged else { return Ok(None) };
    let row = repairs::Entity::find_by_id(staged).one(act.store.read()).await?;
    Ok(match row {
        Some(row) if row.state == "staged" && (order.is_confirmed || row.person != act.actor.person) => None,
        Some(row) if row.state == "staged" => Some(Obstacle::SecondConfirmation),
        _ => Some(Obstacle::NotApplied),
    })
}

/// Why stands in the journal, so there has to be something.
pub(super) fn check_reason(reason: &str) -> Result<()> {
    if reason.trim().is_empty() {
        return Err(Error::Usage(
            "A repair needs a reason; it stands in the journal. Give one with --reason.".to_owned(),
        ));
    }
    Ok(())
}
