//! What takes long to read is read once and kept until rows change.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use kontor::store::{self, Store};
use sea_orm::ConnectionTrait;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::Answered;

/// What may be read again each time something changes, even while a run changes rows all the time.
const QUICK: Duration = Duration::from_millis(300);
/// What is slower than that takes at most this part of the time while a run goes on.
const PART: u32 = 8;

/// Something that was read, with what it depends on.
#[derive(Debug)]
pub(crate) struct Kept<T, K = ()>(Mutex<Option<Entry<T, K>>>);

#[derive(Debug)]
struct Entry<T, K> {
    key: K,
    marks: Marks,
    read: Arc<T>,
    took: Duration,
    since: Instant,
}

impl<T, K> Default for Kept<T, K> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T, K: PartialEq> Kept<T, K> {
    /// What was read last under this key, or reads it when something has changed since; `read` is told what day it is.
    pub async fn get<F, A>(&self, store: &Store, key: K, read: F) -> Answered<Arc<T>>
    where
        F: FnOnce(NaiveDate) -> A,
        A: Future<Output = Answered<T>>,
    {
        // Whoever asks while it is read waits for that reading instead of beginning another.
        let mut kept = self.0.lock().await;
        let marks = Marks::read(store).await?;
        if let Some(entry) = kept.as_ref().filter(|entry| entry.key == key && entry.holds(&marks)) {
            return Ok(Arc::clone(&entry.read));
        }
        let since = Instant::now();
        let read = Arc::new(read(marks.today).await?);
        *kept = Some(Entry { key, marks, read: Arc::clone(&read), took: since.elapsed(), since });
        Ok(read)
    }
}

impl<T, K> Entry<T, K> {
    fn holds(&self, marks: &Marks) -> bool {
        let is_lately = self.took > QUICK && self.since.elapsed() < self.took * PART;
        self.marks == *marks || (marks.running > 0 && is_lately && self.marks.today == marks.today)
    }
}

/// The newest of everything that decides what is open; as long as these stand, nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marks {
    /// Today at the office.
    pub today: NaiveDate,
    /// Whatever a person does.
    journal: i64,
    /// Each claim takes a new token,
    token: i64,
    /// and each claimed item has a running attempt until it ends.
    pub running: i64,
    /// Mails by their state.
    mails: Vec<i64>,
    /// Rows that come from elsewhere.
    newest: Vec<Option<Uuid>>,
    edited: Vec<Option<String>>,
}

impl Marks {
    /// Reads them: a handful of index look-ups.
    pub async fn read(store: &Store) -> Answered<Self> {
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
            edited: EDITED.iter().map(|table| row.try_get("", &format!("edited_{table}"))).collect::<Result<_, _>>()?,
        })
    }

    fn none(today: NaiveDate) -> Self {
        Self { today, journal: 0, token: 0, running: 0, mails: vec![], newest: vec![], edited: vec![] }
    }
}

/// States in which a mail does not stay; there are never many of these.
const MAILS: [&str; 4] = ["queued", "sending", "deferred", "unknown"];
/// Tables to which rows are only added.
const NEWEST: [&str; 5] = ["attempts", "delivery_evidence", "deliveries", "documents", "storage_samples"];
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
