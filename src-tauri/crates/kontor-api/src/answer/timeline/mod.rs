//! Everything that happened to a registration, newest first.
//!
//! A customer has some dozens of rows, so they are all read, put into one order and cut. A row that cannot be read has no
//! place in time; it stands in its list.

mod acts;
mod rows;

use chrono::{DateTime, Utc};
use kontor::store;
use sea_orm::{ConnectionTrait, QueryResult, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Answered, Handle};
use crate::failure::{Failure, Fault, RecordKind};
use crate::office::{Office, Open};
use crate::page::Cursor;
use crate::timeline::{ShowTimeline, Timeline, TimelineEntry};

/// Most entries of a part.
const MOST: i64 = 500;

/// Where an entry stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Spot {
    at: DateTime<Utc>,
    key: String,
}

impl Handle for ShowTimeline {
    async fn handle(self, office: &Office) -> Answered<Timeline> {
        let open = office.open()?;
        let before = self.before.as_ref().map(parse).transpose()?;
        let limit = usize::try_from(self.limit.clamp(1, MOST)).unwrap_or(1);
        let mut entries = entries(&open, self.registration).await?;
        entries.sort_by_key(|entry| std::cmp::Reverse(spot(entry)));
        entries.retain(|entry| before.as_ref().is_none_or(|before| spot(entry) < *before));
        let has_older = entries.len() > limit;
        entries.truncate(limit);
        let older = entries.last().filter(|_| has_older).and_then(|entry| serde_json::to_string(&spot(entry)).ok());
        Ok(Timeline { entries, older: older.map(Cursor) })
    }
}

fn parse(cursor: &Cursor) -> Answered<Spot> {
    serde_json::from_str(&cursor.0).map_err(|_| Failure::invalid("before", Fault::Malformed).into())
}

fn spot(entry: &TimelineEntry) -> Spot {
    Spot { at: entry.at, key: entry.key.clone() }
}

async fn entries(open: &Open, registration: Uuid) -> Answered<Vec<TimelineEntry>> {
    let found = rows(open, "SELECT id FROM registrations WHERE id = ?", registration).await?;
    if found.is_empty() {
        return Err(Failure::not_found(RecordKind::Registration, registration).into());
    }
    let mut entries = rows::registered(open, registration).await?;
    entries.extend(rows::subscriptions(open, registration).await?);
    entries.extend(rows::papers(open, registration).await?);
    entries.extend(rows::attempts(open, registration).await?);
    entries.extend(rows::mails(open, registration).await?);
    entries.extend(rows::evidence(open, registration).await?);
    entries.extend(rows::payments(open, registration).await?);
    entries.extend(acts::of(open, registration).await?);
    Ok(entries)
}

/// Rows of a query about one registration.
async fn rows(open: &Open, text: &str, registration: Uuid) -> Answered<Vec<QueryResult>> {
    let statement = store::sql(open.store.backend(), text, [Value::from(registration)]);
    Ok(open.store.read().query_all_raw(statement).await?)
}
