//! What a person chose, as ids: a filter is resolved by the database, never from the rows that a window holds.

use std::collections::HashSet;
use std::hash::Hash;

use kontor::store::{self, Store};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::Answered;
use super::list::Conditions;

/// The ids that match, but for those that were taken out again; `from` names the table with the alias that `id` and the
/// conditions use.
pub(crate) async fn matching(
    store: &Store,
    (from, id): (&str, &str),
    conditions: &Conditions,
    except: Vec<Uuid>,
) -> Answered<Vec<Uuid>> {
    let except: HashSet<Uuid> = except.into_iter().collect();
    let text = format!("SELECT {id} AS id FROM {from}{} ORDER BY {id}", conditions.clause());
    let rows = store.read().query_all_raw(store::sql(store.backend(), &text, conditions.values())).await?;
    let mut chosen = Vec::with_capacity(rows.len());
    for row in rows {
        chosen.push(row.try_get("", "id")?);
    }
    chosen.retain(|id| !except.contains(id));
    Ok(chosen)
}

/// Ids that were chosen one by one.
pub(crate) fn each_once<K: Copy + Eq + Hash>(ids: Vec<K>) -> Vec<K> {
    let mut seen = HashSet::with_capacity(ids.len());
    ids.into_iter().filter(|id| seen.insert(*id)).collect()
}
