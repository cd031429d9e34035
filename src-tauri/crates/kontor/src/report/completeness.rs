//! Whether every invoice that was due is there, and what explains each difference.
//!
//! What is due is asked of the contracts, what was issued of the invoices, and what is missing of the walk that runs take
//! (`due`): what these three do not agree on is left over and named. An invoice that an old program began and did not
//! finish (`incomplete`: a number, and nothing else) was not issued.

use std::collections::{HashMap, HashSet};

use sea_orm::{ConnectionTrait, QueryResult, Value};
use serde::Serialize;
use uuid::Uuid;

use super::number;
use crate::Result;
use crate::check::quarantine;
use crate::invoice::due;
use crate::period::Period;
use crate::store::{self, places};

/// Subscriptions asked about in one statement.
const CHUNK: usize = 500;

/// Due = issued + cancelled + quarantined + failed + not begun - not due, and what none of these explains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Completeness {
    /// Subscriptions that run in the month, by their contracts.
    pub due: i64,
    /// Subscriptions with an invoice that was issued and holds.
    pub issued: i64,
    /// Due, and all their invoices are cancelled.
    pub cancelled: Missing,
    /// Not issued: a critical finding holds them back.
    pub quarantined: Missing,
    /// Not issued although it was tried.
    pub failed: Missing,
    /// Not issued, and no attempt has ended yet.
    pub not_begun: Missing,
    /// Issued although no contract asks for it: blocked or ended since.
    pub not_due: Missing,
    /// What none of these explains; anything but zero is a defect.
    pub unexplained: i64,
    /// Whose that is.
    pub unexplained_of: Missing,
}

/// Subscriptions that explain a difference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// How many.
    pub count: i64,
    /// Numbers of their customers, in their order.
    pub customers: Vec<String>,
    /// Their registrations, in the same order.
    #[serde(skip)]
    pub registrations: Vec<Uuid>,
}

/// The condition that a subscription `s` of a registration `r` runs in a month; its last day, its first day.
const RUNS: &str = "s.started_on <= ? AND ((s.ended_on IS NOT NULL AND s.ended_on >= ?) OR (s.ended_on IS NULL AND \
                    s.state = 'active' AND r.state = 'active')) AND r.state <> 'blocked'";

/// How far the invoices of each subscription `x` got in a month: issued (2), begun only (1), all cancelled (0).
const STANDING: &str = "(SELECT n.subscription_id, max(CASE WHEN n.state IN ('issued', 'archived') THEN 2 WHEN n.state = \
                        'cancelled' THEN 0 ELSE 1 END) AS standing FROM invoices n WHERE n.kind = 'invoice' AND \
                        n.period = ? GROUP BY n.subscription_id) x";

/// What a subscription `s` is told by.
const NAMED: &str =
    "r.customer_serial AS serial, r.customer_number AS number, r.id AS registration, s.id AS subscription";

/// Where a subscription stands.
const CONTRACTS: &str = "subscriptions s JOIN registrations r ON r.id = s.registration_id";

pub(super) async fn read(connection: &impl ConnectionTrait, month: Period) -> Result<Completeness> {
    let (first, last): (Value, Value) = (month.first_day().into(), month.last_day().into());
    let runs = || [last.clone(), first.clone()];
    let due = format!("SELECT count(*) AS found FROM {CONTRACTS} WHERE {RUNS}");
    let due = number(connection, &due, runs()).await?;
    let issued = format!("SELECT count(*) AS found FROM {STANDING} WHERE x.standing = 2");
    let issued = number(connection, &issued, [first.clone()]).await?;
    let of = async |standing: &str| {
        let text = format!(
            "SELECT {NAMED} FROM {CONTRACTS} JOIN {STANDING} ON x.subscription_id = s.id WHERE x.standing = {standing} ({RUNS})"
        );
        named(connection, &text, [first.clone()].into_iter().chain(runs()).collect()).await
    };
    let cancelled = Missing::of(of("0 AND").await?);
    let not_due = Missing::of(of("2 AND NOT").await?);
    let (keys, [quarantined, failed, not_begun]) = missing(connection, month).await?;
    let explained = issued + cancelled.count + quarantined.count + failed.count + not_begun.count - not_due.count;
    let unexplained = due - explained;
    let unexplained_of =
        if unexplained == 0 { Missing::default() } else { left_over(connection, month, &keys).await? };
    Ok(Completeness { due, issued, cancelled, quarantined, failed, not_begun, not_due, unexplained, unexplained_of })
}

/// What is due and was not issued: held back, tried in vain, never begun; and the subscriptions that have no invoice at all.
async fn missing(connection: &impl ConnectionTrait, month: Period) -> Result<(Vec<Uuid>, [Missing; 3])> {
    let keys: Vec<Uuid> = due::keys(connection, month).await?.iter().map(|key| key.subscription).collect();
    let begun = begun(connection, month).await?;
    let shells: Vec<Uuid> = begun.values().flatten().copied().collect();
    let all: Vec<Uuid> = keys.iter().chain(begun.keys()).copied().collect();
    let held = quarantine::of(connection, &all, &shells).await?;
    let tried = tried(connection, &keys, month).await?;
    let mut found: [Vec<Uuid>; 3] = Default::default();
    for subscription in all {
        let shells = begun.get(&subscription);
        let is_held = held.contains(&subscription) || shells.is_some_and(|ids| ids.iter().any(|id| held.contains(id)));
        let place = match () {
            () if is_held => 0,
            () if shells.is_some() || tried.contains(&subscription) => 1,
            () => 2,
        };
        found[place].push(subscription);
    }
    let [held, failed, rest] = found;
    let missing = [whose(connection, &held).await?, whose(connection, &failed).await?, whose(connection, &rest).await?];
    Ok((keys, missing))
}

/// Due subscriptions for which an invoice was begun and not issued, with these invoices.
async fn begun(connection: &impl ConnectionTrait, month: Period) -> Result<HashMap<Uuid, Vec<Uuid>>> {
    let text = format!(
        "SELECT s.id AS subscription, i.id AS invoice FROM {CONTRACTS} JOIN {STANDING} ON x.subscription_id = s.id JOIN \
         invoices i ON i.subscription_id = s.id AND i.period = ? AND i.kind = 'invoice' AND i.state <> 'cancelled' WHERE \
         x.standing = 1 AND {RUNS}"
    );
    let (first, last): (Value, Value) = (month.first_day().into(), month.last_day().into());
    let values = [first.clone(), first.clone(), last, first];
    let mut begun: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for row in connection.query_all_raw(store::sql(connection.get_database_backend(), &text, values)).await? {
        begun.entry(row.try_get("", "subscription")?).or_default().push(row.try_get("", "invoice")?);
    }
    Ok(begun)
}

/// Which of these were tried: an attempt ended, in whichever way. What a worker has in hand is not over yet.
async fn tried(connection: &impl ConnectionTrait, subscriptions: &[Uuid], month: Period) -> Result<HashSet<Uuid>> {
    let mut tried = HashSet::new();
    for part in subscriptions.chunks(CHUNK) {
        let text = format!(
            "SELECT s.id AS subscription FROM subscriptions s WHERE s.id IN ({}) AND EXISTS (SELECT 1 FROM attempts a WHERE \
             a.subscription_id = s.id AND a.period = ? AND a.outcome NOT IN ('running', 'skipped'))",
            places(part.len())
        );
        let values = part.iter().map(|id| (*id).into()).chain([month.first_day().into()]);
        for row in connection.query_all_raw(store::sql(connection.get_database_backend(), &text, values)).await? {
            tried.insert(row.try_get("", "subscription")?);
        }
    }
    Ok(tried)
}

/// Whose it is when the questions disagree: due, without an invoice, and passed by on the walk over what is due; and
/// invoices that belong to no contract.
async fn left_over(connection: &impl ConnectionTrait, month: Period, walked: &[Uuid]) -> Result<Missing> {
    let (first, last): (Value, Value) = (month.first_day().into(), month.last_day().into());
    let walked: HashSet<&Uuid> = walked.iter().collect();
    let passed = format!(
        "SELECT {NAMED} FROM {CONTRACTS} WHERE {RUNS} AND NOT EXISTS (SELECT 1 FROM invoices i WHERE i.subscription_id = \
         s.id AND i.period = ? AND i.kind = 'invoice')"
    );
    let mut found = named(connection, &passed, vec![last, first.clone(), first.clone()]).await?;
    found.retain(|one| !walked.contains(&one.subscription));
    let astray = "SELECT DISTINCT c.customer_serial AS serial, c.customer_number AS number, c.id AS registration, \
                  i.subscription_id AS subscription FROM invoices i JOIN registrations c ON c.id = i.registration_id WHERE \
                  i.kind = 'invoice' AND i.state IN ('issued', 'archived') AND i.period = ? AND NOT EXISTS (SELECT 1 FROM \
                  subscriptions s JOIN registrations r ON r.id = s.registration_id WHERE s.id = i.subscription_id)";
    found.extend(named(connection, astray, vec![first]).await?);
    Ok(Missing::of(found))
}

/// A subscription and its customer.
struct Named {
    /// None where it cannot be read.
    serial: Option<i64>,
    number: String,
    registration: Uuid,
    subscription: Uuid,
}

impl Missing {
    /// In the order of the customers; of one customer in the order of the subscriptions.
    fn of(mut named: Vec<Named>) -> Self {
        named.sort_by_key(|one| (one.serial, one.subscription));
        let (registrations, customers): (Vec<Uuid>, Vec<String>) =
            named.into_iter().map(|one| (one.registration, one.number)).unzip();
        Self { count: i64::try_from(customers.len()).unwrap_or(i64::MAX), customers, registrations }
    }
}

/// The customers of these subscriptions.
async fn whose(connection: &impl ConnectionTrait, subscriptions: &[Uuid]) -> Result<Missing> {
    let mut found = Vec::with_capacity(subscriptions.len());
    for part in subscriptions.chunks(CHUNK) {
        let text = format!("SELECT {NAMED} FROM {CONTRACTS} WHERE s.id IN ({})", places(part.len()));
        found.extend(named(connection, &text, part.iter().map(|id| (*id).into()).collect()).await?);
    }
    Ok(Missing::of(found))
}

/// A number that cannot be read costs its own place only.
async fn named(connection: &impl ConnectionTrait, text: &str, values: Vec<Value>) -> Result<Vec<Named>> {
    let rows = connection.query_all_raw(store::sql(connection.get_database_backend(), text, values)).await?;
    let one = |row: &QueryResult| {
        Ok(Named {
            serial: row.try_get("", "serial").ok(),
            number: row.try_get("", "number").unwrap_or_else(|_| "?".to_owned()),
            registration: row.try_get("", "registration")?,
            subscription: row.try_get("", "subscription")?,
        })
    };
    rows.iter().map(one).collect()
}
