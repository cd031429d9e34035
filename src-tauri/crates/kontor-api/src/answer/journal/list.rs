//! The list of entries.

use kontor::store;
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::pager::Entries;
use super::row::rows;
use crate::answer::list::Conditions;
use crate::answer::{Answered, Handle, days};
use crate::journal::{JournalFilter, JournalRow, JournalSort, ListJournal};
use crate::office::{Office, Open};
use crate::page::{Order, Page};

impl Handle for ListJournal {
    async fn handle(self, office: &Office) -> Answered<Page<JournalRow>> {
        let open = office.open()?;
        let descending = match self.order {
            Some(Order { by: JournalSort::Seq, descending }) => descending,
            None => true,
        };
        let conditions = conditions(&open, &self.filter).await?;
        let entries = Entries { store: &open.store, conditions, descending };
        let part = entries.part(&self.place, self.limit, self.with_total).await?;
        Ok(Page {
            rows: rows(&open, &part.seqs).await?,
            first: part.first,
            is_first_exact: part.is_first_exact,
            before: part.before,
            after: part.after,
            total: part.total,
        })
    }
}

async fn conditions(open: &Open, filter: &JournalFilter) -> Answered<Conditions> {
    let mut conditions = Conditions::default();
    conditions.any_of("j.person", filter.persons.iter().map(String::as_str));
    conditions.any_of("j.action", filter.actions.iter().map(String::as_str));
    days::narrow(&mut conditions, "j.written_at", filter.written_from, filter.written_to);
    if let Some(typed) = filter.record.as_deref().map(str::trim).filter(|typed| !typed.is_empty()) {
        conditions.any_of("j.row_key", record(open, typed).await?);
    }
    Ok(conditions)
}

/// Keys of the record that a person means: those of an invoice or customer of this number, or the text itself.
async fn record(open: &Open, typed: &str) -> Answered<Vec<String>> {
    let number = typed.to_uppercase();
    let text =
        "SELECT id FROM invoices WHERE number = ? UNION ALL SELECT id FROM registrations WHERE customer_number = ?";
    let values: [Value; 2] = [number.clone().into(), number.into()];
    let rows = open.store.read().query_all_raw(store::sql(open.store.backend(), text, values)).await?;
    let mut keys = vec![typed.to_owned(), typed.to_lowercase()];
    for row in &rows {
        keys.push(row.try_get::<Uuid>("", "id")?.to_string());
    }
    Ok(keys)
}
