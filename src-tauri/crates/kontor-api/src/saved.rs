//! Saved filters: a list under a name, for oneself or as a work list for all. They live in the database, so that a
//! person finds them at every desk.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::list::ListQuery;
use crate::settings::Column;

/// All filters that this person sees: their own, and those that are shared.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ShowSavedFilters {}

/// A list under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct SavedFilter {
    /// Its id.
    pub id: Uuid,
    /// Version that saving names.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// The list.
    pub query: ListQuery,
    /// Its columns; none takes those of the settings.
    pub columns: Option<Vec<Column>>,
    /// Whether all see it.
    pub is_shared: bool,
    /// Whose it is.
    pub person: String,
    /// Whether that is this person; others' filters are not changed here.
    pub is_mine: bool,
}

/// Saves a filter.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct SaveFilter {
    /// Id of this request.
    pub request_id: Uuid,
    /// The filter that is changed; none makes a new one.
    #[ts(optional)]
    pub filter: Option<SavedVersion>,
    /// Its name.
    pub name: String,
    /// The list.
    pub query: ListQuery,
    /// Its columns; none takes those of the settings.
    #[ts(optional)]
    pub columns: Option<Vec<Column>>,
    /// Whether all see it.
    pub is_shared: bool,
}

/// A filter as the person saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
pub struct SavedVersion {
    /// Its id.
    pub id: Uuid,
    /// Its version.
    pub version: i64,
}

/// Takes a filter away.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct DeleteFilter {
    /// Id of this request.
    pub request_id: Uuid,
    /// The filter.
    pub filter: SavedVersion,
}
