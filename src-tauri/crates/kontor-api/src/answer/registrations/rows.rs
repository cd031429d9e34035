//! Registrations as lists show them.

use std::collections::HashMap;

use kontor::delivery::settlement;
use kontor::run::Key;
use kontor::store::{self, places};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use super::super::Answered;
use super::super::failing::{cause_of, open_of};
use super::super::stored::{Values, stored};
use super::open::open_keys_of;
use crate::cause::Cause;
use crate::failure::RecordKind;
use crate::invoice::MailState;
use crate::office::Open;
use crate::page::Stored;
use crate::registration::{NewestInvoice, RegistrationRow};

const COLUMNS: &str = "r.id, r.customer_number, r.kind, r.company, r.first_name, r.last_name, r.email, r.city, r.state, \
    r.registered_at, m.address, m.quota_bytes, m.used_bytes, i.id AS invoice_id, i.number, i.state AS invoice_state";

const TABLES: &str = "registrations r LEFT JOIN mailboxes m ON m.id = (SELECT b.id FROM mailboxes b WHERE \
    b.registration_id = r.id ORDER BY b.id LIMIT 1) LEFT JOIN invoices i ON i.id = (SELECT n.id FROM invoices n WHERE \
    n.registration_id = r.id AND n.kind = 'invoice' ORDER BY n.period DESC, n.created_at DESC, n.id DESC LIMIT 1)";

/// The rows of these registrations.
pub(crate) async fn rows_of(open: &Open, ids: Vec<Uuid>) -> Answered<HashMap<Uuid, Stored<RegistrationRow>>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mail = settlement::newest_mail();
    let text = format!("SELECT {COLUMNS}, {mail} AS mail FROM {TABLES} WHERE r.id IN ({})", places(ids.len()));
    let mut failures = failures_of(open, &ids).await?;
    let now = open.store.now().await?;
    let values = [now.into()].into_iter().chain(ids.iter().map(|id| Value::from(*id)));
    let found = open.store.read().query_all_raw(store::sql(open.store.backend(), &text, values)).await?;
    let mut rows = HashMap::with_capacity(found.len());
    for row in &found {
        let id: Uuid = row.try_get("", "id")?;
        rows.insert(id, read(row, id, failures.remove(&id)));
    }
    Ok(rows)
}

fn read(row: &QueryResult, id: Uuid, failure: Option<Cause>) -> Stored<RegistrationRow> {
    stored(row, RecordKind::Registration, id, "customer_number", |values| {
        let (customer, kind, company) = (values.get("customer_number"), values.word("kind"), values.get("company"));
        let (first_name, last_name) = (values.get("first_name"), values.get("last_name"));
        let (email, city, state) = (values.get("email"), values.get("city"), values.word("state"));
        let registered_at = values.get("registered_at");
        let mailbox = values.get("address");
        let (quota_bytes, used_bytes) = (values.get("quota_bytes"), values.get("used_bytes"));
        let invoice = newest(values);
        Some(RegistrationRow {
            id,
            customer: customer?,
            kind: kind?,
            company: company?,
            first_name: first_name?,
            last_name: last_name?,
            email: email?,
            city: city?,
            state: state?,
            registered_at: registered_at?,
            mailbox: mailbox?,
            quota_bytes: quota_bytes?,
            used_bytes: used_bytes?,
            invoice: invoice?,
            failure,
        })
    })
}

#[expect(clippy::option_option, reason = "none where it cannot be read, none within where there is no invoice")]
fn newest(values: &mut Values<'_>) -> Option<Option<NewestInvoice>> {
    let Some(id) = values.get::<Option<Uuid>>("invoice_id")? else { return Some(None) };
    let number = values.get("number");
    let state = values.word("invoice_state");
    let mail = match values.get::<Option<String>>("mail")? {
        None => Some(MailState::None),
        Some(_) => values.word("mail"),
    };
    Some(Some(NewestInvoice { id, number: number?, state: state?, mail: mail? }))
}

/// Why each of these registrations has something open: that of the newest period.
async fn failures_of(open: &Open, ids: &[Uuid]) -> Answered<HashMap<Uuid, Cause>> {
    let keys = open_keys_of(open, ids).await?;
    let all: Vec<Key> = keys.iter().map(|(_, key)| *key).collect();
    let known = open_of(open, &all).await?;
    let mut causes = HashMap::new();
    for (registration, key) in keys {
        if let Some(candidate) = known.get(&key) {
            causes.entry(registration).or_insert_with(|| cause_of(candidate));
        }
    }
    Ok(causes)
}
