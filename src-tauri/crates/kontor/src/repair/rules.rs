//! The rules again, for one record: what was to be put right must be, and nothing else may have become wrong.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::obstacle::Obstacle;
use super::one::Ready;
use super::record::Record;
use crate::Result;
use crate::check::{self, Finding, finding};
use crate::store::{Store, Write};

/// What a finding is about: rule, row, field.
type Key = (String, String, Option<String>);

fn key(finding: &Finding) -> Key {
    (finding.rule.clone(), finding.row.clone(), finding.field.clone())
}

/// Runs the rules that speak about the record, within the transaction of the repair, and tells what hinders it.
pub(super) async fn after(store: &Store, write: &Write, ready: &Ready<'_>, after: &Record) -> Result<Option<Obstacle>> {
    let mut known: BTreeSet<Key> = BTreeSet::new();
    for at in after.places() {
        let open = finding::of_row(&**write, at.table.name(), &at.id.to_string()).await?;
        known.extend(open.iter().map(key));
    }
    // It was written only now, and whoever wrote it is done: the rule need not wait.
    let still = check::recheck_at_once(store, &**write, &ready.finding.rule, &ready.finding.row).await?;
    if still.iter().any(|one| key(one) == key(&ready.finding)) {
        return Ok(Some(Obstacle::StillFound));
    }
    let mut asked: BTreeSet<(&str, Uuid)> = BTreeSet::new();
    for at in after.places() {
        for rule in at.table.rules().iter().filter(|rule| asked.insert((rule, at.id))) {
            let open = check::recheck(store, &**write, rule, &at.id.to_string()).await?;
            if open.iter().any(|one| !known.contains(&key(one))) {
                return Ok(Some(Obstacle::BreaksRule { rule: (*rule).to_owned() }));
            }
        }
    }
    Ok(None)
}

/// Whether that rule finds something about the record as it stands; what it finds is noted.
pub(super) async fn was_broken_before(store: &Store, ready: &Ready<'_>, rule: &str) -> Result<bool> {
    let write = store.write().await?;
    let open = check::recheck(store, &*write, rule, &ready.at.id.to_string()).await?;
    write.commit().await?;
    Ok(!open.is_empty())
}

/// Runs the rule of a finding again after its repair was undone, so that it is found again.
pub(super) async fn reopened(store: &Store, write: &Write, finding: &Finding) -> Result<()> {
    check::recheck_at_once(store, &**write, &finding.rule, &finding.row).await?;
    Ok(())
}
