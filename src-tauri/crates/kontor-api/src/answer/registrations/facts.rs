//! What the call view is made of, beside the rows that the detail shows anyway.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use kontor::registration::contact;
use kontor::run::plan::Candidate;
use kontor::run::{Key, Subject};
use kontor::store;
use kontor::store::entities::registrations;
use sea_orm::{ConnectionTrait, EntityTrait, QueryResult, Value};
use uuid::Uuid;

use super::super::Answered;
use super::super::failing::open_of;
use super::super::stored::word;
use super::open::open_keys_of;
use crate::cause::Cause;
use crate::contact::ContactField;
use crate::delivery::{DeliveryDetail, DeliveryPurpose, DeliveryState};
use crate::finding::{FindingRow, Severity};
use crate::invoice::InvoiceRow;
use crate::office::Open;
use crate::page::Stored;

/// What is known of a customer.
#[derive(Debug)]
pub(super) struct Facts {
    /// The registration.
    pub registration: Uuid,
    /// The address that invoices go to today.
    pub email: String,
    /// The first contact field with a character that cannot be printed.
    pub unprintable: Option<ContactField>,
    /// Today at the office.
    pub today: NaiveDate,
    /// First day of the earliest subscription that runs.
    pub first_day: Option<NaiveDate>,
    /// Invoices and cancellation invoices, newest first.
    pub invoices: Vec<Stored<InvoiceRow>>,
    /// Mails that can be read, newest first.
    pub mails: Vec<Mail>,
    /// What is open, newest first.
    pub open: Vec<Candidate>,
    /// Invoices that have their original.
    pub documents: HashSet<Uuid>,
    /// What running runs have of it.
    pub work: HashMap<Key, Work>,
    /// Findings that are not closed, what matters most first.
    pub findings: Vec<FindingRow>,
    /// Numbers that were taken and have no invoice.
    allocated: HashMap<(Uuid, NaiveDate), String>,
}

/// What the call view needs of a mail.
#[derive(Clone, Debug)]
pub(super) struct Mail {
    pub id: Uuid,
    pub invoice: Uuid,
    pub purpose: DeliveryPurpose,
    pub state: DeliveryState,
    pub recipient: String,
    pub is_unsettled: bool,
    pub cause: Option<Cause>,
    pub reply_code: Option<i64>,
    pub queued_at: DateTime<Utc>,
    pub sending_at: Option<DateTime<Utc>>,
    pub settled_at: Option<DateTime<Utc>>,
    pub due_at: Option<DateTime<Utc>>,
}

/// An item of a run that goes on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    /// The run.
    pub run: Uuid,
    /// A worker has it in hand.
    pub is_claimed: bool,
    /// When it is tried again.
    pub due_at: Option<DateTime<Utc>>,
}

impl Facts {
    /// Reads them; invoices, mails and findings are read already.
    pub async fn read(
        open: &Open,
        registration: Uuid,
        invoices: Vec<Stored<InvoiceRow>>,
        mails: &[Stored<DeliveryDetail>],
        findings: Vec<FindingRow>,
    ) -> Answered<Self> {
        let keys: Vec<Key> = open_keys_of(open, &[registration]).await?.into_iter().map(|(_, key)| key).collect();
        let mut known = open_of(open, &keys).await?;
        let row = registrations::Entity::find_by_id(registration).one(open.store.read()).await.ok().flatten();
        let unprintable = row.as_ref().and_then(contact::unprintable);
        Ok(Self {
            registration,
            email: row.map(|row| row.email).unwrap_or_default(),
            unprintable: unprintable.and_then(|field| word(field.name())),
            today: open.store.today().await?,
            first_day: first_day(open, registration).await?,
            documents: originals(open, registration).await?,
            work: work(open, registration).await?,
            allocated: allocated(open, registration).await?,
            open: keys.iter().filter_map(|key| known.remove(key)).collect(),
            mails: mails.iter().filter_map(mail).collect(),
            invoices,
            findings,
        })
    }

    /// The finding that matters most, where it holds something back or a document, a mail or money is wrong.
    pub fn pressing(&self) -> Option<&FindingRow> {
        self.findings.first().filter(|row| row.severity <= Severity::High)
    }

    /// A critical finding holds something back.
    pub fn is_held(&self) -> bool {
        self.findings.first().is_some_and(|row| row.severity == Severity::Critical)
    }

    /// Invoices that can be read.
    pub fn whole_invoices(&self) -> impl Iterator<Item = &InvoiceRow> {
        self.invoices.iter().filter_map(|row| match row {
            Stored::Whole(row) => Some(row),
            Stored::Unreadable(_) => None,
        })
    }

    /// An invoice that can be read.
    pub fn invoice(&self, id: Uuid) -> Option<&InvoiceRow> {
        self.whole_invoices().find(|row| row.id == id)
    }

    /// Number, as far as it can be read, and damaged field of an invoice that cannot be read.
    pub fn unreadable(&self, id: Uuid) -> Option<(Option<String>, String)> {
        self.invoices.iter().find_map(|row| match row {
            Stored::Unreadable(row) if row.id == id.to_string() => {
                Some((row.label.clone(), row.fields.first().map(|field| field.field.clone()).unwrap_or_default()))
            }
            _ => None,
        })
    }

    /// Number of an invoice.
    pub fn number(&self, id: Uuid) -> Option<String> {
        let whole = self.invoice(id).map(|row| row.number.clone());
        whole.or_else(|| self.unreadable(id).and_then(|(number, _)| number))
    }

    /// Mails of an invoice, newest first.
    pub fn mails_of(&self, invoice: Uuid) -> impl Iterator<Item = &Mail> {
        self.mails.iter().filter(move |mail| mail.invoice == invoice)
    }

    /// The mail of an invoice that a person has to settle.
    pub fn unsettled_of(&self, invoice: Option<Uuid>) -> Option<Uuid> {
        self.mails_of(invoice?).find(|mail| mail.is_unsettled).map(|mail| mail.id)
    }

    /// The number that was taken for a period without an invoice.
    pub fn allocated(&self, key: &Key) -> Option<String> {
        self.allocated.get(&(key.subscription, key.period)).cloned()
    }
}

fn mail(stored: &Stored<DeliveryDetail>) -> Option<Mail> {
    let Stored::Whole(detail) = stored else { return None };
    let codes = detail.evidence.iter().rev().filter_map(|evidence| match evidence {
        Stored::Whole(evidence) => evidence.reply_code,
        Stored::Unreadable(_) => None,
    });
    let row = &detail.row;
    Some(Mail {
        id: row.id,
        invoice: row.invoice.id,
        purpose: row.purpose,
        state: row.state,
        recipient: row.recipient.clone(),
        is_unsettled: row.is_unsettled,
        cause: row.cause.clone(),
        reply_code: { codes }.next(),
        queued_at: row.queued_at,
        sending_at: row.sending_at,
        settled_at: row.settled_at,
        due_at: detail.due_at,
    })
}

async fn rows(open: &Open, text: &str, registration: Uuid) -> Answered<Vec<QueryResult>> {
    let statement = store::sql(open.store.backend(), text, [Value::from(registration)]);
    Ok(open.store.read().query_all_raw(statement).await?)
}

async fn first_day(open: &Open, registration: Uuid) -> Answered<Option<NaiveDate>> {
    let text = "SELECT started_on FROM subscriptions WHERE registration_id = ? ORDER BY \
                CASE WHEN state = 'active' THEN 0 ELSE 1 END, started_on";
    let found = rows(open, text, registration).await?;
    Ok(found.iter().find_map(|row| row.try_get("", "started_on").ok()))
}

async fn originals(open: &Open, registration: Uuid) -> Answered<HashSet<Uuid>> {
    let text = "SELECT o.invoice_id FROM invoices i JOIN documents o ON o.invoice_id = i.id AND o.role = 'original' WHERE \
                i.registration_id = ?";
    rows(open, text, registration).await?.iter().map(|row| Ok(row.try_get("", "invoice_id")?)).collect()
}

async fn work(open: &Open, registration: Uuid) -> Answered<HashMap<Key, Work>> {
    let text = "SELECT w.subscription_id, w.period, w.subject, w.subject_id, w.state, w.due_at, w.run_id FROM subscriptions s \
                JOIN run_items w ON w.subscription_id = s.id JOIN runs u ON u.id = w.run_id WHERE s.registration_id = ? AND \
                w.state IN ('waiting', 'claimed') AND u.state = 'running' ORDER BY \
                CASE WHEN w.state = 'claimed' THEN 1 ELSE 0 END, u.created_at";
    let mut work = HashMap::new();
    for row in rows(open, text, registration).await? {
        let Ok(subject) = Subject::read(&row.try_get::<String>("", "subject")?, row.try_get("", "subject_id")?) else {
            continue;
        };
        let key =
            Key { subscription: row.try_get("", "subscription_id")?, period: row.try_get("", "period")?, subject };
        let is_claimed = row.try_get::<String>("", "state")? == "claimed";
        work.insert(key, Work { run: row.try_get("", "run_id")?, is_claimed, due_at: row.try_get("", "due_at")? });
    }
    Ok(work)
}

async fn allocated(open: &Open, registration: Uuid) -> Answered<HashMap<(Uuid, NaiveDate), String>> {
    let text = "SELECT n.subscription_id, n.period, n.number FROM subscriptions s JOIN number_allocations n ON \
                n.subscription_id = s.id WHERE s.registration_id = ? AND n.invoice_id IS NULL AND n.explanation IS NULL AND \
                n.period IS NOT NULL ORDER BY n.serial";
    let mut numbers = HashMap::new();
    for row in rows(open, text, registration).await? {
        let read = (row.try_get("", "subscription_id"), row.try_get("", "period"), row.try_get("", "number"));
        if let (Ok(subscription), Ok(period), Ok(number)) = read {
            numbers.insert((subscription, period), number);
        }
    }
    Ok(numbers)
}

/// Mails of a registration, newest first.
pub(super) async fn mail_ids(open: &Open, registration: Uuid) -> Answered<Vec<Uuid>> {
    let text = "SELECT d.id FROM invoices i JOIN deliveries d ON d.invoice_id = i.id WHERE i.registration_id = ? ORDER BY \
                d.queued_at DESC, d.id DESC";
    rows(open, text, registration).await?.iter().map(|row| Ok(row.try_get("", "id")?)).collect()
}

/// Invoices of a registration, newest first.
pub(super) async fn invoice_ids(open: &Open, registration: Uuid) -> Answered<Vec<Uuid>> {
    let text = "SELECT id FROM invoices WHERE registration_id = ? ORDER BY period DESC, created_at DESC, id DESC";
    rows(open, text, registration).await?.iter().map(|row| Ok(row.try_get("", "id")?)).collect()
}

/// Payments of a registration, newest first.
pub(super) async fn payment_ids(open: &Open, registration: Uuid) -> Answered<Vec<Uuid>> {
    let text = "SELECT p.id FROM invoices i JOIN payments p ON p.invoice_id = i.id WHERE i.registration_id = ? ORDER BY \
                p.received_on DESC, p.id DESC";
    rows(open, text, registration).await?.iter().map(|row| Ok(row.try_get("", "id")?)).collect()
}
