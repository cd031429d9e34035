//! Who is missing on one side of a comparison: in the file and not here, or here and not in the file.
//!
//! A file counts as complete between its first and its last customer, for customers who came the same way as those whom it
//! names; whoever came another way, before or after, need not be in it. Where it lacks one in ten of them it is a selection,
//! and says nothing about those it leaves out.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, QueryResult};

use super::Page;
use super::exported::Earlier;
use super::numbers::looked_up;
use crate::Result;
use crate::check::book::Found;
use crate::check::export::{Export, Line, Met};
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::rules::COPY_DEVIATES;

/// A file that lacks more than one in so many customers is a selection.
const SELECTION: usize = 10;

/// Tells who is missing, after a walk through all customers.
pub(super) async fn told(
    connection: &impl ConnectionTrait,
    export: &Export,
    earlier: &Earlier,
    page: &mut Page,
) -> Result<()> {
    let met = export.walked();
    not_in_file(&met, page);
    let present = here(connection, named_by(export, &met)).await?;
    page.found.extend(not_here(export, &met, &present));
    // What an earlier file named, and this one does not.
    let others: Vec<String> =
        earlier.customers().filter(|key| !export.names(key, Some(*key))).map(str::to_owned).collect();
    let arrived = here(connection, others.clone()).await?;
    let absent = others.iter().filter(|key| !arrived.contains(&key.to_lowercase()));
    page.found.extend(absent.filter_map(|key| earlier.still_missing(key)));
    Ok(())
}

/// How lines that were not met call their customers.
fn named_by(export: &Export, met: &Met) -> Vec<String> {
    export.others(&met.lines).flat_map(keys).map(str::to_owned).collect()
}

fn keys(line: Line<'_>) -> impl Iterator<Item = &str> {
    [line.get("customer_number"), line.get("mailbox")].into_iter().flatten()
}

fn not_here(export: &Export, met: &Met, present: &HashSet<String>) -> Vec<(&'static str, Found)> {
    let mut named = HashSet::new();
    let is_absent = |line: &Line<'_>| !keys(*line).any(|key| present.contains(&key.to_lowercase()));
    let absent = export.others(&met.lines).filter(is_absent).filter(|line| named.insert(line.name()));
    let found = |line: Line<'_>| {
        let proposal = Proposal::act(Action::Decide, Evidence::Copy);
        let proposal = proposal.because(Reason::new("not_here").with("line", line.number()));
        (COPY_DEVIATES, Found::new("registrations", line.name()).proposing(proposal))
    };
    absent.map(found).collect()
}

fn not_in_file(met: &Met, page: &mut Page) {
    let absent = || met.absent.iter().filter(|(_, source)| met.sources.contains(source));
    if absent().count() * SELECTION > met.lines.len() {
        page.not_checked.push("file_is_selection".to_owned());
        return;
    }
    for (id, _) in absent() {
        let proposal = Proposal::act(Action::Decide, Evidence::None).because(Reason::new("not_in_file"));
        page.found.push((COPY_DEVIATES, Found::new("registrations", id).proposing(proposal)));
    }
}

/// Which of these numbers and mailboxes are in the database, in small letters.
pub(super) async fn here(connection: &impl ConnectionTrait, keys: Vec<String>) -> Result<HashSet<String>> {
    let keys: Vec<String> = keys.iter().flat_map(|key| [key.to_uppercase(), key.to_lowercase()]).collect();
    let read = |row: &QueryResult| Some((row.try_get::<String>("", "told").ok()?.to_lowercase(), ()));
    let mut here = HashSet::new();
    for text in [
        "SELECT customer_number AS told FROM registrations WHERE customer_number IN",
        "SELECT address AS told FROM mailboxes WHERE address IN",
    ] {
        here.extend(looked_up(connection, text, keys.iter().cloned(), read).await?.into_keys());
    }
    Ok(here)
}
