//! Putting the damage of a scope right in one go: what has a sure enough proposal is noted for review, and one run takes
//! what is open and can run.
//!
//! The rules of repairing in bulk hold: what touches money, numbers or identity and is not proven waits for a person who
//! names it. What waits for a repair cannot run yet; once it is applied, the next request takes it.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::figures::{findings, open_keys};
use super::scope::Scope;
use crate::check::Action;
use crate::identity::Actor;
use crate::repair::{self, Effect, Ended, Obstacle, Order};
use crate::run::{self, Key, Selection, plan as runs};
use crate::store::{self, Store};
use crate::{Error, Result, journal};

/// The journal's word for it.
pub const ACTION: &str = "damage.stage";

/// A reason, and how many findings it holds up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Why.
    pub obstacle: Obstacle,
    /// How many.
    pub count: u64,
}

fn refuse(all: &mut Vec<Refused>, obstacle: Obstacle) {
    match all.iter_mut().find(|one| one.obstacle == obstacle) {
        Some(known) => known.count += 1,
        None => all.push(Refused { obstacle, count: 1 }),
    }
}

/// What staging would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// Repairs that would be noted.
    pub repairs: u64,
    /// Findings that are staged already.
    pub staged_already: u64,
    /// Findings that are not staged, by why.
    pub refused: Vec<Refused>,
    /// Invoices that the run would take.
    pub invoices: u64,
    /// Invoices that no run can take, by why.
    pub not_possible: BTreeMap<String, u64>,
}

/// What staging did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staged {
    /// Repairs that were noted.
    pub staged: u64,
    /// Findings that were not, by why.
    pub refused: Vec<Refused>,
    /// The run, where anything can run.
    pub run: Option<Uuid>,
    /// Invoices that it takes.
    pub invoices: u64,
    /// Invoices that no run can take, by why.
    pub not_possible: BTreeMap<String, u64>,
}

/// What is to be done about a scope.
struct Todo {
    /// Findings to stage.
    orders: Vec<Order>,
    /// How staging each of them would end.
    obstacles: HashMap<Uuid, Obstacle>,
    /// What the run would be about.
    keys: Vec<Key>,
}

/// Plans; writes nothing.
pub async fn plan(store: &Store, scope: &Scope) -> Result<Plan> {
    let todo = todo(store, scope).await?;
    let mut planned = Plan::default();
    for order in &todo.orders {
        match todo.obstacles.get(&order.finding) {
            None => planned.repairs += 1,
            Some(Obstacle::StagedAlready) => planned.staged_already += 1,
            Some(obstacle) => refuse(&mut planned.refused, obstacle.clone()),
        }
    }
    for candidate in runs::candidates(store, &todo.keys, store.today().await?).await? {
        match candidate.obstacle {
            None => planned.invoices += 1,
            Some(reason) => not_possible(&mut planned.not_possible, reason),
        }
    }
    Ok(planned)
}

/// Stages and starts the run. The same request a second time returns what the first one did.
pub async fn stage(store: &Store, actor: &Actor, scope: &Scope, reason: &str) -> Result<Staged> {
    if reason.trim().is_empty() {
        return Err(Error::Usage("Putting damage right needs a reason; it stands in the journal.".to_owned()));
    }
    if let Some(entry) = journal::done_before(store.read(), actor.request, ACTION).await? {
        return Ok(entry.after.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default());
    }
    let todo = todo(store, scope).await?;
    let mut staged = Staged::default();
    let noted = repair::stage(store, &part(actor, b"repairs"), &todo.orders).await?;
    for item in noted.items {
        match (item.outcome, item.obstacle) {
            (Ended::Refused, Some(obstacle)) => refuse(&mut staged.refused, obstacle),
            _ => staged.staged += 1,
        }
    }
    start(store, &part(actor, b"run"), (scope, reason), todo.keys, &mut staged).await?;
    note(store, actor, (scope, reason), staged).await
}

/// One part of it: its request follows from the person's, so that a repetition does nothing twice.
fn part(actor: &Actor, of: &[u8]) -> Actor {
    Actor { request: Uuid::new_v5(&actor.request, of), ..actor.clone() }
}

async fn start(
    store: &Store,
    actor: &Actor,
    (scope, reason): (&Scope, &str),
    keys: Vec<Key>,
    staged: &mut Staged,
) -> Result<()> {
    let issue_on = store.today().await?;
    let order =
        run::Order { reason: reason.to_owned(), issue_on, last_step: "deliver", covering: None, covering_en: None };
    let by = json!({ "damage": scope });
    let started = run::start(store, actor, &Selection::Chosen { keys, by }, &order).await?;
    for candidate in started.plan.into_iter().flat_map(|plan| plan.candidates) {
        if let Some(reason) = candidate.obstacle {
            not_possible(&mut staged.not_possible, reason);
        }
    }
    if let Some(run) = started.run {
        staged.run = Some(run.id);
        staged.invoices = u64::try_from(run.total).unwrap_or_default();
    }
    Ok(())
}

fn not_possible(counts: &mut BTreeMap<String, u64>, reason: &str) {
    if reason != run::code::DONE_ALREADY {
        *counts.entry(reason.to_owned()).or_default() += 1;
    }
}

async fn note(store: &Store, actor: &Actor, (scope, reason): (&Scope, &str), staged: Staged) -> Result<Staged> {
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    let entry = journal::Entry {
        action: ACTION,
        record: staged.run.map(|run| ("runs", run.to_string())),
        reason,
        before: Some(json!(scope)),
        after: serde_json::to_value(&staged).ok(),
    };
    match journal::record(&*write, actor, now, entry).await {
        Ok(()) => write.commit().await?,
        // The same request was sent twice at once, and the other one wrote it down.
        Err(error) if error.is_duplicate() => {
            drop(write);
            let earlier = journal::done_before(store.read(), actor.request, ACTION).await?;
            let earlier = earlier.and_then(|entry| serde_json::from_str(&entry.after?).ok());
            return earlier.ok_or(error);
        }
        Err(error) => return Err(error),
    }
    Ok(staged)
}

/// What is open of a scope: findings that are staged, and what the run takes.
async fn todo(store: &Store, scope: &Scope) -> Result<Todo> {
    let now = store.now().await?;
    let open = findings(store, scope).await?.into_iter().filter(|(one, _)| !one.is_set_aside(now));
    let mut waiting = Vec::new();
    let mut orders = Vec::new();
    for (one, is_staged) in open {
        orders.push(Order::among(one.id));
        if is_staged {
            waiting.push(one.id);
        }
    }
    let mut keys = open_keys(store, scope).await?;
    let mut obstacles: HashMap<Uuid, Obstacle> = HashMap::new();
    let mut by_run = Vec::new();
    for plan in repair::plan(store, &orders).await? {
        if plan.action == Some(Action::Rerun) && plan.effects.contains(&Effect::Run) {
            by_run.push(plan.finding);
        } else if let Some(obstacle) = plan.obstacle {
            obstacles.insert(plan.finding, obstacle);
        }
    }
    for id in &by_run {
        keys.extend(repair::rerun_key(store.read(), *id).await?);
    }
    obstacles.extend(waiting.into_iter().map(|id| (id, Obstacle::StagedAlready)));
    keys.sort_unstable();
    keys.dedup();
    orders.retain(|order| !by_run.contains(&order.finding));
    Ok(Todo { orders, obstacles, keys })
}
