//! What was behind the failures of the month: the causes that stand by themselves, with their days and whom they hit.

use chrono::NaiveDate;
use sea_orm::Value;
use serde::Serialize;

use super::{begin, end, number};
use crate::Result;
use crate::cause::{Attribute, Cause, FAILED, Level, Named, Span, causes, touched};
use crate::check::Reason;
use crate::period::Period;
use crate::store::Store;

/// A cause that failures point to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Incident {
    /// What it is.
    #[serde(flatten)]
    pub named: Named,
    /// How sure that is.
    pub level: Level,
    /// First bad day, where it has days.
    pub from: Option<NaiveDate>,
    /// Last bad day.
    pub to: Option<NaiveDate>,
    /// Attempts that failed or left damage there in these days.
    pub failures: u64,
    /// All attempts there in these days.
    pub attempts: u64,
    /// Customers whose attempts failed or left damage there in these days; counted for hosts.
    pub customers: Option<i64>,
    /// What speaks for it, as codes.
    pub evidence: Vec<Reason>,
}

pub(super) async fn read(store: &Store, month: Period) -> Result<Vec<Incident>> {
    let span = Span { from: Some(month.first_day()), to: Some(month.last_day()) };
    let mut incidents = Vec::new();
    for cause in causes(store, span).await?.causes {
        // What something else explains is uneven at most.
        if cause.level >= Level::PointsTo {
            incidents.push(incident(store, month, cause).await?);
        }
    }
    Ok(incidents)
}

async fn incident(store: &Store, month: Period, cause: Cause) -> Result<Incident> {
    let day = |text: &str| text.parse::<NaiveDate>().ok();
    let (from, to) =
        (cause.window.as_ref().and_then(|days| day(&days.from)), cause.window.as_ref().and_then(|days| day(&days.to)));
    // The days stand beside the figures, so these are of the same days.
    let (failures, attempts) = cause
        .window
        .as_ref()
        .map_or((cause.failures, cause.attempts), |days| (days.inside.failures, days.inside.attempts));
    let customers = if cause.named.attribute == Attribute::Host {
        let days = (from.unwrap_or(month.first_day()), to.unwrap_or(month.last_day()));
        Some(hit(store, &cause.named.value, days).await?)
    } else {
        None
    };
    Ok(Incident {
        named: cause.named,
        level: cause.level,
        from,
        to,
        failures,
        attempts,
        customers,
        evidence: cause.evidence,
    })
}

/// Customers whose attempts failed on a host in these days, or went through and left damage: what the failures count.
async fn hit(store: &Store, host: &str, (from, to): (NaiveDate, NaiveDate)) -> Result<i64> {
    let text = format!(
        "SELECT count(DISTINCT s.registration_id) AS found FROM attempts a JOIN subscriptions s ON s.id = a.subscription_id \
         WHERE a.host = ? AND a.started_at >= ? AND a.started_at < ? AND ({FAILED} OR (a.outcome = 'done' AND a.id IN \
         (SELECT t.attempt FROM ({}) t)))",
        touched()
    );
    let values: [Value; 3] = [host.into(), begin(from).into(), end(to).into()];
    number(store.read(), &text, values).await
}
