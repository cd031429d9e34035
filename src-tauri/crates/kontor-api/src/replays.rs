//! Replays: the same inputs drawn on a suspect host, on another one, and on the suspect one again.
//!
//! What this module leaves out: drawing. Workers do that (`kontor work`), never a desk.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::finding::Bilingual;

/// Replays of a host.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ShowReplays {
    /// The host.
    pub host: String,
}

/// Replays of a host, and what it can be held against.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Replays {
    /// Other hosts that are known and in service.
    pub others: Vec<String>,
    /// The newest first.
    pub replays: Vec<Replay>,
}

/// Asks for a replay.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct AskReplay {
    /// The id by which a repetition is recognised.
    pub request_id: Uuid,
    /// The suspect host.
    pub host: String,
    /// The host it is held against; none takes whichever other one comes first.
    #[ts(optional)]
    pub other: Option<String>,
    /// Why; it stands in the journal.
    pub reason: String,
}

/// Notes a host as the cause, once its failures were reproduced.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ConfirmReplay {
    /// The id by which a repetition is recognised.
    pub request_id: Uuid,
    /// The replay that reproduced them.
    pub replay: Uuid,
    /// Why; it stands in the journal.
    pub reason: String,
}

/// Takes back a replay that is open.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct CancelReplay {
    /// The id by which a repetition is recognised.
    pub request_id: Uuid,
    /// Which.
    pub replay: Uuid,
    /// Why; it stands in the journal.
    pub reason: String,
}

/// A replay.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Replay {
    /// Its id.
    pub id: Uuid,
    /// The suspect host.
    pub host: String,
    /// How it stands.
    pub state: ReplayState,
    /// When it was asked for.
    pub asked_at: DateTime<Utc>,
    /// By whom.
    pub person: String,
    /// Why.
    pub reason: String,
    /// How many invoices are drawn.
    pub inputs: i64,
    /// How often each per leg.
    pub rounds: i64,
    /// The three legs, in their order.
    pub legs: Vec<ReplayLeg>,
    /// What it waits for; none when it is over.
    pub waits: Option<Bilingual>,
    /// What follows; none while legs are missing.
    pub verdict: Option<ReplayVerdict>,
    /// The same as sentences with their numbers.
    pub said: Option<Bilingual>,
    /// Who noted the host as the cause with it.
    pub confirmed: Option<ReplayConfirmed>,
}

/// How a replay stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReplayState {
    /// Legs are missing.
    Open,
    /// All legs have ended.
    Done,
    /// It was taken back.
    Cancelled,
}

/// One leg of a replay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct ReplayLeg {
    /// Where it is drawn; none while that is open.
    pub host: Option<String>,
    /// How it stands.
    pub state: ReplayLegState,
    /// Pages drawn so far.
    pub drawings: i64,
    /// Those that came out wrong; known once all legs have ended.
    pub wrong: Option<i64>,
}

/// How a leg stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReplayLegState {
    /// No worker has begun it.
    Waiting,
    /// A worker draws.
    Running,
    /// It is drawn.
    Done,
    /// The worker died.
    Died,
}

/// What a replay says about the suspect host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReplayVerdict {
    /// The other host was right, the suspect one wrong before and after.
    Reproduced,
    /// Both were right.
    NotReproduced,
    /// The suspect host was wrong once, and right the other time.
    Mixed,
    /// The other host was not reliable itself.
    BUnsteady,
}

/// Who noted a host as the cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct ReplayConfirmed {
    /// When.
    pub at: DateTime<Utc>,
    /// Login name.
    pub person: String,
    /// Why.
    pub reason: String,
}
