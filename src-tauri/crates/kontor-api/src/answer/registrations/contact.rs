//! Changing contact data: what there is to say about staged changes, and saving them.

use std::collections::{BTreeSet, HashSet};

use kontor::delivery::resend::{self, Request};
use kontor::invoice::settings::Settings;
use kontor::registration::change::{self, Change, Changed, Order};
use kontor::registration::contact::{self, Fault as Of, Field};
use kontor::run::{Key, case};
use kontor::store::entities::registrations;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::super::{Answered, Handle, deliveries, invoices};
use super::facts::{invoice_ids, mail_ids};
use super::list;
use super::open::open_keys_of;
use crate::contact::{
    CheckContact, ContactChange, ContactCheck, ContactField, ContactSaved, SaveContact, SendAgain, SendableInvoice,
};
use crate::delivery::DeliveryRow;
use crate::event::Part;
use crate::failure::{Conflict, ConflictField, Failure, Fault, FieldFault, Obstacle, RecordKind};
use crate::invoice::{InvoiceRow, MailState};
use crate::list::{Destination, Figure, ListQuery};
use crate::month::Month;
use crate::office::{Office, Open};
use crate::page::{By, NumberedInvoice, Stored};
use crate::problem::Problem;
use crate::registration::RegistrationFilter;
use crate::run::FailureKey;

/// Most invoices that are offered to be sent again.
const MOST: usize = 24;

impl Handle for CheckContact {
    async fn handle(self, office: &Office) -> Answered<ContactCheck> {
        let open = office.open()?;
        let before = stored_row(&open, self.registration).await?;
        let after = change::changed(&before, &self.changes.iter().map(wanted).collect::<Vec<_>>());
        let faults = contact::faults(&before, &after);
        let is_new_address = before.email != after.email && !faults.iter().any(|(field, _)| *field == Field::Email);
        Ok(ContactCheck {
            same_email: if is_new_address { same_email(&open, &after).await? } else { None },
            sendable: if faults.is_empty() { sendable(office, &open, &after).await? } else { Vec::new() },
            faults: faults.into_iter().map(fault).collect(),
        })
    }
}

impl Handle for SaveContact {
    async fn handle(self, office: &Office) -> Answered<ContactSaved> {
        let open = office.open()?;
        let order = self.order()?;
        if !self.send.is_empty() {
            open.crew.target()?.ready()?;
        }
        let saved = change::save(&open.store, &office.actor(self.request_id), &order).await;
        let saved = match saved.map_err(unreadable)? {
            Changed::Saved(saved) => saved,
            Changed::Missing => return Err(Failure::not_found(RecordKind::Registration, self.registration).into()),
            Changed::Invalid(faults) => {
                return Err(Failure::Invalid { faults: faults.into_iter().map(fault).collect() }.into());
            }
            Changed::Conflict(found) => {
                return Err(Failure::Conflict { conflict: Box::new(conflict(&self.changes, *found)) }.into());
            }
        };
        for run in &saved.runs {
            open.crew.work_on(*run, true)?;
        }
        let mut parts = vec![Part::Registrations, Part::Journal];
        if !saved.runs.is_empty() {
            parts.extend([Part::Runs, Part::Failures, Part::Deliveries, Part::Invoices]);
        }
        office.changed(&parts);
        Ok(ContactSaved { version: saved.version, runs: saved.runs, is_repeated: saved.repeated })
    }
}

impl SaveContact {
    fn order(&self) -> Answered<Order> {
        let (mut rerun, mut resend) = (BTreeSet::new(), BTreeSet::new());
        for send in &self.send {
            match send {
                SendAgain::Rerun { failure } => {
                    rerun.insert(failure.key().ok_or_else(|| Failure::invalid("send", Fault::Malformed))?);
                }
                SendAgain::Resend { invoice } => {
                    resend.insert(*invoice);
                }
            }
        }
        Ok(Order {
            registration: self.registration,
            version: self.version,
            changes: self.changes.iter().map(wanted).collect(),
            reason: self.reason.trim().to_owned(),
            rerun: rerun.into_iter().collect(),
            resend: resend.into_iter().collect(),
        })
    }
}

/// A value that cannot be decoded keeps the whole record from being changed here.
fn unreadable(error: kontor::Error) -> Problem {
    match error.undecodable() {
        Some(field) => Failure::refused(Obstacle::Unreadable { field }).into(),
        None => error.into(),
    }
}

async fn stored_row(open: &Open, id: Uuid) -> Answered<registrations::Model> {
    let found = registrations::Entity::find_by_id(id).one(open.store.read()).await;
    let found = found.map_err(|error| unreadable(error.into()))?;
    found.ok_or_else(|| Failure::not_found(RecordKind::Registration, id).into())
}

fn field_of(field: ContactField) -> Field {
    match field {
        ContactField::Kind => Field::Kind,
        ContactField::Company => Field::Company,
        ContactField::FirstName => Field::FirstName,
        ContactField::LastName => Field::LastName,
        ContactField::Email => Field::Email,
        ContactField::Language => Field::Language,
        ContactField::Street => Field::Street,
        ContactField::PostalCode => Field::PostalCode,
        ContactField::City => Field::City,
        ContactField::Country => Field::Country,
        ContactField::VatId => Field::VatId,
    }
}

fn wanted(change: &ContactChange) -> Change {
    Change { field: field_of(change.field), old: change.old.clone(), new: change.new.clone() }
}

fn fault((field, fault): (Field, Of)) -> FieldFault {
    let fault = match fault {
        Of::Required => Fault::Required,
        Of::TooLong(most) => Fault::TooLong { most: i64::try_from(most).unwrap_or(i64::MAX) },
        Of::ControlCharacter => Fault::ControlCharacter,
        Of::NotPrintable(characters) => Fault::NotPrintable { characters },
        Of::NotAnAddress => Fault::NotAnAddress,
        Of::NotAVatId => Fault::NotAVatId,
        Of::NotACountry => Fault::NotACountry,
        Of::Malformed => Fault::Malformed,
    };
    FieldFault { field: field.name().to_owned(), fault }
}

/// Other registrations with the address, and the list that shows them.
async fn same_email(open: &Open, after: &registrations::Model) -> Answered<Option<Figure>> {
    let others = registrations::Entity::find()
        .filter(registrations::Column::Email.eq(&after.email))
        .filter(registrations::Column::Id.ne(after.id))
        .count(open.store.read())
        .await?;
    if others == 0 {
        return Ok(None);
    }
    let filter = RegistrationFilter { search: Some(after.email.clone()), ..RegistrationFilter::default() };
    let count = list(&open.store, &filter, None).await?.count(&open.store).await?;
    Ok(Some(Figure {
        count,
        destination: Destination::List { query: ListQuery::Registrations { filter, order: None } },
    }))
}

/// Invoices that can be sent with the data as it would be, newest first.
async fn sendable(office: &Office, open: &Open, after: &registrations::Model) -> Answered<Vec<SendableInvoice>> {
    let ids = invoice_ids(open, after.id).await?;
    let mails = mail_ids(open, after.id).await?;
    let mut rows = invoices::rows_of(open, ids.clone()).await?;
    let mut found = deliveries::rows_of(open, mails.clone()).await?;
    let known = Known {
        invoices: ids.iter().filter_map(|id| whole(rows.remove(id)?)).collect(),
        mails: mails.iter().filter_map(|id| whole(found.remove(id)?)).collect(),
    };
    let mut sendable = Vec::new();
    for (key, invoice) in finishable(open, after).await? {
        let send = SendAgain::Rerun { failure: FailureKey::of(&key) };
        sendable.push(known.offer(send, invoice, Month(kontor::period::Period::containing(key.period)), true));
    }
    let finished: HashSet<Uuid> = sendable.iter().filter_map(|offer| Some(offer.invoice.as_ref()?.id)).collect();
    let others: Vec<Uuid> =
        known.invoices.iter().map(|row| row.id).filter(|id| !finished.contains(id)).take(MOST).collect();
    for id in repeatable(office, open, after, &others).await? {
        let Some(row) = known.invoices.iter().find(|row| row.id == id) else { continue };
        let is_suggested = matches!(row.mail, MailState::Bounced | MailState::Refused);
        sendable.push(known.offer(SendAgain::Resend { invoice: id }, Some(id), row.period, is_suggested));
    }
    sendable.sort_by_key(|offer| std::cmp::Reverse(offer.period));
    Ok(sendable)
}

fn whole<T>(row: Stored<T>) -> Option<T> {
    match row {
        Stored::Whole(row) => Some(row),
        Stored::Unreadable(_) => None,
    }
}

/// Invoices and mails of a registration, newest first.
struct Known {
    invoices: Vec<InvoiceRow>,
    mails: Vec<DeliveryRow>,
}

impl Known {
    fn offer(&self, send: SendAgain, invoice: Option<Uuid>, period: Month, is_suggested: bool) -> SendableInvoice {
        let row = invoice.and_then(|id| self.invoices.iter().find(|row| row.id == id));
        let mail = invoice.and_then(|id| self.mails.iter().find(|mail| mail.invoice.id == id));
        SendableInvoice {
            send,
            invoice: row.map(|row| NumberedInvoice { id: row.id, number: row.number.clone() }),
            period,
            mail: row.map_or(MailState::None, |row| row.mail),
            recipient: mail.map(|mail| mail.recipient.clone()),
            is_suggested,
        }
    }
}

/// What is open and could be finished with the data as it would be.
async fn finishable(open: &Open, after: &registrations::Model) -> Answered<Vec<(Key, Option<Uuid>)>> {
    let keys: Vec<Key> = open_keys_of(open, &[after.id]).await?.into_iter().map(|(_, key)| key).collect();
    let cases = match case::load(open.store.read(), &keys).await {
        Ok(cases) => cases,
        // A record that cannot be read is not sent.
        Err(error) if error.undecodable().is_some() => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let settings = Settings::load(open.store.read()).await?;
    let today = open.store.today().await?;
    let mut finishable = Vec::new();
    for mut case in cases {
        case.registration = after.clone();
        if change::obstacle(&case, &settings, today).is_none() {
            finishable.push((case.key, case.invoice.map(|invoice| invoice.id)));
        }
    }
    Ok(finishable)
}

/// Those of these invoices that could be sent again.
async fn repeatable(office: &Office, open: &Open, after: &registrations::Model, ids: &[Uuid]) -> Answered<Vec<Uuid>> {
    let request = Request { actor: office.actor(Uuid::nil()), to: Some(after.email.clone()), reason: String::new() };
    let mut able = Vec::new();
    resend::compose_each(&open.store, request, ids, |letter| {
        able.extend(letter.ok().map(|letter| letter.row.invoice_id));
    })
    .await?;
    Ok(able)
}

/// Both versions, field by field.
fn conflict(changes: &[ContactChange], found: change::Conflict) -> Conflict {
    let fields = Field::ALL.into_iter().filter_map(|field| {
        let mine = changes.iter().find(|change| field_of(change.field) == field);
        let now = field.of(&found.now);
        let before = match mine {
            Some(change) => change.old.clone(),
            None => found.seen.get(&field)?.clone(),
        };
        let wanted = mine.map_or_else(|| before.clone(), |change| change.new.clone());
        let is_overlapping = mine.is_some() && now != before && now != wanted;
        (mine.is_some() || now != before).then(|| ConflictField {
            field: field.name().to_owned(),
            before,
            mine: wanted,
            now,
            is_overlapping,
        })
    });
    Conflict {
        record: RecordKind::Registration,
        id: found.now.id,
        label: found.now.customer_number.clone(),
        version: found.now.version,
        changed_by: found.by.map(|(person, desk)| By { person, desk }),
        changed_at: found.now.updated_at,
        fields: fields.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::stored::{spelled, word};
    use super::*;

    /// A fault or a conflict finds its field in the window by its name.
    #[test]
    fn fields_have_one_name() {
        for field in Field::ALL {
            let named: ContactField = word(field.name()).expect("a field of the contract");
            assert_eq!((field_of(named), spelled(&named)), (field, field.name().to_owned()));
        }
    }
}
