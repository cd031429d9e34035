//! Replays as they stand: their legs, what they wait for, and what follows from them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::found::Found;
use super::verdict::{Judged, LegSaid, judge};
use super::{LEGS, OTHER};
use crate::store::entities::{replay_legs, replays};
use crate::store::{self, Store};
use crate::{Error, Result, withdrawal};

/// How a replay stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Legs are missing.
    Open,
    /// All legs have ended.
    Done,
    /// It was taken back.
    Cancelled,
}

/// A replay with its legs.
#[derive(Clone, Debug)]
pub struct Replay {
    /// Its id.
    pub id: Uuid,
    /// The suspect host.
    pub host: String,
    /// The other one, where somebody named it.
    pub other: Option<String>,
    /// How many inputs are drawn.
    pub inputs: usize,
    /// How often each per leg.
    pub rounds: i64,
    /// Who asked for it.
    pub person: String,
    /// Why.
    pub reason: String,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// How it stands.
    pub state: State,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// The legs that were begun, in their order.
    pub legs: Vec<Leg>,
    /// What follows; once all legs have ended.
    pub judged: Option<Judged>,
    /// When a person noted the host as the cause with it, who, and why.
    pub confirmed: Option<(DateTime<Utc>, String, String)>,
}

/// A leg.
#[derive(Clone, Debug)]
pub struct Leg {
    /// 1 the suspect host, 2 the other one, 3 the suspect one again.
    pub position: i64,
    /// Where it was drawn.
    pub host: String,
    /// What drew it.
    pub renderer: String,
    /// Whether it is being drawn.
    pub is_running: bool,
    /// Whether it ended without a word.
    pub has_died: bool,
    /// Pages drawn so far.
    pub drawings: u64,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

/// What an open replay waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting<'a> {
    /// The leg.
    pub position: i64,
    /// The host it is for; none for any but the suspect one.
    pub host: Option<&'a str>,
    /// Whether a worker draws it.
    pub is_in_hand: bool,
    /// The renderer it must be drawn with, where a leg was drawn already.
    pub renderer: Option<&'a str>,
}

impl Replay {
    /// What it waits for; none when it is over.
    pub fn waiting(&self) -> Option<Waiting<'_>> {
        let running = self.legs.last().filter(|leg| leg.is_running);
        let begun = self.legs.last().map_or(0, |leg| leg.position);
        let position = if running.is_some() { begun } else { begun + 1 };
        let host = match running {
            Some(leg) => Some(leg.host.as_str()),
            None if position == OTHER => self.other.as_deref(),
            None => Some(self.host.as_str()),
        };
        let renderer = self.legs.first().map(|leg| leg.renderer.as_str());
        let waiting = Waiting { position, host, is_in_hand: running.is_some(), renderer };
        (self.state == State::Open && position <= LEGS).then_some(waiting)
    }

    /// The other host: the one that drew, or the one that shall.
    pub fn other_host(&self) -> Option<&str> {
        let drew = self.legs.iter().find(|leg| leg.position == OTHER);
        drew.map(|leg| leg.host.as_str()).or(self.other.as_deref())
    }
}

impl Leg {
    /// How it stands, in a word.
    pub fn outcome(&self) -> &'static str {
        match (self.is_running, self.has_died) {
            (true, _) => "running",
            (_, true) => "died",
            _ => "done",
        }
    }
}

/// All replays, the newest first.
pub async fn list(connection: &impl ConnectionTrait) -> Result<Vec<Replay>> {
    read(connection, None).await
}

/// Those of one host, the newest first.
pub async fn of_host(connection: &impl ConnectionTrait, host: &str) -> Result<Vec<Replay>> {
    read(connection, Some(replays::Column::Host.eq(host))).await
}

/// One replay.
pub async fn show(connection: &impl ConnectionTrait, id: Uuid) -> Result<Replay> {
    let found = read(connection, Some(replays::Column::Id.eq(id))).await?;
    found.into_iter().next().ok_or_else(|| unknown(&id.to_string()))
}

/// Finds one by the id that a person typed; its first characters are enough when they name only one.
pub async fn by_id(store: &Store, text: &str) -> Result<Replay> {
    let typed = text.trim().to_lowercase();
    let all = list(store.read()).await?;
    let mut found = all.into_iter().filter(|replay| !typed.is_empty() && replay.id.to_string().starts_with(&typed));
    match (found.next(), found.next()) {
        (Some(replay), None) => Ok(replay),
        (Some(_), Some(_)) => Err(Error::Usage(format!("Several replays begin with {typed}. Type more of the id."))),
        _ => Err(unknown(&typed)),
    }
}

fn unknown(id: &str) -> Error {
    Error::NotFound(format!("There is no replay {id}. `kontor causes replays` shows those there are."))
}

async fn read(connection: &impl ConnectionTrait, only: Option<sea_orm::sea_query::SimpleExpr>) -> Result<Vec<Replay>> {
    let mut query = replays::Entity::find().order_by_desc(replays::Column::AskedAt).order_by_desc(replays::Column::Id);
    if let Some(only) = only {
        query = query.filter(only);
    }
    let rows = query.all(connection).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut legs: BTreeMap<Uuid, Vec<replay_legs::Model>> = BTreeMap::new();
    let query = replay_legs::Entity::find().filter(replay_legs::Column::ReplayId.is_in(ids));
    for leg in query.order_by_asc(replay_legs::Column::Position).all(connection).await? {
        legs.entry(leg.replay_id).or_default().push(leg);
    }
    Ok(rows.into_iter().map(|row| told(&legs.remove(&row.id).unwrap_or_default(), row)).collect())
}

fn told(legs: &[replay_legs::Model], row: replays::Model) -> Replay {
    let state = match row.state.as_str() {
        "open" => State::Open,
        "done" => State::Done,
        _ => State::Cancelled,
    };
    Replay {
        judged: if state == State::Done { judged(legs) } else { None },
        inputs: serde_json::from_str::<Vec<Uuid>>(&row.inputs).map_or(0, |ids| ids.len()),
        legs: legs.iter().map(leg).collect(),
        id: row.id,
        host: row.host,
        other: row.other_host,
        rounds: row.rounds,
        person: row.person,
        reason: row.reason,
        asked_at: row.asked_at,
        state,
        ended_at: row.ended_at,
        confirmed: row
            .confirmed_at
            .map(|at| (at, row.confirmed_by.unwrap_or_default(), row.confirmed_reason.unwrap_or_default())),
    }
}

fn leg(row: &replay_legs::Model) -> Leg {
    Leg {
        position: row.position,
        host: row.host.clone(),
        renderer: row.renderer.clone(),
        is_running: row.outcome == "running",
        has_died: row.outcome == "died",
        drawings: u64::try_from(row.drawings).unwrap_or(0),
        started_at: row.started_at,
        ended_at: row.ended_at,
    }
}

fn judged(legs: &[replay_legs::Model]) -> Option<Judged> {
    let said = |leg: &replay_legs::Model| LegSaid {
        has_died: leg.outcome == "died",
        found: leg.found.as_deref().and_then(|text| serde_json::from_str::<Found>(text).ok()).unwrap_or_default(),
    };
    let legs: [LegSaid; 3] = legs.iter().map(said).collect::<Vec<_>>().try_into().ok()?;
    Some(judge(&legs))
}

/// Hosts that a suspect one can be held against: known, and in service.
pub async fn others(connection: &impl ConnectionTrait, host: &str) -> Result<Vec<String>> {
    let mut known = BTreeSet::new();
    for table in ["attempts", "workers"] {
        // From one name to the next: millions of attempts have few hosts.
        let mut last = String::new();
        let text = format!("SELECT MIN(host) AS host FROM {table} WHERE host > ?");
        loop {
            let statement = store::sql(connection.get_database_backend(), &text, [last.as_str().into()]);
            let row = connection.query_one_raw(statement).await?;
            let Some(next) = row.and_then(|row| row.try_get::<Option<String>>("", "host").ok().flatten()) else {
                break;
            };
            last.clone_from(&next);
            known.insert(next);
        }
    }
    known.remove(host);
    for row in withdrawal::list(connection).await?.iter().filter(|row| row.returned_at.is_none()) {
        known.remove(&row.host);
    }
    Ok(known.into_iter().collect())
}
