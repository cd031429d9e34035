//! Notes about a customer.

use kontor::registration::note::{self, LONGEST, Noted};
use kontor::store;
use kontor::store::entities::notes;
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::stored::stored;
use super::{Answered, Handle};
use crate::event::Part;
use crate::failure::{Conflict, ConflictField, Failure, Fault, RecordKind};
use crate::office::{Office, Open};
use crate::page::{By, Stored};
use crate::registration::{AddNote, DeleteNote, EditNote, Note};

/// What changes with a note.
const PARTS: [Part; 2] = [Part::Notes, Part::Journal];

impl Handle for AddNote {
    async fn handle(self, office: &Office) -> Answered<Note> {
        check(&self.text)?;
        let open = office.open()?;
        let noted = note::add(&open.store, &office.actor(self.request_id), self.registration, &self.text).await?;
        let missing = Failure::not_found(RecordKind::Registration, self.registration);
        let row = done(office, noted, None, missing)?;
        Ok(read(row))
    }
}

impl Handle for EditNote {
    async fn handle(self, office: &Office) -> Answered<Note> {
        check(&self.text)?;
        let open = office.open()?;
        let actor = office.actor(self.request_id);
        let noted = note::edit(&open.store, &actor, self.note, self.version, &self.text).await?;
        let missing = Failure::not_found(RecordKind::Note, self.note);
        Ok(read(done(office, noted, Some(self.text.trim().to_owned()), missing)?))
    }
}

impl Handle for DeleteNote {
    async fn handle(self, office: &Office) -> Answered<()> {
        let open = office.open()?;
        let noted = note::delete(&open.store, &office.actor(self.request_id), self.note, self.version).await?;
        done(office, noted, None, Failure::not_found(RecordKind::Note, self.note)).map(drop)
    }
}

fn check(text: &str) -> Answered<()> {
    let text = text.trim();
    let is_bad = |character: char| character.is_control() && !matches!(character, '\n' | '\r' | '\t');
    let fault = if text.is_empty() {
        Fault::Required
    } else if text.chars().count() > LONGEST {
        Fault::TooLong { most: i64::try_from(LONGEST).unwrap_or(i64::MAX) }
    } else if text.chars().any(is_bad) {
        Fault::ControlCharacter
    } else {
        return Ok(());
    };
    Err(Failure::invalid("text", fault).into())
}

/// The note, once it is written; `mine` is what the person wanted to stand there.
fn done(office: &Office, noted: Noted, mine: Option<String>, missing: Failure) -> Answered<notes::Model> {
    match noted {
        Noted::Done(row) => {
            office.changed(&PARTS);
            Ok(row)
        }
        Noted::Missing => Err(missing.into()),
        Noted::Conflict { now, seen, by } => {
            let is_overlapping = mine.as_ref() != Some(&now.text);
            let field = ConflictField {
                field: "text".to_owned(),
                before: seen,
                mine,
                now: Some(now.text.clone()),
                is_overlapping,
            };
            let conflict = Conflict {
                record: RecordKind::Note,
                id: now.id,
                label: now.text.chars().take(60).collect(),
                version: now.version,
                changed_by: by.map(|(person, desk)| By { person, desk }),
                changed_at: now.updated_at,
                fields: vec![field],
            };
            Err(Failure::Conflict { conflict: Box::new(conflict) }.into())
        }
    }
}

fn read(row: notes::Model) -> Note {
    Note {
        id: row.id,
        version: row.version,
        text: row.text,
        by: By { person: row.person, desk: row.desk },
        written_at: row.created_at,
        edited_at: (row.version > 1).then_some(row.updated_at),
    }
}

/// Notes about a registration, newest first.
pub(super) async fn of_registration(open: &Open, registration: Uuid) -> Answered<Vec<Stored<Note>>> {
    let text = "SELECT id, version, text, person, desk, created_at, updated_at FROM notes WHERE registration_id = ? \
                ORDER BY created_at DESC, id DESC";
    let statement = store::sql(open.store.backend(), text, [Value::from(registration)]);
    let found = open.store.read().query_all_raw(statement).await?;
    let mut read = Vec::with_capacity(found.len());
    for row in &found {
        let id: Uuid = row.try_get("", "id")?;
        read.push(stored(row, RecordKind::Note, id, "text", |values| {
            let (version, text) = (values.get::<i64>("version"), values.get("text"));
            let (person, desk) = (values.get("person"), values.get("desk"));
            let (written_at, updated_at) = (values.get("created_at"), values.get("updated_at"));
            let (version, updated_at) = (version?, updated_at?);
            Some(Note {
                id,
                version,
                text: text?,
                by: By { person: person?, desk: desk? },
                written_at: written_at?,
                edited_at: (version > 1).then_some(updated_at),
            })
        }));
    }
    Ok(read)
}
