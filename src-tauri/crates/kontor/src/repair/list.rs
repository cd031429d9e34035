//! Repairs as they stand: staged, applied, undone, refused.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use std::collections::HashMap;
use uuid::Uuid;

use super::Obstacle;
use super::undo::is_final;
use crate::Result;
use crate::store::Store;
use crate::store::entities::{findings, repair_changes, repairs};

/// Which of them.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// In this state.
    pub state: Option<String>,
    /// Of this batch.
    pub batch: Option<Uuid>,
    /// About this finding.
    pub finding: Option<Uuid>,
    /// Of findings of this rule.
    pub rule: Option<String>,
    /// How many at most, the newest first.
    pub limit: u64,
}

/// One field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Its table.
    pub table: Option<String>,
    /// Its row.
    pub row: Option<Uuid>,
    /// The column.
    pub field: String,
    /// What stood there.
    pub old: Option<String>,
    /// What stands there.
    pub new: Option<String>,
}

/// A repair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Its id.
    pub id: Uuid,
    /// The finding it was for.
    pub finding: Option<Uuid>,
    /// The rule of that finding.
    pub rule: Option<String>,
    /// Table of the record.
    pub table: String,
    /// Key of its row.
    pub row: String,
    /// Kind of repair.
    pub action: String,
    /// `staged`, `applied`, `refused` or `undone`.
    pub state: String,
    /// Why.
    pub reason: Option<String>,
    /// Why nothing was written.
    pub refusal: Option<Obstacle>,
    /// Who.
    pub person: String,
    /// The batch it belongs to.
    pub batch: Option<Uuid>,
    /// When it was staged.
    pub staged_at: DateTime<Utc>,
    /// When it was applied.
    pub applied_at: Option<DateTime<Utc>>,
    /// When it was undone.
    pub undone_at: Option<DateTime<Utc>>,
    /// Whether it can be undone, as long as nobody changes the row.
    pub undoable: bool,
    /// What it changed.
    pub changes: Vec<Changed>,
}

/// Lists repairs, the newest first.
pub async fn list(store: &Store, filter: &Filter) -> Result<Vec<Listed>> {
    use repairs::Column;
    let mut query = repairs::Entity::find().order_by_desc(Column::StagedAt).order_by_desc(Column::Id);
    for (column, value) in [(Column::BatchId, filter.batch), (Column::FindingId, filter.finding)] {
        query = value.map_or_else(|| query.clone(), |value| query.clone().filter(column.eq(value)));
    }
    if let Some(state) = &filter.state {
        query = query.filter(Column::State.eq(state));
    }
    if let Some(rule) = &filter.rule {
        let of_rule = findings::Entity::find().select_only().column(findings::Column::Id);
        let of_rule = of_rule.filter(findings::Column::Rule.eq(rule));
        query = query.filter(Column::FindingId.in_subquery(sea_orm::QueryTrait::into_query(of_rule)));
    }
    let rows = query.limit(filter.limit).all(store.read()).await?;
    let mut changes = changes(store, &rows).await?;
    let rules = rules(store, &rows).await?;
    Ok(rows.into_iter().map(|row| listed(row, &mut changes, &rules)).collect())
}

async fn changes(store: &Store, rows: &[repairs::Model]) -> Result<HashMap<Uuid, Vec<repair_changes::Model>>> {
    use repair_changes::Column;
    let mut changes: HashMap<Uuid, Vec<repair_changes::Model>> = HashMap::new();
    for part in rows.chunks(500) {
        let query = repair_changes::Entity::find().filter(Column::RepairId.is_in(part.iter().map(|row| row.id)));
        for change in query.order_by_asc(Column::Position).all(store.read()).await? {
            changes.entry(change.repair_id).or_default().push(change);
        }
    }
    Ok(changes)
}

async fn rules(store: &Store, rows: &[repairs::Model]) -> Result<HashMap<Uuid, String>> {
    use findings::Column;
    let mut rules = HashMap::new();
    for part in rows.chunks(500) {
        let of_these = Column::Id.is_in(part.iter().filter_map(|row| row.finding_id));
        let query = findings::Entity::find().filter(of_these).select_only().columns([Column::Id, Column::Rule]);
        rules.extend(query.into_tuple::<(Uuid, String)>().all(store.read()).await?);
    }
    Ok(rules)
}

fn listed(
    row: repairs::Model,
    changes: &mut HashMap<Uuid, Vec<repair_changes::Model>>,
    rules: &HashMap<Uuid, String>,
) -> Listed {
    let changes = changes.remove(&row.id).unwrap_or_default();
    let is_exact = row.before_sha256.is_some() && row.after_sha256.is_some();
    Listed {
        undoable: row.state == "applied" && is_exact && !is_final(&row.table_name, &changes),
        rule: row.finding_id.and_then(|finding| rules.get(&finding).cloned()),
        refusal: row.refusal.as_deref().and_then(|text| serde_json::from_str(text).ok()),
        changes: changes
            .into_iter()
            .map(|change| Changed {
                table: change.table_name,
                row: change.row_id,
                field: change.field,
                old: change.old_value,
                new: change.new_value,
            })
            .collect(),
        id: row.id,
        finding: row.finding_id,
        table: row.table_name,
        row: row.row_key,
        action: row.action,
        state: row.state,
        reason: row.reason,
        person: row.person,
        batch: row.batch_id,
        staged_at: row.staged_at,
        applied_at: row.applied_at,
        undone_at: row.undone_at,
    }
}
