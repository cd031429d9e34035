//! Conditions of a list, in SQL that both databases understand.
//!
//! A condition is spelled twice where that matters: for counting, where an index on its column helps, and for walking
//! through an order, where it must not: the embedded database prefers any index on an equality to the index of the order,
//! and then sorts a million rows for one page.

use kontor::store;
use sea_orm::Value;

/// Conditions of a list, in SQL with `?` for each value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conditions {
    all: Vec<Condition>,
}

#[derive(Clone, Debug)]
struct Condition {
    counted: String,
    walked: String,
    values: Vec<Value>,
}

impl Conditions {
    /// Adds a condition.
    pub fn add(&mut self, text: impl Into<String>, values: impl IntoIterator<Item = Value>) {
        let text = text.into();
        self.all.push(Condition { counted: text.clone(), walked: text, values: values.into_iter().collect() });
    }

    /// Adds a condition on one column, `{}` in the text.
    pub fn on(&mut self, column: &str, text: &str, values: impl IntoIterator<Item = Value>) {
        self.all.push(Condition {
            counted: text.replace("{}", column),
            // Neither database looks into it for an index; both compute it to the column.
            walked: text.replace("{}", &format!("(CASE WHEN TRUE THEN {column} END)")),
            values: values.into_iter().collect(),
        });
    }

    /// Adds that a column is one of some words; none of them does not narrow.
    pub fn any_of<T: Into<Value>>(&mut self, column: &str, words: impl IntoIterator<Item = T>) {
        let values: Vec<Value> = words.into_iter().map(Into::into).collect();
        if !values.is_empty() {
            self.on(column, &format!("{{}} IN ({})", store::places(values.len())), values);
        }
    }

    /// Adds that a column is at least this; none does not narrow.
    pub fn at_least<T: Into<Value>>(&mut self, column: &str, least: Option<T>) {
        if let Some(least) = least {
            self.on(column, "{} >= ?", [least.into()]);
        }
    }

    /// Adds that a column is less than this; none does not narrow.
    pub fn less_than<T: Into<Value>>(&mut self, column: &str, bound: Option<T>) {
        if let Some(bound) = bound {
            self.on(column, "{} < ?", [bound.into()]);
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
        self.joined(|condition| &condition.counted)
    }

    /// The same for a walk through an order.
    pub fn walking_clause(&self) -> String {
        self.joined(|condition| &condition.walked)
    }

    fn joined(&self, text: fn(&Condition) -> &String) -> String {
        if self.all.is_empty() {
            return String::new();
        }
        let texts: Vec<&str> = self.all.iter().map(|condition| text(condition).as_str()).collect();
        format!(" WHERE ({})", texts.join(") AND ("))
    }

    /// The values of the clause.
    pub fn values(&self) -> Vec<Value> {
        self.all.iter().flat_map(|condition| condition.values.clone()).collect()
    }
}
