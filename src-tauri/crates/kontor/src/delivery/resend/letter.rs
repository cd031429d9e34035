//! A mail that repeats: what stands in its way, and its text.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::Berlin;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::super::message::{self, Occasion};
use super::super::{address, settlement};
use super::facts::facts;
use crate::identity::Actor;
use crate::invoice::archive;
use crate::invoice::settings::Settings;
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

/// An invoice and why it cannot be sent again, as a sentence.
pub type Obstacle = (Uuid, String);

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

/// The earlier mails of an invoice, as far as they matter.
#[derive(Clone, Debug, Default)]
struct Earlier {
    /// Day of the first mail that may have arrived, or else of the first of all; and whether it may.
    first: Option<(NaiveDate, bool)>,
    /// Why none can follow now.
    hindrance: Option<Hindrance>,
}

/// Why no further mail can follow now; the later in this list, the more it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Hindrance {
    /// The first mail has not gone out yet.
    Waits,
    /// It is being sent again already.
    Again,
    /// A worker sends the first mail at this moment.
    InHand,
}

/// What one letter is made of.
struct Parts {
    invoice: invoices::Model,
    registration: registrations::Model,
    subscription: subscriptions::Model,
    document: Option<documents::Model>,
    earlier: Earlier,
}

/// Who asked for what, for the rows.
struct Request<'a> {
    actor: &'a Actor,
    to: Option<&'a str>,
    reason: &'a str,
    now: DateTime<Utc>,
}

/// Composes the mails of these invoices, in their order; for each that cannot be sent again, why. Writes nothing.
pub async fn compose_all(
    store: &Store,
    actor: &Actor,
    ids: &[Uuid],
    to: Option<&str>,
    reason: &str,
) -> Result<Vec<Result<Letter, Obstacle>>> {
    let settings = Settings::load(store.read()).await?;
    let request = Request { actor, to, reason, now: store.now().await? };
    let mut letters = Vec::with_capacity(ids.len());
    for page in ids.chunks(PAGE) {
        for parts in load(store, page, request.now).await? {
            // A page is audited and a mail composed in some milliseconds; nothing is locked meanwhile.
            letters.push(compose(&parts, &settings, &request));
            tokio::task::yield_now().await;
        }
    }
    Ok(letters)
}

async fn load(store: &Store, ids: &[Uuid], now: DateTime<Utc>) -> Result<Vec<Parts>> {
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
    let mut parts = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(invoice) = invoices.remove(id) else { continue };
        let registration = registrations.iter().find(|row| row.id == invoice.registration_id);
        let subscription = subscriptions.iter().find(|row| row.id == invoice.subscription_id);
        let (Some(registration), Some(subscription)) = (registration.cloned(), subscription.cloned()) else { continue };
        let (document, earlier) = (documents.remove(id), earlier.remove(id).unwrap_or_default());
        parts.push(Parts { invoice, registration, subscription, document, earlier });
    }
    Ok(parts)
}

/// What the earlier mails of these invoices say.
async fn earlier(
    connection: &impl ConnectionTrait,
    ids: &[Uuid],
    now: DateTime<Utc>,
) -> Result<HashMap<Uuid, Earlier>> {
    let text = format!(
        "SELECT d.invoice_id, d.purpose, d.state, d.queued_at, CASE WHEN {} THEN 1 ELSE 0 END AS in_hand, \
         CASE WHEN EXISTS (SELECT 1 FROM run_items w WHERE w.subject_id = d.id AND w.state IN ('waiting', 'claimed')) \
         THEN 1 ELSE 0 END AS awaited FROM deliveries d WHERE d.invoice_id IN ({}) ORDER BY d.queued_at, d.id",
        settlement::IN_HAND,
        places(ids.len())
    );
    let values = [now.into()].into_iter().chain(ids.iter().map(|id| (*id).into()));
    let mut found: HashMap<Uuid, Earlier> = HashMap::new();
    for row in connection.query_all_raw(store::sql(connection.get_database_backend(), &text, values)).await? {
        let earlier = found.entry(row.try_get("", "invoice_id")?).or_default();
        let state: String = row.try_get("", "state")?;
        let day = row.try_get::<DateTime<Utc>>("", "queued_at")?.with_timezone(&Berlin).date_naive();
        let awaited = row.try_get::<i32>("", "awaited")? == 1;
        let in_hand = row.try_get::<i32>("", "in_hand")? == 1;
        earlier.add(&row.try_get::<String>("", "purpose")?, &state, day, awaited, in_hand);
    }
    Ok(found)
}

impl Earlier {
    fn add(&mut self, purpose: &str, state: &str, day: NaiveDate, awaited: bool, in_hand: bool) {
        let is_first = purpose != "resend";
        let hindrance = match state {
            "queued" | "deferred" if is_first => Some(Hindrance::Waits),
            "sending" if is_first && in_hand => Some(Hindrance::InHand),
            // A run that was cancelled leaves its mails queued; nobody will send them.
            "queued" | "deferred" | "sending" if !is_first && awaited => Some(Hindrance::Again),
            _ => None,
        };
        self.hindrance = self.hindrance.max(hindrance);
        let may_have_arrived = matches!(state, "accepted" | "unknown" | "sending");
        if is_first && self.first.is_none_or(|(_, may)| may_have_arrived && !may) {
            self.first = Some((day, may_have_arrived));
        }
    }

    /// Why the invoice cannot be sent again; none when it can.
    fn obstacle(&self, number: &str, is_cancelled: bool) -> Option<String> {
        let hindrance = self.hindrance.or(self.first.is_none().then_some(Hindrance::Waits))?;
        Some(match hindrance {
            Hindrance::InHand => format!("The mail of {number} is being sent at this moment; wait until it is out."),
            Hindrance::Again => format!("{number} is queued to be sent again already; `kontor work` sends it."),
            Hindrance::Waits if is_cancelled => {
                format!("{number} is cancelled and has never gone out; there is nothing to repeat.")
            }
            Hindrance::Waits => format!(
                "The mail of {number} has not gone out yet; there is nothing to repeat. `kontor runs start --invoice \
                 {number} --reason …` sends it."
            ),
        })
    }
}

fn compose(parts: &Parts, settings: &Settings, request: &Request<'_>) -> Result<Letter, Obstacle> {
    let Parts { invoice, registration, subscription, .. } = parts;
    let number = &invoice.number;
    let blocked = |sentence: String| (invoice.id, sentence);
    if let Some(sentence) = parts.earlier.obstacle(number, invoice.state == "cancelled") {
        return Err(blocked(sentence));
    }
    let document = parts.document.as_ref().ok_or_else(|| blocked(format!("{number} has no archived PDF.")))?;
    if !archive::is_sound(invoice, document) {
        return Err(blocked(format!(
            "The archived PDF of {number} is damaged; it must be repaired before it is sent again (`kontor invoices audit \
             {number}`)."
        )));
    }
    let recipient = request.to.unwrap_or(&registration.email);
    let refused = |refusal: Refusal| {
        let hint = if refusal.code == code::ADDRESS_INVALID { " Correct it, or give another with --to." } else { "" };
        blocked(format!("{number} cannot be sent to {}. {refusal}.{hint}", super::noted_address(recipient)))
    };
    address::check(recipient).map_err(refused)?;
    let facts = facts(invoice, registration, subscription, settings).map_err(refused)?;
    let id = Uuid::now_v7();
    let message_id = message::message_id(id, &facts.seller.email);
    let occasion = Occasion { repeats: parts.earlier.first.map(|(day, _)| day), covering: None };
    let stored = message::compose(&facts, occasion, &document.bytes, recipient, message_id, request.now);
    let row = row(request, parts, document.id, stored.map_err(refused)?, address::return_path(id, &facts.seller.email));
    Ok(Letter {
        number: number.clone(),
        subscription: invoice.subscription_id,
        period: invoice.period,
        row: deliveries::Model { id, recipient: recipient.to_owned(), ..row },
    })
}

fn row(
    request: &Request<'_>,
    parts: &Parts,
    document: Uuid,
    stored: message::Stored,
    return_path: String,
) -> deliveries::Model {
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
        queued_at: request.now,
        sending_at: None,
        settled_at: None,
        person: Some(request.actor.person.clone()),
        reason: Some(request.reason.to_owned()),
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
pub async fn obstacles(write: &Write, letters: &[Letter]) -> Result<Vec<Obstacle>> {
    let now = store::now(&**write).await?;
    let mut found = BTreeMap::new();
    for page in letters.chunks(PAGE) {
        let ids: Vec<Uuid> = page.iter().map(|letter| letter.row.invoice_id).collect();
        let earlier = earlier(&**write, &ids, now).await?;
        let originals = original_ids(write, &ids).await?;
        for letter in page {
            let id = letter.row.invoice_id;
            let sentence = match earlier.get(&id) {
                Some(earlier) => earlier.obstacle(&letter.number, false),
                None => None,
            };
            let replaced = originals.get(&id).copied() != letter.row.document_id;
            let replaced = replaced.then(|| format!("The archived PDF of {} was replaced meanwhile.", letter.number));
            if let Some(sentence) = sentence.or(replaced) {
                found.insert(id, sentence);
            }
        }
    }
    Ok(found.into_iter().collect())
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
