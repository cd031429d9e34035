//! The database's own check of its pages and indexes. Where it cannot be asked, the report says so.

use sea_orm::ConnectionTrait;

use super::Page;
use crate::Result;
use crate::check::book::Found;
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::rules::DATABASE_CORRUPT;
use crate::store;

/// Faults that are told; one is enough to stop at.
const MOST: usize = 5;

/// Asks the database.
pub(super) async fn page(connection: &impl ConnectionTrait) -> Result<Page> {
    let mut page = Page::default();
    let said = store::integrity(connection).await?;
    page.not_checked.extend(said.not_checked.map(str::to_owned));
    if !said.faults.is_empty() {
        let told = said.faults.iter().take(MOST).cloned().collect::<Vec<_>>().join("; ");
        let restore = Proposal::act(Action::Decide, Evidence::None).because(Reason::new("restore_backup"));
        let found = Found { current: Some(told), ..Found::new("database", "main").proposing(restore) };
        page.found.push((DATABASE_CORRUPT, found));
    }
    Ok(page)
}
