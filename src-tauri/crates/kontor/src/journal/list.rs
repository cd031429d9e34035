//! Reading the journal, newest entry first.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::Result;
use crate::store::{Store, entities::journal};

/// Which entries to show.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this person's.
    pub person: Option<String>,
    /// Only those about this record's key.
    pub record: Option<String>,
    /// Only those before this sequence number (for paging).
    pub before: Option<i64>,
    /// How many at most.
    pub limit: u64,
}

/// Entries that match, newest first.
pub async fn list(store: &Store, filter: &Filter) -> Result<Vec<journal::Model>> {
    let mut query = journal::Entity::find().order_by_desc(journal::Column::Seq).limit(filter.limit);
    if let Some(person) = &filter.person {
        query = query.filter(journal::Column::Person.eq(person));
    }
    if let Some(record) = &filter.record {
        query = query.filter(journal::Column::RowKey.eq(record));
    }
    if let Some(before) = filter.before {
        query = query.filter(journal::Column::Seq.lt(before));
    }
    Ok(query.all(store.read()).await?)
}
