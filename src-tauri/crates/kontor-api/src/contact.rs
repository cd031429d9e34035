//! Changing contact data: staged in the window, checked here, saved with an optimistic lock.
//!
//! Invoices that were issued keep the name and address they were issued with.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::failure::FieldFault;
use crate::invoice::MailState;
use crate::list::Figure;
use crate::month::Month;
use crate::page::NumberedInvoice;
use crate::run::FailureKey;

/// Person or company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words of the column")]
pub enum RegistrationKind {
    Person,
    Company,
}

/// Language of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words of the column")]
pub enum Language {
    De,
    En,
}

/// What can be changed of a registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[expect(missing_docs, reason = "the fields are those of `ContactField`")]
pub struct Contact {
    pub kind: RegistrationKind,
    pub company: Option<String>,
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    pub language: Language,
    pub street: Option<String>,
    pub postal_code: Option<String>,
    pub city: Option<String>,
    pub country: Option<String>,
    pub vat_id: Option<String>,
}

/// A field of [`Contact`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ContactField {
    /// `person` or `company`.
    Kind,
    /// Company.
    Company,
    /// First name.
    FirstName,
    /// Last name.
    LastName,
    /// Mail address that invoices go to.
    Email,
    /// `de` or `en`.
    Language,
    /// Street and number.
    Street,
    /// Postal code.
    PostalCode,
    /// Town.
    City,
    /// Country, two letters.
    Country,
    /// VAT id.
    VatId,
}

/// A change of one field, as the person saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ContactChange {
    /// The field.
    pub field: ContactField,
    /// What stood there.
    pub old: Option<String>,
    /// What is to stand there.
    pub new: Option<String>,
}

/// Looks at staged changes before they are saved; writes nothing.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct CheckContact {
    /// The registration.
    pub registration: Uuid,
    /// The changes.
    pub changes: Vec<ContactChange>,
}

/// What there is to say about staged changes.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct ContactCheck {
    /// What stands in the way of saving.
    pub faults: Vec<FieldFault>,
    /// Other registrations with the new mail address, where there are any; that is allowed.
    pub same_email: Option<Figure>,
    /// Invoices that can be sent to the new address once it is saved, newest first.
    pub sendable: Vec<SendableInvoice>,
}

/// An invoice that can be sent to a new address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct SendableInvoice {
    /// How it would be sent; [`SaveContact::send`] takes it.
    pub send: SendAgain,
    /// The invoice; none when it was not issued yet.
    pub invoice: Option<NumberedInvoice>,
    /// The month.
    pub period: Month,
    /// State of its newest mail.
    pub mail: MailState,
    /// Address that mail went to.
    pub recipient: Option<String>,
    /// It did not reach the customer, so sending it is what the person probably wants.
    pub is_suggested: bool,
}

/// How an invoice is sent to a new address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SendAgain {
    /// It is open: a rerun finishes it.
    Rerun {
        /// Its key.
        failure: FailureKey,
    },
    /// The mail server took it for the old address: it is repeated.
    Resend {
        /// The invoice.
        invoice: Uuid,
    },
}

/// Saves changed contact data: all of it, or nothing and a conflict.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct SaveContact {
    /// Id of this request.
    pub request_id: Uuid,
    /// The registration.
    pub registration: Uuid,
    /// Version that the person saw.
    pub version: i64,
    /// The changes.
    pub changes: Vec<ContactChange>,
    /// Why; may be empty.
    pub reason: String,
    /// What is sent to the new address right afterwards ("save and send again"), from [`ContactCheck::sendable`].
    pub send: Vec<SendAgain>,
}

/// What was saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct ContactSaved {
    /// Version that is stored now.
    pub version: i64,
    /// The runs that send the invoices, where that was asked for: one for what is open, one for what is repeated.
    pub runs: Vec<Uuid>,
    /// The request had been answered before; nothing was written now.
    pub is_repeated: bool,
}
