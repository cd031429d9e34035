//! What is open when the report is made, and what was put right.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;
use serde::Serialize;

use super::{begin, end, number};
use crate::Result;
use crate::delivery::settlement;
use crate::period::Period;
use crate::run::{Selection, plan};
use crate::store::entities::installation;
use crate::store::{self, Store};

/// What is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Open {
    /// Invoices that did not get as far as an accepted mail, by the code of their cause.
    pub failures: BTreeMap<String, u64>,
    /// Mails that a person has to settle.
    pub unsettled_mails: i64,
    /// Findings by how much they matter, set aside or not.
    pub findings: BTreeMap<String, i64>,
    /// Payments that belong to no invoice yet.
    pub payments: i64,
}

/// What was put right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Repairs {
    /// Repairs that hold.
    pub applied: i64,
    /// Repairs that were taken back.
    pub undone: i64,
    /// Findings that closed.
    pub closed: i64,
    /// The days they are counted for; none where the office does not live in today's time, as in a demo: then all count.
    pub days: Option<(NaiveDate, NaiveDate)>,
}

/// What is open, and how much of it is of the month.
pub(super) async fn read(store: &Store, month: Period, today: NaiveDate) -> Result<(Open, i64)> {
    let planned = plan(store, &Selection::All, today).await?;
    let unsettled = format!(
        "SELECT count(*) AS found FROM deliveries d WHERE d.state = 'unknown' OR (d.state = 'sending' AND NOT {})",
        settlement::IN_HAND
    );
    let findings = "SELECT severity, count(*) AS found FROM findings WHERE closed_at IS NULL GROUP BY severity";
    let rows = store.read().query_all_raw(store::sql(store.backend(), findings, [])).await?;
    let payments = "SELECT count(*) AS found FROM payments WHERE state = 'open'";
    let of_month = planned.candidates.iter().filter(|candidate| candidate.key.period == month.first_day()).count();
    let open = Open {
        failures: planned.groups.into_iter().map(|group| (group.code, group.eligible + group.ineligible)).collect(),
        unsettled_mails: number(store.read(), &unsettled, [store.now().await?.into()]).await?,
        findings: rows
            .iter()
            .map(|row| Ok((row.try_get("", "severity")?, row.try_get("", "found")?)))
            .collect::<Result<_>>()?,
        payments: number(store.read(), payments, []).await?,
    };
    Ok((open, i64::try_from(of_month).unwrap_or(i64::MAX)))
}

pub(super) async fn repairs(
    connection: &impl ConnectionTrait,
    office: &installation::Model,
    month: Period,
) -> Result<Repairs> {
    // Repairs bear the time of the clock. An office that lives in a time of its own does not, so all of them count.
    let days = office.business_date.is_none().then(|| (month.first_day(), month.last_day()));
    let count = async |table: &str, state: &str, at: &str| {
        let (within, values) = match days {
            Some((from, to)) => (format!(" AND {at} >= ? AND {at} < ?"), vec![begin(from).into(), end(to).into()]),
            None => (String::new(), Vec::new()),
        };
        number(connection, &format!("SELECT count(*) AS found FROM {table} WHERE {state}{within}"), values).await
    };
    Ok(Repairs {
        applied: count("repairs", "state = 'applied'", "applied_at").await?,
        undone: count("repairs", "state = 'undone'", "undone_at").await?,
        closed: count("findings", "closed_at IS NOT NULL", "closed_at").await?,
        days,
    })
}
