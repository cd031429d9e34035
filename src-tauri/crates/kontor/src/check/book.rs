//! The book of findings: what a rule finds is opened once and seen again, and what it no longer finds is closed.
//!
//! Two checks at the same time open nothing twice: an index allows one open finding per rule, row and field, and whoever
//! comes second sees what the first opened. A finding is closed only by a check that began after it was last seen.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::proposal::{Evidence, Proposal};
use super::rule::Rule;
use crate::Result;
use crate::store::{self, Store};

/// Findings written in one statement.
const CHUNK: usize = 200;

/// What a rule found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Table of the record.
    pub table: &'static str,
    /// Key of its row.
    pub row: String,
    /// The column, where one is wrong.
    pub field: Option<String>,
    /// What stands there.
    pub current: Option<String>,
    /// What could put it right.
    pub proposal: Option<Proposal>,
}

impl Found {
    /// Something about a row.
    #[expect(clippy::needless_pass_by_value, reason = "an id, a number or a text, as the caller has it")]
    pub fn new(table: &'static str, row: impl ToString) -> Self {
        Self { table, row: row.to_string(), field: None, current: None, proposal: None }
    }

    /// It is this field.
    #[must_use]
    pub fn field(mut self, field: &str, current: Option<String>) -> Self {
        self.field = Some(field.to_owned());
        self.current = current;
        self
    }

    /// This could put it right.
    #[must_use]
    pub fn proposing(mut self, proposal: Proposal) -> Self {
        self.proposal = Some(proposal);
        self
    }

    /// A suspect host made the seal or hash on which the proposal rests.
    #[must_use]
    pub fn doubted(mut self, host: &str, evidence: Evidence) -> Self {
        self.proposal = self.proposal.map(|proposal| proposal.doubted(host, evidence));
        self
    }

    fn evidence(&self) -> Evidence {
        self.proposal.as_ref().map_or(Evidence::None, |proposal| proposal.evidence)
    }
}

/// Opens what is new and marks what is known as seen at `now`.
pub(super) async fn note(
    connection: &impl ConnectionTrait,
    rule: &Rule,
    found: &[Found],
    now: DateTime<Utc>,
) -> Result<()> {
    // One statement may not write the same row twice.
    let mut keys = HashSet::new();
    let found: Vec<&Found> = found.iter().filter(|one| keys.insert((one.table, &one.row, &one.field))).collect();
    for part in found.chunks(CHUNK) {
        let row = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let text = format!(
            "INSERT INTO findings (id, rule, severity, table_name, row_key, field, current_value, proposal, evidence, \
             opened_at, seen_at, row_id) VALUES {} ON CONFLICT (rule, table_name, row_key, coalesce(field, '')) WHERE closed_at \
             IS NULL DO UPDATE SET severity = excluded.severity, current_value = excluded.current_value, \
             proposal = excluded.proposal, evidence = excluded.evidence, seen_at = CASE WHEN excluded.seen_at > \
             findings.seen_at THEN excluded.seen_at ELSE findings.seen_at END",
            vec![row; part.len()].join(", ")
        );
        let values = part.iter().flat_map(|one| values(rule, one, now));
        connection.execute_raw(store::sql(connection.get_database_backend(), &text, values)).await?;
    }
    Ok(())
}

/// Takes what a rule finds during a whole check and notes it, page by page, each in a transaction of its own.
pub(super) struct Sink<'a> {
    store: &'a Store,
    rule: &'static Rule,
    since: DateTime<Utc>,
}

impl<'a> Sink<'a> {
    /// For a rule whose check began at `since`.
    pub fn new(store: &'a Store, rule: &'static Rule, since: DateTime<Utc>) -> Self {
        Self { store, rule, since }
    }

    /// Notes what was found.
    pub async fn take(&mut self, found: Vec<Found>) -> Result<()> {
        if found.is_empty() {
            return Ok(());
        }
        let write = self.store.write().await?;
        note(&*write, self.rule, &found, self.since).await?;
        write.commit().await
    }
}

fn values(rule: &Rule, one: &Found, now: DateTime<Utc>) -> [Value; 12] {
    let proposal = one.proposal.as_ref().and_then(|proposal| serde_json::to_string(proposal).ok());
    [
        Uuid::now_v7().into(),
        rule.id.into(),
        rule.severity.word().into(),
        one.table.into(),
        one.row.clone().into(),
        one.field.clone().into(),
        one.current.clone().into(),
        proposal.into(),
        one.evidence().word().into(),
        now.into(),
        now.into(),
        Uuid::parse_str(&one.row).ok().into(),
    ]
}

/// What is closed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unseen<'a> {
    /// Findings of this rule.
    pub rule: &'a str,
    /// Of this row alone.
    pub row: Option<&'a str>,
    /// Not seen since.
    pub since: DateTime<Utc>,
    /// Not those whose repair was taken back since: the rule leaves alone what was written only now.
    pub undone: Option<DateTime<Utc>>,
}

/// Closes what a look at a rule did not see again.
pub(super) async fn close_unseen(
    connection: &impl ConnectionTrait,
    unseen: Unseen<'_>,
    now: DateTime<Utc>,
) -> Result<u64> {
    let mut text = "UPDATE findings SET closed_at = ? WHERE rule = ? AND closed_at IS NULL AND seen_at < ?".to_owned();
    let mut values: Vec<Value> = vec![now.into(), unseen.rule.into(), unseen.since.into()];
    if let Some(row) = unseen.row {
        text.push_str(" AND row_key = ?");
        values.push(row.into());
    }
    if let Some(undone) = unseen.undone {
        text.push_str(
            " AND NOT EXISTS (SELECT 1 FROM repairs q JOIN findings o ON o.id = q.finding_id WHERE q.state = 'undone' AND \
             q.undone_at >= ? AND o.rule = findings.rule AND o.table_name = findings.table_name AND o.row_key = \
             findings.row_key)",
        );
        values.push(undone.into());
    }
    let backend = connection.get_database_backend();
    Ok(connection.execute_raw(store::sql(backend, &text, values)).await?.rows_affected())
}
