//! Applying many repairs: each on its own, in the order given, with a result for each; what has to run goes into one run
//! at the end.

use super::intent::Intent;
use super::obstacle::Obstacle;
use super::one::{self, Act, Ready};
use super::{Applied, Ended, Item, Order, record, rerun};
use crate::check::{self, finding};
use crate::identity::Actor;
use crate::store::Store;
use crate::{Error, Result};

/// Applies repairs; one that cannot be applied stops no other. The same request a second time returns the first result.
pub async fn apply(store: &Store, actor: &Actor, orders: &[Order], reason: &str) -> Result<Applied> {
    check_reason(reason)?;
    let act = Act { store, actor, reason };
    let is_corrupt = check::is_corrupt(store.read()).await?;
    let mut items: Vec<Option<Item>> = vec![None; orders.len()];
    let mut running: Vec<(usize, Ready<'_>)> = Vec::new();
    let begun = store.now().await?;
    for (index, order) in orders.iter().enumerate() {
        if let Some(item) = record::answered(act, order).await? {
            items[index] = Some(item);
            continue;
        }
        let finding = finding::by_id(store.read(), order.finding).await?;
        let ready = match one::ready(store.read(), order, finding.clone()).await? {
            _ if is_corrupt => Err(Obstacle::DatabaseCorrupt),
            ready => ready,
        };
        items[index] = match ready {
            Ok(ready) if matches!(ready.intent, Intent::Rerun | Intent::Cancel(_)) => {
                running.push((index, ready));
                None
            }
            Ok(ready) => Some(one::apply(act, &ready).await?),
            // What the first repair of an invoice put right needs no second.
            Err(Obstacle::FindingClosed) if finding.closed_at.is_some_and(|at| at >= begun) => {
                Some(Item::resolved(order.finding))
            }
            Err(obstacle) => Some(Item::refused(order.finding, obstacle)),
        };
        if let Some(item) = items[index].as_ref().filter(|item| item.outcome != Ended::Applied) {
            record::refuse(act, order, &finding, item.obstacle.as_ref()).await?;
        }
    }
    let run = match rerun::all(act, running, &mut items).await? {
        Some(run) => Some(run),
        None => rerun::earlier(act).await?,
    };
    let earlier = record::earlier(act, orders).await?;
    let items = earlier.into_iter().chain(items.into_iter().flatten()).collect();
    Ok(Applied { run, ..Applied::of(act.batch(), items) })
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
