//! What a row says in a column: a value with its kind, so that a file has numbers and dates where the screen has them.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use chrono_tz::Europe::Berlin;
use serde_json::Value;

use crate::export::ExportColumn;

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    /// Nothing.
    Empty,
    /// Text.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// Another number.
    Number(f64),
    /// An amount in cents.
    Money(i64),
    /// A day.
    Day(NaiveDate),
    /// A time, as the office's clock shows it.
    Time(NaiveDateTime),
}

/// The cells of a row as it crosses to the window.
pub(super) fn cells(row: &Value, columns: &[ExportColumn]) -> Vec<Cell> {
    if row["type"] == "whole" {
        let row = &row["value"];
        return columns.iter().map(|column| cell(at(row, &column.field), kind(row, &column.field), column)).collect();
    }
    unreadable(&row["value"], columns)
}

/// A row that cannot be read: the number or name that people know it by, and the values that cannot be read as they are
/// stored.
fn unreadable(row: &Value, columns: &[ExportColumn]) -> Vec<Cell> {
    let faults = row["fields"].as_array().map(Vec::as_slice).unwrap_or_default();
    let stored = |column: &ExportColumn| {
        let fault = faults.iter().find(|fault| fault["field"].as_str() == Some(column.field.as_str()))?;
        fault["stored"].as_str().map(str::to_owned)
    };
    let name = row["label"].as_str().or(row["id"].as_str()).map(str::to_owned);
    let mut cells: Vec<Cell> = columns.iter().map(|column| stored(column).map_or(Cell::Empty, Cell::Text)).collect();
    if let (Some(first @ Cell::Empty), Some(name)) = (cells.first_mut(), name) {
        *first = Cell::Text(name);
    }
    cells
}

/// The name that says of what kind a value is: that of its field, and for what stood or is to stand in a field of a record
/// the name of that one.
fn kind<'a>(row: &'a Value, field: &'a str) -> &'a str {
    let of = match field {
        "current" | "proposed" | "old" | "new" => row["field"].as_str().unwrap_or(field),
        _ => field,
    };
    of.rsplit('.').next().unwrap_or_default()
}

/// A field, or a field of a field.
fn at<'a>(value: &'a Value, field: &str) -> &'a Value {
    field.split('.').fold(value, |value, name| &value[name])
}

fn cell(value: &Value, name: &str, column: &ExportColumn) -> Cell {
    if let Some(word) = spelled(value).and_then(|text| column.words.get(&text)) {
        return Cell::Text(word.clone());
    }
    match value {
        Value::Null => Cell::Empty,
        Value::String(text) => texted(text, name),
        Value::Number(number) => match number.as_i64() {
            Some(cents) if name.ends_with("_cents") => Cell::Money(cents),
            Some(whole) => Cell::Whole(whole),
            None => number.as_f64().map_or(Cell::Empty, Cell::Number),
        },
        Value::Array(values) => {
            Cell::Text(values.iter().map(|each| element(each, column)).collect::<Vec<_>>().join(", "))
        }
        other => Cell::Text(other.to_string()),
    }
}

/// One of several values; a change of a field is told by its field.
fn element(value: &Value, column: &ExportColumn) -> String {
    let text = spelled(value).or_else(|| value["field"].as_str().map(str::to_owned));
    text.map_or_else(|| value.to_string(), |text| column.words.get(&text).cloned().unwrap_or(text))
}

/// The text by which words are found.
fn spelled(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

/// A text is a day or a time where its field is one: what a customer wrote stays text, whatever it looks like.
fn texted(text: &str, name: &str) -> Cell {
    let day = || text.parse::<NaiveDate>().ok().map(Cell::Day);
    let time = || {
        let time = DateTime::parse_from_rfc3339(text).ok()?;
        Some(Cell::Time(time.with_timezone(&Berlin).naive_local()))
    };
    let typed = match name {
        // What stands in a field of a record crosses as text.
        name if name.ends_with("_cents") => text.parse().ok().map(Cell::Money),
        "first_seen" | "last_seen" | "at" => time(),
        name if name.ends_with("_at") => time(),
        name if name.ends_with("_on") => day(),
        _ => None,
    };
    typed.unwrap_or_else(|| Cell::Text(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    fn column(field: &str) -> ExportColumn {
        ExportColumn { field: field.to_owned(), title: field.to_owned(), words: BTreeMap::new() }
    }

    fn one(value: &Value, field: &str) -> Cell {
        cells(&json!({ "type": "whole", "value": value }), &[column(field)]).remove(0)
    }

    #[test]
    fn a_value_has_the_kind_of_its_field() {
        assert_eq!(one(&json!({ "gross_cents": -100 }), "gross_cents"), Cell::Money(-100));
        assert_eq!(one(&json!({ "tries": 3 }), "tries"), Cell::Whole(3));
        assert_eq!(one(&json!({ "share": 0.5 }), "share"), Cell::Number(0.5));
        let day = NaiveDate::from_ymd_opt(2013, 1, 31).expect("a day");
        assert_eq!(one(&json!({ "issued_on": "2013-01-31" }), "issued_on"), Cell::Day(day));
        assert_eq!(one(&json!({ "reference": "2013-01-31" }), "reference"), Cell::Text("2013-01-31".to_owned()));
        let time = day.and_hms_opt(19, 4, 12).expect("a time");
        assert_eq!(one(&json!({ "queued_at": "2013-01-31T18:04:12Z" }), "queued_at"), Cell::Time(time));
        assert_eq!(one(&json!({ "invoice": { "number": "RE-1" } }), "invoice.number"), Cell::Text("RE-1".to_owned()));
        assert_eq!(one(&json!({ "invoice": null }), "invoice.number"), Cell::Empty);
        assert_eq!(one(&json!({ "tags": ["a", "b"] }), "tags"), Cell::Text("a, b".to_owned()));
    }

    #[test]
    fn what_stands_in_a_field_has_the_kind_of_that_field() {
        let value = |field: &str, stored: &str| json!({ "field": field, "current": stored, "new": stored });
        assert_eq!(one(&value("gross_cents", "1190"), "current"), Cell::Money(1_190));
        assert_eq!(one(&value("1.gross_cents", "100"), "new"), Cell::Money(100));
        assert_eq!(one(&value("gross_cents", "1oo"), "current"), Cell::Text("1oo".to_owned()));
        assert_eq!(one(&value("postal_code", "04109"), "current"), Cell::Text("04109".to_owned()));
        let day = NaiveDate::from_ymd_opt(2013, 1, 31).expect("a day");
        assert_eq!(one(&value("due_on", "2013-01-31"), "new"), Cell::Day(day));
    }

    #[test]
    fn changes_are_told_by_their_fields() {
        let words = BTreeMap::from([("email".to_owned(), "Mailadresse".to_owned())]);
        let changes = json!([{ "field": "email", "before": null, "after": "x" }, { "field": "odd", "before": "1", "after": "2" }]);
        let row = json!({ "type": "whole", "value": { "changes": changes } });
        let read = cells(&row, &[ExportColumn { words, ..column("changes") }]);
        assert_eq!(read, [Cell::Text("Mailadresse, odd".to_owned())]);
    }

    #[test]
    fn words_stand_for_what_is_stored() {
        let words = BTreeMap::from([("active".to_owned(), "aktiv".to_owned()), ("true".to_owned(), "ja".to_owned())]);
        let worded = |field: &str| ExportColumn { words: words.clone(), ..column(field) };
        let row = json!({ "type": "whole", "value": { "state": "active", "other": "odd", "flag": true } });
        let read = cells(&row, &[worded("state"), worded("other"), worded("flag")]);
        assert_eq!(read, ["aktiv", "odd", "ja"].map(|text| Cell::Text(text.to_owned())));
    }

    #[test]
    fn a_row_that_cannot_be_read_is_named() {
        let fields = json!([{ "field": "gross_cents", "stored": "1oo" }]);
        let row = json!({ "type": "unreadable", "value": { "id": "x", "label": "RE-1", "fields": fields } });
        let read = cells(&row, &[column("number"), column("gross_cents"), column("state")]);
        assert_eq!(read, [Cell::Text("RE-1".to_owned()), Cell::Text("1oo".to_owned()), Cell::Empty]);
    }
}
