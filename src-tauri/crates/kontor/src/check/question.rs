//! One set-based question for both databases: SQL that finds candidates, and a judge that looks at each of them.
//!
//! The text names what differs between the databases or from check to check by words in braces: `{today}`, `{grace}`
//! (an hour ago: what is younger may still be in work), `{late}` (some minutes ago), `{far}` (the last day that makes sense),
//! `{month}` (this month's first day), `{year_ago}`, `{greatest}`, and `{only:a.id}` or `{invoice}`, which are empty for a
//! whole check and otherwise name the one row, or the invoice of the one line, that is looked at. The answer is read row by
//! row as it comes, so that memory stays flat and nobody is locked out.

use chrono::{DateTime, NaiveDate, Utc};
use futures::TryStreamExt;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, QueryResult, Statement, StreamTrait, TryGetable, Value};
use uuid::Uuid;

use super::book::{Found, Sink};
use super::facts::Facts;
use super::references;
use crate::Result;
use crate::store::{self, Store};

/// Findings noted together.
const PAGE: usize = 500;
/// Stands for a value that cannot be decoded.
pub(super) const UNREADABLE: &str = "(unreadable)";

/// What a judge makes of a row of the answer.
pub(super) type Judge = fn(&Row<'_>, &Facts) -> Vec<Found>;

/// A question.
#[derive(Debug)]
pub(super) struct Question {
    /// The SQL; several where one rule asks the same of several tables.
    pub text: Text,
    /// What a row of the answer means.
    pub judge: Judge,
    /// What is looked up afterwards for what was found.
    pub refine: Option<Refine>,
}

/// What is looked up for findings, which are few, and never for rows, which are many.
#[derive(Clone, Copy, Debug)]
pub(super) enum Refine {
    /// The record that a reference meant.
    Reference,
}

/// The SQL of a question.
#[derive(Debug)]
pub(super) enum Text {
    /// One statement.
    One(&'static str),
    /// One for each of several tables.
    Many(fn() -> Vec<String>),
}

impl Question {
    /// Asks with one statement.
    pub const fn one(text: &'static str, judge: Judge) -> Self {
        Self { text: Text::One(text), judge, refine: None }
    }

    /// Asks with several.
    pub const fn many(texts: fn() -> Vec<String>, judge: Judge) -> Self {
        Self { text: Text::Many(texts), judge, refine: None }
    }

    /// With something to look up for what is found.
    pub const fn refined(mut self, refine: Refine) -> Self {
        self.refine = Some(refine);
        self
    }

    async fn refined_all(&self, connection: &impl ConnectionTrait, found: &mut [Found]) -> Result<()> {
        match self.refine {
            Some(Refine::Reference) => references::propose(connection, found).await,
            None => Ok(()),
        }
    }

    fn texts(&self) -> Vec<String> {
        match &self.text {
            Text::One(text) => vec![(*text).to_owned()],
            Text::Many(texts) => texts(),
        }
    }

    /// Whether it leaves alone what is so young that it may still be in work.
    pub fn waits(&self) -> bool {
        self.texts().iter().any(|text| text.contains("{grace}"))
    }

    /// The statements, about everything or about one row.
    pub fn statements(&self, connection: &impl ConnectionTrait, facts: &Facts, only: Option<Uuid>) -> Vec<Statement> {
        self.texts().iter().map(|text| spelled(text, connection, facts, only)).collect()
    }

    /// Asks about one row and judges the answer.
    pub async fn about(&self, connection: &impl ConnectionTrait, facts: &Facts, only: Uuid) -> Result<Vec<Found>> {
        let mut found = Vec::new();
        for statement in self.statements(connection, facts, Some(only)) {
            let rows = connection.query_all_raw(statement).await?;
            found.extend(rows.iter().flat_map(|row| (self.judge)(&Row(row), facts)));
        }
        self.refined_all(connection, &mut found).await?;
        Ok(found)
    }

    /// Asks about everything and notes what is found.
    pub async fn whole(&self, store: &Store, facts: &Facts, sink: &mut Sink<'_>) -> Result<()> {
        for statement in self.statements(store.read(), facts, None) {
            let mut rows = store.read().stream_raw(statement).await?;
            let mut page = Vec::new();
            while let Some(row) = rows.try_next().await? {
                page.extend((self.judge)(&Row(&row), facts));
                if page.len() >= PAGE {
                    let mut full = std::mem::take(&mut page);
                    self.refined_all(store.read(), &mut full).await?;
                    sink.take(full).await?;
                }
            }
            drop(rows);
            self.refined_all(store.read(), &mut page).await?;
            sink.take(page).await?;
        }
        Ok(())
    }
}

/// Fills the words in braces, each with its values.
fn spelled(text: &str, connection: &impl ConnectionTrait, facts: &Facts, only: Option<Uuid>) -> Statement {
    let backend = connection.get_database_backend();
    let mut out = String::with_capacity(text.len());
    let mut values: Vec<Value> = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        out.push_str(&rest[..start]);
        let Some(length) = rest[start..].find('}') else { break };
        let word = &rest[start + 1..start + length];
        rest = &rest[start + length + 1..];
        match word {
            "grace" | "late" | "today" | "far" | "month" | "year_ago" => {
                out.push('?');
                values.push(match word {
                    "grace" => facts.grace().into(),
                    "late" => facts.late().into(),
                    "far" => facts.far().into(),
                    "month" => facts.month().into(),
                    "year_ago" => facts.year_ago().into(),
                    _ => facts.today.into(),
                });
            }
            "greatest" => out.push_str(store::greatest(backend)),
            "invoice" => {
                if let Some(id) = only {
                    out.push_str("AND (i.id = ? OR i.id = (SELECT x.invoice_id FROM invoice_lines x WHERE x.id = ?))");
                    values.extend([id.into(), id.into()]);
                }
            }
            _ => {
                if let (Some(columns), Some(id)) = (word.strip_prefix("only:"), only) {
                    let places: Vec<String> = columns.split(',').map(|column| format!("{column} = ?")).collect();
                    out.push_str(&format!("AND ({})", places.join(" OR ")));
                    values.extend(places.iter().map(|_| Value::from(id)));
                }
            }
        }
    }
    out.push_str(rest);
    store::sql(backend, &out, values)
}

/// A row of an answer, read leniently: a value that cannot be decoded is told as such and breaks nothing.
pub(super) struct Row<'a>(pub &'a QueryResult);

impl Row<'_> {
    fn get<T: TryGetable>(&self, column: &str) -> Option<T> {
        read(|| self.0.try_get::<Option<T>>("", column)).ok().flatten()
    }

    /// The row's key.
    pub fn id(&self) -> Option<Uuid> {
        self.get("id")
    }

    /// An id.
    pub fn uuid(&self, column: &str) -> Option<Uuid> {
        self.get(column)
    }

    /// Text.
    pub fn text(&self, column: &str) -> Option<String> {
        self.get(column)
    }

    /// A whole number.
    pub fn whole(&self, column: &str) -> Option<i64> {
        self.get(column)
    }

    /// Whether a number that says yes or no says yes.
    pub fn flag(&self, column: &str) -> bool {
        // A literal is a number of 32 bits to the server.
        self.get::<i32>(column).map(i64::from).or_else(|| self.whole(column)).unwrap_or(0) != 0
    }

    /// A day.
    pub fn day(&self, column: &str) -> Option<NaiveDate> {
        self.get(column)
    }

    /// A point in time.
    pub fn at(&self, column: &str) -> Option<DateTime<Utc>> {
        self.get(column)
    }

    /// Whatever stands there, as text.
    pub fn shown(&self, column: &str) -> Option<String> {
        let text = read(|| self.0.try_get::<Option<String>>("", column));
        let whole = || read(|| self.0.try_get::<Option<i64>>("", column)).map(|value| value.map(|n| n.to_string()));
        let day = || read(|| self.0.try_get::<Option<NaiveDate>>("", column)).map(|value| value.map(|n| n.to_string()));
        let id = || read(|| self.0.try_get::<Option<Uuid>>("", column)).map(|value| value.map(|n| n.to_string()));
        let known = text.or_else(|_| whole()).or_else(|_| day()).or_else(|_| id());
        known.unwrap_or_else(|_| Some(UNREADABLE.to_owned()))
    }
}

/// Decodes a value. The server's `infinity` makes the decoder of days panic, which here is one more way of saying that the
/// value cannot be decoded.
pub(super) fn read<T>(decode: impl FnOnce() -> std::result::Result<T, DbErr>) -> std::result::Result<T, DbErr> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(decode))
        .unwrap_or_else(|_| Err(DbErr::Type("the value lies outside of what can be".to_owned())))
}

/// A row as its model; an error where a value cannot be decoded.
pub(super) fn model<M: FromQueryResult>(row: &QueryResult) -> std::result::Result<M, DbErr> {
    read(|| M::from_query_result(row, ""))
}
