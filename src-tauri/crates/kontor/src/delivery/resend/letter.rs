//! A mail that repeats: what stands in its way, and its text.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use rayon::prelude::*;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::super::address;
use super::super::message::{self, Occasion};
use super::earlier::{Cancellation, Earlier, cancellations, earlier};
use super::facts::facts;
use crate::identity::Actor;
use crate::invoice::archive;
use crate::invoice::settings::Settings;
use crate::obstacle::{Blocked, Obstacle};
use crate::run::code::{self, Refusal};
use crate::store::entities::{deliveries, documents, invoices, registrations, subscriptions};
use crate::store::{self, Lock, Store, Write, places};
use crate::{Error, Result};

/// Invoices looked at together, with their PDFs.
const PAGE: usize = 100;

/// A mail ready to be queued.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Number of the invoice.
    pub number: String,
    /// Its subscription.
    pub subscription: Uuid,
    /// Its period.
    pub period: NaiveDate,
    /// The mail.
    pub row: deliveries::Model,
}

/// An invoice that cannot be sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hindered {
    /// The invoice.
    pub invoice: Uuid,
    /// Its number; empty where it cannot be read.
    pub number: String,
    /// Why.
    pub blocked: Blocked,
}

impl Letter {
    /// The mail as the journal names it.
    pub fn noted(&self) -> serde_json::Value {
        let recipient = super::noted_address(&self.row.recipient);
        serde_json::json!({ "invoice": self.number, "delivery": self.row.id, "recipient": recipient })
    }

    /// The mail as it is queued now.
    pub fn queued_at(self, now: DateTime<Utc>) -> deliveries::Model {
        deliveries::Model { queued_at: now, ..self.row }
    }
}

/// What one letter is made of.
struct Parts {
    invoice: invoices::Model,
    registration: registrations::Model,
    subscription: subscriptions::Model,
    document: Option<documents::Model>,
    earlier: Earlier,
    cancellation: Option<Cancellation>,
}

/// Who asked for what, for the rows.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who.
    pub actor: Actor,
    /// Another address than the customer's.
    pub to: Option<String>,
    /// Why.
    pub reason: String,
}

/// What all letters of a request share.
struct Shared {
    settings: Settings,
    request: Request,
    now: DateTime<Utc>,
}

/// Composes the mails of these invoices, in their order, and hands over each, or why there is none. Writes nothing.
pub async fn compose_each(
    store: &Store,
    request: Request,
    ids: &[Uuid],
    mut take: impl FnMut(Result<Letter, Hindered>),
) -> Result<()> {
    let (settings, now) = (Settings::load(store.read()).await?, store.now().await?);
    let shared = Arc::new(Shared { settings, request, now });
    for page in ids.chunks(PAGE) {
        let (parts, missing) = readable(store, page, now).await?;
        for letter in composed(Arc::clone(&shared), parts).await? {
            take(letter);
        }
        for hindered in missing {
            take(Err(hindered));
        }
    }
    Ok(())
}

/// All of them at once.
pub async fn compose_all(store: &Store, request: Request, ids: &[Uuid]) -> Result<Vec<Result<Letter, Hindered>>> {
    let mut letters = Vec::with_capacity(ids.len());
    compose_each(store, request, ids, |letter| letters.push(letter)).await?;
    Ok(letters)
}

/// PDFs are audited and mails composed on all cores, off the threads that talk to the database.
async fn composed(shared: Arc<Shared>, parts: Vec<Parts>) -> Result<Vec<Result<Letter, Hindered>>> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    rayon::spawn(move || {
        let _ = sender.send(parts.par_iter().map(|parts| compose(parts, &shared)).collect());
    });
    receiver
        .await
        .map_err(|_| Error::Refused("Composing the mails stopped in the middle; nothing was sent.".to_owned()))
}

/// One record that cannot be read does not keep the others from being sent: the page is read in halves until it stands
/// alone.
async fn readable(store: &Store, page: &[Uuid], now: DateTime<Utc>) -> Result<(Vec<Parts>, Vec<Hindered>)> {
    let (mut read, mut hindered) = (Vec::with_capacity(page.len()), Vec::new());
    let mut rest = vec![page];
    while let Some(ids) = rest.pop() {
        match load(store, ids, now).await {
            Ok((parts, missing)) => {
                read.extend(parts);
                hindered.extend(missing);
            }
            Err(error) => match (error.undecodable(), ids) {
                (None, _) => return Err(error),
                (Some(field), [invoice]) => hindered.push(unreadable(*invoice, field)),
                (Some(_), ids) => {
                    let (first, second) = ids.split_at(ids.len() / 2);
                    rest.extend([second, first]);
                }
            },
        }
    }
    Ok((read, hindered))
}

fn unreadable(invoice: Uuid, field: String) -> Hindered {
    let sentence = format!("The invoice {invoice} or its customer cannot be read ({field}); repair the record first.");
    Hindered { invoice, number: String::new(), blocked: Obstacle::Unreadable { field }.says(sentence) }
}

fn missing(invoice: Uuid) -> Hindered {
    let sentence = format!("The invoice {invoice}, its customer or its subscription is not there.");
    Hindered { invoice, number: String::new(), blocked: Obstacle::Missing.says(sentence) }
}

async fn load(store: &Store, ids: &[Uuid], now: DateTime<Utc>) -> Result<(Vec<Parts>, Vec<Hindered>)> {
    let read = store.read();
    let of = |ids: &[Uuid]| ids.to_vec();
    let mut invoices: HashMap<Uuid, invoices::Model> = invoices::Entity::find()
        .filter(invoices::Column::Id.is_in(of(ids)))
        .all(read)
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let registrations = registrations::Entity::find()
        .filter(registrations::Column::Id.is_in(invoices.values().map(|row| row.registration_id)))
        .all(read)
        .await?;
    let subscriptions = subscriptions::Entity::find()
        .filter(subscriptions::Column::Id.is_in(invoices.values().map(|row| row.subscription_id)))
        .all(read)
        .await?;
    let mut documents = archive::originals(read, ids).await?;
    let mut earlier = earlier(read, ids, now).await?;
    let mut cancellations = cancellations(store, &invoices).await?;
    let (mut parts, mut lost) = (Vec::with_capacity(ids.len()), Vec::new());
    for id in ids {
        let invoice = invoices.remove(id);
        let registration =
            invoice.as_ref().and_then(|of| registrations.iter().find(|row| row.id == of.registration_id));
        let subscription =
            invoice.as_ref().and_then(|of| subscriptions.iter().find(|row| row.id == of.subscription_id));
        let (registration, subscription) = (registration.cloned(), subscription.cloned());
        let (Some(invoice), Some(registration), Some(subscription)) = (invoice, registration, subscription) else {
            lost.push(missing(*id));
            continue;
        };
        let (document, earlier) = (documents.remove(id), earlier.remove(id).unwrap_or_default());
        let cancellation = cancellations.remove(id);
        parts.push(Parts { invoice, registration, subscription, document, earlier, cancellation });
    }
    Ok((parts, lost))
}

fn compose(parts: &Parts, shared: &Shared) -> Result<Letter, Hindered> {
    let Parts { invoice, registration, subscription, .. } = parts;
    let (number, request) = (&invoice.number, &shared.request);
    let hindered = |blocked: Blocked| Hindered { invoice: invoice.id, number: number.clone(), blocked };
    if let Some(blocked) = parts.earlier.obstacle(number, parts.cancellation.as_ref()) {
        return Err(hindered(blocked));
    }
    let document = parts.document.as_ref();
    let document =
        document.ok_or_else(|| hindered(Obstacle::NoDocument.says(format!("{number} has no archived PDF."))))?;
    if !archive::is_sound(invoice, document) {
        return Err(hindered(Obstacle::DocumentDamaged.says(format!(
            "The archived PDF of {number} is damaged; it must be repaired before it is sent again (`kontor invoices audit \
             {number}`)."
        ))));
    }
    let recipient = request.to.as_ref().unwrap_or(&registration.email);
    let refused = |refusal: Refusal| {
        let hint = if refusal.code == code::ADDRESS_INVALID { " Correct it, or give another with --to." } else { "" };
        let sentence = format!("{number} cannot be sent to {}. {refusal}.{hint}", super::noted_address(recipient));
        hindered(Obstacle::cause(refusal.code).says(sentence))
    };
    address::check(recipient).map_err(refused)?;
    let facts = facts(invoice, registration, subscription, &shared.settings).map_err(refused)?;
    let id = Uuid::now_v7();
    let message_id = message::message_id(id, &facts.seller.email);
    let occasion = Occasion { repeats: parts.earlier.first.map(|(day, _)| day), covering: None };
    let stored = message::compose(&facts, occasion, &document.bytes, recipient, message_id, shared.now);
    let row = row(shared, parts, document.id, stored.map_err(refused)?, address::return_path(id, &facts.seller.email));
    Ok(Letter {
        number: number.clone(),
        subscription: invoice.subscription_id,
        period: invoice.period,
        row: deliveries::Model { id, recipient: recipient.clone(), ..row },
    })
}

fn row(
    shared: &Shared,
    parts: &Parts,
    document: Uuid,
    stored: message::Stored,
    return_path: String,
) -> deliveries::Model {
    let request = &shared.request;
    deliveries::Model {
        id: Uuid::nil(),
        invoice_id: parts.invoice.id,
        document_id: Some(document),
        purpose: "resend".to_owned(),
        origin: "kontor".to_owned(),
        recipient: String::new(),
        message_id: stored.message_id,
        message_head: Some(stored.head),
        message_tail: Some(stored.tail),
        message_sha256: Some(stored.sha256.to_vec()),
        state: "queued".to_owned(),
        target: None,
        code: None,
        tries: 0,
        queued_at: shared.now,
        sending_at: None,
        settled_at: None,
        person: Some(request.actor.person.clone()),
        reason: Some(request.reason.clone()),
        // One mail per invoice and request: whoever comes second is refused by the database.
        request_id: Some(Uuid::new_v5(&request.actor.request, parts.invoice.number.as_bytes())),
        return_path: Some(return_path),
    }
}

/// Keeps other desks from sending the same invoices again until the transaction ends.
pub async fn lock(write: &Write, ids: &[Uuid]) -> Result<()> {
    let backend = write.get_database_backend();
    for page in ids.chunks(PAGE) {
        let text = format!("SELECT id FROM invoices WHERE id IN ({}) ORDER BY id", places(page.len()));
        let text = store::locking(backend, &text, Lock::Wait);
        write.query_all_raw(store::sql(backend, &text, page.iter().map(|id| (*id).into()))).await?;
    }
    Ok(())
}

/// What has come into the way since the letters were composed.
pub async fn obstacles(write: &Write, letters: &[&Letter]) -> Result<Vec<Hindered>> {
    let now = store::now(&**write).await?;
    let mut found = BTreeMap::new();
    for page in letters.chunks(PAGE) {
        let ids: Vec<Uuid> = page.iter().map(|letter| letter.row.invoice_id).collect();
        let earlier = earlier(&**write, &ids, now).await?;
        let originals = original_ids(write, &ids).await?;
        for letter in page {
            let (invoice, number) = (letter.row.invoice_id, &letter.number);
            let hindrance = earlier.get(&invoice).and_then(|earlier| earlier.obstacle(number, None));
            let is_replaced = originals.get(&invoice).copied() != letter.row.document_id;
            let replaced = || {
                let sentence = format!("The archived PDF of {number} was replaced meanwhile.");
                is_replaced.then(|| Obstacle::DocumentReplaced.says(sentence))
            };
            if let Some(blocked) = hindrance.or_else(replaced) {
                found.insert(invoice, Hindered { invoice, number: number.clone(), blocked });
            }
        }
    }
    Ok(found.into_values().collect())
}

async fn original_ids(write: &Write, ids: &[Uuid]) -> Result<HashMap<Uuid, Uuid>> {
    let text = format!(
        "SELECT invoice_id, id FROM documents WHERE role = 'original' AND invoice_id IN ({})",
        places(ids.len())
    );
    let backend = write.get_database_backend();
    let mut found = HashMap::new();
    for row in write.query_all_raw(store::sql(backend, &text, ids.iter().map(|id| (*id).into()))).await? {
        found.insert(row.try_get("", "invoice_id").map_err(Error::from)?, row.try_get("", "id").map_err(Error::from)?);
    }
    Ok(found)
}
