//! `kontor journal`.

use kontor::invoice;
use kontor::journal::{self, Filter};
use kontor::number::{CUSTOMER, Number};
use kontor::store::Store;
use kontor::store::entities::journal::Model;
use serde::Serialize;

use super::Context;
use crate::Ended;
use crate::args::Journal;
use crate::output::{count, table};

#[derive(Serialize)]
struct Entry {
    seq: i64,
    written_at: String,
    person: String,
    desk: String,
    action: String,
    table: Option<String>,
    row: Option<String>,
    reason: String,
    before: Option<serde_json::Value>,
    after: Option<serde_json::Value>,
    hash: String,
}

pub async fn run(context: &Context, command: Journal) -> anyhow::Result<Ended> {
    let store = context.store().await?;
    match command {
        Journal::List { person, record, before, limit } => {
            let record = match record {
                Some(text) => Some(key(&store, text).await?),
                None => None,
            };
            let rows = journal::list(&store, &Filter { person, record, before, limit }).await?;
            let entries: Vec<Entry> = rows.into_iter().map(entry).collect();
            context.output.result(&entries, |entries| lines(entries))?;
            Ok(Ended::Done)
        }
        Journal::Verify { expect } => {
            let verdict = journal::verify(&store, expect.as_deref()).await?;
            context.output.result(&verdict, |verdict| match &verdict.fault {
                None => format!("The journal holds: {} entries, head {}.", count(verdict.entries), verdict.head),
                Some(fault) => format!("The journal does not hold. {fault}"),
            })?;
            if verdict.fault.is_some() {
                anyhow::bail!("The journal was changed outside Kontor. Compare it with a backup.");
            }
            Ok(Ended::Done)
        }
    }
}

/// Invoices are kept under their ids; people know their numbers.
async fn key(store: &Store, text: String) -> kontor::Result<String> {
    match Number::parse(&text) {
        Ok(number) if number.prefix != CUSTOMER => Ok(invoice::by_number(store, &text).await?.id.to_string()),
        _ => Ok(text),
    }
}

fn entry(row: Model) -> Entry {
    let json = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
    Entry {
        seq: row.seq,
        written_at: row.written_at.to_rfc3339(),
        person: row.person,
        desk: row.desk,
        action: row.action,
        table: row.table_name,
        row: row.row_key,
        reason: row.reason,
        before: json(row.before),
        after: json(row.after),
        hash: row.hash,
    }
}

fn lines(entries: &[Entry]) -> String {
    let cells: Vec<Vec<String>> = entries
        .iter()
        .map(|entry| {
            let record = entry.row.clone().unwrap_or_default();
            let time = entry.written_at.get(..19).unwrap_or(&entry.written_at).replace('T', " ");
            vec![
                entry.seq.to_string(),
                time,
                entry.person.clone(),
                entry.desk.clone(),
                entry.action.clone(),
                record,
                entry.reason.clone(),
            ]
        })
        .collect();
    table(&["No.", "Written (UTC)", "Person", "Desk", "Action", "Record", "Reason"], &[0], &cells)
}
