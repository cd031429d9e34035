//! A case: all that the rows say about one subscription and period, and the step that follows from it.
//!
//! Whoever dies, wherever, the next worker continues from here: nothing but rows decides what is next.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::code;
pub use super::key::{Key, Subject};
use crate::Result;
use crate::invoice::content::Source;
use crate::period::Period;
use crate::store::entities::deliveries::Column as Mail;
use crate::store::entities::{deliveries, documents, invoice_lines, invoices, mailboxes, registrations, subscriptions};

/// All that is known of one subscription and period, as far as it concerns one subject.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it is about.
    pub key: Key,
    /// The subscription.
    pub subscription: subscriptions::Model,
    /// The customer.
    pub registration: registrations::Model,
    /// Address of the mailbox.
    pub mailbox: Option<String>,
    /// The billing period.
    pub period: Period,
    /// The valid invoice of the period, or the one invoice that the case is about.
    pub invoice: Option<invoices::Model>,
    /// The period was invoiced, and that invoice was cancelled without another in its place.
    pub is_cancelled: bool,
    /// Lines of an invoice that the old programs left without frozen content.
    pub legacy_lines: Vec<invoice_lines::Model>,
    /// The stored original, without its bytes.
    pub document: Option<Document>,
    /// Mails of the invoice that matter to the case, without their text.
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

/// A mail.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Delivery {
    /// Its id.
    pub id: Uuid,
    /// The invoice it carries.
    pub invoice_id: Uuid,
    /// The document it carries; none in a mail of the old programs.
    pub document_id: Option<Uuid>,
    /// Why it goes out: `invoice`, `resend` or `cancellation`.
    pub purpose: String,
    /// `kontor` or `legacy`.
    pub origin: String,
    /// Address it goes to.
    pub recipient: String,
    /// Its Message-ID.
    pub message_id: String,
    /// State of design section 6.
    pub state: String,
    /// Normalised code where it did not go well.
    pub code: Option<String>,
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
    /// What the content is composed of.
    pub fn source(&self) -> Source<'_> {
        Source {
            registration: &self.registration,
            subscription: &self.subscription,
            mailbox: self.mailbox.as_deref(),
            period: self.period,
        }
    }

    /// Whether the subscription or the invoice is among those in quarantine.
    pub fn is_held(&self, held: &HashSet<Uuid>) -> bool {
        held.contains(&self.key.subscription) || self.invoice.as_ref().is_some_and(|row| held.contains(&row.id))
    }

    /// The step that follows.
    pub fn next(&self) -> Next {
        let Some(invoice) = &self.invoice else {
            return match () {
                () if self.is_cancelled => Next::Blocked(code::INVOICE_CANCELLED),
                () if self.is_due() => Next::Issue,
                () => Next::Blocked(code::NOT_DUE),
            };
        };
        if self.deliveries.iter().any(|mail| mail.state == "accepted") {
            return Next::Done;
        }
        if let Some(code) = self.deliveries.iter().find_map(|mail| self.obstacle(mail)) {
            return Next::Blocked(code);
        }
        if invoice.snapshot.is_none() {
            return self.next_of_legacy();
        }
        match &self.document {
            Some(document) if document.origin == "kontor" => Next::Deliver,
            _ => Next::Render,
        }
    }

    /// An invoice of the old programs that never left the house is issued for the first time; what left it, is not.
    fn next_of_legacy(&self) -> Next {
        if matches!(self.key.subject, Subject::Resend(_)) {
            return Next::Deliver;
        }
        let came_back = self.deliveries.iter().any(|mail| mail.state == "bounced");
        if came_back { Next::Blocked(code::MAIL_BOUNCED) } else { Next::Adopt }
    }

    /// Why a mail stops the case until a person, or evidence, has decided.
    fn obstacle(&self, mail: &Delivery) -> Option<&'static str> {
        let is_own = self.is_own(mail);
        // A mail that a person sends again goes to the address that the person named.
        let same_address = is_own && (mail.purpose == "resend" || mail.recipient == self.registration.email);
        match mail.state.as_str() {
            "unknown" => Some(code::OUTCOME_UNKNOWN),
            // A person has it sent again already; a second first mail beside it would be one too many.
            "queued" | "deferred" | "sending" if !is_own => Some(code::IN_WORK),
            "sending" if !mail.is_checkable() => Some(code::OUTCOME_UNKNOWN),
            "refused" if same_address => mail.refusal(),
            "bounced" if same_address => Some(code::MAIL_BOUNCED),
            _ => None,
        }
    }

    /// Whether a mail is the case's own, not one that only tells whether the invoice arrived.
    fn is_own(&self, mail: &Delivery) -> bool {
        mail.purpose == self.key.subject.purpose()
    }

    /// Own mails that a worker left in the middle of being sent.
    pub fn left_sending(&self) -> impl Iterator<Item = &Delivery> {
        self.deliveries.iter().filter(|mail| mail.state == "sending" && self.is_own(mail))
    }

    /// Whether an own mail was on its way to somewhere else than `target`; there nobody can look it up.
    pub fn is_astray(&self, target: Option<&str>) -> bool {
        self.left_sending().any(|mail| mail.target.as_deref() != target)
    }

    /// The own mail that is still to go out, if one is stored.
    pub fn open_delivery(&self) -> Option<&Delivery> {
        let open = |mail: &&Delivery| matches!(mail.state.as_str(), "queued" | "deferred" | "sending");
        self.deliveries.iter().filter(|mail| self.is_own(mail)).find(open)
    }

    /// Where its mail goes: a stored one to the address it was stored with, a new one to the customer's of today.
    pub fn address(&self) -> &str {
        let stored = self.open_delivery().filter(|mail| mail.document_id.is_some());
        stored.map_or(&self.registration.email, |mail| &mail.recipient)
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

    /// Why a refused mail is not sent again to the same address; none where a person found that it did not arrive.
    fn refusal(&self) -> Option<&'static str> {
        match self.code.as_deref() {
            Some(code::NOT_ARRIVED) => None,
            Some(code::MAIL_REFUSED) => Some(code::MAIL_REFUSED),
            _ => Some(code::RECIPIENT_REFUSED),
        }
    }
}

/// Loads cases in the order of their keys; keys whose subscription or subject is missing are left out.
pub async fn load(connection: &impl ConnectionTrait, keys: &[Key]) -> Result<Vec<Case>> {
    let subscriptions = by_id(
        subscriptions::Entity::find()
            .filter(subscriptions::Column::Id.is_in(keys.iter().map(|key| key.subscription)))
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
    let subjects = Subjects::load(connection, keys).await?;
    let ids: Vec<Uuid> = keys.iter().filter_map(|key| subjects.invoice(key)).map(|row| row.id).collect();
    let papers = papers(connection, &ids).await?;
    let adopted = keys.iter().filter_map(|key| subjects.invoice(key)).filter(|row| row.snapshot.is_none());
    let adopted: Vec<Uuid> = adopted.map(|row| row.id).collect();
    let mut lines = grouped(legacy_lines(connection, &adopted).await?, |row| row.invoice_id);
    let mut cases = Vec::with_capacity(keys.len());
    for key in keys {
        let Some(subscription) = subscriptions.get(&key.subscription) else { continue };
        let Some(registration) = registrations.get(&subscription.registration_id) else { continue };
        let invoice = subjects.invoice(key).cloned();
        if invoice.is_none() && key.subject != Subject::Period {
            continue;
        }
        let id = invoice.as_ref().map(|row| row.id);
        let (document, deliveries) = id.and_then(|id| papers.get(&id).cloned()).unwrap_or_default();
        cases.push(Case {
            key: *key,
            subscription: subscription.clone(),
            registration: registration.clone(),
            mailbox: subscription.mailbox_id.and_then(|id| mailboxes.get(&id).cloned()),
            period: Period::containing(key.period),
            is_cancelled: subjects.is_cancelled(key),
            invoice,
            legacy_lines: id.and_then(|id| lines.remove(&id)).unwrap_or_default(),
            document,
            deliveries: deliveries.into_iter().filter(|mail| concerns(key.subject, mail)).collect(),
        });
    }
    Ok(cases)
}

/// Whether a mail of its invoice matters to a subject: its own, and whatever says that the invoice arrived.
fn concerns(subject: Subject, mail: &Delivery) -> bool {
    match subject {
        Subject::Resend(id) => mail.id == id,
        Subject::Period | Subject::Cancellation(_) => mail.purpose == subject.purpose() || mail.purpose == "resend",
    }
}

/// The invoices that keys are about.
struct Subjects {
    /// Valid invoices, by subscription and period; none where there are only cancelled ones.
    periods: HashMap<(Uuid, NaiveDate), Option<invoices::Model>>,
    /// Invoices by their own id, or by the id of a mail of theirs.
    singles: HashMap<Uuid, invoices::Model>,
}

impl Subjects {
    async fn load(connection: &impl ConnectionTrait, keys: &[Key]) -> Result<Self> {
        let of_periods: Vec<Key> = keys.iter().filter(|key| key.subject == Subject::Period).copied().collect();
        let periods = period_invoices(connection, &of_periods).await?;
        let mut singles = HashMap::new();
        let mut mails = Vec::new();
        let mut wanted = Vec::new();
        for key in keys {
            match key.subject {
                Subject::Period => {}
                Subject::Cancellation(id) => wanted.push(id),
                Subject::Resend(id) => mails.push(id),
            }
        }
        let mut carried: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
        if !mails.is_empty() {
            let query = deliveries::Entity::find().select_only().columns([Mail::Id, Mail::InvoiceId]);
            let rows = query.filter(Mail::Id.is_in(mails)).into_tuple::<(Uuid, Uuid)>().all(connection).await?;
            for (mail, invoice) in rows {
                carried.entry(invoice).or_default().push(mail);
            }
            wanted.extend(carried.keys());
        }
        if !wanted.is_empty() {
            let query = invoices::Entity::find().filter(invoices::Column::Id.is_in(wanted));
            for row in query.all(connection).await? {
                for mail in carried.remove(&row.id).unwrap_or_default() {
                    singles.insert(mail, row.clone());
                }
                singles.insert(row.id, row);
            }
        }
        Ok(Self { periods, singles })
    }

    fn invoice(&self, key: &Key) -> Option<&invoices::Model> {
        match key.subject.id() {
            None => self.periods.get(&(key.subscription, key.period)).and_then(Option::as_ref),
            Some(id) => self.singles.get(&id),
        }
    }

    fn is_cancelled(&self, key: &Key) -> bool {
        key.subject == Subject::Period && matches!(self.periods.get(&(key.subscription, key.period)), Some(None))
    }
}

/// Valid invoices of these periods; `None` for a period whose invoices are all cancelled.
async fn period_invoices(
    connection: &impl ConnectionTrait,
    keys: &[Key],
) -> Result<HashMap<(Uuid, NaiveDate), Option<invoices::Model>>> {
    let mut found = HashMap::new();
    if keys.is_empty() {
        return Ok(found);
    }
    let rows = invoices::Entity::find()
        .filter(invoices::Column::SubscriptionId.is_in(keys.iter().map(|key| key.subscription)))
        .filter(invoices::Column::Period.is_in(periods(keys)))
        .filter(invoices::Column::Kind.eq("invoice"))
        .all(connection)
        .await?;
    for row in rows {
        let place = found.entry((row.subscription_id, row.period)).or_insert(None);
        if row.state != "cancelled" {
            *place = Some(row);
        }
    }
    Ok(found)
}

/// The periods that occur in keys: a handful.
pub(super) fn periods(keys: &[Key]) -> BTreeSet<NaiveDate> {
    keys.iter().map(|key| key.period).collect()
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
        .columns([Mail::Id, Mail::InvoiceId, Mail::DocumentId, Mail::Purpose, Mail::Origin, Mail::Recipient])
        .columns([Mail::MessageId, Mail::State, Mail::Code, Mail::Target])
        .filter(Mail::InvoiceId.is_in(invoices.iter().copied()))
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
