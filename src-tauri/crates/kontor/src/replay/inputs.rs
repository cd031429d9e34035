//! Which inputs are drawn: first those on which the suspect host failed or left damage, then others it had in hand, then any.
//!
//! An input is the frozen content of an invoice, and only if it has its hash and can be read: what is damaged itself would
//! come out wrong everywhere.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Mutex, PoisonError};

use kontor_pdf::content::{Content, sha256};
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use crate::Result;
use crate::cause::{FAILED, touched};
use crate::store::entities::replays;
use crate::store::{self, Store};

/// So many more are read at once, because some may not have their hash.
const SPARE: usize = 50;

/// Ids of at most so many invoices.
pub(super) async fn choose(store: &Store, host: &str, limit: usize) -> Result<Vec<Uuid>> {
    let of_host = "SELECT a.subscription_id, a.period FROM attempts a WHERE a.host = ? AND";
    let failed = format!("(i.subscription_id, i.period) IN ({of_host} {FAILED})");
    let damaged = format!(
        "(i.subscription_id, i.period) IN (SELECT a.subscription_id, a.period FROM ({}) t JOIN attempts a ON a.id = \
         t.attempt WHERE a.host = ?)",
        touched()
    );
    let in_hand = format!("(i.subscription_id, i.period) IN ({of_host} a.outcome <> 'skipped')");
    let mut chosen = Chosen::default();
    for (condition, is_of_host) in [(&*failed, true), (&*damaged, true), (&*in_hand, true), ("1 = 1", false)] {
        if chosen.ids.len() < limit {
            let values = if is_of_host { vec![host.into()] } else { Vec::new() };
            take(store, (condition, values), limit, &mut chosen).await?;
        }
    }
    Ok(chosen.ids)
}

/// What was chosen so far, and what was looked at.
#[derive(Default)]
struct Chosen {
    ids: Vec<Uuid>,
    seen: HashSet<Uuid>,
}

async fn take(store: &Store, (condition, values): (&str, Vec<Value>), limit: usize, chosen: &mut Chosen) -> Result<()> {
    let text = format!(
        "SELECT i.id, i.snapshot, i.snapshot_sha256 FROM invoices i WHERE i.snapshot IS NOT NULL AND i.snapshot_sha256 IS \
         NOT NULL AND {condition} ORDER BY i.id LIMIT ?"
    );
    let room = i64::try_from(limit + chosen.seen.len() + SPARE).unwrap_or(i64::MAX);
    let values = values.into_iter().chain([room.into()]);
    for row in store.read().query_all_raw(store::sql(store.backend(), &text, values)).await? {
        let (id, snapshot, hash): (Uuid, Vec<u8>, Vec<u8>) =
            (row.try_get("", "id")?, row.try_get("", "snapshot")?, row.try_get("", "snapshot_sha256")?);
        if chosen.ids.len() < limit && chosen.seen.insert(id) && content(&snapshot, &hash).is_some() {
            chosen.ids.push(id);
        }
    }
    Ok(())
}

/// Ids of the invoices that a replay draws; none when its row is damaged. Such a replay is left out, so that nothing else waits
/// for it, and that is said once.
pub(super) fn ids(replay: &replays::Model) -> Option<Vec<Uuid>> {
    static TOLD: Mutex<BTreeSet<Uuid>> = Mutex::new(BTreeSet::new());
    let error = match serde_json::from_str(&replay.inputs) {
        Ok(ids) => return Some(ids),
        Err(error) => error,
    };
    if TOLD.lock().unwrap_or_else(PoisonError::into_inner).insert(replay.id) {
        let id = replay.id;
        tracing::error!(
            %error,
            "the replay {id} does not say what to draw; it is left out. Take it back with `kontor causes cancel-replay \
             --replay {id}`, and ask for another one"
        );
    }
    None
}

/// The content, if it has its hash and can be read.
pub(super) fn content(snapshot: &[u8], hash: &[u8]) -> Option<Content> {
    (sha256(snapshot)[..] == *hash).then(|| Content::from_bytes(snapshot).ok()).flatten()
}
