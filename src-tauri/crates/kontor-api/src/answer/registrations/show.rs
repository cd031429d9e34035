//! Everything about one registration.

use std::collections::HashMap;

use kontor::first_seen;
use kontor::registration::change;
use kontor::store;
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use super::super::stored::{Values, stored};
use super::super::{Answered, Handle, deliveries, findings, invoices, notes, payments};
use super::call;
use super::facts::{Facts, invoice_ids, mail_ids, payment_ids};
use crate::contact::Contact;
use crate::delivery::{DeliveryDetail, DeliveryRow};
use crate::failure::{Failure, RecordKind};
use crate::office::{Office, Open};
use crate::page::{By, Stored};
use crate::registration::{MailboxRow, Person, RegistrationDetail, ShowRegistration, SubscriptionRow};

impl Handle for ShowRegistration {
    async fn handle(self, office: &Office) -> Answered<RegistrationDetail> {
        let (open, id) = (office.open()?, self.id);
        let person = person(&open, id).await?;
        let mails = mails(&open, id).await?;
        let ids = invoice_ids(&open, id).await?;
        let rows = in_order(&ids, invoices::rows_of(&open, ids.clone()).await?);
        let found = findings::of_registration(&open, id).await?;
        let facts = Facts::read(&open, id, rows, &mails, found).await?;
        let paid = payment_ids(&open, id).await?;
        Ok(RegistrationDetail {
            id,
            customer: customer(&open, id).await?,
            call: call::view(&facts),
            person,
            mailboxes: mailboxes(&open, id).await?,
            subscriptions: subscriptions(&open, id).await?,
            invoices: facts.invoices,
            deliveries: mails.into_iter().map(row_of).collect(),
            payments: in_order(&paid, payments::rows_of(&open, paid.clone()).await?),
            notes: notes::of_registration(&open, id).await?,
            findings: facts.findings,
            first_seen_at: first_seen::of(open.store.read(), "registrations", &[id]).await?.remove(&id),
        })
    }
}

/// Rows in the order of their ids; a row that went away in between is left out.
fn in_order<T>(ids: &[Uuid], mut rows: HashMap<Uuid, T>) -> Vec<T> {
    ids.iter().filter_map(|id| rows.remove(id)).collect()
}

async fn mails(open: &Open, id: Uuid) -> Answered<Vec<Stored<DeliveryDetail>>> {
    let ids = mail_ids(open, id).await?;
    Ok(in_order(&ids, deliveries::details_of(open, ids.clone()).await?))
}

fn row_of(detail: Stored<DeliveryDetail>) -> Stored<DeliveryRow> {
    match detail {
        Stored::Whole(detail) => Stored::Whole(detail.row),
        Stored::Unreadable(row) => Stored::Unreadable(row),
    }
}

async fn rows(open: &Open, text: &str, id: Uuid) -> Answered<Vec<QueryResult>> {
    let statement = store::sql(open.store.backend(), text, [Value::from(id)]);
    Ok(open.store.read().query_all_raw(statement).await?)
}

/// The number as far as it can be read.
async fn customer(open: &Open, id: Uuid) -> Answered<String> {
    let found = rows(open, "SELECT customer_number FROM registrations WHERE id = ?", id).await?;
    Ok(found.first().and_then(|row| row.try_get("", "customer_number").ok()).unwrap_or_default())
}

async fn person(open: &Open, id: Uuid) -> Answered<Stored<Person>> {
    let text = "SELECT customer_number, kind, company, first_name, last_name, email, language, street, postal_code, city, \
                country, vat_id, version, state, source, registered_at, updated_at FROM registrations WHERE id = ?";
    let found = rows(open, text, id).await?;
    let row = found.first().ok_or_else(|| Failure::not_found(RecordKind::Registration, id))?;
    let by = changed_by(open, id, row.try_get("", "version").ok()).await?;
    Ok(stored(row, RecordKind::Registration, id, "customer_number", |values| {
        let contact = contact(values);
        let (version, state, source) = (values.get("version"), values.word("state"), values.word("source"));
        let (registered_at, updated_at) = (values.get("registered_at"), values.get("updated_at"));
        Some(Person {
            contact: contact?,
            version: version?,
            state: state?,
            source: source?,
            registered_at: registered_at?,
            updated_at: updated_at?,
            updated_by: by,
        })
    }))
}

fn contact(values: &mut Values<'_>) -> Option<Contact> {
    let (kind, company, language) = (values.word("kind"), values.get("company"), values.word("language"));
    let (first_name, last_name, email) = (values.get("first_name"), values.get("last_name"), values.get("email"));
    let (street, postal_code, city) = (values.get("street"), values.get("postal_code"), values.get("city"));
    let (country, vat_id) = (values.get("country"), values.get("vat_id"));
    Some(Contact {
        kind: kind?,
        company: company?,
        first_name: first_name?,
        last_name: last_name?,
        email: email?,
        language: language?,
        street: street?,
        postal_code: postal_code?,
        city: city?,
        country: country?,
        vat_id: vat_id?,
    })
}

/// Who wrote the version that stands, where the journal knows.
async fn changed_by(open: &Open, id: Uuid, version: Option<i64>) -> Answered<Option<By>> {
    let Some(version) = version else { return Ok(None) };
    Ok(change::written_by(&open.store, id, version).await?.map(|(person, desk)| By { person, desk }))
}

async fn mailboxes(open: &Open, registration: Uuid) -> Answered<Vec<Stored<MailboxRow>>> {
    let text = "SELECT id, address, quota_bytes, used_bytes, quota_override_reason, state FROM mailboxes WHERE \
                registration_id = ? ORDER BY id";
    let mut read = Vec::new();
    for row in &rows(open, text, registration).await? {
        let id: Uuid = row.try_get("", "id")?;
        read.push(stored(row, RecordKind::Mailbox, id, "address", |values| {
            let (address, quota_bytes) = (values.get("address"), values.get("quota_bytes"));
            let (used_bytes, reason) = (values.get("used_bytes"), values.get("quota_override_reason"));
            let state = values.get::<String>("state");
            Some(MailboxRow {
                id,
                address: address?,
                quota_bytes: quota_bytes?,
                used_bytes: used_bytes?,
                quota_override_reason: reason?,
                is_active: state? == "active",
            })
        }));
    }
    Ok(read)
}

async fn subscriptions(open: &Open, registration: Uuid) -> Answered<Vec<Stored<SubscriptionRow>>> {
    let text = "SELECT s.id, m.address, t.name_de, t.name_en, t.gross_cents, t.currency, s.started_on, s.ended_on, s.state FROM \
                subscriptions s LEFT JOIN mailboxes m ON m.id = s.mailbox_id LEFT JOIN tariffs t ON t.id = s.tariff_id WHERE \
                s.registration_id = ? ORDER BY s.started_on DESC, s.id DESC";
    let mut read = Vec::new();
    for row in &rows(open, text, registration).await? {
        let id: Uuid = row.try_get("", "id")?;
        read.push(stored(row, RecordKind::Subscription, id, "address", |values| {
            let (mailbox, tariff_de, tariff_en) = (values.get("address"), values.get("name_de"), values.get("name_en"));
            let (gross_cents, currency) = (values.get("gross_cents"), values.get("currency"));
            let (started_on, ended_on) = (values.get("started_on"), values.get("ended_on"));
            let state = values.get::<String>("state");
            Some(SubscriptionRow {
                id,
                mailbox: mailbox?,
                tariff_de: tariff_de?,
                tariff_en: tariff_en?,
                gross_cents: gross_cents?,
                currency: currency?,
                started_on: started_on?,
                ended_on: ended_on?,
                is_active: state? == "active",
            })
        }));
    }
    Ok(read)
}
