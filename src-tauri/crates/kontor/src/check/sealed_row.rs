//! One sealed row of any kind, looked at by itself: what a pass does with each row of its pages.

use super::book::Found;
use super::passes::{invoices::INVOICE, payments::PAYMENT, people};
use super::proposal::Proposal;
use crate::store::entities::{invoices, mailboxes, notes, payments, registrations, saved_filters, subscriptions};

/// A row that carries a seal.
#[derive(Clone, Debug, PartialEq)]
pub enum SealedRow {
    /// A customer.
    Registration(registrations::Model),
    /// A mailbox.
    Mailbox(mailboxes::Model),
    /// A subscription.
    Subscription(subscriptions::Model),
    /// An invoice: its progress.
    Invoice(invoices::Model),
    /// A payment.
    Payment(payments::Model),
    /// A note.
    Note(notes::Model),
    /// A list under a name.
    SavedFilter(saved_filters::Model),
}

/// A seal that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The field that explains it.
    pub field: Option<String>,
    /// What stands there.
    pub current: Option<String>,
    /// What could put it right.
    pub proposal: Option<Proposal>,
}

impl From<Found> for Broken {
    fn from(found: Found) -> Self {
        Self { field: found.field, current: found.current, proposal: found.proposal }
    }
}

/// What is wrong with the seal of a row; none where it fits, or where there is none.
pub fn broken_seal(row: &SealedRow) -> Option<Broken> {
    let found = match row {
        SealedRow::Registration(row) => people::REGISTRATION.look(row),
        SealedRow::Mailbox(row) => people::MAILBOX.look(row),
        SealedRow::Subscription(row) => people::SUBSCRIPTION.look(row),
        SealedRow::Invoice(row) => INVOICE.look(row),
        SealedRow::Payment(row) => PAYMENT.look(row),
        SealedRow::Note(row) => people::NOTE.look(row),
        SealedRow::SavedFilter(row) => people::FILTER.look(row),
    };
    found.map(|(_, found)| found.into())
}
