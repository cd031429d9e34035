//! Repairs: planned, staged, applied and taken back, listed, and one of them.

mod apply;
mod compare;
mod detail;
mod list;
mod plan;
mod stage;
mod undo;
mod words;

pub(super) use apply::cancelled;
pub(super) use list::of_finding;
pub(super) use plan::planned_one;
pub(super) use words::obstacle;

use kontor::repair::{self, Order, Which};
use kontor::store::entities::repairs;
use uuid::Uuid;

use super::Answered;
use super::findings::conditions;
use super::selection::{each_once, matching};
use crate::event::Part;
use crate::office::Open;
use crate::page::Selection;
use crate::repair::RepairChoice;

/// What changes when repairs are written or taken back.
const WRITTEN: [Part; 8] = [
    Part::Findings,
    Part::Repairs,
    Part::Journal,
    Part::Registrations,
    Part::Invoices,
    Part::Deliveries,
    Part::Payments,
    Part::Failures,
];
/// What changes when repairs are staged.
pub(super) const STAGED: [Part; 2] = [Part::Findings, Part::Repairs];

/// The orders that a choice means.
struct Chosen {
    /// The orders.
    orders: Vec<Order>,
    /// How many of what was chosen are not proven.
    unproven: usize,
    /// The rows of those that are staged, in the order of the orders.
    staged: Vec<repairs::Model>,
}

async fn chosen(open: &Open, choice: RepairChoice) -> Answered<Chosen> {
    let plain = |orders| Chosen { orders, unproven: 0, staged: Vec::new() };
    Ok(match choice {
        RepairChoice::Named { orders } => {
            let named = |order: crate::repair::RepairOrder| Order { value: order.value, ..Order::named(order.finding) };
            plain(orders.into_iter().map(named).collect())
        }
        RepairChoice::Proven { findings } => {
            let ids = findings_of(open, findings).await?;
            let orders = repair::chosen(&open.store, &Which::ProvenOf(ids.clone())).await?;
            Chosen { unproven: ids.len() - orders.len(), ..plain(orders) }
        }
        RepairChoice::Rule { rule } => plain(repair::chosen(&open.store, &Which::Rule(rule)).await?),
        RepairChoice::Staged { repairs } => {
            let rows = repair::staged_rows(&open.store, &repairs).await?;
            let rows: Vec<repairs::Model> = rows.into_iter().filter(|row| row.finding_id.is_some()).collect();
            Chosen { orders: repair::orders(&rows), unproven: 0, staged: rows }
        }
    })
}

async fn findings_of(open: &Open, findings: Selection<crate::finding::FindingFilter, Uuid>) -> Answered<Vec<Uuid>> {
    Ok(match findings {
        Selection::These { ids } => each_once(ids),
        Selection::All { filter, except } => {
            let now = open.store.now().await?;
            matching(&open.store, ("findings f", "f.id"), &conditions(&filter, now), except).await?
        }
    })
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
