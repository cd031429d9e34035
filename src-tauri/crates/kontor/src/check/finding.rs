//! Findings as rows: reading them, setting them aside until a date, and bringing them back before it.
//!
//! A finding is open until the rule no longer finds it. One that is set aside stays open, and comes back by itself when
//! its date is over. What this module leaves out: opening and closing (`book`).

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use uuid::Uuid;

use super::proposal::{Action, Evidence, Proposal};
use crate::identity::Actor;
use crate::store::entities::findings::{self, Column};
use crate::store::{self, Store, places};
use crate::{Error, Result, journal};

/// The journal's word for setting findings aside.
pub const SET_ASIDE: &str = "finding.set_aside";
/// The journal's word for bringing them back before their date.
pub const BROUGHT_BACK: &str = "finding.bring_back";
/// Findings that are named in one statement.
const CHUNK: usize = 500;

/// A finding as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its id.
    pub id: Uuid,
    /// Id of the rule.
    pub rule: String,
    /// `critical`, `high`, `medium` or `info`.
    pub severity: String,
    /// Table of the record.
    pub table: String,
    /// Key of its row: an id, as text.
    pub row: String,
    /// The column, where one is wrong.
    pub field: Option<String>,
    /// What stands there, as text.
    pub current: Option<String>,
    /// What could put it right.
    pub proposal: Option<Proposal>,
    /// How sure that is.
    pub evidence: Evidence,
    /// When it was found first.
    pub opened_at: DateTime<Utc>,
    /// When it was found last.
    pub seen_at: DateTime<Utc>,
    /// When the rule no longer found it.
    pub closed_at: Option<DateTime<Utc>>,
    /// Until when it is set aside.
    pub set_aside_until_at: Option<DateTime<Utc>>,
    /// Why it was set aside.
    pub set_aside_reason: Option<String>,
}

impl From<findings::Model> for Finding {
    fn from(row: findings::Model) -> Self {
        Self {
            proposal: row.proposal.as_deref().and_then(|text| serde_json::from_str(text).ok()),
            id: row.id,
            rule: row.rule,
            severity: row.severity,
            table: row.table_name,
            row: row.row_key,
            field: row.field,
            current: row.current_value,
            evidence: Evidence::of(&row.evidence),
            opened_at: row.opened_at,
            seen_at: row.seen_at,
            closed_at: row.closed_at,
            set_aside_until_at: row.set_aside_until_at,
            set_aside_reason: row.set_aside_reason,
        }
    }
}

impl Finding {
    /// Whether its repair settles a mail.
    pub fn settles(&self) -> bool {
        self.proposal.as_ref().is_some_and(|proposal| proposal.action == Action::SettleDelivery)
    }

    /// Whether it is set aside at this time.
    pub fn is_set_aside(&self, now: DateTime<Utc>) -> bool {
        self.set_aside_until_at.is_some_and(|until| until > now)
    }
}

/// A finding by its id, open or not.
pub async fn by_id(connection: &impl ConnectionTrait, id: Uuid) -> Result<Finding> {
    let row = findings::Entity::find_by_id(id).one(connection).await?;
    let gone = || Error::NotFound(format!("There is no finding {id}. `kontor check` lists those that are open."));
    row.map(Into::into).ok_or_else(gone)
}

/// Open findings of these rules (of all rules when none is named), those set aside among them, the oldest first.
pub async fn open(connection: &impl ConnectionTrait, rules: &[&str]) -> Result<Vec<Finding>> {
    let mut query = findings::Entity::find().filter(Column::ClosedAt.is_null());
    if !rules.is_empty() {
        query = query.filter(Column::Rule.is_in(rules.iter().copied()));
    }
    let rows = query.order_by_asc(Column::Rule).order_by_asc(Column::OpenedAt).order_by_asc(Column::Id);
    Ok(rows.all(connection).await?.into_iter().map(Into::into).collect())
}

/// Open findings of one rule about one row.
pub(super) async fn of(connection: &impl ConnectionTrait, rule: &str, row: &str) -> Result<Vec<Finding>> {
    // By id there is an index; a key that is none is told apart by its text.
    let id = Uuid::parse_str(row).ok();
    let same = id.map_or_else(|| Column::RowId.is_null(), |id| Column::RowId.eq(id));
    let query = findings::Entity::find()
        .filter(Column::ClosedAt.is_null())
        .filter(same)
        .filter(Column::Rule.eq(rule))
        .filter(Column::RowKey.eq(row))
        .order_by_asc(Column::OpenedAt);
    Ok(query.all(connection).await?.into_iter().map(Into::into).collect())
}

/// Open findings about one row.
pub async fn of_row(connection: &impl ConnectionTrait, table: &str, row: &str) -> Result<Vec<Finding>> {
    let query = findings::Entity::find()
        .filter(Column::ClosedAt.is_null())
        .filter(Column::TableName.eq(table))
        .filter(Column::RowKey.eq(row))
        .order_by_asc(Column::OpenedAt);
    Ok(query.all(connection).await?.into_iter().map(Into::into).collect())
}

/// Sets findings aside until a time, with a reason, and returns how many are open and now set aside. The same request
/// a second time does nothing.
pub async fn set_aside(store: &Store, actor: &Actor, ids: &[Uuid], until: DateTime<Utc>, reason: &str) -> Result<u64> {
    if reason.trim().is_empty() {
        return Err(Error::Usage("Setting a finding aside needs a reason; it stands in the journal.".to_owned()));
    }
    if journal::done_before(store.read(), actor.request, SET_ASIDE).await?.is_some() {
        return Ok(0);
    }
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    if until <= now {
        return Err(Error::Usage("A finding is set aside until a time to come; give a later date.".to_owned()));
    }
    let mut moved = 0;
    for part in ids.chunks(CHUNK) {
        let text = format!(
            "UPDATE findings SET set_aside_until_at = ?, set_aside_reason = ? WHERE closed_at IS NULL AND id IN ({})",
            places(part.len())
        );
        let values = [until.into(), reason.into()].into_iter().chain(part.iter().map(|id| (*id).into()));
        moved += write.execute_raw(store::sql(store.backend(), &text, values)).await?.rows_affected();
    }
    let entry = journal::Entry {
        action: SET_ASIDE,
        record: None,
        reason,
        before: None,
        after: Some(json!({ "findings": ids, "until": until })),
    };
    journal::record(&*write, actor, now, entry).await?;
    write.commit().await?;
    Ok(moved)
}

/// Brings back findings that were set aside, before their date, with a reason, and returns how many came back. The same
/// request a second time does nothing.
pub async fn bring_back(store: &Store, actor: &Actor, ids: &[Uuid], reason: &str) -> Result<u64> {
    if reason.trim().is_empty() {
        return Err(Error::Usage("Bringing a finding back needs a reason; it stands in the journal.".to_owned()));
    }
    if journal::done_before(store.read(), actor.request, BROUGHT_BACK).await?.is_some() {
        return Ok(0);
    }
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    let mut moved = 0;
    for part in ids.chunks(CHUNK) {
        let text = format!(
            "UPDATE findings SET set_aside_until_at = NULL, set_aside_reason = NULL WHERE closed_at IS NULL AND \
             set_aside_until_at > ? AND id IN ({})",
            places(part.len())
        );
        let values = std::iter::once(now.into()).chain(part.iter().map(|id| (*id).into()));
        moved += write.execute_raw(store::sql(store.backend(), &text, values)).await?.rows_affected();
    }
    if moved == 0 {
        return Ok(0);
    }
    let entry = journal::Entry {
        action: BROUGHT_BACK,
        record: None,
        reason,
        before: None,
        after: Some(json!({ "findings": ids })),
    };
    journal::record(&*write, actor, now, entry).await?;
    write.commit().await?;
    Ok(moved)
}
