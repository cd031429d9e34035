//! A host and a stretch of time, and where it comes from: days that a person names, a withdrawal, or a cause.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, Value};
use serde::Serialize;

use super::hindrance::Hindrance;
use crate::cause::{self, Attribute, Span};
use crate::period::day_begins;
use crate::run::code::HOST_WITHDRAWN;
use crate::store::entities::withdrawals;
use crate::store::{self, Store};
use crate::{Error, Result, withdrawal};

/// No attempt lasts longer: so the index over hosts and begins answers which of them reach into a stretch of time.
const LONGEST: TimeDelta = TimeDelta::days(1);

/// A host, and the time in which nothing it did is trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Scope {
    /// The host.
    pub host: String,
    /// From then on.
    pub from: DateTime<Utc>,
    /// Up to then, without it.
    pub to: DateTime<Utc>,
}

/// Where the time comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A person named the days.
    Days,
    /// The host is out of service.
    Withdrawal,
    /// The days in which failures concentrate there.
    Cause,
}

/// A scope and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Traced {
    /// The scope.
    #[serde(flatten)]
    pub scope: Scope,
    /// Where its time comes from.
    pub source: Source,
}

impl Scope {
    /// Days at the office, the first and the last among them.
    pub fn of_days(host: &str, from: NaiveDate, to: NaiveDate) -> Result<Self> {
        if from > to {
            return Err(Error::Usage("The first day is after the last one. Exchange --from and --to.".to_owned()));
        }
        let next = to.checked_add_days(Days::new(1)).unwrap_or(to);
        Ok(Self { host: host.to_owned(), from: day_begins(from), to: day_begins(next) })
    }

    /// The suspect time of a withdrawn host; what is still in hand counts.
    pub fn of_withdrawal(row: &withdrawals::Model, now: DateTime<Utc>) -> Self {
        let to = withdrawal::suspect_until(row).unwrap_or(now + LONGEST);
        Self { host: row.host.clone(), from: row.suspect_from_at, to }
    }

    /// The condition on an attempt, whose table has this alias: it was in hand there in that time. What a host gave back when
    /// it was taken out of service counts: it may have taken the number and drawn the page before.
    pub(crate) fn condition(&self, alias: &str) -> (String, [Value; 4]) {
        let text = format!(
            "{alias}.host = ? AND ({alias}.outcome <> 'skipped' OR {alias}.code = '{HOST_WITHDRAWN}') AND {alias}.started_at >= \
             ? AND {alias}.started_at < ? AND ({alias}.ended_at IS NULL OR {alias}.ended_at >= ?)"
        );
        let (from, to) = (self.from, self.to);
        (text, [self.host.as_str().into(), (from - LONGEST).into(), to.into(), from.into()])
    }

    /// The condition on an entry of the number log, whose table has this alias: the host took the number in that time, and
    /// froze the content with it. A person at a desk does that without an attempt.
    pub(crate) fn numbered(&self, alias: &str) -> (String, [Value; 3]) {
        let text = format!("{alias}.host = ? AND {alias}.allocated_at >= ? AND {alias}.allocated_at < ?");
        (text, [self.host.as_str().into(), self.from.into(), self.to.into()])
    }
}

/// The time of a host: these days; or else its open withdrawal, or else the days of its cause.
pub async fn trace(store: &Store, host: &str, days: Option<(NaiveDate, NaiveDate)>) -> Result<Traced> {
    if let Some((from, to)) = days {
        let scope = Scope::of_days(host, from, to)?;
        require_known(store, host).await?;
        return Ok(Traced { scope, source: Source::Days });
    }
    require_known(store, host).await?;
    if let Some(open) = withdrawal::open(store.read(), host).await? {
        let row = withdrawal::widened(&open, &withdrawal::list(store.read()).await?);
        return Ok(Traced { scope: Scope::of_withdrawal(&row, store.now().await?), source: Source::Withdrawal });
    }
    let found = cause::causes(store, Span::default()).await?;
    let is_it = |cause: &&cause::Cause| cause.named.attribute == Attribute::Host && cause.named.value == host;
    let window = found.causes.iter().find(is_it).and_then(|cause| cause.window.as_ref());
    let days = window.and_then(|days| Some((days.from.parse().ok()?, days.to.parse().ok()?)));
    let Some((from, to)) = days else {
        return Err(Hindrance::NoBadTime { host: host.to_owned() }.into());
    };
    Ok(Traced { scope: Scope::of_days(host, from, to)?, source: Source::Cause })
}

/// A name with a slip in it would have no damage at all, which would read like good news.
async fn require_known(store: &Store, host: &str) -> Result<()> {
    let text = "SELECT 1 AS one FROM attempts WHERE host = ? LIMIT 1";
    if store.read().query_one_raw(store::sql(store.backend(), text, [host.into()])).await?.is_some() {
        return Ok(());
    }
    Err(Hindrance::HostUnknown { host: host.to_owned() }.into())
}
