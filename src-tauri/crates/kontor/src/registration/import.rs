//! Importing customers from a CSV file: all of it or nothing.
//!
//! The file is read twice. The first pass checks every line, also against the mailboxes that are there; only when no
//! line is faulty does the second pass write, in one transaction. Memory holds one batch of lines and a 64-bit
//! fingerprint per mailbox of the file, whatever the file's length.

use std::collections::HashMap;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use chrono::{DateTime, NaiveDate, Utc};
use csv::{Reader, ReaderBuilder, StringRecord};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use uuid::Uuid;

use super::line::{Customer, Heading};
use crate::error::LineFault;
use crate::identity::Actor;
use crate::number::{self, Number};
use crate::store::entities::{mailboxes, registrations, subscriptions, tariffs};
use crate::store::{self, Store, Write, insert_all};
use crate::{Error, Result, journal, seal};

/// The journal's word for an import.
const ACTION: &str = "registrations.import";
/// Lines held at once.
const BATCH: usize = 1_000;

/// What was imported.
#[derive(Clone, Debug, Serialize)]
pub struct Imported {
    /// Customers written.
    pub imported: i64,
    /// First customer number given.
    pub first: Option<String>,
    /// Last customer number given.
    pub last: Option<String>,
    /// The request had been answered before; nothing was written now.
    pub repeated: bool,
}

/// Imports a file; `on_progress` hears of lines checked and lines written.
pub async fn import(
    store: &Store,
    actor: &Actor,
    path: &Path,
    on_progress: &mut (dyn FnMut(&'static str, usize) + Send),
) -> Result<Imported> {
    if let Some(entry) = journal::done_before(store.read(), actor.request, ACTION).await? {
        return Ok(repeated(&entry));
    }
    let tariff = tariff(store).await?;
    let lines = check(store, path, on_progress).await?;
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    let mut serial = take_serials(&write, i64::try_from(lines).unwrap_or(0)).await?;
    let first = serial + 1;
    let mut reader = open(path)?;
    let heading = heading(&mut reader, path)?;
    let mut batch = Vec::with_capacity(BATCH);
    let mut written = 0;
    for record in reader.records() {
        let changed = || Error::Refused(format!("{} changed while it was read; nothing was imported.", path.display()));
        let customer = heading.customer(&record.map_err(|_| changed())?).map_err(|_| changed())?;
        serial += 1;
        batch.push((serial, customer));
        if batch.len() == BATCH {
            written += batch.len();
            write_batch(&write, std::mem::take(&mut batch), &tariff, now).await?;
            on_progress("written", written);
        }
    }
    written += batch.len();
    write_batch(&write, batch, &tariff, now).await?;
    if written != lines {
        return Err(Error::Refused(format!("{} changed while it was read; nothing was imported.", path.display())));
    }
    let done = Imported {
        imported: serial - first + 1,
        first: (written > 0).then(|| Number::customer(first).to_string()),
        last: (written > 0).then(|| Number::customer(serial).to_string()),
        repeated: false,
    };
    let entry = journal::Entry {
        action: ACTION,
        record: None,
        reason: &path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        before: None,
        after: serde_json::to_value(&done).ok(),
    };
    journal::record(&*write, actor, now, entry).await?;
    write.commit().await?;
    store.count_anew().await;
    Ok(done)
}

fn repeated(entry: &store::entities::journal::Model) -> Imported {
    let after: serde_json::Value =
        entry.after.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let number = |name: &str| after[name].as_str().map(str::to_owned);
    Imported {
        imported: after["imported"].as_i64().unwrap_or(0),
        first: number("first"),
        last: number("last"),
        repeated: true,
    }
}

async fn tariff(store: &Store) -> Result<tariffs::Model> {
    let newest = tariffs::Entity::find().order_by_desc(tariffs::Column::ValidFromOn).one(store.read()).await?;
    newest.ok_or_else(|| {
        Error::Refused(
            "There is no tariff yet. `kontor db settings FILE.json` adds company, tariff and VAT rate.".to_owned(),
        )
    })
}

/// First pass: every line by itself, then its mailbox against the file and against the database.
async fn check(store: &Store, path: &Path, on_progress: &mut (dyn FnMut(&'static str, usize) + Send)) -> Result<usize> {
    let mut reader = open(path)?;
    let heading = heading(&mut reader, path)?;
    let mut seen: HashMap<u64, u64> = HashMap::new();
    let mut faults = Vec::new();
    let mut batch: Vec<(u64, String)> = Vec::with_capacity(BATCH);
    let mut lines = 0;
    let mut record = StringRecord::new();
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => match heading.customer(&record) {
                Ok(customer) => {
                    let line = record.position().map_or(line, csv::Position::line);
                    match seen.insert(fingerprint(&customer.mailbox), line) {
                        Some(first) => faults.push(fault(line, format!("mailbox stands in line {first} already"))),
                        None => batch.push((line, customer.mailbox)),
                    }
                }
                Err(reason) => faults.push(fault(record.position().map_or(line, csv::Position::line), reason)),
            },
            Err(error) => faults.push(unreadable(line, &error)),
        }
        lines += 1;
        if batch.len() == BATCH {
            taken(store, std::mem::take(&mut batch), &mut faults).await?;
            on_progress("checked", lines);
        }
    }
    taken(store, batch, &mut faults).await?;
    faults.sort_by_key(|fault| fault.line);
    if faults.is_empty() { Ok(lines) } else { Err(Error::Faulty { faults, lines }) }
}

fn fault(line: u64, reason: String) -> LineFault {
    LineFault { line, reason }
}

fn unreadable(line: u64, error: &csv::Error) -> LineFault {
    let reason = match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "is not UTF-8; save the file as UTF-8 and import it again".to_owned(),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("has {len} fields, the heading has {expected_len}")
        }
        _ => "cannot be read as CSV".to_owned(),
    };
    fault(error.position().map_or(line, csv::Position::line), reason)
}

fn fingerprint(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Reports mailboxes that exist in the database already.
async fn taken(store: &Store, batch: Vec<(u64, String)>, faults: &mut Vec<LineFault>) -> Result<()> {
    if batch.is_empty() {
        return Ok(());
    }
    let there: Vec<String> = mailboxes::Entity::find()
        .select_only()
        .column(mailboxes::Column::Address)
        .filter(mailboxes::Column::Address.is_in(batch.iter().map(|(_, mailbox)| mailbox.as_str())))
        .into_tuple()
        .all(store.read())
        .await?;
    for (line, mailbox) in batch {
        if there.contains(&mailbox) {
            faults.push(fault(line, "mailbox exists already".to_owned()));
        }
    }
    Ok(())
}

/// Opens the file and finds out whether commas or semicolons separate its fields.
fn open(path: &Path) -> Result<Reader<Box<dyn Read>>> {
    let file = File::open(path).map_err(|error| Error::file(path, error))?;
    let mut file = BufReader::new(file);
    let start = file.fill_buf().map_err(|error| Error::file(path, error))?;
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |separator: u8| line.split(|byte| *byte == separator).count();
    let delimiter = if count(b';') > count(b',') { b';' } else { b',' };
    let reader: Box<dyn Read> = Box::new(file);
    Ok(ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(reader))
}

fn heading(reader: &mut Reader<Box<dyn Read>>, path: &Path) -> Result<Heading> {
    let mut record = StringRecord::new();
    let wrong = |reason: String| Error::Usage(format!("{}: {reason}. Nothing was imported.", path.display()));
    match reader.read_record(&mut record) {
        Ok(true) => Heading::read(&record).map_err(wrong),
        Ok(false) => Err(wrong("the file is empty".to_owned())),
        Err(error) => Err(wrong(format!("the heading {}", unreadable(1, &error).reason))),
    }
}

/// Takes `count` customer numbers and returns the serial before the first.
async fn take_serials(write: &Write, count: i64) -> Result<i64> {
    let backend = write.get_database_backend();
    let make = "INSERT INTO number_ranges (id, kind, year, prefix, last_serial) VALUES (?, 'customer', 0, ?, 0) \
                ON CONFLICT (kind, year) DO NOTHING";
    write.execute_raw(store::sql(backend, make, [Uuid::now_v7().into(), number::CUSTOMER.into()])).await?;
    let rise = "UPDATE number_ranges SET last_serial = last_serial + ? WHERE kind = 'customer' RETURNING last_serial";
    let row = write.query_one_raw(store::sql(backend, rise, [count.into()])).await?;
    let row = row.ok_or_else(|| Error::Refused("The range of customer numbers cannot be locked.".to_owned()))?;
    Ok(row.try_get::<i64>("", "last_serial")? - count)
}

async fn write_batch(
    write: &Write,
    batch: Vec<(i64, Customer)>,
    tariff: &tariffs::Model,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut people = Vec::with_capacity(batch.len());
    let mut boxes = Vec::with_capacity(batch.len());
    let mut contracts = Vec::with_capacity(batch.len());
    for (serial, customer) in batch {
        let start_date = customer.start_date;
        let mailbox = customer.mailbox.clone();
        let registration = registration(serial, customer, now);
        let mailbox = mailbox_row(&registration, mailbox, tariff, now);
        contracts.push(subscription(&registration, &mailbox, tariff, start_date, now));
        boxes.push(mailbox);
        people.push(registration);
    }
    insert_all(&**write, people).await?;
    insert_all(&**write, boxes).await?;
    insert_all(&**write, contracts).await
}

fn registration(serial: i64, customer: Customer, now: DateTime<Utc>) -> registrations::Model {
    let [street, postal_code, city, country] = match customer.address {
        Some(address) => address.map(Some),
        None => [None, None, None, None],
    };
    let mut row = registrations::Model {
        id: Uuid::now_v7(),
        customer_serial: serial,
        customer_number: Number::customer(serial).to_string(),
        kind: if customer.company.is_some() { "company" } else { "person" }.to_owned(),
        company: customer.company,
        first_name: customer.first_name,
        last_name: customer.last_name,
        email: customer.email,
        language: customer.language,
        street,
        postal_code,
        city,
        country,
        vat_id: customer.vat_id,
        state: "active".to_owned(),
        source: "import".to_owned(),
        registered_at: now,
        search_text: String::new(),
        created_at: now,
        updated_at: now,
        version: 1,
        seal: None,
        sort_name: String::new(),
    };
    row.search_text = super::search_text(&row, &customer.mailbox);
    row.sort_name = super::sort_name(&row);
    row.seal = Some(seal::registration(&row));
    row
}

fn mailbox_row(
    registration: &registrations::Model,
    address: String,
    tariff: &tariffs::Model,
    now: DateTime<Utc>,
) -> mailboxes::Model {
    let mut row = mailboxes::Model {
        id: Uuid::now_v7(),
        registration_id: registration.id,
        address,
        quota_bytes: tariff.quota_bytes,
        used_bytes: 0,
        quota_override_reason: None,
        state: "active".to_owned(),
        created_at: now,
        updated_at: now,
        version: 1,
        seal: None,
    };
    row.seal = Some(seal::mailbox(&row));
    row
}

fn subscription(
    registration: &registrations::Model,
    mailbox: &mailboxes::Model,
    tariff: &tariffs::Model,
    started_on: NaiveDate,
    now: DateTime<Utc>,
) -> subscriptions::Model {
    let mut row = subscriptions::Model {
        id: Uuid::now_v7(),
        registration_id: registration.id,
        mailbox_id: Some(mailbox.id),
        tariff_id: tariff.id,
        started_on,
        ended_on: None,
        state: "active".to_owned(),
        created_at: now,
        updated_at: now,
        version: 1,
        seal: None,
    };
    row.seal = Some(seal::subscription(&row));
    row
}
