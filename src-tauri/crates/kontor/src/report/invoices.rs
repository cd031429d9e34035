//! What was invoiced: whether everything that was due is there, and what became of the mails.

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, QueryResult, Value};
use serde::Serialize;
use uuid::Uuid;

use super::number;
use crate::Result;
use crate::check::quarantine;
use crate::invoice::due;
use crate::period::Period;
use crate::run::Key;
use crate::run::plan::candidates;
use crate::store::{self, Store, places};

/// Subscriptions asked about in one statement.
const CHUNK: usize = 500;

/// Invoices of a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Invoices {
    /// Whether everything that was due is there.
    pub completeness: Completeness,
    /// Cancellation invoices of the month.
    pub cancellations: i64,
    /// Gross amount of the invoices that hold, in cents.
    pub gross_cents: i64,
    /// What became of the mails of the invoices that hold.
    pub mails: Mails,
    /// Invoices of the month that a rerun finished.
    pub rerun: i64,
}

/// Due = issued + quarantined + failed, and what else explains a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Completeness {
    /// Subscriptions that run in the month, by their contracts.
    pub due: i64,
    /// Subscriptions with an invoice that holds.
    pub issued: i64,
    /// Subscriptions whose invoices are all cancelled.
    pub cancelled: i64,
    /// Not issued: a critical finding holds them back.
    pub quarantined: Missing,
    /// Not issued although it was tried.
    pub failed: Missing,
    /// Not issued, and nobody tried.
    pub not_begun: Missing,
    /// Invoiced although no contract asks for it: blocked or ended since.
    pub not_due: Missing,
    /// What none of these explains; anything but zero is a defect.
    pub unexplained: i64,
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

/// The newest mail of each invoice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Mails {
    /// Accepted by the mail server.
    pub accepted: i64,
    /// Refused for good.
    pub refused: i64,
    /// Came back.
    pub bounced: i64,
    /// Nobody knows.
    pub unknown: i64,
    /// Waiting, deferred or on its way.
    pub waiting: i64,
    /// There is none.
    pub none: i64,
    /// Mails that went out again because a person asked for it.
    pub resent: i64,
    /// The same by the stored word of their state.
    #[serde(skip)]
    pub by_state: BTreeMap<String, i64>,
}

/// The condition that a subscription `s` of a registration `r` runs in a month; its last day, its first day.
const RUNS: &str = "s.started_on <= ? AND ((s.ended_on IS NOT NULL AND s.ended_on >= ?) OR (s.ended_on IS NULL AND \
                    s.state = 'active' AND r.state = 'active')) AND r.state <> 'blocked'";

pub(super) async fn read(store: &Store, month: Period, today: NaiveDate) -> Result<Invoices> {
    let first: Value = month.first_day().into();
    let cancellations = "SELECT count(*) AS found FROM invoices WHERE kind = 'cancellation' AND period = ?";
    let gross = "SELECT CAST(COALESCE(sum(gross_cents), 0) AS BIGINT) AS found FROM invoices WHERE kind = 'invoice' \
                 AND state <> 'cancelled' AND period = ?";
    let rerun = "SELECT count(DISTINCT t.subscription_id) AS found FROM run_items t JOIN runs r ON r.id = t.run_id \
                 WHERE r.kind = 'rerun' AND t.state = 'done' AND t.period = ?";
    Ok(Invoices {
        completeness: completeness(store, month, today).await?,
        cancellations: number(store, cancellations, [first.clone()]).await?,
        gross_cents: number(store, gross, [first.clone()]).await?,
        mails: mails(store, month).await?,
        rerun: number(store, rerun, [first]).await?,
    })
}

async fn completeness(store: &Store, month: Period, today: NaiveDate) -> Result<Completeness> {
    let (first, last): (Value, Value) = (month.first_day().into(), month.last_day().into());
    let due = format!(
        "SELECT count(*) AS found FROM subscriptions s JOIN registrations r ON r.id = s.registration_id WHERE {RUNS}"
    );
    let due = number(store, &due, [last.clone(), first.clone()]).await?;
    let issued = "SELECT count(DISTINCT subscription_id) AS found FROM invoices WHERE kind = 'invoice' AND \
                  state <> 'cancelled' AND period = ?";
    let issued = number(store, issued, [first.clone()]).await?;
    let cancelled = "SELECT count(DISTINCT x.subscription_id) AS found FROM invoices x WHERE x.kind = 'invoice' AND \
                     x.period = ? AND NOT EXISTS (SELECT 1 FROM invoices i WHERE i.subscription_id = x.subscription_id \
                     AND i.period = x.period AND i.kind = 'invoice' AND i.state <> 'cancelled')";
    let cancelled = number(store, cancelled, [first.clone()]).await?;
    let not_due = format!(
        "SELECT DISTINCT r.customer_serial, r.customer_number, r.id FROM invoices i JOIN subscriptions s ON s.id = \
         i.subscription_id JOIN registrations r ON r.id = s.registration_id WHERE i.kind = 'invoice' AND i.period = ? \
         AND NOT ({RUNS}) ORDER BY r.customer_serial"
    );
    let not_due = Missing::of(customers(store, &not_due, vec![first.clone(), last, first]).await?);
    let [quarantined, failed, not_begun] = missing(store, month, today).await?;
    let explained = issued + cancelled + quarantined.count + failed.count + not_begun.count - not_due.count;
    let unexplained = due - explained;
    Ok(Completeness { due, issued, cancelled, quarantined, failed, not_begun, not_due, unexplained })
}

impl Missing {
    fn of(named: Vec<(Uuid, String)>) -> Self {
        let (registrations, customers): (Vec<Uuid>, Vec<String>) = named.into_iter().unzip();
        Self { count: i64::try_from(customers.len()).unwrap_or(i64::MAX), customers, registrations }
    }
}

/// What is due and has no invoice: held back, tried in vain, never begun.
async fn missing(store: &Store, month: Period, today: NaiveDate) -> Result<[Missing; 3]> {
    let keys = due::keys(store.read(), month).await?;
    let subscriptions: Vec<Uuid> = keys.iter().map(|key| key.subscription).collect();
    let held = quarantine::of(store.read(), &subscriptions, &[]).await?;
    let tried = candidates(store, &keys, today).await?;
    let tried: HashSet<Key> =
        tried.into_iter().filter(|candidate| candidate.tried.attempts > 0).map(|candidate| candidate.key).collect();
    let mut found: [Vec<Uuid>; 3] = Default::default();
    for key in &keys {
        let place = if held.contains(&key.subscription) {
            0
        } else if tried.contains(key) {
            1
        } else {
            2
        };
        found[place].push(key.subscription);
    }
    let [held, failed, rest] = found;
    Ok([named(store, &held).await?, named(store, &failed).await?, named(store, &rest).await?])
}

/// The customers of these subscriptions, in the order in which they come.
async fn named(store: &Store, subscriptions: &[Uuid]) -> Result<Missing> {
    let mut customers = Vec::with_capacity(subscriptions.len());
    for part in subscriptions.chunks(CHUNK) {
        let text = format!(
            "SELECT r.customer_serial, r.customer_number, r.id FROM subscriptions s JOIN registrations r ON r.id = \
             s.registration_id WHERE s.id IN ({}) ORDER BY r.customer_serial, s.id",
            places(part.len())
        );
        customers.extend(self::customers(store, &text, part.iter().map(|id| (*id).into()).collect()).await?);
    }
    Ok(Missing::of(customers))
}

/// A number that cannot be read costs its own place only.
async fn customers(store: &Store, text: &str, values: Vec<Value>) -> Result<Vec<(Uuid, String)>> {
    let rows = store.read().query_all_raw(store::sql(store.backend(), text, values)).await?;
    let one = |row: &QueryResult| {
        let number = row.try_get("", "customer_number").unwrap_or_else(|_| "?".to_owned());
        Ok((row.try_get("", "id")?, number))
    };
    rows.iter().map(one).collect()
}

async fn mails(store: &Store, month: Period) -> Result<Mails> {
    let text = "SELECT mail, count(*) AS found FROM (SELECT COALESCE((SELECT d.state FROM deliveries d WHERE \
                d.invoice_id = i.id ORDER BY d.queued_at DESC, d.id DESC LIMIT 1), 'none') AS mail FROM invoices i WHERE \
                i.kind = 'invoice' AND i.state <> 'cancelled' AND i.period = ?) x GROUP BY mail";
    let first: Value = month.first_day().into();
    let rows = store.read().query_all_raw(store::sql(store.backend(), text, [first.clone()])).await?;
    let mut by_state: BTreeMap<String, i64> = BTreeMap::new();
    for row in &rows {
        by_state.insert(row.try_get("", "mail")?, row.try_get("", "found")?);
    }
    let resent = "SELECT count(*) AS found FROM deliveries d JOIN invoices i ON i.id = d.invoice_id WHERE d.purpose = \
                  'resend' AND i.period = ?";
    let of = |state: &str| by_state.get(state).copied().unwrap_or(0);
    Ok(Mails {
        accepted: of("accepted"),
        refused: of("refused"),
        bounced: of("bounced"),
        unknown: of("unknown"),
        waiting: of("queued") + of("sending") + of("deferred"),
        none: of("none"),
        resent: number(store, resent, [first]).await?,
        by_state,
    })
}
