//! Which list, and where a figure leads. Every number that a screen shows carries the list behind it, made by the same
//! hand as the number.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::delivery::{DeliveryFilter, DeliverySort};
use crate::finding::{FindingFilter, FindingSort};
use crate::invoice::{InvoiceFilter, InvoiceSort};
use crate::journal::{JournalFilter, JournalSort};
use crate::page::Order;
use crate::payment::{PaymentFilter, PaymentSort};
use crate::registration::{RegistrationFilter, RegistrationSort};
use crate::repair::{RepairFilter, RepairSort};
use crate::run::{FailureFilter, FailureSort, RunFilter, RunItemFilter, RunItemSort, RunSort};

/// The lists there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "these are the words of the house")]
pub enum ListName {
    Registrations,
    Invoices,
    Deliveries,
    Payments,
    Failures,
    Runs,
    RunItems,
    Journal,
    Findings,
    Repairs,
}

/// A list with filter and order: what a figure opens, what is saved under a name, what is exported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "list", rename_all = "snake_case")]
#[expect(missing_docs, reason = "filter and order of the list that the variant names")]
pub enum ListQuery {
    /// Registrations.
    Registrations { filter: RegistrationFilter, order: Option<Order<RegistrationSort>> },
    /// Invoices.
    Invoices { filter: InvoiceFilter, order: Option<Order<InvoiceSort>> },
    /// Mails.
    Deliveries { filter: DeliveryFilter, order: Option<Order<DeliverySort>> },
    /// Payments.
    Payments { filter: PaymentFilter, order: Option<Order<PaymentSort>> },
    /// Invoices that did not get as far as an accepted mail.
    Failures { filter: FailureFilter, order: Option<Order<FailureSort>> },
    /// Runs.
    Runs { filter: RunFilter, order: Option<Order<RunSort>> },
    /// Items of one run.
    RunItems { filter: RunItemFilter, order: Option<Order<RunItemSort>> },
    /// Journal.
    Journal { filter: JournalFilter, order: Option<Order<JournalSort>> },
    /// Findings.
    Findings { filter: FindingFilter, order: Option<Order<FindingSort>> },
    /// Repairs.
    Repairs { filter: RepairFilter, order: Option<Order<RepairSort>> },
}

/// A place in the window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Destination {
    /// A list.
    List {
        /// Which, and what of it.
        query: ListQuery,
    },
    /// A registration with its call view.
    Registration {
        /// Its id.
        id: Uuid,
    },
    /// An invoice with its PDF.
    Invoice {
        /// Its id.
        id: Uuid,
    },
    /// A mail with its evidence.
    Delivery {
        /// Its id.
        id: Uuid,
    },
    /// A run with its progress.
    Run {
        /// Its id.
        id: Uuid,
    },
    /// An entry of the journal.
    JournalEntry {
        /// Its place in the chain.
        seq: i64,
    },
}

/// A number, and the list that it counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Figure {
    /// The number.
    pub count: i64,
    /// The list: it has as many rows.
    pub destination: Destination,
}
