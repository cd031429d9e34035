//! Passes: rows and documents read in short pages by their key, each page looked at by all rules that need it.
//!
//! A pass is for what no question to the database can tell: seals, hashes, check digits, documents. A row with a value
//! that cannot be decoded costs itself only.

mod decodable;
mod documents;
mod exported;
mod integrity;
pub(super) mod invoices;
mod messages;
mod missing;
mod numbers;
pub(super) mod payments;
pub(super) mod people;
mod redrawn;
mod returned;
pub(super) mod sealed;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, Iterable, PrimaryKeyToColumn, QueryFilter, QueryOrder,
    QueryResult, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use super::book::Found;
use super::facts::Facts;
use super::question::{UNREADABLE, model};
use super::rules;
use crate::{Error, Result, canary};

/// Rows of a page.
const PAGE: u64 = 1_000;

/// What is looked at. The order is that of the check: first whether the database is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pass {
    /// The database's own check of its pages.
    Integrity,
    /// Values of all tables that cannot be decoded.
    Decodable,
    /// Registrations, with the words that searches look into.
    Registrations,
    /// Mailboxes.
    Mailboxes,
    /// Subscriptions.
    Subscriptions,
    /// Notes.
    Notes,
    /// Lists under a name.
    Filters,
    /// Invoices and their frozen content.
    Invoices,
    /// Payments.
    Payments,
    /// The log of numbers.
    Numbers,
    /// Stored PDFs.
    Documents,
    /// An export beside the rows.
    Exported,
}

impl Pass {
    /// Its name, for progress.
    pub fn name(self) -> &'static str {
        match self {
            Self::Integrity => "integrity",
            Self::Decodable => "values",
            Self::Registrations => "registrations",
            Self::Mailboxes => "mailboxes",
            Self::Subscriptions => "subscriptions",
            Self::Notes => "notes",
            Self::Filters => "saved_filters",
            Self::Invoices => "invoices",
            Self::Payments => "payments",
            Self::Numbers => "number_allocations",
            Self::Documents => "documents",
            Self::Exported => "comparison",
        }
    }

    /// Whether there is what it needs.
    pub fn can_run(self, facts: &Facts) -> bool {
        self != Self::Exported || facts.export.is_some()
    }
}

/// What of a table a page is about.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// Only rows behind this key.
    pub after: Option<Uuid>,
    /// Only rows that changed since.
    pub since: Option<DateTime<Utc>>,
    /// Only this row.
    pub only: Option<Uuid>,
    /// The row's key as it stands in the finding, where it is no id.
    pub key: Option<String>,
    /// Rules that are wanted; none means all.
    pub rules: Vec<&'static str>,
}

impl Scope {
    /// Everything, or what changed since.
    pub fn all(since: Option<DateTime<Utc>>) -> Self {
        Self { since, ..Self::default() }
    }

    /// One row.
    pub fn only(id: Option<Uuid>, key: &str) -> Self {
        Self { only: id, key: Some(key.to_owned()), ..Self::default() }
    }

    /// Whether a rule is wanted; what costs much is left out where it is not.
    fn wants(&self, rule: &str) -> bool {
        self.rules.is_empty() || self.rules.contains(&rule)
    }

    fn is_about_one(&self) -> bool {
        self.key.is_some()
    }
}

/// What a page came to.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// What was found, by the rule's id.
    pub found: Vec<(&'static str, Found)>,
    /// Rows looked at.
    pub rows: u64,
    /// The last key; none when there is no further page.
    pub last: Option<Uuid>,
    /// What could not be checked here.
    pub not_checked: Vec<String>,
}

/// Looks at one page.
pub(super) async fn page(pass: Pass, connection: &impl ConnectionTrait, facts: &Facts, scope: Scope) -> Result<Page> {
    match pass {
        Pass::Integrity => integrity::page(connection).await,
        Pass::Decodable => decodable::page(connection, &scope).await,
        Pass::Registrations => people::registrations(connection, &scope).await,
        Pass::Mailboxes => people::mailboxes(connection, &scope).await,
        Pass::Subscriptions => people::subscriptions(connection, &scope).await,
        Pass::Notes => people::notes(connection, &scope).await,
        Pass::Filters => people::filters(connection, &scope).await,
        Pass::Invoices => invoices::page(connection, &scope).await,
        Pass::Payments => payments::page(connection, &scope).await,
        Pass::Numbers => numbers::page(connection, &scope).await,
        Pass::Documents => documents::page(connection, facts, &scope).await,
        Pass::Exported => exported::page(connection, facts, &scope).await,
    }
}

/// Rows of a table, in the order of their keys.
struct Rows<M> {
    rows: Vec<M>,
    page: Page,
}

/// Reads a page of rows; those that cannot be decoded are found as such and left out.
async fn rows<E>(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    table: &'static str,
    id: E::Column,
    changed_at: Option<E::Column>,
) -> Result<Rows<E::Model>>
where
    E: EntityTrait,
    E::Model: FromQueryResult,
    E::PrimaryKey: PrimaryKeyToColumn<Column = E::Column> + Iterable,
{
    let mut query = E::find().order_by_asc(id).limit(PAGE);
    if let Some(after) = scope.after {
        query = query.filter(id.gt(after));
    }
    if let (Some(column), Some(since)) = (changed_at, scope.since) {
        query = query.filter(column.gte(since));
    }
    if scope.is_about_one() {
        query = query.filter(id.eq(scope.only.unwrap_or_default()));
    }
    let read = connection.query_all_raw(query.build(connection.get_database_backend())).await?;
    let mut page = Page { rows: read.len() as u64, ..Page::default() };
    let is_full = read.len() as u64 == PAGE;
    page.last = read.last().filter(|_| is_full).and_then(|row| row.try_get::<Uuid>("", "id").ok());
    let mut rows = Vec::with_capacity(read.len());
    for row in &read {
        match model::<E::Model>(row) {
            Ok(model) => rows.push(model),
            Err(error) => page.found.extend(undecodable(row, table, &Error::from(error))),
        }
    }
    Ok(Rows { rows, page })
}

/// Works on rows where it hinders nobody: hashing takes its time, and the threads that talk to the database have others to
/// serve.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let stopped = || Error::Refused("The check stopped in the middle of its work.".to_owned());
    canary::aside(work).await.ok_or_else(stopped)
}

fn undecodable(row: &QueryResult, table: &'static str, error: &Error) -> Option<(&'static str, Found)> {
    let column = error.undecodable()?;
    let key = row.try_get::<Uuid>("", "id").map_or_else(|_| UNREADABLE.to_owned(), |id| id.to_string());
    let field = if column.is_empty() { UNREADABLE.to_owned() } else { column };
    Some((rules::VALUE_UNDECODABLE, Found::new(table, key).field(&field, Some(UNREADABLE.to_owned()))))
}
