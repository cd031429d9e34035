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
    let unmet: Vec<Line<'_>> = export.others(&met.lines).collect();
    let names = unmet.iter().flat_map(|line| [line.get("customer_number"), line.get("mailbox")]).flatten();
    let here = here(connection, names).await?;
    let is_here = |line: &Line<'_>| {
        let keys = [line.get("customer_number"), line.get("mailbox")];
        keys.into_iter().flatten().any(|key| here.contains(&key.to_lowercase()))
    };
    let mut named = HashSet::new();
    for line in unmet.iter().filter(|line| !is_here(line)) {
        if named.insert(line.name()) {
            let proposal = Proposal::act(Action::Decide, Evidence::Copy);
            let proposal = proposal.because(Reason::new("not_here").with("line", line.number()));
            page.found.push((COPY_DEVIATES, Found::new("registrations", line.name()).proposing(proposal)));
        }
    }
    // What an earlier file named, and this one does not.
    let others = earlier.keys().filter(|key| uuid::Uuid::parse_str(key).is_err() && !named.contains(key));
    let others: Vec<&str> = others.filter(|key| !export.names(key, Some(*key))).collect();
    let arrived = self::here(connection, others.iter().copied()).await?;
    let absent = others.into_iter().filter(|key| !arrived.contains(&key.to_lowercase()));
    page.found.extend(absent.filter_map(|key| earlier.still_missing(key)));
    Ok(())
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
pub(super) async fn here<'a>(
    connection: &impl ConnectionTrait,
    keys: impl Iterator<Item = &'a str>,
) -> Result<HashSet<String>> {
    let keys: Vec<String> = keys.flat_map(|key| [key.to_uppercase(), key.to_lowercase()]).collect();
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
