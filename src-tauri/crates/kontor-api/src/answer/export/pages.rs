//! Any list, page by page, as its rows cross to the window: whatever answers the screen answers the file.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::super::{Answered, Handle};
use crate::delivery::ListDeliveries;
use crate::failure::Failure;
use crate::finding::ListFindings;
use crate::invoice::ListInvoices;
use crate::journal::ListJournal;
use crate::list::ListQuery;
use crate::office::{Office, Open};
use crate::page::{Cursor, Page, Place};
use crate::payment::ListPayments;
use crate::registration::ListRegistrations;
use crate::repair::ListRepairs;
use crate::run::{ListFailures, ListRunItems, ListRuns};

/// Rows of a page.
const ROWS: i64 = 500;
/// How often a page is asked for when the connection goes.
const TRIES: u32 = 5;
/// How long is waited before that.
const PAUSE: Duration = Duration::from_millis(300);

/// A page of rows.
pub(super) struct Part {
    /// The rows, as they cross.
    pub rows: Vec<Value>,
    /// Where the next page begins.
    pub after: Option<Cursor>,
    /// How many rows there are, where that was asked for.
    pub total: Option<i64>,
}

/// Reads the page after a place; one of a database that was closed meanwhile is refused.
pub(super) async fn read(
    office: &Office,
    open: &Arc<Open>,
    query: &ListQuery,
    after: Option<Cursor>,
) -> Answered<Part> {
    let mut tries = 0;
    loop {
        tries += 1;
        if !Arc::ptr_eq(&office.open()?, open) {
            return Err(Failure::NotConnected.into());
        }
        match page(office, query.clone(), after.clone()).await {
            Err(problem) if problem.is_lost() && tries < TRIES => tokio::time::sleep(PAUSE * tries).await,
            answered => return answered,
        }
    }
}

async fn page(office: &Office, query: ListQuery, after: Option<Cursor>) -> Answered<Part> {
    let (with_total, limit) = (after.is_none(), ROWS);
    let place = after.map_or(Place::Start, |cursor| Place::After { cursor });
    macro_rules! asked {
        ($ask:ident, $filter:ident, $order:ident) => {
            part($ask { filter: $filter, order: $order, place, limit, with_total }.handle(office).await?)
        };
    }
    match query {
        ListQuery::Registrations { filter, order } => asked!(ListRegistrations, filter, order),
        ListQuery::Invoices { filter, order } => asked!(ListInvoices, filter, order),
        ListQuery::Deliveries { filter, order } => asked!(ListDeliveries, filter, order),
        ListQuery::Payments { filter, order } => asked!(ListPayments, filter, order),
        ListQuery::Findings { filter, order } => asked!(ListFindings, filter, order),
        ListQuery::Repairs { filter, order } => asked!(ListRepairs, filter, order),
        ListQuery::Failures { filter, order } => asked!(ListFailures, filter, order),
        ListQuery::Runs { filter, order } => asked!(ListRuns, filter, order),
        ListQuery::RunItems { filter, order } => asked!(ListRunItems, filter, order),
        ListQuery::Journal { filter, order } => asked!(ListJournal, filter, order),
    }
}

fn part<R: serde::Serialize>(page: Page<R>) -> Answered<Part> {
    let rows = page.rows.iter().map(serde_json::to_value).collect::<Result<Vec<Value>, _>>();
    Ok(Part {
        rows: rows.map_err(|error| Failure::unexpected(&error))?,
        after: page.after,
        total: page.total.map(|total| total.rows),
    })
}

/// The id by which the window knows a row.
pub(super) fn id_of(row: &Value) -> String {
    let value = &row["value"];
    if let Some(key) = value["key"].as_str() {
        return key.to_owned();
    }
    match &value["id"] {
        Value::String(id) => id.clone(),
        _ => value["seq"].to_string(),
    }
}
