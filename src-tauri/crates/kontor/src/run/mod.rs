//! Runs: planning what can run, starting it, working on it from any number of processes, and following its progress.
//!
//! A run snapshots its items when it starts. An item is claimed with a lease and a fencing token; a write with a stale
//! token is refused by the database. What this module leaves out: what a step does (`invoice`, `delivery`).

mod batch;
pub mod case;
mod claim;
pub mod code;
mod control;
pub mod covering;
mod deliver;
mod finish;
mod hindrance;
mod history;
mod key;
mod ledger;
mod letter;
mod open;
mod papers;
pub mod plan;
mod progress;
mod senders;
mod show;
mod start;
mod work;
pub mod workers;

pub use claim::reap;
pub(crate) use claim::release;
pub use control::{cancel, pause, resume};
pub use covering::{Covering, preview, stored_mails};
pub use hindrance::Hindrance;
pub use key::{Key, Subject};
pub use open::open_keys;
pub use plan::{Plan, Selection, plan};
pub use progress::{Progress, progress};
pub use show::{Attempted, FailedItem, Listed, failed_items, list};
pub(crate) use start::{NewItem, NewRun, put_up};
pub use start::{Order, Started, by_request, check_dates, start, start_period, start_planned};
pub use work::{Until, Worker};

use sea_orm::EntityTrait;
use uuid::Uuid;

use crate::store::{Store, entities::runs};
use crate::{Error, Result};

/// Finds a run by the id a person typed; its first characters are enough when they name one run only.
pub async fn by_id(store: &Store, text: &str) -> Result<runs::Model> {
    let typed = text.trim().to_lowercase();
    if let Ok(id) = typed.parse::<Uuid>()
        && let Some(run) = runs::Entity::find_by_id(id).one(store.read()).await?
    {
        return Ok(run);
    }
    let all = runs::Entity::find().all(store.read()).await?;
    let mut found = all.into_iter().filter(|run| !typed.is_empty() && run.id.to_string().starts_with(&typed));
    match (found.next(), found.next()) {
        (Some(run), None) => Ok(run),
        (Some(_), Some(_)) => Err(Error::Usage(format!("Several runs begin with {typed}. Type more of the id."))),
        _ => Err(Error::NotFound(format!("There is no run {typed}. `kontor runs list` shows those there are."))),
    }
}
