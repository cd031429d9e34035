//! A case: all that the rows say about one subscription and period, and the step that follows from it.
//!
//! Whoever dies, wherever, the next worker continues from here: nothing but rows decides what is next.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::code;
use crate::Result;
use crate::invoice::content::Source;
use crate::period::Period;
use crate::store::entities::deliveries::Column as Mail;
use crate::store::entities::{deliveries, documents, invoice_lines, invoices, mailboxes, registrations, subscriptions};

/// Subscription and first day of the period: the key of a case.
pub type Key = (Uuid, NaiveDate);

/// All that is known of one subscription and period.
#[derive(Clone, Debug)]
pub struct Case {
    /// The subscription.
    pub subscription: subscriptions::Model,
    /// The customer.
    pub registration: registrations::Model,
    /// Address of the mailbox.
    pub mailbox: Option<String>,
    /// The billing period.
    pub period: Period,
    /// The valid invoice of the period.
    pub invoice: Option<invoices::Model>,
    /// Lines of an invoice that the old programs left without frozen content.
    pub legacy_lines: Vec<invoice_lines::Model>,
    /// The stored original, without its bytes.
    pub document: Option<Document>,
    /// First mails of the invoice, without their text.
    pub deliveries: Vec<Delivery>,
}

/// A stored original.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Document {
    /// Its id.
    pub id: Uuid,
    /// The invoice it belongs to.
    pub invoice_id: Uuid,
    /// `kontor` or `legacy`.
    pub origin: String,
}

/// A first mail.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Delivery {
    /// Its id.
    pub id: Uuid,
    /// The invoice it carries.
    pub invoice_id: Uuid,
    /// The document it carries; none in a mail of the old programs.
    pub document_id: Option<Uuid>,
    /// `kontor` or `legacy`.
    pub origin: String,
    /// Address it goes to.
    pub recipient: String,
    /// Its Message-ID.
    pub message_id: String,
    /// State of design section 6.
    pub state: String,
    /// Where it was being sent to.
    pub target: Option<String>,
}

/// The step that follows from the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// There is no invoice yet.
    Issue,
    /// The old programs left an invoice that never left the house: it is issued for the first time, under its number.
    Adopt,
    /// The content is frozen, there is no PDF.
    Render,
    /// There is a PDF, the mail has not gone out.
    Deliver,
    /// Everything is there.
    Done,
    /// A person must act first.
    Blocked(&'static str),
}

impl Case {
    /// Key of the case.
    pub fn key(&self) -> Key {
        (self.subscription.id, self.period.first_day())
    }

    /// What the content is composed of.
    pub fn source(&self) -> Source<'_> {
        Source {
            registration: &self.registration,
            subscription: &self.subscription,
            mailbox: self.mailbox.as_deref(),
            period: self.period,
        }
    }

    /// The step that follows.
    pub fn next(&self) -> Next {
        let Some(invoice) = &self.invoice else {
            return if self.is_due() { Next::Issue } else { Next::Blocked(code::NOT_DUE) };
        };
        for delivery in &self.deliveries {
            match delivery.state.as_str() {
                "accepted" => return Next::Done,
                "unknown" => return Next::Blocked(code::OUTCOME_UNKNOWN),
                "sending" if !delivery.is_checkable() => return Next::Blocked(code::OUTCOME_UNKNOWN),
                "refused" if delivery.recipient == self.registration.email => {
                    return Next::Blocked(code::RECIPIENT_REFUSED);
                }
                "bounced" if delivery.recipient == self.registration.email => {
                    return Next::Blocked(code::MAIL_BOUNCED);
                }
                _ => {}
            }
        }
        if invoice.snapshot.is_none() {
            // What came back had left the house; it is not issued a second time.
            let came_back = self.deliveries.iter().any(|delivery| delivery.state == "bounced");
            return if came_back { Next::Blocked(code::MAIL_BOUNCED) } else { Next::Adopt };
        }
        match &self.document {
            Some(document) if document.origin == "kontor" => Next::Deliver,
            _ => Next::Render,
        }
    }

    /// Whether a mail of this case was on its way to somewhere else than `target`; there nobody can look it up.
    pub fn is_astray(&self, target: Option<&str>) -> bool {
        let sending = |mail: &&Delivery| mail.state == "sending";
        self.deliveries.iter().filter(sending).any(|mail| mail.target.as_deref() != target)
    }

    /// The mail that is still to go out, if one is stored.
    pub fn open_delivery(&self) -> Option<&Delivery> {
        self.deliveries.iter().find(|delivery| matches!(delivery.state.as_str(), "queued" | "deferred" | "sending"))
    }

    fn is_due(&self) -> bool {
        self.subscription.started_on <= self.period.last_day()
            && match self.subscription.ended_on {
                Some(ended) => ended >= self.period.first_day(),
                None => self.subscription.state == "active" && self.registration.state == "active",
            }
    }
}

impl Delivery {
    /// Whether a mail found in `sending` can be looked up: a file is there or not, a mail server tells nothing.
    fn is_checkable(&self) -> bool {
        self.origin == "kontor" && self.target.as_deref().is_some_and(|target| target.starts_with("file:"))
    }
}

/// Loads cases in the order of their keys; keys whose subscription is missing are left out.
pub async fn load(connection: &impl ConnectionTrait, keys: &[Key]) -> Result<Vec<Case>> {
    let subscriptions = by_id(
        subscriptions::Entity::find()
            .filter(subscriptions::Column::Id.is_in(keys.iter().map(|key| key.0)))
            .all(connection)
            .await?,
        |row| row.id,
    );
    let registrations = by_id(
        registrations::Entity::find()
            .filter(registrations::Column::Id.is_in(subscriptions.values().map(|row| row.registration_id)))
            .all(connection)
            .await?,
        |row| row.id,
    );
    let mailboxes: HashMap<Uuid, String> = mailboxes::Entity::find()
        .filter(mailboxes::Column::Id.is_in(subscriptions.values().filter_map(|row| row.mailbox_id)))
        .all(connection)
        .await?
        .into_iter()
        .map(|row| (row.id, row.address))
        .collect();
    let invoices = valid_invoices(connection, keys).await?;
    let ids: Vec<Uuid> = invoices.values().map(|row| row.id).collect();
    let mut papers = papers(connection, &ids).await?;
    let adopted: Vec<Uuid> = invoices.values().filter(|row| row.snapshot.is_none()).map(|row| row.id).collect();
    let mut lines = grouped(legacy_lines(connection, &adopted).await?, |row| row.invoice_id);
    let mut cases = Vec::with_capacity(keys.len());
    for key in keys {
        let Some(subscription) = subscriptions.get(&key.0) else { continue };
        let Some(registration) = registrations.get(&subscription.registration_id) else { continue };
        let invoice = invoices.get(key).cloned();
        let id = invoice.as_ref().map(|row| row.id);
        let (document, deliveries) = id.and_then(|id| papers.remove(&id)).unwrap_or_default();
        cases.push(Case {
            subscription: subscription.clone(),
            registration: registration.clone(),
            mailbox: subscription.mailbox_id.and_then(|id| mailboxes.get(&id).cloned()),
            period: Period::containing(key.1),
            invoice,
            legacy_lines: id.and_then(|id| lines.remove(&id)).unwrap_or_default(),
            document,
            deliveries,
        });
    }
    Ok(cases)
}

async fn valid_invoices(connection: &impl ConnectionTrait, keys: &[Key]) -> Result<HashMap<Key, invoices::Model>> {
    let rows = invoices::Entity::find()
        .filter(invoices::Column::SubscriptionId.is_in(keys.iter().map(|key| key.0)))
        .filter(invoices::Column::Period.is_in(periods(keys)))
        .filter(invoices::Column::Kind.eq("invoice"))
        .filter(invoices::Column::State.ne("cancelled"))
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| ((row.subscription_id, row.period), row)).collect())
}

/// The periods that occur in keys: a handful.
pub(super) fn periods(keys: &[Key]) -> BTreeSet<NaiveDate> {
    keys.iter().map(|key| key.1).collect()
}

type Papers = HashMap<Uuid, (Option<Document>, Vec<Delivery>)>;

async fn papers(connection: &impl ConnectionTrait, invoices: &[Uuid]) -> Result<Papers> {
    let mut papers = Papers::new();
    if invoices.is_empty() {
        return Ok(papers);
    }
    let documents = documents::Entity::find()
        .select_only()
        .columns([documents::Column::Id, documents::Column::InvoiceId, documents::Column::Origin])
        .filter(documents::Column::InvoiceId.is_in(invoices.iter().copied()))
        .filter(documents::Column::Role.eq("original"))
        .into_model::<Document>()
        .all(connection)
        .await?;
    for document in documents {
        let invoice = document.invoice_id;
        papers.entry(invoice).or_default().0 = Some(document);
    }
    let deliveries = deliveries::Entity::find()
        .select_only()
        .columns([Mail::Id, Mail::InvoiceId, Mail::DocumentId, Mail::Origin, Mail::Recipient])
        .columns([Mail::MessageId, Mail::State, Mail::Target])
        .filter(Mail::InvoiceId.is_in(invoices.iter().copied()))
        .filter(Mail::Purpose.eq("invoice"))
        .into_model::<Delivery>()
        .all(connection)
        .await?;
    for delivery in deliveries {
        let invoice = delivery.invoice_id;
        papers.entry(invoice).or_default().1.push(delivery);
    }
    Ok(papers)
}

async fn legacy_lines(connection: &impl ConnectionTrait, invoices: &[Uuid]) -> Result<Vec<invoice_lines::Model>> {
    if invoices.is_empty() {
        return Ok(Vec::new());
    }
    let lines = invoice_lines::Entity::find().filter(invoice_lines::Column::InvoiceId.is_in(invoices.iter().copied()));
    Ok(lines.all(connection).await?)
}

fn by_id<T>(rows: Vec<T>, id: impl Fn(&T) -> Uuid) -> HashMap<Uuid, T> {
    rows.into_iter().map(|row| (id(&row), row)).collect()
}

fn grouped<T>(rows: Vec<T>, id: impl Fn(&T) -> Uuid) -> HashMap<Uuid, Vec<T>> {
    let mut groups: HashMap<Uuid, Vec<T>> = HashMap::new();
    for row in rows {
        groups.entry(id(&row)).or_default().push(row);
    }
    groups
}
