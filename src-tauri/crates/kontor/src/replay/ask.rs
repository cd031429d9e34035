//! A person asks for a replay.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use super::{FEWEST_INPUTS, LIMIT, MOST_INPUTS, MOST_ROUNDS, ROUNDS, inputs};
use crate::identity::Actor;
use crate::obstacle::Obstacle;
use crate::store::entities::replays;
use crate::store::{Store, insert_all};
use crate::{Error, Result, journal, withdrawal};

/// The journal's word for asking.
pub const ASKED: &str = "host.replay";

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Order {
    /// The suspect host.
    pub host: String,
    /// The one it is held against; none takes whichever other one comes first.
    pub other: Option<String>,
    /// How often each input is drawn per leg.
    pub rounds: u64,
    /// Most inputs.
    pub limit: u64,
    /// Why; stands in the journal.
    pub reason: String,
}

impl Order {
    /// The usual one.
    pub fn of(host: &str, reason: &str) -> Self {
        Self { host: host.to_owned(), other: None, rounds: ROUNDS, limit: LIMIT, reason: reason.to_owned() }
    }
}

/// Puts a replay up; workers on both hosts do it. The same request a second time returns what the first one put up.
pub async fn ask(store: &Store, actor: &Actor, order: &Order) -> Result<replays::Model> {
    check(order)?;
    if let Some(done) = by_request(store, actor.request).await? {
        return Ok(done);
    }
    journal::done_before(store.read(), actor.request, ASKED).await?;
    for host in std::iter::once(&order.host).chain(&order.other) {
        require_known(store, host).await?;
    }
    // Choosing reads a lot: it comes before anything is locked.
    let chosen = inputs::choose(store, &order.host, usize::try_from(order.limit).unwrap_or(usize::MAX)).await?;
    if chosen.len() < FEWEST_INPUTS {
        return Err(too_few(chosen.len()));
    }
    let row = row(store, actor, order, &chosen).await?;
    match write(store, actor, order, row.clone(), chosen.len()).await {
        // Somebody else was faster; the database allows one open replay per host, and one per request.
        Err(error) if error.is_duplicate() => match by_request(store, actor.request).await? {
            Some(done) => Ok(done),
            None => Err(open_already(&order.host)),
        },
        written => written.map(|()| row),
    }
}

fn check(order: &Order) -> Result<()> {
    let usage = |sentence: String| Err(Error::Usage(sentence));
    if order.reason.trim().is_empty() {
        return usage("A replay needs a reason; it stands in the journal.".to_owned());
    }
    if !(1..=MOST_ROUNDS).contains(&order.rounds) {
        return usage(format!("Each input is drawn 1 to {MOST_ROUNDS} times per leg, not {}.", order.rounds));
    }
    let fewest = FEWEST_INPUTS as u64;
    if !(fewest..=MOST_INPUTS).contains(&order.limit) {
        return usage(format!("A replay draws {fewest} to {MOST_INPUTS} inputs, not {}.", order.limit));
    }
    if order.other.as_ref() == Some(&order.host) {
        return usage("A host cannot be held against itself. Name another one, or none.".to_owned());
    }
    Ok(())
}

async fn require_known(store: &Store, host: &str) -> Result<()> {
    if withdrawal::is_known(store, host).await? {
        return Ok(());
    }
    let sentence =
        format!("Nothing was ever worked on at a host {host:?}. Check its name, or let `kontor work` run there once.");
    Err(Error::NotFound(sentence))
}

fn too_few(count: usize) -> Error {
    let obstacle = Obstacle::TooFewInputs { found: count as u64, fewest: FEWEST_INPUTS as u64 };
    obstacle.says(format!(
        "A replay needs at least {FEWEST_INPUTS} invoices with a sound frozen content, and there are {count}; nothing was put \
         up. Invoices get one when they are issued: rerun some of those that failed (`kontor runs start`), then ask again."
    ))
    .into()
}

fn open_already(host: &str) -> Error {
    let sentence = format!(
        "A replay of {host} is open already; nothing was put up. See `kontor causes replays`, and wait for it or take it \
         back (`kontor causes cancel-replay`)."
    );
    Obstacle::ReplayOpen.says(sentence).into()
}

async fn row(store: &Store, actor: &Actor, order: &Order, chosen: &[Uuid]) -> Result<replays::Model> {
    Ok(replays::Model {
        id: Uuid::now_v7(),
        host: order.host.clone(),
        other_host: order.other.clone(),
        inputs: json!(chosen).to_string(),
        rounds: i64::try_from(order.rounds).unwrap_or(1),
        person: actor.person.clone(),
        desk: actor.desk.clone(),
        reason: order.reason.clone(),
        request_id: actor.request,
        asked_at: store.now().await?,
        state: "open".to_owned(),
        ended_at: None,
        confirmed_at: None,
        confirmed_by: None,
        confirmed_reason: None,
    })
}

async fn write(store: &Store, actor: &Actor, order: &Order, row: replays::Model, inputs: usize) -> Result<()> {
    let write = store.write().await?;
    if is_open(&*write, &order.host).await? {
        return Err(open_already(&order.host));
    }
    // One that is out of service is what a suspect host is held against only by mistake.
    if let Some(other) = &order.other {
        withdrawal::require_service(&*write, other).await?;
    }
    let (id, now) = (row.id, row.asked_at);
    insert_all(&*write, vec![row]).await?;
    let after = json!({ "host": order.host, "other": order.other, "inputs": inputs, "rounds": order.rounds });
    let entry = journal::Entry {
        action: ASKED,
        record: Some(("replays", id.to_string())),
        reason: &order.reason,
        before: None,
        after: Some(after),
    };
    journal::record(&*write, actor, now, entry).await?;
    write.commit().await
}

async fn is_open(connection: &impl ConnectionTrait, host: &str) -> Result<bool> {
    let query = replays::Entity::find().filter(replays::Column::Host.eq(host));
    Ok(query.filter(replays::Column::State.eq("open")).one(connection).await?.is_some())
}

async fn by_request(store: &Store, request: Uuid) -> Result<Option<replays::Model>> {
    Ok(replays::Entity::find().filter(replays::Column::RequestId.eq(request)).one(store.read()).await?)
}
