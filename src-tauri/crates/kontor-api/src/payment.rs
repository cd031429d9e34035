//! Payments, for looking at: whether an invoice was paid is what customers ask next.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::page::{ListAsk, NumberedInvoice};

/// Payments that match, a page of them.
pub type ListPayments = ListAsk<PaymentFilter, PaymentSort>;

/// Which payments. What is left out does not narrow; several words of one field widen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PaymentFilter {
    /// Words that occur in payer, reference, or an invoice's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// In one of these states.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<PaymentState>,
    /// Received on this day or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_from: Option<NaiveDate>,
    /// Received on this day or earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_to: Option<NaiveDate>,
}

/// Columns that payments are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PaymentSort {
    /// The day it came in: the list's own order, newest first.
    ReceivedOn,
    /// Amount.
    AmountCents,
}

/// State of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// It belongs to an invoice.
    Matched,
    /// Nobody knows yet what for.
    Open,
    /// It was returned.
    Returned,
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct PaymentRow {
    /// Its id.
    pub id: Uuid,
    /// The day it came in.
    pub received_on: NaiveDate,
    /// Amount in cents.
    pub amount_cents: i64,
    /// Currency.
    pub currency: String,
    /// Who paid.
    pub payer: String,
    /// From which account.
    pub iban: Option<String>,
    /// What they wrote.
    pub reference: String,
    /// State.
    pub state: PaymentState,
    /// The invoice it belongs to.
    pub invoice: Option<NumberedInvoice>,
    /// The registration of that invoice.
    pub registration: Option<Uuid>,
}
