//! Conditions of a list, in SQL that both databases understand.
//!
//! A condition is spelled twice where that matters: for counting, where an index on its column helps, and for walking
//! through an order, where it must not: the embedded database prefers any index on an equality to the index of the order,
//! and then sorts a million rows for one page.

use kontor::store::{self, Store};
use sea_orm::{ConnectionTrait, Value};

use super::Answered;

/// Conditions of a list, in SQL with `?` for each value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conditions {
    all: Vec<Condition>,
}

#[derive(Clone, Debug)]
struct Condition {
    counted: Sql,
    walked: Sql,
}

/// How a condition that finds much is spelled.
#[derive(Clone, Debug)]
pub(crate) struct Much {
    /// For counting; none looks it up all the same.
    pub counted: Option<Sql>,
    /// Of a single row, for walking.
    pub walked: Sql,
}

/// SQL with its values.
pub(crate) type Sql = (String, Vec<Value>);

/// A condition that finds more rows than this is met soon on the way through an order; one that finds fewer is looked up,
/// and what it finds is sorted.
const MUCH: i64 = 20_000;

impl Conditions {
    /// Adds a condition.
    pub fn add(&mut self, text: impl Into<String>, values: impl IntoIterator<Item = Value>) {
        let both: Sql = (text.into(), values.into_iter().collect());
        self.all.push(Condition { counted: both.clone(), walked: both });
    }

    /// Adds a condition that is spelled in one way for counting, and in another for walking through an order.
    pub fn pair(&mut self, counted: Sql, walked: Sql) {
        self.all.push(Condition { counted, walked });
    }

    /// Adds that a column is one of those that a query finds, or what says the same of a single row: whichever is quick,
    /// which depends on how much is found.
    pub async fn found(&mut self, store: &Store, column: &str, found: Sql, much: Much) -> Answered<()> {
        let is_little = is_little(store, &found).await?;
        let (text, values) = found;
        let looked_up = (format!("{column} IN ({text})"), values);
        if is_little {
            self.pair(looked_up.clone(), looked_up);
        } else {
            self.pair(much.counted.unwrap_or(looked_up), much.walked);
        }
        Ok(())
    }

    /// Adds a condition on one column, `{}` in the text.
    pub fn on(&mut self, column: &str, text: &str, values: impl IntoIterator<Item = Value>) {
        let values: Vec<Value> = values.into_iter().collect();
        let counted = text.replace("{}", column);
        let walked = text.replace("{}", &walked(column));
        self.pair((counted, values.clone()), (walked, values));
    }

    /// Adds that a column is one of some words; none of them does not narrow.
    pub fn any_of<T: Into<Value>>(&mut self, column: &str, words: impl IntoIterator<Item = T>) {
        let values: Vec<Value> = words.into_iter().map(Into::into).collect();
        if !values.is_empty() {
            self.on(column, &format!("{{}} IN ({})", store::places(values.len())), values);
        }
    }

    /// Adds that something holds, or that it does not; none does not narrow.
    pub fn holds(&mut self, wanted: Option<bool>, text: &str, values: impl IntoIterator<Item = Value>) {
        match wanted {
            Some(true) => self.add(text, values),
            Some(false) => self.add(format!("NOT ({text})"), values),
            None => {}
        }
    }

    /// Whether nothing is narrowed.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// `WHERE …`, or nothing.
    pub fn clause(&self) -> String {
        joined(self.all.iter().map(|condition| condition.counted.0.as_str()))
    }

    /// The values of the clause.
    pub fn values(&self) -> Vec<Value> {
        self.all.iter().flat_map(|condition| condition.counted.1.clone()).collect()
    }

    /// `WHERE …`, or nothing, for a walk through an order.
    pub fn walking_clause(&self) -> String {
        joined(self.all.iter().map(|condition| condition.walked.0.as_str()))
    }

    /// The values of that clause.
    pub fn walking_values(&self) -> Vec<Value> {
        self.all.iter().flat_map(|condition| condition.walked.1.clone()).collect()
    }
}

/// A column, spelled so that neither database looks into it for an index; both compute it to the column.
pub(crate) fn walked(column: &str) -> String {
    format!("(CASE WHEN TRUE THEN {column} END)")
}

fn joined<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let texts: Vec<&str> = texts.collect();
    if texts.is_empty() { String::new() } else { format!(" WHERE ({})", texts.join(") AND (")) }
}

/// Whether a query finds little. It stops as soon as it has found much.
async fn is_little(store: &Store, (text, values): &Sql) -> Answered<bool> {
    let text = format!("SELECT count(*) AS matching FROM (SELECT 1 FROM ({text}) AS hits LIMIT ?) AS counted");
    let values = values.iter().cloned().chain([(MUCH + 1).into()]);
    let row = store.read().query_one_raw(store::sql(store.backend(), &text, values)).await?;
    let counted: i64 = row.map(|row| row.try_get("", "matching")).transpose()?.unwrap_or(0);
    Ok(counted <= MUCH)
}
