//! Walking the chain: every entry's hash, every link, the sequence without holes, and the head.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;

use super::GENESIS;
use crate::Result;
use crate::store::{Store, entities::installation, entities::journal};

/// How many entries are held in memory at once.
const PAGE: u64 = 1_000;

/// What the walk found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Entries read.
    pub entries: i64,
    /// Hash of the last entry.
    pub head: String,
    /// The first thing that is wrong, as a sentence; none when the chain holds.
    pub fault: Option<String>,
}

/// Verifies the whole chain; with `expect`, also that its head is the one noted elsewhere.
pub async fn verify(store: &Store, expect: Option<&str>) -> Result<Verdict> {
    let mut verdict = Verdict { entries: 0, head: GENESIS.to_owned(), fault: None };
    // The head is read first: entries written during the walk make the chain longer, never shorter.
    let kept = installation::Entity::find_by_id(1).one(store.read()).await?;
    let mut kept_seen = kept.as_ref().is_none_or(|kept| kept.journal_seq == 0 && kept.journal_hash == GENESIS);
    let mut expected_seen = expect.is_none_or(|expected| expected.eq_ignore_ascii_case(GENESIS));
    loop {
        let page = journal::Entity::find()
            .filter(journal::Column::Seq.gt(verdict.entries))
            .order_by_asc(journal::Column::Seq)
            .limit(PAGE)
            .all(store.read())
            .await?;
        if page.is_empty() {
            break;
        }
        for row in page {
            if let Some(fault) = fault_of(&row, &verdict) {
                verdict.fault = Some(fault);
                return Ok(verdict);
            }
            verdict.entries = row.seq;
            verdict.head = row.hash;
            kept_seen |=
                kept.as_ref().is_some_and(|kept| kept.journal_seq == row.seq && kept.journal_hash == verdict.head);
            expected_seen |= expect.is_some_and(|expected| expected.eq_ignore_ascii_case(&verdict.head));
        }
    }
    if !kept_seen {
        verdict.fault = Some(format!(
            "The chain ends at entry {} and does not contain the head that the database keeps: its end was cut off or replaced.",
            verdict.entries
        ));
    } else if !expected_seen {
        verdict.fault = Some(format!(
            "The expected head does not occur among the {} entries: the end was cut off, or the hash belongs to another journal.",
            verdict.entries
        ));
    }
    Ok(verdict)
}

fn fault_of(row: &journal::Model, so_far: &Verdict) -> Option<String> {
    if row.seq != so_far.entries + 1 {
        return Some(format!("Entry {} is missing: it was deleted.", so_far.entries + 1));
    }
    if row.previous_hash != so_far.head {
        return Some(format!(
            "Entry {} does not follow the one before it: entries were inserted or reordered.",
            row.seq
        ));
    }
    if row.hash != super::hash(row) {
        return Some(format!("Entry {} was changed after it was written.", row.seq));
    }
    None
}
