//! Entries as the list shows them: what changed, field by field, and the record with the name that people know it by.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kontor::store;
use sea_orm::{ConnectionTrait, QueryResult, Value};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::answer::Answered;
use crate::answer::stored::{Values, stored};
use crate::failure::RecordKind;
use crate::journal::{FieldChange, JournalRecord, JournalRow};
use crate::list::Destination;
use crate::office::Open;
use crate::page::{By, Stored};

/// The entries at these places, in this order.
pub(super) async fn rows(open: &Open, seqs: &[i64]) -> Answered<Vec<Stored<JournalRow>>> {
    if seqs.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "SELECT seq, written_at, person, desk, action, table_name, row_key, reason, \"before\", \"after\", request_id, \
         hash FROM journal WHERE seq IN ({})",
        store::places(seqs.len())
    );
    let values = seqs.iter().map(|seq| Value::from(*seq));
    let found = open.store.read().query_all_raw(store::sql(open.store.backend(), &text, values)).await?;
    let labels = labels(open, &found).await?;
    let mut rows = HashMap::new();
    for row in &found {
        let seq: i64 = row.try_get("", "seq")?;
        let id = seq.to_string();
        rows.insert(seq, stored(row, RecordKind::JournalEntry, id, "action", |values| entry(values, seq, &labels)));
    }
    Ok(seqs.iter().filter_map(|seq| rows.remove(seq)).collect())
}

/// Names of records that are still there, by table and key.
type Labels = HashMap<(String, Uuid), Option<String>>;

fn entry(values: &mut Values<'_>, seq: i64, labels: &Labels) -> Option<JournalRow> {
    let (written_at, action, reason) = (values.get("written_at"), values.get("action"), values.get("reason"));
    let (person, desk) = (values.get("person"), values.get("desk"));
    let (table, key) = (values.get::<Option<String>>("table_name"), values.get::<Option<String>>("row_key"));
    let (before, after) = (json(values, "before"), json(values, "after"));
    let (request_id, hash) = (values.get("request_id"), values.get("hash"));
    Some(JournalRow {
        seq,
        written_at: written_at?,
        by: By { person: person?, desk: desk? },
        action: action?,
        record: table?.zip(key?).map(|(table, key)| record(table, key, labels)),
        reason: reason?,
        changes: changes(&before?, &after?),
        request_id: request_id?,
        hash: hash?,
    })
}

/// What stood (or stands) there, JSON's null where that is nothing.
fn json(values: &mut Values<'_>, column: &str) -> Option<Json> {
    let Some(text) = values.get::<Option<String>>(column)? else { return Some(Json::Null) };
    match serde_json::from_str(&text) {
        Ok(json) => Some(json),
        Err(_) => values.fault(column),
    }
}

/// Before and after, field by field; fields that stayed as they were are left out.
pub(crate) fn changes(before: &Json, after: &Json) -> Vec<FieldChange> {
    let (before, after) = (fields(before), fields(after));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let change = |name: &String| {
        let (before, after) = (before.get(name).cloned().flatten(), after.get(name).cloned().flatten());
        (before != after).then(|| FieldChange { field: name.clone(), before, after })
    };
    names.into_iter().filter_map(change).collect()
}

fn fields(json: &Json) -> BTreeMap<String, Option<String>> {
    match json {
        Json::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), shown(value))).collect(),
        Json::Null => BTreeMap::new(),
        // Something that is no set of fields is one field without a name.
        other => BTreeMap::from([(String::new(), shown(other))]),
    }
}

fn shown(value: &Json) -> Option<String> {
    match value {
        Json::Null => None,
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn record(table: String, key: String, labels: &Labels) -> JournalRecord {
    let id = key.parse::<Uuid>().ok();
    let found = id.and_then(|id| labels.get(&(table.clone(), id)).map(|label| (id, label.clone())));
    let destination = found.as_ref().and_then(|(id, _)| destination(&table, *id));
    JournalRecord { table, key, label: found.and_then(|(_, label)| label), destination }
}

fn destination(table: &str, id: Uuid) -> Option<Destination> {
    match table {
        "registrations" => Some(Destination::Registration { id }),
        "invoices" => Some(Destination::Invoice { id }),
        "deliveries" => Some(Destination::Delivery { id }),
        "runs" => Some(Destination::Run { id }),
        _ => None,
    }
}

/// How people know the records of a table: the query for it, with a place for the ids.
fn question(table: &str) -> Option<&'static str> {
    match table {
        "registrations" => Some("SELECT id, customer_number AS label FROM registrations WHERE id IN"),
        "invoices" => Some("SELECT id, number AS label FROM invoices WHERE id IN"),
        "mailboxes" => Some("SELECT id, address AS label FROM mailboxes WHERE id IN"),
        "deliveries" => Some(
            "SELECT d.id, i.number AS label FROM deliveries d JOIN invoices i ON i.id = d.invoice_id WHERE d.id IN",
        ),
        "runs" => Some("SELECT id, NULL AS label FROM runs WHERE id IN"),
        _ => None,
    }
}

async fn labels(open: &Open, entries: &[QueryResult]) -> Answered<Labels> {
    let mut wanted: BTreeMap<String, BTreeSet<Uuid>> = BTreeMap::new();
    for row in entries {
        let (table, key): (Option<String>, Option<String>) =
            (row.try_get("", "table_name").ok().flatten(), row.try_get("", "row_key").ok().flatten());
        if let (Some(table), Some(id)) = (table, key.and_then(|key| key.parse().ok())) {
            wanted.entry(table).or_default().insert(id);
        }
    }
    let mut labels = Labels::new();
    for (table, ids) in wanted {
        let Some(question) = question(&table) else { continue };
        let text = format!("{question} ({})", store::places(ids.len()));
        let values = ids.into_iter().map(Value::from);
        for row in open.store.read().query_all_raw(store::sql(open.store.backend(), &text, values)).await? {
            let label = row.try_get::<Option<String>>("", "label").unwrap_or_default();
            labels.insert((table.clone(), row.try_get("", "id")?), label);
        }
    }
    Ok(labels)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_changed_is_a_change() {
        let (before, after) = (json!({ "a": 1, "b": "x", "c": null }), json!({ "a": 1, "b": "y", "c": [1] }));
        let told: Vec<_> =
            changes(&before, &after).into_iter().map(|change| (change.field, change.before, change.after)).collect();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(told, [("b".to_owned(), text("x"), text("y")), ("c".to_owned(), None, text("[1]"))]);
        assert!(changes(&Json::Null, &Json::Null).is_empty());
    }
}
