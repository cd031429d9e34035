//! The hosts that ever worked: since when they draw right, and whether they are out of service.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, EntityTrait};
use serde::Serialize;
use uuid::Uuid;

use super::{is_addition, list, out, widened};
use crate::Result;
use crate::damage::Scope;
use crate::store::entities::{canaries, withdrawals};
use crate::store::{self, Store, places};

/// A host that worked on runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Host {
    /// Its name.
    pub host: String,
    /// Attempts it made.
    pub attempts: u64,
    /// When it last began one.
    pub last_attempt_at: Option<DateTime<Utc>>,
    /// When its pages last came out right.
    pub last_good_at: Option<DateTime<Utc>>,
    /// How often pages came out otherwise: here, or from its hand on another host.
    pub wrong: u64,
    /// Its withdrawal, while it is out of service.
    pub withdrawal: Option<Withdrawn>,
    /// How often it was out of service before.
    pub returned: u64,
    /// Invoices that it had in hand in a time in which its work is unproven.
    pub unproven: u64,
}

/// A withdrawal, as people read it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Withdrawn {
    /// Since when the host is out of service.
    pub since: DateTime<Utc>,
    /// What it wrote from then on is unproven.
    pub suspect_from: DateTime<Utc>,
    /// Who took it out: a person, or the host whose canary it was.
    pub by: String,
    /// What was drawn, where a canary took it out (`canaries.kind`).
    pub canary: Option<String>,
    /// Why.
    pub reason: String,
}

impl Withdrawn {
    async fn of(store: &Store, row: &withdrawals::Model) -> Result<Self> {
        let canary = match row.canary_id {
            Some(id) => canaries::Entity::find_by_id(id).one(store.read()).await?,
            None => None,
        };
        let by = canary.as_ref().map_or_else(|| row.person.clone(), |canary| canary.host.clone());
        let (since, suspect_from) = (row.withdrawn_at, row.suspect_from_at);
        Ok(Self { since, suspect_from, by, canary: canary.map(|canary| canary.kind), reason: row.reason.clone() })
    }
}

/// All hosts: those out of service first, then by name.
pub async fn hosts(store: &Store) -> Result<Vec<Host>> {
    read(store, None).await
}

/// The hosts that are out of service, by name. The work of all others is not looked at.
pub async fn hosts_out(store: &Store) -> Result<Vec<Host>> {
    let names: BTreeSet<String> = out(store.read()).await?.into_iter().collect();
    if names.is_empty() { Ok(Vec::new()) } else { read(store, Some(&names)).await }
}

async fn read(store: &Store, only: Option<&BTreeSet<String>>) -> Result<Vec<Host>> {
    let mut hosts: BTreeMap<String, Host> = BTreeMap::new();
    let (of_host, of_author) = (among("host", only), among("author", only));
    let rows = async |text: String| {
        let names = only.into_iter().flatten().map(|name| name.as_str().into());
        store.read().query_all_raw(store::sql(store.backend(), &text, names)).await
    };
    let worked = format!(
        "SELECT host, COUNT(*) AS attempts, MAX(started_at) AS last FROM attempts WHERE {of_host} GROUP BY host"
    );
    for row in rows(worked).await? {
        let host = entry(&mut hosts, row.try_get("", "host")?);
        host.attempts = number(row.try_get("", "attempts")?);
        host.last_attempt_at = row.try_get("", "last")?;
    }
    let drew = format!(
        "SELECT host, MAX(CASE WHEN outcome = 'same' THEN drawn_at END) AS good, SUM(CASE WHEN outcome <> 'same' AND \
         document_id IS NULL THEN 1 ELSE 0 END) AS wrong FROM canaries WHERE {of_host} GROUP BY host"
    );
    for row in rows(drew).await? {
        let host = entry(&mut hosts, row.try_get("", "host")?);
        host.last_good_at = row.try_get("", "good")?;
        host.wrong += number(row.try_get("", "wrong")?);
    }
    let from_its_hand = format!(
        "SELECT author, COUNT(*) AS wrong FROM canaries WHERE outcome <> 'same' AND author IS NOT NULL AND {of_author} GROUP \
         BY author"
    );
    for row in rows(from_its_hand).await? {
        entry(&mut hosts, row.try_get("", "author")?).wrong += number(row.try_get("", "wrong")?);
    }
    withdrawn(store, only, &mut hosts).await?;
    let mut hosts: Vec<Host> = hosts.into_values().collect();
    hosts.sort_by_key(|host| host.withdrawal.is_none());
    Ok(hosts)
}

/// Adds when they were out of service, and what they had in hand then.
async fn withdrawn(store: &Store, only: Option<&BTreeSet<String>>, hosts: &mut BTreeMap<String, Host>) -> Result<()> {
    let mut withdrawals = list(store.read()).await?;
    withdrawals.retain(|row| only.is_none_or(|names| names.contains(&row.host)));
    for row in &withdrawals {
        let host = entry(hosts, row.host.clone());
        match row.returned_at {
            None => host.withdrawal = Some(Withdrawn::of(store, &widened(row, &withdrawals)).await?),
            Some(_) => host.returned += u64::from(!is_addition(row)),
        }
    }
    for host in hosts.values_mut() {
        let own: Vec<_> = withdrawals.iter().filter(|row| row.host == host.host).cloned().collect();
        host.unproven = unproven(store, &own).await?;
    }
    Ok(())
}

/// The condition that a column names one of these hosts.
fn among(column: &str, only: Option<&BTreeSet<String>>) -> String {
    only.map_or_else(|| "1 = 1".to_owned(), |names| format!("{column} IN ({})", places(names.len())))
}

/// How many invoices lie in the bad times of a host. Hosts are seldom withdrawn, and each has its own stretch of time: asked
/// one by one, the index answers.
async fn unproven(store: &Store, rows: &[withdrawals::Model]) -> Result<u64> {
    let mut ids: HashSet<Uuid> = HashSet::new();
    for row in rows {
        let (in_hand, values) = Scope::of_withdrawal(row, store.now().await?).condition("a");
        let text =
            format!("SELECT DISTINCT a.invoice_id AS id FROM attempts a WHERE {in_hand} AND a.invoice_id IS NOT NULL");
        for found in store.read().query_all_raw(store::sql(store.backend(), &text, values)).await? {
            ids.insert(found.try_get("", "id")?);
        }
    }
    Ok(ids.len() as u64)
}

fn entry(hosts: &mut BTreeMap<String, Host>, name: String) -> &mut Host {
    hosts.entry(name.clone()).or_insert_with(|| Host { host: name, ..Host::default() })
}

fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
