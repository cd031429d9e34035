//! Registrations: the list, and everything about one of them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::call::CallView;
use crate::cause::Cause;
use crate::contact::{Contact, RegistrationKind};
use crate::delivery::DeliveryRow;
use crate::finding::FindingRow;
use crate::invoice::{InvoiceRow, InvoiceState, MailState};
use crate::page::{By, ListAsk, Stored};
use crate::payment::PaymentRow;

/// Registrations that match, a page of them.
pub type ListRegistrations = ListAsk<RegistrationFilter, RegistrationSort>;

/// Which registrations. What is left out does not narrow; several words of one field widen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RegistrationFilter {
    /// Words that occur in name, company, address of customer or mailbox, customer number, or an invoice's number; small
    /// and capital letters, accents and ß are forgiven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// In one of these states.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<RegistrationState>,
    /// Of one of these kinds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<RegistrationKind>,
    /// Registered on this day or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered_from: Option<NaiveDate>,
    /// Registered on this day or earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered_to: Option<NaiveDate>,
    /// With (or without) an invoice that failed and is still open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_invoice: Option<bool>,
    /// With (or without) a mail whose outcome nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsettled_mail: Option<bool>,
    /// With (or without) a mailbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_mailbox: Option<bool>,
    /// Whose mailbox is used to at least this part of its quota, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_percent_from: Option<i64>,
}

/// Columns that registrations are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationSort {
    /// Customer number: the list's own order.
    Customer,
    /// Last name, first name.
    Name,
    /// Address of the mailbox.
    Mailbox,
    /// State.
    State,
    /// Storage used.
    UsedBytes,
    /// When they registered.
    RegisteredAt,
}

/// State of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words of the column")]
pub enum RegistrationState {
    Active,
    Blocked,
    Closed,
}

/// Where a registration came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words of the column")]
pub enum RegistrationSource {
    Signup,
    Import,
    Desk,
}

/// A registration as the list shows it.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct RegistrationRow {
    /// Its id.
    pub id: Uuid,
    /// Customer number.
    pub customer: String,
    /// Person or company.
    pub kind: RegistrationKind,
    /// Company.
    pub company: Option<String>,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Mail address.
    pub email: String,
    /// Town.
    pub city: Option<String>,
    /// State.
    pub state: RegistrationState,
    /// When they registered.
    pub registered_at: DateTime<Utc>,
    /// Address of the first mailbox.
    pub mailbox: Option<String>,
    /// Storage rented in it, in bytes.
    pub quota_bytes: Option<i64>,
    /// Storage used in it, in bytes.
    pub used_bytes: Option<i64>,
    /// The newest invoice.
    pub invoice: Option<NewestInvoice>,
    /// Why an invoice of theirs failed that is still open.
    pub failure: Option<Cause>,
}

/// The newest invoice of a registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct NewestInvoice {
    /// Its id.
    pub id: Uuid,
    /// Its number.
    pub number: String,
    /// Its state.
    pub state: InvoiceState,
    /// State of its newest mail.
    pub mail: MailState,
}

/// Everything about one registration, but for its timeline.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ShowRegistration {
    /// The registration.
    pub id: Uuid,
}

/// Everything about one registration, but for its timeline.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct RegistrationDetail {
    /// Its id.
    pub id: Uuid,
    /// Customer number.
    pub customer: String,
    /// What to say on the phone, and what to do next.
    pub call: CallView,
    /// Person and address.
    pub person: Stored<Person>,
    /// Mailboxes.
    pub mailboxes: Vec<Stored<MailboxRow>>,
    /// Subscriptions, newest first.
    pub subscriptions: Vec<Stored<SubscriptionRow>>,
    /// Invoices and cancellation invoices, newest period first.
    pub invoices: Vec<Stored<InvoiceRow>>,
    /// Mails, newest first.
    pub deliveries: Vec<Stored<DeliveryRow>>,
    /// Payments, newest first.
    pub payments: Vec<Stored<PaymentRow>>,
    /// Notes, newest first.
    pub notes: Vec<Stored<Note>>,
    /// Findings that are not closed about it and what belongs to it, what matters most first.
    pub findings: Vec<FindingRow>,
    /// When its row was sealed as it was first seen: unchanged since, which does not mean correct. None where Kontor wrote it.
    pub first_seen_at: Option<DateTime<Utc>>,
}

/// The person or company of a registration.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Person {
    /// What can be changed.
    pub contact: Contact,
    /// Version that saving names.
    pub version: i64,
    /// State.
    pub state: RegistrationState,
    /// Where it came from.
    pub source: RegistrationSource,
    /// When they registered.
    pub registered_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Who changed it last; none when nobody at a desk did.
    pub updated_by: Option<By>,
}

/// A mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct MailboxRow {
    /// Its id.
    pub id: Uuid,
    /// Its address.
    pub address: String,
    /// Storage rented, in bytes.
    pub quota_bytes: i64,
    /// Storage used, in bytes.
    pub used_bytes: i64,
    /// Why the quota differs from the tariff's, where it may.
    pub quota_override_reason: Option<String>,
    /// Whether it is open.
    pub is_active: bool,
}

/// A subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct SubscriptionRow {
    /// Its id.
    pub id: Uuid,
    /// Address of its mailbox.
    pub mailbox: Option<String>,
    /// Name of the tariff, German.
    pub tariff_de: String,
    /// Name of the tariff, English.
    pub tariff_en: String,
    /// Gross price of a month, in cents.
    pub gross_cents: i64,
    /// Currency.
    pub currency: String,
    /// First day.
    pub started_on: NaiveDate,
    /// Last day.
    pub ended_on: Option<NaiveDate>,
    /// Whether it runs.
    pub is_active: bool,
}

/// A note that somebody wrote about a registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Note {
    /// Its id.
    pub id: Uuid,
    /// Version that editing names.
    pub version: i64,
    /// The text.
    pub text: String,
    /// Who wrote it.
    pub by: By,
    /// When.
    pub written_at: DateTime<Utc>,
    /// When it was changed; none when it never was.
    pub edited_at: Option<DateTime<Utc>>,
}

/// Adds a note.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct AddNote {
    /// Id of this request.
    pub request_id: Uuid,
    /// The registration.
    pub registration: Uuid,
    /// The text.
    pub text: String,
}

/// Changes a note.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct EditNote {
    /// Id of this request.
    pub request_id: Uuid,
    /// The note.
    pub note: Uuid,
    /// Version that the person saw.
    pub version: i64,
    /// The new text.
    pub text: String,
}

/// Takes a note away; the journal keeps that there was one.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct DeleteNote {
    /// Id of this request.
    pub request_id: Uuid,
    /// The note.
    pub note: Uuid,
    /// Version that the person saw.
    pub version: i64,
}
