//! All that is open, read once and kept until rows change: a list is filtered, sorted and paged from it, page after page,
//! without asking again what every open invoice lacks.

use std::sync::Arc;

use chrono::NaiveDate;
use kontor::registration::folded;
use kontor::run::case::Case;
use kontor::run::plan::{Candidate, Tried, judged};
use kontor::run::{Key, code, open_keys};
use kontor::store::{self, Store};
use sea_orm::{ConnectionTrait, QueryResult};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::answer::Answered;
use crate::office::Open;
use crate::page::NumberedInvoice;

/// Something that is open.
#[derive(Clone, Debug)]
pub(crate) struct Failing {
    /// What it is about.
    pub key: Key,
    /// The invoice, where there is one.
    pub invoice: Option<NumberedInvoice>,
    /// The registration.
    pub registration: Uuid,
    /// Customer number.
    pub customer: String,
    /// Name of the customer.
    pub name: String,
    /// The customer's mail address.
    pub email: String,
    /// Number, customer, name and address, folded for searching.
    pub words: String,
    /// Its group, by the cause's key.
    pub group: Arc<str>,
    /// Host of the last attempt that failed.
    pub host: Option<Arc<str>>,
    /// Why it cannot run; none when it can.
    pub obstacle: Option<&'static str>,
    /// What was tried so far.
    pub tried: Tried,
    /// Column whose stored value cannot be decoded; then only the key and the group are known.
    pub undecodable: Option<String>,
}

/// All that was open when the marks stood as they do.
#[derive(Debug)]
pub(crate) struct Failures {
    marks: Marks,
    /// What was open.
    pub all: Vec<Failing>,
}

/// What was read last.
#[derive(Debug, Default)]
pub(crate) struct Known(Mutex<Option<Arc<Failures>>>);

/// All that is open.
pub(crate) async fn failures(open: &Open) -> Answered<Arc<Failures>> {
    // Whoever asks while it is read waits for that reading instead of beginning another.
    let mut known = open.failures.0.lock().await;
    let marks = Marks::read(&open.store).await?;
    if let Some(known) = known.as_ref().filter(|known| known.marks == marks) {
        return Ok(Arc::clone(known));
    }
    let read = Arc::new(read(&open.store, marks).await?);
    *known = Some(Arc::clone(&read));
    Ok(read)
}

async fn read(store: &Store, marks: Marks) -> Answered<Failures> {
    let keys = open_keys(store).await?;
    let mut all = judged(store, &keys, marks.today, failing).await?;
    all.retain(|failing| failing.obstacle != Some(code::DONE_ALREADY));
    Ok(Failures { marks, all })
}

fn failing(candidate: Candidate, case: Option<&Case>) -> Failing {
    let Candidate { key, group, host, obstacle, tried, undecodable, .. } = candidate;
    let numbered = |row: &store::entities::invoices::Model| NumberedInvoice { id: row.id, number: row.number.clone() };
    let invoice = case.and_then(|case| case.invoice.as_ref()).map(numbered);
    let row = case.map(|case| &case.registration);
    let name = row.map_or_else(String::new, |row| match &row.company {
        Some(company) if !company.is_empty() => company.clone(),
        _ => format!("{} {}", row.first_name, row.last_name).trim().to_owned(),
    });
    let number = invoice.as_ref().map_or("", |invoice| &invoice.number);
    let words = row.map_or_else(String::new, |row| {
        let person = format!("{} {}", row.first_name, row.last_name);
        folded(&format!("{number} {} {name} {person} {}", row.customer_number, row.email))
    });
    Failing {
        key,
        invoice,
        registration: row.map_or(Uuid::nil(), |row| row.id),
        customer: row.map_or_else(String::new, |row| row.customer_number.clone()),
        email: row.map_or_else(String::new, |row| row.email.clone()),
        name,
        words,
        group,
        host,
        obstacle,
        tried,
        undecodable,
    }
}

/// The newest of everything that decides what is open; as long as these stand, nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Marks {
    today: NaiveDate,
    /// Whatever a person does.
    journal: i64,
    /// Each claim takes a new token, and each claimed item has a running attempt until it ends.
    token: i64,
    running: i64,
    /// Mails by their state.
    mails: Vec<i64>,
    /// Rows that come from elsewhere.
    newest: Vec<Option<Uuid>>,
    edited: Vec<Option<String>>,
}

impl Marks {
    async fn read(store: &Store) -> Answered<Self> {
        let today = store.today().await?;
        let row = store.read().query_one_raw(store::sql(store.backend(), &question(), [])).await?;
        let Some(row) = row else { return Ok(Self::none(today)) };
        Ok(Self {
            today,
            journal: row.try_get("", "journal")?,
            token: row.try_get("", "token")?,
            running: row.try_get("", "running")?,
            mails: MAILS.iter().map(|state| row.try_get("", state)).collect::<Result<_, _>>()?,
            newest: NEWEST.iter().map(|table| row.try_get("", table)).collect::<Result<_, _>>()?,
            edited: EDITED.iter().map(|table| text(&row, &format!("edited_{table}"))).collect::<Result<_, _>>()?,
        })
    }

    fn none(today: NaiveDate) -> Self {
        Self { today, journal: 0, token: 0, running: 0, mails: vec![], newest: vec![], edited: vec![] }
    }
}

/// States in which a mail does not stay; there are never many of these.
const MAILS: [&str; 4] = ["queued", "sending", "deferred", "unknown"];
/// Tables to which rows are only added.
const NEWEST: [&str; 4] = ["attempts", "delivery_evidence", "deliveries", "documents"];
/// Tables whose rows note when they were changed.
const EDITED: [&str; 4] = ["registrations", "mailboxes", "subscriptions", "invoices"];

fn question() -> String {
    let mut parts = vec![
        "(SELECT journal_seq FROM installation WHERE id = 1) AS journal".to_owned(),
        "(SELECT last_token FROM fencing WHERE id = 1) AS token".to_owned(),
        "(SELECT count(*) FROM attempts WHERE outcome = 'running') AS running".to_owned(),
    ];
    parts.extend(
        MAILS.iter().map(|state| format!("(SELECT count(*) FROM deliveries WHERE state = '{state}') AS {state}")),
    );
    parts.extend(NEWEST.iter().map(|table| format!("(SELECT id FROM {table} ORDER BY id DESC LIMIT 1) AS {table}")));
    parts.extend(EDITED.iter().map(|table| {
        format!(
            "(SELECT CAST(updated_at AS TEXT) FROM {table} ORDER BY updated_at DESC, id DESC LIMIT 1) AS edited_{table}"
        )
    }));
    format!("SELECT {}", parts.join(", "))
}

fn text(row: &QueryResult, column: &str) -> Result<Option<String>, sea_orm::DbErr> {
    row.try_get("", column)
}
