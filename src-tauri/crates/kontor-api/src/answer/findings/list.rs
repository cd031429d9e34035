//! The list of findings.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kontor::store::{self, places};
use sea_orm::{ConnectionTrait, Iterable as _, QueryResult, Value};
use uuid::Uuid;

use super::super::list::{Conditions, KeyKind, List, page};
use super::super::stored::{spelled, stored, word};
use super::super::{Answered, Handle, like};
use super::subjects::{Subjects, subjects};
use crate::failure::RecordKind;
use crate::finding::{
    FindingFilter, FindingRow, FindingSort, FindingState, FindingSubject, ListFindings, RepairAction, SetAside,
};
use crate::office::{Office, Open};
use crate::page::{Order, Page, Stored};

impl Handle for ListFindings {
    async fn handle(self, office: &Office) -> Answered<Page<FindingRow>> {
        let open = office.open()?;
        let list = list(&self.filter, self.order, open.store.now().await?);
        let rows = |ids| rows_of(&open, ids);
        page(&open, &list, &self.place, self.limit, self.with_total, rows).await
    }
}

fn list(filter: &FindingFilter, order: Option<Order<FindingSort>>, now: DateTime<Utc>) -> List {
    let (by, descending) = order.map_or((FindingSort::OpenedAt, true), |order| (order.by, order.descending));
    let (key, kind) = match by {
        FindingSort::OpenedAt => ("f.opened_at", KeyKind::Time),
        FindingSort::Rule => ("f.rule", KeyKind::Text),
    };
    let conditions = conditions(filter, now);
    List { from: "findings f".to_owned(), conditions, key: key.to_owned(), kind, id: "f.id", descending }
}

/// Which findings these are at this time.
pub(in super::super) fn conditions(filter: &FindingFilter, now: DateTime<Utc>) -> Conditions {
    let mut conditions = Conditions::default();
    conditions.any_of("f.rule", filter.rules.iter().cloned());
    conditions.any_of("f.severity", filter.severities.iter().map(spelled));
    conditions.any_of("f.evidence", filter.evidences.iter().map(spelled));
    let open = [FindingState::Open];
    let states: &[FindingState] = if filter.states.is_empty() { &open } else { &filter.states };
    let (texts, values): (Vec<&str>, Vec<Vec<Value>>) = states.iter().map(|state| of_state(*state, now)).unzip();
    conditions.add(texts.join(" OR "), values.into_iter().flatten());
    if let Some(scope) = filter.written_by.clone() {
        let (written, values) = kontor::damage::written_by(&scope.into());
        conditions.add(format!("f.id IN ({written})"), values);
    }
    for word in filter.search.as_deref().unwrap_or_default().split_whitespace() {
        let like = Value::from(like(word));
        conditions.add(
            "lower(f.current_value) LIKE ? ESCAPE '\\' OR lower(f.rule) LIKE ? ESCAPE '\\' OR f.row_key LIKE ? ESCAPE \
             '\\' OR EXISTS (SELECT 1 FROM invoices s WHERE s.id = f.row_id AND lower(s.number) LIKE ? ESCAPE '\\') OR \
             EXISTS (SELECT 1 FROM registrations s WHERE s.id = f.row_id AND (lower(s.customer_number) LIKE ? ESCAPE \
             '\\' OR lower(s.email) LIKE ? ESCAPE '\\'))",
            std::iter::repeat_n(like, 6),
        );
    }
    conditions
}

fn of_state(state: FindingState, now: DateTime<Utc>) -> (&'static str, Vec<Value>) {
    match state {
        FindingState::Open => {
            ("(f.closed_at IS NULL AND (f.set_aside_until_at IS NULL OR f.set_aside_until_at <= ?))", vec![now.into()])
        }
        FindingState::SetAside => ("(f.closed_at IS NULL AND f.set_aside_until_at > ?)", vec![now.into()]),
        FindingState::Closed => ("f.closed_at IS NOT NULL", Vec::new()),
    }
}

/// The rows of these findings.
pub(super) async fn rows_of(open: &Open, ids: Vec<Uuid>) -> Answered<HashMap<Uuid, Stored<FindingRow>>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let columns = store::entities::findings::Column::iter().map(|column| {
        use sea_orm::IdenStatic as _;
        format!("f.{}", column.as_str())
    });
    let columns: Vec<String> = columns.collect();
    let staged = "(SELECT min(q.person) FROM repairs q WHERE q.finding_id = f.id AND q.state = 'staged') AS staged_by";
    let text = format!("SELECT {}, {staged} FROM findings f WHERE f.id IN ({})", columns.join(", "), places(ids.len()));
    let values = ids.into_iter().map(Into::into);
    let found = open.store.read().query_all_raw(store::sql(open.store.backend(), &text, values)).await?;
    let now = open.store.now().await?;
    let about: Vec<(String, String)> = found
        .iter()
        .filter_map(|row| Some((row.try_get("", "table_name").ok()?, row.try_get("", "row_key").ok()?)))
        .collect();
    let subjects = subjects(open, &about).await?;
    let mut rows = HashMap::with_capacity(found.len());
    for row in &found {
        let id: Uuid = row.try_get("", "id")?;
        rows.insert(id, read(row, id, &subjects, now));
    }
    Ok(rows)
}

fn read(row: &QueryResult, id: Uuid, subjects: &Subjects, now: DateTime<Utc>) -> Stored<FindingRow> {
    stored(row, RecordKind::Finding, id, "rule", |values| {
        let (rule, severity, evidence) =
            (values.get::<String>("rule"), values.word("severity"), values.word("evidence"));
        let (table, key) = (values.get::<String>("table_name"), values.get::<String>("row_key"));
        let (field, current) = (values.get("field"), values.get("current_value"));
        let proposal: Option<Option<String>> = values.get("proposal");
        let (opened_at, seen_at) = (values.get("opened_at"), values.get("seen_at"));
        let closed_at: Option<Option<DateTime<Utc>>> = values.get("closed_at");
        let until: Option<Option<DateTime<Utc>>> = values.get("set_aside_until_at");
        let reason: Option<Option<String>> = values.get("set_aside_reason");
        let staged_by = values.get("staged_by");
        let proposal: Option<kontor::check::Proposal> = proposal?.and_then(|text| serde_json::from_str(&text).ok());
        let (rule, closed_at, until) = (rule?, closed_at?, until?.filter(|until| *until > now));
        Some(FindingRow {
            id,
            title: super::title(&rule),
            rule,
            severity: severity?,
            state: match (closed_at, until) {
                (Some(_), _) => FindingState::Closed,
                (None, Some(_)) => FindingState::SetAside,
                (None, None) => FindingState::Open,
            },
            subject: subject(subjects, table?, key?),
            field: field?,
            current: current?,
            proposed: proposal.as_ref().and_then(|proposal| proposal.value.clone()),
            action: proposal.as_ref().map(|proposal| action(proposal.action)),
            evidence: evidence?,
            opened_at: opened_at?,
            seen_at: seen_at?,
            closed_at,
            set_aside: until.map(|until| SetAside { until, reason: reason.flatten().unwrap_or_default() }),
            staged_by: staged_by?,
        })
    })
}

/// A record, by what people know it by.
pub(in super::super) fn subject(subjects: &Subjects, table: String, row: String) -> FindingSubject {
    let known = subjects.get(&(table.clone(), row.clone()));
    FindingSubject {
        label: known.and_then(|known| known.label.clone()),
        destination: known.and_then(|known| known.destination.clone()),
        table,
        row,
    }
}

/// What would be done, in the contract's words. A kind that a newer program knows is a person's to decide.
pub(in super::super) fn action(of: kontor::check::Action) -> RepairAction {
    word(of.word()).unwrap_or(RepairAction::Decide)
}
