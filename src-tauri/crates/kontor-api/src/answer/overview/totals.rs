//! How the month stands: counts and sums over whole tables.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::Berlin;
use kontor::delivery::settlement;
use kontor::store::{self, Store};
use sea_orm::{ConnectionTrait, QueryResult, Value};

use crate::answer::stored::word;
use crate::answer::{Answered, days};
use crate::invoice::{InvoiceKind, InvoiceState, MailState};
use crate::office::Open;
use crate::overview::StorageSample;

/// Days counted in one question; a database takes so many columns and no more.
const TOGETHER: usize = 200;

/// Days of the chart, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Days {
    /// The first.
    pub from: NaiveDate,
    /// The last.
    pub to: NaiveDate,
}

/// How the month stands.
#[derive(Debug)]
pub(crate) struct Totals {
    /// All registrations.
    pub registrations: i64,
    /// Registrations of each day.
    pub days: Vec<(NaiveDate, i64)>,
    /// All invoices and cancellation invoices.
    pub invoices: i64,
    /// The same by how they stand, most first.
    pub stands: Vec<Stands>,
    /// Sum of the quotas of open mailboxes.
    pub sold_bytes: i64,
    /// Sum of what they use.
    pub used_bytes: i64,
    /// What the array holds.
    pub capacity_bytes: Option<i64>,
    /// Samples, one a day.
    pub samples: Vec<StorageSample>,
}

/// Invoices that stand alike.
#[derive(Debug)]
pub(crate) struct Stands {
    /// Invoices or cancellation invoices.
    pub kind: InvoiceKind,
    /// Their state.
    pub state: InvoiceState,
    /// State of their newest mail.
    pub mail: MailState,
    /// How many.
    pub count: i64,
}

/// How the month stands, as it was read last or as it is now.
pub(super) async fn totals(open: &Open, days: Days) -> Answered<Arc<Totals>> {
    open.totals.get(&open.store, days, |_| read(&open.store, days)).await
}

async fn read(store: &Store, days: Days) -> Answered<Totals> {
    let (invoices, stands) = invoices_by_state(store).await?;
    let registrations = number(store, "SELECT count(*) AS found FROM registrations").await?;
    let capacity = "SELECT capacity_bytes FROM storage_samples ORDER BY taken_at DESC, id DESC LIMIT 1";
    let newest = store.read().query_one_raw(store::sql(store.backend(), capacity, [])).await?;
    let sums = "SELECT CAST(COALESCE(sum(quota_bytes), 0) AS BIGINT) AS sold, \
                CAST(COALESCE(sum(used_bytes), 0) AS BIGINT) AS used FROM mailboxes WHERE state = 'active'";
    let sums = store.read().query_one_raw(store::sql(store.backend(), sums, [])).await?;
    let sum = |column: &str| sums.as_ref().map_or(Ok(0), |row| row.try_get("", column));
    Ok(Totals {
        registrations,
        days: registered(store, days).await?,
        invoices,
        stands,
        sold_bytes: sum("sold")?,
        used_bytes: sum("used")?,
        capacity_bytes: newest.and_then(|row| row.try_get("", "capacity_bytes").ok()),
        samples: samples(store, days).await?,
    })
}

async fn number(store: &Store, text: &str) -> Answered<i64> {
    let row = store.read().query_one_raw(store::sql(store.backend(), text, [])).await?;
    Ok(row.map(|row| row.try_get("", "found")).transpose()?.unwrap_or(0))
}

/// Registrations of each day, each a range of an index.
async fn registered(store: &Store, days: Days) -> Answered<Vec<(NaiveDate, i64)>> {
    let all: Vec<NaiveDate> = days.from.iter_days().take_while(|day| *day <= days.to).collect();
    let mut counts = Vec::with_capacity(all.len());
    for part in all.chunks(TOGETHER) {
        let columns = (0..part.len()).map(|place| {
            format!(
                "(SELECT count(*) FROM registrations WHERE registered_at >= ? AND registered_at < ?) AS day_{place}"
            )
        });
        let text = format!("SELECT {}", columns.collect::<Vec<_>>().join(", "));
        let values = part.iter().flat_map(|day| [Value::from(days::begin(*day)), Value::from(days::end(*day))]);
        let Some(row) = store.read().query_one_raw(store::sql(store.backend(), &text, values)).await? else { continue };
        for (place, day) in part.iter().enumerate() {
            counts.push((*day, row.try_get("", &format!("day_{place}"))?));
        }
    }
    Ok(counts)
}

async fn invoices_by_state(store: &Store) -> Answered<(i64, Vec<Stands>)> {
    let text = format!(
        "SELECT kind, state, mail, count(*) AS found FROM (SELECT i.kind, i.state, COALESCE({}, 'none') AS mail \
         FROM invoices i) x GROUP BY kind, state, mail ORDER BY count(*) DESC, kind, state, mail",
        settlement::newest_mail()
    );
    let (mut total, mut stands) = (0, Vec::new());
    let now = [store.now().await?.into()];
    for row in store.read().query_all_raw(store::sql(store.backend(), &text, now)).await? {
        let count: i64 = row.try_get("", "found")?;
        total += count;
        // A word that nobody knows cannot be filtered by; its invoices are in the total.
        stands.extend(known(&row, count));
    }
    Ok((total, stands))
}

fn known(row: &QueryResult, count: i64) -> Option<Stands> {
    let text = |column: &str| row.try_get::<String>("", column).ok();
    Some(Stands { kind: word(&text("kind")?)?, state: word(&text("state")?)?, mail: word(&text("mail")?)?, count })
}

/// The last sample of each day.
async fn samples(store: &Store, days: Days) -> Answered<Vec<StorageSample>> {
    let text = "SELECT taken_at, sold_bytes, used_bytes, capacity_bytes FROM storage_samples WHERE taken_at >= ? AND \
                taken_at < ? ORDER BY taken_at, id";
    let values = [days::begin(days.from).into(), days::end(days.to).into()];
    let rows = store.read().query_all_raw(store::sql(store.backend(), text, values)).await?;
    // A sample that cannot be read is left out; the chart has others.
    let samples = rows.iter().filter_map(sample).map(|sample| (day_of(sample.taken_at), sample));
    Ok(samples.collect::<BTreeMap<_, _>>().into_values().collect())
}

fn day_of(time: DateTime<Utc>) -> NaiveDate {
    time.with_timezone(&Berlin).date_naive()
}

fn sample(row: &QueryResult) -> Option<StorageSample> {
    Some(StorageSample {
        taken_at: row.try_get("", "taken_at").ok()?,
        sold_bytes: row.try_get("", "sold_bytes").ok()?,
        used_bytes: row.try_get("", "used_bytes").ok()?,
        capacity_bytes: row.try_get("", "capacity_bytes").ok()?,
    })
}
