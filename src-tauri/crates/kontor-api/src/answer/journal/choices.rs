//! What the journal can be filtered by. Entries are only added, so what was found once is kept, and only what came since
//! is looked at.

use std::collections::BTreeSet;

use kontor::store;
use sea_orm::ConnectionTrait;
use tokio::sync::Mutex;

use crate::answer::{Answered, Handle};
use crate::journal::{JournalChoices, ShowJournalChoices};
use crate::office::Office;

/// What was found so far.
#[derive(Debug, Default)]
pub(crate) struct Choices(Mutex<Found>);

#[derive(Debug, Default)]
struct Found {
    seq: i64,
    persons: BTreeSet<String>,
    actions: BTreeSet<String>,
}

impl Handle for ShowJournalChoices {
    async fn handle(self, office: &Office) -> Answered<JournalChoices> {
        let open = office.open()?;
        let mut found = open.choices.0.lock().await;
        let text = "SELECT person, action, max(seq) AS seq FROM journal WHERE seq > ? GROUP BY person, action";
        let statement = store::sql(open.store.backend(), text, [found.seq.into()]);
        for row in open.store.read().query_all_raw(statement).await? {
            found.seq = found.seq.max(row.try_get("", "seq")?);
            // A name that cannot be decoded is no choice; its entry stands in the list as one that cannot be read.
            found.persons.extend(row.try_get::<String>("", "person").ok());
            found.actions.extend(row.try_get::<String>("", "action").ok());
        }
        Ok(JournalChoices {
            persons: found.persons.iter().cloned().collect(),
            actions: found.actions.iter().cloned().collect(),
        })
    }
}
