//! What a record said when a repair last knew it, kept so that whoever meets a change meanwhile sees what changed: before,
//! what the repair wants, and what is stored now. Nothing here decides anything; that is done by SHA-256 over the rows.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::intent::{Intent, Place};
use super::plan::FieldPlan;
use super::record::Record;
use super::table::Table;
use super::undo;
use crate::store::Store;
use crate::store::entities::{repair_changes, repairs};
use crate::{Error, Result};

/// Columns that follow from others: that they differ says nothing by itself.
const FOLLOWING: [&str; 3] = ["seal", "search_text", "sort_name"];

/// What a record said, by name of the field, and what a repair is to set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Known {
    /// The record.
    pub row: BTreeMap<String, Option<String>>,
    /// Fields that are to be set; none once they are.
    pub planned: Vec<FieldPlan>,
}

impl Known {
    /// As it was seen when a repair was staged.
    pub fn seen(record: &Record, planned: Vec<FieldPlan>) -> Self {
        Self { row: record.told(), planned }
    }

    /// As a repair left it.
    pub fn left(record: &Record) -> Self {
        Self { row: record.told(), planned: Vec::new() }
    }

    /// As it is kept.
    pub fn text(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    fn of(repair: &repairs::Model) -> Self {
        repair.known.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }
}

/// A field in three versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The column; `1.gross_cents` is that of an invoice's first line.
    pub field: String,
    /// What stood there when the repair was staged or applied.
    pub before: Option<String>,
    /// What the repair, or taking it back, would write; `before` where it does not touch it.
    pub mine: Option<String>,
    /// What is stored now.
    pub now: Option<String>,
}

/// A repair beside what became of its record meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// Table of the record.
    pub table: String,
    /// Key of its row.
    pub row: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When the row was written last, where it says so.
    pub written_at: Option<DateTime<Utc>>,
    /// Fields that the repair or somebody else touches.
    pub fields: Vec<Difference>,
}

/// Holds a repair against its record as it is now; writes nothing.
pub async fn compare(store: &Store, repair: Uuid) -> Result<Compared> {
    let row = repairs::Entity::find_by_id(repair).one(store.read()).await?;
    let row = row.ok_or_else(|| Error::NotFound(format!("There is no repair {repair}.")))?;
    let known = Known::of(&row);
    let changes = undo::changes(store.read(), repair).await?;
    let record = stored(store, &row, &known).await?;
    let written_at = record.as_ref().and_then(Record::first).and_then(|row| row.at("updated_at"));
    let now = record.map(|record| record.told()).unwrap_or_default();
    let mine: BTreeMap<String, Option<String>> = if row.state == "applied" {
        own(&row, &changes).map(|change| (change.field.clone(), change.old_value.clone())).collect()
    } else {
        known.planned.iter().map(|field| (field.field.clone(), field.new.clone())).collect()
    };
    let mut before = known.row;
    for change in own(&row, &changes) {
        before.entry(change.field.clone()).or_insert_with(|| change.new_value.clone());
    }
    let fields = before.into_iter().filter_map(|(field, before)| {
        let wanted = mine.get(&field);
        let now = now.get(&field).cloned().flatten();
        let is_told = wanted.is_some() || (now != before && !FOLLOWING.contains(&field.as_str()));
        is_told.then(|| Difference { mine: wanted.cloned().unwrap_or_else(|| before.clone()), field, before, now })
    });
    let since = row.applied_at.unwrap_or(row.staged_at);
    Ok(Compared { fields: fields.collect(), table: row.table_name, row: row.row_key, since, written_at })
}

/// What a repair changed of its own row; the seal and the words follow and are not told.
fn own<'a>(
    repair: &'a repairs::Model,
    changes: &'a [repair_changes::Model],
) -> impl Iterator<Item = &'a repair_changes::Model> {
    let is_own =
        |change: &&repair_changes::Model| change.row_id == repair.row_id && !FOLLOWING.contains(&change.field.as_str());
    changes.iter().filter(is_own)
}

async fn stored(store: &Store, repair: &repairs::Model, known: &Known) -> Result<Option<Record>> {
    let Some(at) = undo::place(repair) else { return Ok(None) };
    let has_lines = known.row.keys().any(|name| name.starts_with(|first: char| first.is_ascii_digit()));
    let record = match at {
        Place { table: Table::Invoices, id } if has_lines => {
            Record::read(store.read(), &Intent::Invoice(id, None), at).await?
        }
        _ => Record::of(store.read(), &[at]).await?,
    };
    Ok(Some(record))
}
