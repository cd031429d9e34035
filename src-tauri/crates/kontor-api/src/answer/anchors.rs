//! Rows on the way through long lists, so that a jump into the middle does not count its way there.
//!
//! Every so many rows of a list one is remembered with its place, in one pass in the background after the list was first
//! looked at. Once rows changed, remembered places are only about right; they are still used, and said to be estimates,
//! until the next pass.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use kontor::store::Store;

use super::Answered;
use super::list::List;
use super::spot::Spot;

/// From how many rows on a list is long.
pub(crate) const LONG: i64 = 10_000;
/// Rows from one anchor to the next.
pub(crate) const STEP: i64 = 256;
/// Lists that are remembered at once.
const MOST: usize = 24;
/// How soon a list is walked through again when its rows keep changing.
const PAUSE: Duration = Duration::from_secs(10);

/// Anchors of the lists of one open database.
#[derive(Debug, Default)]
pub(crate) struct Anchors {
    lists: Mutex<HashMap<String, Anchored>>,
    /// Rises whenever rows change.
    generation: AtomicU64,
    is_walking: AtomicBool,
}

/// Anchors of one list.
#[derive(Clone, Debug)]
pub(crate) struct Anchored {
    /// Each [`STEP`]th row, from the first on.
    pub spots: Arc<[Spot]>,
    /// How many rows there were.
    pub total: i64,
    /// Whether no row changed since.
    pub is_fresh: bool,
    generation: u64,
    made: Instant,
}

impl Anchors {
    /// Rows changed: places are only about right from now on.
    pub fn outdate(&self) {
        self.generation.fetch_add(1, Ordering::Relaxed);
    }

    /// The anchors of a list, where there are any.
    pub fn of(&self, list: &List) -> Option<Anchored> {
        let generation = self.generation.load(Ordering::Relaxed);
        let lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = lists.get(&list.name())?.clone();
        known.is_fresh = known.generation == generation;
        Some(known)
    }

    /// Walks through a long list in the background, unless that was done lately or another list is being walked.
    pub fn walk(self: &Arc<Self>, store: &Store, list: &List) {
        if self.of(list).is_some_and(|known| known.is_fresh || known.made.elapsed() < PAUSE) {
            return;
        }
        if self.is_walking.swap(true, Ordering::Relaxed) {
            return;
        }
        let (anchors, store, list) = (Arc::clone(self), store.clone(), list.clone());
        tokio::spawn(async move {
            if let Err(problem) = anchors.make(&store, &list).await {
                // The list works without, only slower.
                tracing::debug!(?problem, "a list could not be walked through");
            }
            anchors.is_walking.store(false, Ordering::Relaxed);
        });
    }

    /// Walks through a list.
    pub async fn make(&self, store: &Store, list: &List) -> Answered<()> {
        let generation = self.generation.load(Ordering::Relaxed);
        let total = list.count(store).await?;
        let spots = list.every(store, STEP).await?.into();
        let anchored = Anchored { spots, total, is_fresh: true, generation, made: Instant::now() };
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        if lists.len() >= MOST {
            let oldest = lists.iter().min_by_key(|(_, known)| known.made).map(|(name, _)| name.clone());
            oldest.and_then(|name| lists.remove(&name));
        }
        lists.insert(list.name(), anchored);
        Ok(())
    }
}
