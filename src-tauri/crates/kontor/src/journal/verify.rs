//! Walking the chain: every entry's hash, every link, the sequence without holes, and the head.

use std::ops::ControlFlow;

use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, QueryResult};
use serde::{Serialize, Serializer};

use super::GENESIS;
use crate::Result;
use crate::store::{self, Store, entities::installation, entities::journal};

/// How many entries are held in memory at once.
const PAGE: usize = 1_000;

/// What the walk found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Entries that hold.
    pub entries: i64,
    /// Hash of the last of them.
    pub head: String,
    /// The first thing that is wrong; none when the chain holds. JSON has it as a sentence.
    pub fault: Option<Fault>,
}

/// What is wrong with a chain; its `Display` is a sentence for the person at the desk.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// An entry is missing.
    #[error("Entry {seq} is missing: it was deleted.")]
    Missing {
        /// Its place.
        seq: i64,
    },
    /// An entry does not follow the one before it.
    #[error("Entry {seq} does not follow the one before it: entries were inserted or reordered.")]
    OutOfOrder {
        /// Its place.
        seq: i64,
    },
    /// An entry is not what was written, or cannot even be read.
    #[error("Entry {seq} was changed after it was written.")]
    Changed {
        /// Its place.
        seq: i64,
    },
    /// The chain does not contain the head that the database keeps.
    #[error(
        "The chain ends at entry {seq} and does not contain the head that the database keeps: its end was cut off or \
         replaced."
    )]
    Cut {
        /// The last entry there is.
        seq: i64,
    },
    /// The head that was noted elsewhere does not occur.
    #[error(
        "The expected head does not occur among the {entries} entries: the end was cut off, or the hash belongs to \
         another journal."
    )]
    HeadUnknown {
        /// How many entries there are.
        entries: i64,
    },
}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Verifies the whole chain; with `expect`, also that its head is the one noted elsewhere.
pub async fn verify(store: &Store, expect: Option<&str>) -> Result<Verdict> {
    let mut verdict = Verdict { entries: 0, head: GENESIS.to_owned(), fault: None };
    let _ = walk(store, expect, &mut verdict, |_| ControlFlow::Continue(())).await?;
    Ok(verdict)
}

/// The same, telling now and then how many entries were read; `Break` when the caller had enough of it.
pub async fn walk(
    store: &Store,
    expect: Option<&str>,
    verdict: &mut Verdict,
    mut told: impl FnMut(i64) -> ControlFlow<()>,
) -> Result<ControlFlow<()>> {
    // The head is read first: entries written during the walk make the chain longer, never shorter.
    let kept = installation::Entity::find_by_id(1).one(store.read()).await?;
    let mut kept_seen = kept.as_ref().is_none_or(|kept| kept.journal_seq == 0 && kept.journal_hash == GENESIS);
    let mut expected_seen = expect.is_none_or(|expected| expected.eq_ignore_ascii_case(GENESIS));
    loop {
        if told(verdict.entries).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        let page = page(store, verdict.entries).await?;
        if page.is_empty() {
            break;
        }
        for row in page {
            let row = match followed(&row, verdict)? {
                Ok(row) => row,
                Err(fault) => {
                    verdict.fault = Some(fault);
                    return Ok(ControlFlow::Continue(()));
                }
            };
            verdict.entries = row.seq;
            verdict.head = row.hash;
            kept_seen |=
                kept.as_ref().is_some_and(|kept| kept.journal_seq == row.seq && kept.journal_hash == verdict.head);
            expected_seen |= expect.is_some_and(|expected| expected.eq_ignore_ascii_case(&verdict.head));
        }
    }
    if !kept_seen {
        verdict.fault = Some(Fault::Cut { seq: verdict.entries });
    } else if !expected_seen {
        verdict.fault = Some(Fault::HeadUnknown { entries: verdict.entries });
    }
    Ok(ControlFlow::Continue(()))
}

async fn page(store: &Store, after: i64) -> Result<Vec<QueryResult>> {
    let text = format!(
        "SELECT seq, written_at, person, desk, action, table_name, row_key, reason, \"before\", \"after\", request_id, \
         previous_hash, hash FROM journal WHERE seq > ? ORDER BY seq LIMIT {PAGE}"
    );
    Ok(store.read().query_all_raw(store::sql(store.backend(), &text, [after.into()])).await?)
}

/// The entry, if it is the one that follows.
fn followed(row: &QueryResult, so_far: &Verdict) -> Result<std::result::Result<journal::Model, Fault>> {
    let seq: i64 = row.try_get("", "seq")?;
    if seq != so_far.entries + 1 {
        return Ok(Err(Fault::Missing { seq: so_far.entries + 1 }));
    }
    // What cannot be decoded was not written like this.
    let Ok(row) = journal::Model::from_query_result(row, "") else { return Ok(Err(Fault::Changed { seq })) };
    if row.previous_hash != so_far.head {
        return Ok(Err(Fault::OutOfOrder { seq }));
    }
    if row.hash != super::hash(&row) {
        return Ok(Err(Fault::Changed { seq }));
    }
    Ok(Ok(row))
}
