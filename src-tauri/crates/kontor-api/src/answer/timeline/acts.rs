//! What people did to a registration, by the journal: entries about the customer, and about invoices, mails, mailboxes and
//! subscriptions of the customer.

use std::collections::HashMap;

use kontor::invoice::{cancel, restore, review};
use kontor::registration::contact::Field;
use kontor::registration::{change, note};
use kontor::store::{self, places};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use serde_json::Value as Json;
use uuid::Uuid;

use super::super::{Answered, journal};
use super::rows;
use crate::journal::FieldChange;
use crate::list::Destination;
use crate::office::Open;
use crate::page::By;
use crate::timeline::{TimelineEntry, TimelineEvent};

/// Records of a registration, with the numbers of invoices.
const RECORDS: [(&str, &str); 5] = [
    ("registrations", "SELECT id, NULL AS number FROM registrations WHERE id = ?"),
    ("invoices", "SELECT id, number FROM invoices WHERE registration_id = ?"),
    (
        "deliveries",
        "SELECT d.id, i.number FROM invoices i JOIN deliveries d ON d.invoice_id = i.id WHERE i.registration_id = ?",
    ),
    ("mailboxes", "SELECT id, NULL AS number FROM mailboxes WHERE registration_id = ?"),
    ("subscriptions", "SELECT id, NULL AS number FROM subscriptions WHERE registration_id = ?"),
];

pub(super) async fn of(open: &Open, registration: Uuid) -> Answered<Vec<TimelineEntry>> {
    let mut entries = Vec::new();
    for (table, question) in RECORDS {
        let mut numbers: HashMap<Uuid, Option<String>> = HashMap::new();
        for row in rows(open, question, registration).await? {
            numbers.insert(row.try_get("", "id")?, row.try_get("", "number").unwrap_or_default());
        }
        if numbers.is_empty() {
            continue;
        }
        let text = format!(
            "SELECT seq, written_at, person, desk, action, row_key, reason, \"before\", \"after\" FROM journal WHERE \
             table_name = ? AND row_key IN ({})",
            places(numbers.len())
        );
        let keys = numbers.keys().map(|id| Value::from(id.to_string()));
        let values = [Value::from(table)].into_iter().chain(keys);
        let found = open.store.read().query_all_raw(store::sql(open.store.backend(), &text, values)).await?;
        entries.extend(found.iter().filter_map(|row| entry(row, &numbers)));
    }
    Ok(entries)
}

fn entry(row: &QueryResult, numbers: &HashMap<Uuid, Option<String>>) -> Option<TimelineEntry> {
    let seq: i64 = row.try_get("", "seq").ok()?;
    let record: String = row.try_get("", "row_key").ok()?;
    let id = record.parse::<Uuid>().ok()?;
    let action: String = row.try_get("", "action").ok()?;
    let json = |column: &str| -> Json {
        let text: Option<String> = row.try_get("", column).ok().flatten();
        text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    };
    let reason: String = row.try_get("", "reason").ok()?;
    let number = numbers.get(&id)?.clone().unwrap_or_default();
    let event = event(&action, number, &json("before"), &json("after"));
    let destination = match event {
        TimelineEvent::InvoiceCancelled { .. }
        | TimelineEvent::InvoiceRestored { .. }
        | TimelineEvent::Reviewed { .. } => Destination::Invoice { id },
        _ => Destination::JournalEntry { seq },
    };
    Some(TimelineEntry {
        key: format!("journal:{seq:019}"),
        at: row.try_get("", "written_at").ok()?,
        event,
        by: Some(By { person: row.try_get("", "person").ok()?, desk: row.try_get("", "desk").ok()? }),
        reason: Some(reason).filter(|reason| !reason.is_empty()),
        destination: Some(destination),
    })
}

fn event(action: &str, number: String, before: &Json, after: &Json) -> TimelineEvent {
    let fields = || journal::changes(before, after);
    match action {
        change::ACTION => TimelineEvent::ContactChanged { fields: only_contact(fields()) },
        note::ADDED => TimelineEvent::NoteAdded { text: after["text"].as_str().unwrap_or_default().to_owned() },
        note::EDITED => TimelineEvent::NoteEdited { fields: only(fields(), |name| name == "text") },
        note::DELETED => TimelineEvent::NoteDeleted,
        cancel::CANCEL => {
            let cancellation = after["cancellation"].as_str().unwrap_or_default().to_owned();
            TimelineEvent::InvoiceCancelled { number, cancellation }
        }
        restore::ACTION => {
            TimelineEvent::InvoiceRestored { number, fields: journal::changes(&before["fields"], &after["fields"]) }
        }
        review::ACTION => {
            TimelineEvent::Reviewed { number, is_reviewed: after["is_reviewed"].as_bool().unwrap_or_default() }
        }
        other => TimelineEvent::Other { action: other.to_owned() },
    }
}

fn only(fields: Vec<FieldChange>, wanted: fn(&str) -> bool) -> Vec<FieldChange> {
    fields.into_iter().filter(|field| wanted(&field.field)).collect()
}

/// Version and runs stand in the entry, too; they are no contact data.
fn only_contact(fields: Vec<FieldChange>) -> Vec<FieldChange> {
    only(fields, |name| Field::named(name).is_some())
}
