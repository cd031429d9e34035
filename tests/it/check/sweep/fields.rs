//! The sealed fields of a row, and what they become when one bit flips: as the program holds them, and as the databases keep
//! days and times.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use kontor::check::SealedRow;
use uuid::Uuid;

/// A value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    Text(String),
    Whole(i64),
    Day(NaiveDate),
    At(DateTime<Utc>),
    Id(Uuid),
    Bytes(Vec<u8>),
}

/// A sealed field of one kind of row.
pub struct Field {
    pub table: &'static str,
    pub name: &'static str,
    /// What stands there; none is NULL.
    pub of: fn(&SealedRow) -> Option<Content>,
    /// The row with another value.
    pub with: fn(&SealedRow, &Content) -> SealedRow,
}

/// One flipped bit.
#[derive(Clone, Debug)]
pub struct Flip {
    pub right: String,
    pub value: Content,
}

/// All flips of a field.
#[derive(Debug, Default)]
pub struct Flips {
    pub all: Vec<Flip>,
    /// Flips after which it is no text any more, so that the row cannot even be decoded.
    pub no_text: usize,
}

macro_rules! fields {
    ($variant:ident, $table:literal, $($kind:ident $name:ident $(($maybe:ident))?),+) => {
        vec![$(Field {
            table: $table,
            name: stringify!($name),
            of: |row| {
                let SealedRow::$variant(row) = row else { return None };
                fields!(@get row $kind $name $(($maybe))?)
            },
            with: |row, value| {
                let (SealedRow::$variant(row), Content::$kind(value)) = (row, value) else { panic!("{value:?}") };
                let mut row = row.clone();
                row.$name = fields!(@set value $(($maybe))?);
                SealedRow::$variant(row)
            },
        }),+]
    };
    (@get $row:ident $kind:ident $name:ident) => { Some(Content::$kind($row.$name.clone())) };
    (@get $row:ident $kind:ident $name:ident (maybe)) => { $row.$name.clone().map(Content::$kind) };
    (@set $value:ident) => { $value.clone() };
    (@set $value:ident (maybe)) => { Some($value.clone()) };
}

/// The sealed fields of a row, its seal last.
pub fn of(row: &SealedRow) -> Vec<Field> {
    match row {
        SealedRow::Registration(_) => fields!(
            Registration, "registrations", Id id, Whole customer_serial, Text customer_number, Text kind,
            Text company (maybe), Text first_name, Text last_name, Text email, Text language, Text street (maybe),
            Text postal_code (maybe), Text city (maybe), Text country (maybe), Text vat_id (maybe), Text state,
            Text source, At registered_at, Bytes seal (maybe)
        ),
        SealedRow::Mailbox(_) => fields!(
            Mailbox, "mailboxes", Id id, Id registration_id, Text address, Whole quota_bytes,
            Text quota_override_reason (maybe), Text state, Bytes seal (maybe)
        ),
        SealedRow::Subscription(_) => fields!(
            Subscription, "subscriptions", Id id, Id registration_id, Id mailbox_id (maybe), Id tariff_id,
            Day started_on, Day ended_on (maybe), Text state, Bytes seal (maybe)
        ),
        SealedRow::Invoice(_) => {
            fields!(Invoice, "invoices", Id id, Text state, Id cancelled_by (maybe), Bytes seal (maybe))
        }
        SealedRow::Note(_) => fields!(
            Note, "notes", Id id, Id registration_id, Text text, Text person, Text desk, Bytes seal (maybe)
        ),
        SealedRow::Payment(_) | SealedRow::SavedFilter(_) => Vec::new(),
    }
}

/// The id of a row.
pub fn id(row: &SealedRow) -> Uuid {
    match row {
        SealedRow::Registration(row) => row.id,
        SealedRow::Mailbox(row) => row.id,
        SealedRow::Subscription(row) => row.id,
        SealedRow::Invoice(row) => row.id,
        SealedRow::Payment(row) => row.id,
        SealedRow::Note(row) => row.id,
        SealedRow::SavedFilter(row) => row.id,
    }
}

/// Every bit of a field flipped, each once.
pub fn flips(row: &SealedRow, field: &Field) -> Flips {
    let Some(content) = (field.of)(row) else { return Flips::default() };
    let (right, values, no_text) = match &content {
        Content::Text(text) => {
            let values: Vec<Content> =
                flipped(text.as_bytes()).filter_map(|bytes| String::from_utf8(bytes).ok()).map(Content::Text).collect();
            let no_text = text.len() * 8 - values.len();
            (text.clone(), values, no_text)
        }
        Content::Whole(value) => {
            (value.to_string(), (0..64).map(|bit| Content::Whole(value ^ (1 << bit))).collect(), 0)
        }
        Content::Day(day) => (day.to_string(), days(*day).into_iter().map(Content::Day).collect(), 0),
        Content::At(at) => (at.to_rfc3339(), times(*at).into_iter().map(Content::At).collect(), 0),
        Content::Id(id) => {
            let ids = (0..128).map(|bit| Content::Id(Uuid::from_u128(id.as_u128() ^ (1 << bit))));
            (id.to_string(), ids.collect(), 0)
        }
        Content::Bytes(bytes) => (String::new(), flipped(bytes).map(Content::Bytes).collect(), 0),
    };
    let all = values.into_iter().map(|value| Flip { right: right.clone(), value }).collect();
    Flips { all, no_text }
}

/// Bytes, each of their bits flipped once.
pub fn flipped(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    (0..bytes.len() * 8).map(|bit| {
        let mut bytes = bytes.to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        bytes
    })
}

/// As a number of days from the year 1 and from 2000 (the server's), and as text (the embedded database's).
fn days(day: NaiveDate) -> BTreeSet<NaiveDate> {
    let epoch = NaiveDate::from_ymd_opt(2000, 1, 1).expect("a day").num_days_from_ce();
    let counted = |from: i32| {
        (0..32).filter_map(move |bit| {
            NaiveDate::from_num_days_from_ce_opt(((day.num_days_from_ce() - from) ^ (1 << bit)).checked_add(from)?)
        })
    };
    let text = day.to_string();
    // As it would be written: other spellings of a day are no day to the database.
    let read = |text: String| text.parse::<NaiveDate>().ok().filter(|day| day.to_string() == text);
    let written = flipped(text.as_bytes()).filter_map(|bytes| read(String::from_utf8(bytes).ok()?));
    let all = counted(0).chain(counted(epoch)).chain(written);
    all.filter(|other: &NaiveDate| (1..=9999).contains(&other.year()) && *other != day).collect()
}

/// The same in microseconds.
fn times(at: DateTime<Utc>) -> BTreeSet<DateTime<Utc>> {
    let epoch = 946_684_800_000_000_i64;
    let counted = |from: i64| {
        (0..64).filter_map(move |bit| {
            DateTime::from_timestamp_micros(((at.timestamp_micros() - from) ^ (1 << bit)).checked_add(from)?)
        })
    };
    let text = at.to_rfc3339();
    let written = flipped(text.as_bytes()).filter_map(|bytes| {
        let read = DateTime::parse_from_rfc3339(&String::from_utf8(bytes).ok()?).ok()?;
        Some(read.with_timezone(&Utc))
    });
    let all = counted(0).chain(counted(epoch)).chain(written);
    all.filter(|other| (1..=9999).contains(&other.year()) && *other != at).collect()
}
