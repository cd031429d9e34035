//! Runs as lists show them.

use std::collections::HashMap;

use chrono::NaiveDate;
use kontor::period::Period;
use kontor::store;
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use crate::answer::Answered;
use crate::answer::stored::{Values, stored};
use crate::failure::RecordKind;
use crate::month::Month;
use crate::office::Open;
use crate::page::{By, Stored};
use crate::run::{RunOccasion, RunRow, RunState};

/// Runs that are not over, the oldest first.
pub(crate) async fn open_runs(open: &Open) -> Answered<Vec<Uuid>> {
    let text = "SELECT id FROM runs WHERE state IN ('running', 'paused', 'cancelling') ORDER BY created_at, id";
    let rows = open.store.read().query_all_raw(store::sql(open.store.backend(), text, [])).await?;
    Ok(rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?)
}

/// Items of a run by state.
type Counts = HashMap<String, i64>;

/// The rows of these runs.
pub(super) async fn rows(open: &Open, ids: Vec<Uuid>) -> Answered<HashMap<Uuid, Stored<RunRow>>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let counts = counts(open, &ids).await?;
    let text = format!(
        "SELECT id, kind, occasion, period, state, total, reason, person, desk, created_at, ended_at FROM runs \
         WHERE id IN ({})",
        store::places(ids.len())
    );
    let mut found = HashMap::new();
    let values = ids.iter().map(|id| Value::from(*id));
    for row in open.store.read().query_all_raw(store::sql(open.store.backend(), &text, values)).await? {
        let id: Uuid = row.try_get("", "id")?;
        let nothing = Counts::new();
        let counts = counts.get(&id).unwrap_or(&nothing);
        let is_here = open.crew.works_on(id);
        let read = stored(&row, RecordKind::Run, id, "reason", |values| run(values, id, counts, is_here));
        found.insert(id, read);
    }
    Ok(found)
}

async fn counts(open: &Open, ids: &[Uuid]) -> Answered<HashMap<Uuid, Counts>> {
    let text = format!(
        "SELECT run_id, state, count(*) AS items FROM run_items WHERE run_id IN ({}) GROUP BY run_id, state",
        store::places(ids.len())
    );
    let mut counts: HashMap<Uuid, Counts> = HashMap::new();
    let values = ids.iter().map(|id| Value::from(*id));
    for row in open.store.read().query_all_raw(store::sql(open.store.backend(), &text, values)).await? {
        counts.entry(row.try_get("", "run_id")?).or_default().insert(row.try_get("", "state")?, items(&row)?);
    }
    Ok(counts)
}

fn items(row: &QueryResult) -> Answered<i64> {
    Ok(row.try_get("", "items")?)
}

fn run(values: &mut Values<'_>, id: Uuid, counts: &Counts, is_worked_on_here: bool) -> Option<RunRow> {
    let of = |state: &str| counts.get(state).copied().unwrap_or(0);
    let (kind, occasion) = (values.get::<String>("kind"), values.get::<String>("occasion"));
    let (period, state) = (values.get::<Option<NaiveDate>>("period"), values.word("state"));
    let (total, reason) = (values.get("total"), values.get("reason"));
    let (person, desk) = (values.get("person"), values.get("desk"));
    let (started_at, ended_at) = (values.get("created_at"), values.get("ended_at"));
    let occasion = match self::occasion(&kind?, &occasion?) {
        Some(occasion) => Some(occasion),
        None => values.fault("occasion"),
    };
    Some(RunRow {
        id,
        occasion: occasion?,
        period: period?.map(|day| Month(Period::containing(day))),
        state: match state? {
            RunState::Paused if of("claimed") > 0 => RunState::Pausing,
            state => state,
        },
        total: total?,
        done: of("done"),
        failed: of("failed"),
        unknown: of("unknown"),
        skipped: of("skipped"),
        reason: reason?,
        by: By { person: person?, desk: desk? },
        started_at: started_at?,
        ended_at: ended_at?,
        is_worked_on_here,
    })
}

fn occasion(kind: &str, occasion: &str) -> Option<RunOccasion> {
    Some(match (occasion, kind) {
        ("run", "invoice") => RunOccasion::Invoice,
        ("run", "rerun") => RunOccasion::Rerun,
        ("resend", _) => RunOccasion::Resend,
        ("cancellation", _) => RunOccasion::Cancellation,
        ("settlement", _) => RunOccasion::Settlement,
        _ => return None,
    })
}
