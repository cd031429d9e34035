//! What a run is about, as keys.

use std::collections::HashSet;

use kontor::run::{Key, Selection as Wanted, Subject};
use kontor::store;
use sea_orm::{ConnectionTrait, QueryResult, Value};
use serde_json::json;
use uuid::Uuid;

use super::detail::stored_run;
use crate::answer::failures::{chosen, failures};
use crate::answer::list::List;
use crate::answer::selection::{each_once, matching};
use crate::answer::{Answered, invoices, registrations};
use crate::invoice::InvoiceFilter;
use crate::office::Open;
use crate::page::Selection;
use crate::registration::RegistrationFilter;
use crate::run::RunSelection;

/// Rows read together.
const PAGE: usize = 500;

/// What a run is about.
pub(super) struct Selected {
    /// As the office knows it.
    pub selection: Wanted,
    /// Numbers of chosen invoices that are cancelled; they are not rerun.
    pub cancelled: Vec<String>,
}

/// Reads what a run is about.
pub(super) async fn selected(open: &Open, selection: &RunSelection) -> Answered<Selected> {
    let mut cancelled = Vec::new();
    let selection = match selection {
        RunSelection::Everything => Wanted::All,
        RunSelection::Due { period } => Wanted::Due(period.0),
        RunSelection::Failures { failures: wanted } => {
            let keys = chosen(&*failures(open).await?, wanted)?;
            Wanted::Chosen { keys, by: json!({ "failures": wanted }) }
        }
        RunSelection::FailedIn { run } => {
            Wanted::Chosen { keys: failed_in(open, *run).await?, by: json!({ "failed_in": run }) }
        }
        RunSelection::Registrations { registrations } => {
            let keys = of_registrations(open, registrations).await?;
            Wanted::Chosen { keys, by: json!({ "registrations": registrations }) }
        }
        RunSelection::Invoices { invoices } => {
            let keys = of_invoices(open, invoices, &mut cancelled).await?;
            Wanted::Chosen { keys, by: json!({ "invoices": invoices }) }
        }
    };
    Ok(Selected { selection, cancelled })
}

async fn failed_in(open: &Open, run: Uuid) -> Answered<Vec<Key>> {
    stored_run(open, run).await?;
    let text = "SELECT subscription_id, period, subject, subject_id FROM run_items WHERE run_id = ? AND state = 'failed' \
                ORDER BY ordinal";
    let rows = open.store.read().query_all_raw(store::sql(open.store.backend(), text, [run.into()])).await?;
    let mut keys = Vec::with_capacity(rows.len());
    for row in &rows {
        let subject = Subject::read(&row.try_get::<String>("", "subject")?, row.try_get("", "subject_id")?)?;
        keys.push(Key {
            subscription: row.try_get("", "subscription_id")?,
            period: row.try_get("", "period")?,
            subject,
        });
    }
    Ok(keys)
}

async fn of_registrations(open: &Open, wanted: &Selection<RegistrationFilter, Uuid>) -> Answered<Vec<Key>> {
    let ids: HashSet<Uuid> = match wanted {
        Selection::All { filter, except } => {
            let list = registrations::list(&open.store, filter, None).await?;
            ids(open, &list, except).await?.into_iter().collect()
        }
        Selection::These { ids } => ids.iter().copied().collect(),
    };
    let known = failures(open).await?;
    Ok(known.all.iter().filter(|failing| ids.contains(&failing.registration)).map(|failing| failing.key).collect())
}

async fn of_invoices(
    open: &Open,
    wanted: &Selection<InvoiceFilter, Uuid>,
    cancelled: &mut Vec<String>,
) -> Answered<Vec<Key>> {
    let ids = match wanted {
        Selection::All { filter, except } => {
            ids(open, &invoices::list(&open.store, filter, None).await?, except).await?
        }
        Selection::These { ids } => ids.clone(),
    };
    let ids = each_once(ids);
    let mut keys = Vec::with_capacity(ids.len());
    for page in ids.chunks(PAGE) {
        let text = format!(
            "SELECT id, subscription_id, period, kind, state, number FROM invoices WHERE id IN ({}) ORDER BY number, id",
            store::places(page.len())
        );
        let values = page.iter().map(|id| Value::from(*id));
        for row in open.store.read().query_all_raw(store::sql(open.store.backend(), &text, values)).await? {
            if row.try_get::<String>("", "state")? == "cancelled" {
                cancelled.push(row.try_get("", "number")?);
            } else {
                keys.push(key_of(&row)?);
            }
        }
    }
    Ok(keys)
}

/// What a rerun of an invoice is about.
fn key_of(row: &QueryResult) -> Answered<Key> {
    let subject = match row.try_get::<String>("", "kind")?.as_str() {
        "cancellation" => Subject::Cancellation(row.try_get("", "id")?),
        _ => Subject::Period,
    };
    Ok(Key { subscription: row.try_get("", "subscription_id")?, period: row.try_get("", "period")?, subject })
}

/// Ids of all rows of a list but for a few.
async fn ids(open: &Open, list: &List, except: &[Uuid]) -> Answered<Vec<Uuid>> {
    matching(&open.store, (&list.from, list.id), &list.conditions, except.to_vec()).await
}
