//! Hosts that work on runs: since when they draw right, taking one out of service, and putting it back.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

/// The hosts that ever worked.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ShowHosts {}

/// Takes a host out of service.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct WithdrawHost {
    /// Id of this request.
    pub request_id: Uuid,
    /// The host.
    pub host: String,
    /// First day at the office on which its work is unproven; none says from now on.
    #[ts(optional)]
    pub from: Option<NaiveDate>,
    /// Last such day; none says until it is put back.
    #[ts(optional)]
    pub to: Option<NaiveDate>,
    /// Why.
    pub reason: String,
}

/// Puts a host back into service.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ReturnHost {
    /// Id of this request.
    pub request_id: Uuid,
    /// The host.
    pub host: String,
    /// Why.
    pub reason: String,
}

/// The hosts that ever worked: those out of service first, then by name.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Hosts {
    /// The hosts.
    pub hosts: Vec<HostRow>,
}

/// A host that worked on runs.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct HostRow {
    /// Its name.
    pub host: String,
    /// Attempts it made.
    pub attempts: i64,
    /// When it last began one.
    pub last_attempt_at: Option<DateTime<Utc>>,
    /// When its pages last came out right.
    pub last_good_at: Option<DateTime<Utc>>,
    /// How often pages came out otherwise: there, or from its hand on another host.
    pub wrong: i64,
    /// Its withdrawal, while it is out of service.
    pub withdrawal: Option<HostWithdrawal>,
    /// Invoices that it had in hand in a time in which its work is unproven.
    pub unproven: i64,
}

/// Since when a host is out of service, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct HostWithdrawal {
    /// Since when.
    pub since: DateTime<Utc>,
    /// What it wrote from then on is unproven.
    pub suspect_from: DateTime<Utc>,
    /// What was drawn, where a canary took it out; none where a person did.
    pub canary: Option<CanaryKind>,
    /// The person, or the host whose canary it was.
    pub by: String,
    /// Why, in the words of the person.
    pub reason: String,
}

/// What a canary draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CanaryKind {
    /// The reference invoices.
    Reference,
    /// Each document of a batch, twice.
    Twice,
    /// A stored document, on another host.
    Sample,
}
