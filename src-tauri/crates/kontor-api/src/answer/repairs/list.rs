//! The list of repairs.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kontor::store::{self, places};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use super::super::findings::{Subjects, subject, subjects, title};
use super::super::list::{Conditions, KeyKind, List, page};
use super::super::stored::{spelled, stored};
use super::super::{Answered, Handle, days, like};
use super::words::refusal;
use crate::failure::RecordKind;
use crate::office::{Office, Open};
use crate::page::{By, Order, Page, Stored};
use crate::repair::{ListRepairs, RepairFilter, RepairRow, RepairSort, RepairState};

/// When anything was last made of a repair; those of an older program were applied when they were staged.
const ACTED: &str = "COALESCE(q.acted_at, q.undone_at, q.applied_at, q.staged_at)";
/// Fields that follow from others.
const FOLLOWING: &str = "('seal', 'search_text', 'sort_name')";

impl Handle for ListRepairs {
    async fn handle(self, office: &Office) -> Answered<Page<RepairRow>> {
        let open = office.open()?;
        let descending = match self.order {
            Some(Order { by: RepairSort::ActedAt, descending }) => descending,
            None => true,
        };
        let list = List {
            from: "repairs q LEFT JOIN findings f ON f.id = q.finding_id".to_owned(),
            conditions: conditions(&self.filter),
            key: ACTED.to_owned(),
            kind: KeyKind::Time,
            id: "q.id",
            descending,
        };
        let rows = |ids| rows_of(&open, ids);
        page(&open, &list, &self.place, self.limit, self.with_total, rows).await
    }
}

fn conditions(filter: &RepairFilter) -> Conditions {
    let mut conditions = Conditions::default();
    let done = [RepairState::Applied, RepairState::Refused, RepairState::Undone];
    let states: &[RepairState] = if filter.states.is_empty() { &done } else { &filter.states };
    conditions.any_of("q.state", states.iter().map(spelled));
    conditions.any_of("f.rule", filter.rules.iter().cloned());
    conditions.any_of("q.batch_id", filter.batch);
    conditions.any_of("q.finding_id", filter.finding);
    days::narrow(&mut conditions, ACTED, filter.acted_from, filter.acted_to);
    if !filter.persons.is_empty() {
        let places = places(filter.persons.len());
        let text = format!("q.person IN ({places}) OR q.applied_by IN ({places}) OR q.undone_by IN ({places})");
        let persons = || filter.persons.iter().map(|person| Value::from(person.clone()));
        conditions.add(text, persons().chain(persons()).chain(persons()));
    }
    for word in filter.search.as_deref().unwrap_or_default().split_whitespace() {
        let like = Value::from(like(word));
        conditions.add(
            "lower(q.reason) LIKE ? ESCAPE '\\' OR lower(f.rule) LIKE ? ESCAPE '\\' OR q.row_key LIKE ? ESCAPE '\\' OR \
             EXISTS (SELECT 1 FROM repair_changes c WHERE c.repair_id = q.id AND (lower(c.old_value) LIKE ? ESCAPE '\\' \
             OR lower(c.new_value) LIKE ? ESCAPE '\\')) OR EXISTS (SELECT 1 FROM invoices s WHERE s.id = q.row_id AND \
             lower(s.number) LIKE ? ESCAPE '\\') OR EXISTS (SELECT 1 FROM registrations s WHERE s.id = q.row_id AND \
             (lower(s.customer_number) LIKE ? ESCAPE '\\' OR lower(s.email) LIKE ? ESCAPE '\\'))",
            std::iter::repeat_n(like, 8),
        );
    }
    conditions
}

/// The repairs of a finding, the newest first.
pub(in super::super) async fn of_finding(open: &Open, finding: Uuid) -> Answered<Vec<RepairRow>> {
    let text = format!("SELECT q.id FROM repairs q WHERE q.finding_id = ? ORDER BY {ACTED} DESC, q.id DESC");
    let rows = open.store.read().query_all_raw(store::sql(open.store.backend(), &text, [finding.into()])).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?;
    let mut read = rows_of(open, ids.clone()).await?;
    let whole = ids.iter().filter_map(|id| match read.remove(id)? {
        Stored::Whole(row) => Some(row),
        Stored::Unreadable(_) => None,
    });
    Ok(whole.collect())
}

/// The rows of these repairs.
pub(super) async fn rows_of(open: &Open, ids: Vec<Uuid>) -> Answered<HashMap<Uuid, Stored<RepairRow>>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let of_change = |column: &str| {
        format!(
            "(SELECT c.{column} FROM repair_changes c WHERE c.repair_id = q.id AND c.field NOT IN {FOLLOWING} ORDER BY \
             c.position LIMIT 1)"
        )
    };
    let text = format!(
        "SELECT q.id, q.state, q.finding_id, f.rule, q.table_name, q.row_key, q.action, q.person, q.desk, q.staged_at, \
         q.applied_by, q.acted_at, q.undone_at, q.applied_at, q.reason, q.refusal, q.batch_id, {} AS field, {} AS old_value, \
         {} AS new_value, (SELECT count(*) FROM repair_changes c WHERE c.repair_id = q.id AND c.field NOT IN {FOLLOWING}) \
         AS fields FROM repairs q LEFT JOIN findings f ON f.id = q.finding_id WHERE q.id IN ({})",
        of_change("field"),
        of_change("old_value"),
        of_change("new_value"),
        places(ids.len())
    );
    let values = ids.into_iter().map(Into::into);
    let found = open.store.read().query_all_raw(store::sql(open.store.backend(), &text, values)).await?;
    let about: Vec<(String, String)> = found
        .iter()
        .filter_map(|row| Some((row.try_get("", "table_name").ok()?, row.try_get("", "row_key").ok()?)))
        .collect();
    let subjects = subjects(open, &about).await?;
    let mut rows = HashMap::with_capacity(found.len());
    for row in &found {
        let id: Uuid = row.try_get("", "id")?;
        rows.insert(id, read(row, id, &subjects));
    }
    Ok(rows)
}

fn read(row: &QueryResult, id: Uuid, subjects: &Subjects) -> Stored<RepairRow> {
    stored(row, RecordKind::Repair, id, "rule", |values| {
        let (state, action) = (values.word("state"), values.word("action"));
        let (table, key) = (values.get::<String>("table_name"), values.get::<String>("row_key"));
        let (person, desk) = (values.get("person"), values.get("desk"));
        let (finding, rule) = (values.get("finding_id"), values.get::<Option<String>>("rule"));
        let (field, old, new) = (values.get("field"), values.get("old_value"), values.get("new_value"));
        let (fields, staged_at) = (values.get("fields"), values.get("staged_at"));
        let times: Vec<Option<Option<DateTime<Utc>>>> =
            ["acted_at", "undone_at", "applied_at"].map(|column| values.get(column)).into();
        let (applied_by, reason) = (values.get("applied_by"), values.get("reason"));
        let (refused, batch) = (values.get::<Option<String>>("refusal"), values.get("batch_id"));
        let (staged_at, rule) = (staged_at?, rule?);
        let acted_at = times.into_iter().collect::<Option<Vec<_>>>()?.into_iter().flatten().next();
        Some(RepairRow {
            id,
            state: state?,
            finding: finding?,
            title: rule.as_deref().map(title),
            rule,
            subject: subject(subjects, table?, key?),
            action: action?,
            field: field?,
            old: old?,
            new: new?,
            fields: fields?,
            by: By { person: person?, desk: desk? },
            staged_at,
            applied_by: applied_by?,
            acted_at: acted_at.unwrap_or(staged_at),
            reason: reason?,
            refusal: refusal(refused?.as_deref()),
            batch: batch?,
        })
    })
}
