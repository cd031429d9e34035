//! What all lists have in common: pages by key, totals, an order, a selection, and rows that cannot be read.
//!
//! A list of any length is a window of rows. A page is asked for beside a row (`after`, `before`), at an end, or at a
//! place (`at`), which is how a scrollbar jumps into the middle of a million rows.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::failure::RecordKind;

/// A part of a list.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ListAsk<F, S> {
    /// Which rows.
    pub filter: F,
    /// In which order; none takes the list's own.
    #[ts(optional)]
    pub order: Option<Order<S>>,
    /// Where the page begins.
    pub place: Place,
    /// How many rows at most, up to 500; 0 with `with_total` only counts.
    pub limit: i64,
    /// Whether the total is wanted. Counting may take longer than the page; ask for it once per filter.
    pub with_total: bool,
}

/// The order of a list. Rows that are equal in it stand in the order of their ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Order<S> {
    /// The column.
    pub by: S,
    /// Largest first.
    pub descending: bool,
}

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Place {
    /// At the first row.
    Start,
    /// So that it ends with the last row.
    End,
    /// Right after the row of the cursor.
    After {
        /// `Page::after` of a page with the same filter and order.
        cursor: Cursor,
    },
    /// So that it ends right before the row of the cursor.
    Before {
        /// `Page::before` of a page with the same filter and order.
        cursor: Cursor,
    },
    /// At about this row, counted from 0. The page says where it really begins.
    At {
        /// The row.
        index: i64,
    },
    /// So that it contains this row, if the filter does; otherwise at the start.
    Around {
        /// Id of the row.
        id: String,
    },
}

/// A row's place in an order. Opaque to the window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Cursor(pub String);

/// A part of a list.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Page<R> {
    /// The rows, in the order asked for.
    pub rows: Vec<Stored<R>>,
    /// Place of the first of them in the list, counted from 0.
    pub first: i64,
    /// Whether that place is counted; otherwise it is an estimate, and only the rows' order is certain.
    pub is_first_exact: bool,
    /// Where the page before this one ends; none at the start of the list.
    pub before: Option<Cursor>,
    /// Where the page after this one begins; none at the end of the list.
    pub after: Option<Cursor>,
    /// How many rows match, where that was asked for.
    pub total: Option<Total>,
}

/// How many rows match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Total {
    /// The number.
    pub rows: i64,
    /// Whether it is counted; otherwise it is the database's estimate.
    pub is_exact: bool,
}

/// A row as it is stored. One value that cannot be decoded takes neither the page nor the list with it.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum Stored<T> {
    /// Everything could be read.
    Whole(T),
    /// Something could not.
    Unreadable(Unreadable),
}

/// A row with values that cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Unreadable {
    /// What it is.
    pub record: RecordKind,
    /// Its id, as lists know it.
    pub id: String,
    /// The number or name people know it by, where that can be read.
    pub label: Option<String>,
    /// What cannot be read.
    pub fields: Vec<UnreadableField>,
}

/// A value that cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct UnreadableField {
    /// Name of the column.
    pub field: String,
    /// What is stored there, as far as it is text.
    pub stored: Option<String>,
}

/// Rows that a bulk action is about. "All that match" is a filter, so that it works on a million rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Selection<F, K> {
    /// All that match, but for a few.
    All {
        /// Which.
        filter: F,
        /// Ids that were taken out again.
        except: Vec<K>,
    },
    /// These.
    These {
        /// Their ids.
        ids: Vec<K>,
    },
}

/// An invoice by the number that people say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct NumberedInvoice {
    /// Its id.
    pub id: Uuid,
    /// Its number.
    pub number: String,
}

/// Who did something, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct By {
    /// Login name.
    pub person: String,
    /// Name of the desk.
    pub desk: String,
}
