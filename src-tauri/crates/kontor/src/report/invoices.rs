//! What was invoiced: whether everything that was due is there, and what became of the mails.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, Value};
use serde::Serialize;

use super::completeness::{self, Completeness};
use super::number;
use crate::Result;
use crate::delivery::settlement;
use crate::period::Period;
use crate::store;

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

/// The newest mail of each invoice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Mails {
    /// Accepted by the mail server.
    pub accepted: i64,
    /// Refused for good.
    pub refused: i64,
    /// Came back.
    pub bounced: i64,
    /// Nobody knows, those among them whose worker died while it sent them.
    pub unknown: i64,
    /// Waiting, deferred or on its way.
    pub waiting: i64,
    /// There is none.
    pub none: i64,
    /// Mails that went out again because a person asked for it.
    pub resent: i64,
    /// The same by the word of their state.
    #[serde(skip)]
    pub by_state: BTreeMap<String, i64>,
}

/// The condition that an invoice `i` was issued and holds.
const HOLDS: &str = "i.kind = 'invoice' AND i.state IN ('issued', 'archived')";

pub(super) async fn read(connection: &impl ConnectionTrait, month: Period) -> Result<Invoices> {
    let first: Value = month.first_day().into();
    let cancellations = "SELECT count(*) AS found FROM invoices WHERE kind = 'cancellation' AND period = ?";
    let gross = format!(
        "SELECT CAST(COALESCE(sum(i.gross_cents), 0) AS BIGINT) AS found FROM invoices i WHERE {HOLDS} AND i.period = ?"
    );
    // What a person sent again, cancelled or issued anew is written as a run as well (`runs.occasion`).
    let rerun = "SELECT count(DISTINCT t.subscription_id) AS found FROM run_items t JOIN runs r ON r.id = t.run_id \
                 WHERE r.kind = 'rerun' AND r.occasion = 'run' AND t.subject = 'period' AND t.state = 'done' AND t.period = ?";
    Ok(Invoices {
        completeness: completeness::read(connection, month).await?,
        cancellations: number(connection, cancellations, [first.clone()]).await?,
        gross_cents: number(connection, &gross, [first.clone()]).await?,
        mails: mails(connection, month).await?,
        rerun: number(connection, rerun, [first]).await?,
    })
}

async fn mails(connection: &impl ConnectionTrait, month: Period) -> Result<Mails> {
    let text = format!(
        "SELECT mail, count(*) AS found FROM (SELECT COALESCE({}, 'none') AS mail FROM invoices i WHERE {HOLDS} AND i.period = \
         ?) x GROUP BY mail",
        settlement::newest_mail()
    );
    let first: Value = month.first_day().into();
    let values = [store::now(connection).await?.into(), first.clone()];
    let rows = connection.query_all_raw(store::sql(connection.get_database_backend(), &text, values)).await?;
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
        resent: number(connection, resent, [first]).await?,
        by_state,
    })
}
