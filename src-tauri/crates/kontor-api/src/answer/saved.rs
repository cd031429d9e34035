//! Lists under a name.

use kontor::journal;
use kontor::saved::{self, Kept, LONGEST, Order};
use kontor::store::entities::saved_filters::Model;

use super::stored::spelled;
use super::{Answered, Handle};
use crate::event::Part;
use crate::failure::{Conflict, ConflictField, Failure, Fault, Obstacle, RecordKind};
use crate::list::{ListName, ListQuery};
use crate::office::{Office, Open};
use crate::page::By;
use crate::saved::{DeleteFilter, SaveFilter, SavedFilter, ShowSavedFilters};

/// What changes with a saved filter.
const PARTS: [Part; 2] = [Part::SavedFilters, Part::Journal];

impl Handle for ShowSavedFilters {
    async fn handle(self, office: &Office) -> Answered<Vec<SavedFilter>> {
        let open = office.open()?;
        let person = office.actor(uuid::Uuid::nil()).person;
        let rows = saved::seen_by(&open.store, &person).await?;
        Ok(rows.into_iter().filter_map(|row| read(row, &person)).collect())
    }
}

impl Handle for SaveFilter {
    async fn handle(self, office: &Office) -> Answered<SavedFilter> {
        let open = office.open()?;
        let actor = office.actor(self.request_id);
        let order = self.order()?;
        let row = match saved::save(&open.store, &actor, &order).await? {
            Kept::Conflict(now) => return Err(conflict(&open, now, Some(&order)).await?.into()),
            kept => done(office, kept, self.filter.map(|filter| filter.id))?,
        };
        read(row, &actor.person)
            .ok_or_else(|| Failure::unexpected("a filter that was just saved cannot be read").into())
    }
}

impl Handle for DeleteFilter {
    async fn handle(self, office: &Office) -> Answered<()> {
        let open = office.open()?;
        let actor = office.actor(self.request_id);
        match saved::delete(&open.store, &actor, self.filter.id, self.filter.version).await? {
            Kept::Conflict(now) => Err(conflict(&open, now, None).await?.into()),
            kept => done(office, kept, Some(self.filter.id)).map(drop),
        }
    }
}

impl SaveFilter {
    fn order(&self) -> Answered<Order> {
        let name = self.name.trim();
        let fault = if name.is_empty() {
            Some(Fault::Required)
        } else if name.chars().count() > LONGEST {
            Some(Fault::TooLong { most: i64::try_from(LONGEST).unwrap_or(i64::MAX) })
        } else {
            name.chars().any(char::is_control).then_some(Fault::ControlCharacter)
        };
        if let Some(fault) = fault {
            return Err(Failure::invalid("name", fault).into());
        }
        let json = |error: serde_json::Error| Failure::unexpected(&error);
        Ok(Order {
            filter: self.filter.map(|filter| (filter.id, filter.version)),
            list: spelled(&list_of(&self.query)),
            name: name.to_owned(),
            query: serde_json::to_string(&self.query).map_err(json)?,
            columns: self.columns.as_ref().map(serde_json::to_string).transpose().map_err(json)?,
            is_shared: self.is_shared,
        })
    }
}

fn list_of(query: &ListQuery) -> ListName {
    match query {
        ListQuery::Registrations { .. } => ListName::Registrations,
        ListQuery::Invoices { .. } => ListName::Invoices,
        ListQuery::Deliveries { .. } => ListName::Deliveries,
        ListQuery::Payments { .. } => ListName::Payments,
        ListQuery::Findings { .. } => ListName::Findings,
        ListQuery::Repairs { .. } => ListName::Repairs,
        ListQuery::Failures { .. } => ListName::Failures,
        ListQuery::Runs { .. } => ListName::Runs,
        ListQuery::RunItems { .. } => ListName::RunItems,
        ListQuery::Journal { .. } => ListName::Journal,
    }
}

fn done(office: &Office, kept: Kept, id: Option<uuid::Uuid>) -> Answered<Model> {
    match kept {
        Kept::Done(row) => {
            office.changed(&PARTS);
            Ok(row)
        }
        Kept::NotYours(person) => Err(Failure::refused(Obstacle::NotYours { person }).into()),
        Kept::Taken => Err(Failure::invalid("name", Fault::Taken).into()),
        Kept::Missing | Kept::Conflict(_) => {
            Err(Failure::not_found(RecordKind::SavedFilter, id.unwrap_or_default()).into())
        }
    }
}

/// The filter as the window has it; none where it was saved by a program that had other words.
fn read(row: Model, person: &str) -> Option<SavedFilter> {
    let query = serde_json::from_str(&row.query);
    let columns = row.columns.as_deref().map(serde_json::from_str).transpose();
    match (query, columns) {
        (Ok(query), Ok(columns)) => Some(SavedFilter {
            id: row.id,
            version: row.version,
            name: row.name,
            query,
            columns,
            is_shared: row.is_shared,
            is_mine: row.person == person,
            person: row.person,
        }),
        (query, columns) => {
            let error = query.err().or(columns.err());
            tracing::warn!(?error, filter = %row.id, "a saved filter cannot be read; it is left out");
            None
        }
    }
}

/// What stands now beside what the person wants; what they saw is known to nobody any more.
async fn conflict(open: &Open, now: Model, mine: Option<&Order>) -> Answered<Failure> {
    let entries = journal::of_record(open.store.read(), "saved_filters", &now.id.to_string()).await?;
    let newest = entries.into_iter().next_back();
    let field = |field: &str, mine: Option<String>, now: String| ConflictField {
        field: field.to_owned(),
        before: None,
        is_overlapping: mine.as_ref() != Some(&now),
        mine,
        now: Some(now),
    };
    let fields = vec![
        field("name", mine.map(|mine| mine.name.clone()), now.name.clone()),
        field("query", mine.map(|mine| mine.query.clone()), now.query.clone()),
        field("is_shared", mine.map(|mine| mine.is_shared.to_string()), now.is_shared.to_string()),
    ];
    Ok(Failure::Conflict {
        conflict: Box::new(Conflict {
            record: RecordKind::SavedFilter,
            id: now.id,
            label: now.name,
            version: now.version,
            changed_by: newest.map(|entry| By { person: entry.person, desk: entry.desk }),
            changed_at: now.updated_at,
            fields: fields.into_iter().filter(|field| field.is_overlapping).collect(),
        }),
    })
}
