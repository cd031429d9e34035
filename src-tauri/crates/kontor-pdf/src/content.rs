//! The frozen content of an invoice: everything that stands on the paper, and nothing else.
//!
//! It is written once, when the invoice is issued, as canonical bytes ([`Content::to_bytes`]), and its SHA-256 is
//! stored beside it. Everything later (drawing, auditing, repairing) starts from these bytes and never from today's
//! master data. What this module leaves out: where the values come from, and who may issue them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Version of the field set below. A new field means a new version; old bytes stay readable.
pub const CONTENT_VERSION: u16 = 1;

/// An invoice as it is frozen: fields in this order make the canonical bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// [`CONTENT_VERSION`] at the time of freezing.
    pub version: u16,
    /// Invoice or cancellation invoice.
    pub kind: Kind,
    /// Language of the paper.
    pub language: Language,
    /// Number with check digit, such as `RE-2013-000123-7` (§ 14 (4) no. 4 UStG).
    pub number: String,
    /// Date of issue (§ 14 (4) no. 3 UStG).
    pub issued_on: NaiveDate,
    /// First day of the service period (§ 14 (4) no. 6 UStG).
    pub service_from: NaiveDate,
    /// Last day of the service period.
    pub service_to: NaiveDate,
    /// Who issues it.
    pub seller: Seller,
    /// Who receives it.
    pub recipient: Recipient,
    /// The lines, in the order of the paper.
    pub lines: Vec<Line>,
    /// One row per VAT rate (§ 14 (4) no. 8 UStG).
    pub taxes: Vec<TaxSum>,
    /// Sum without VAT, in cents.
    pub net_cents: i64,
    /// Sum of VAT, in cents.
    pub tax_cents: i64,
    /// Sum to pay, in cents.
    pub gross_cents: i64,
    /// ISO 4217 code; `EUR`.
    pub currency: String,
    /// How and until when it is to be paid; `None` where nothing is to be paid (cancellation invoices).
    pub payment: Option<Payment>,
    /// For a cancellation invoice: the invoice it cancels.
    pub original: Option<Original>,
}

/// What kind of paper it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Rechnung.
    Invoice,
    /// Stornorechnung: names the original and carries negative quantities.
    Cancellation,
}

/// Language of the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// German.
    De,
    /// English.
    En,
}

/// The issuing company, with what § 14 (4) no. 1 and 2 UStG and § 35a GmbHG ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seller {
    /// Company name.
    pub name: String,
    /// Postal address.
    pub address: Address,
    /// VAT id, such as `DE123456788`.
    pub vat_id: String,
    /// Seat, register court and number, such as `Sitz Kiel, Amtsgericht Kiel, HRB 4711`.
    pub register: String,
    /// Managing directors.
    pub directors: String,
    /// Mail address of the office.
    pub email: String,
    /// Telephone number of the office.
    pub phone: String,
    /// Name of the bank.
    pub bank: String,
    /// IBAN without blanks (ISO 13616).
    pub iban: String,
    /// BIC (ISO 9362).
    pub bic: String,
}

/// A postal address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Street and house number.
    pub street: String,
    /// Postal code.
    pub postal_code: String,
    /// Town.
    pub city: String,
    /// ISO 3166-1 alpha-2 code; `DE` is not printed.
    pub country: String,
}

/// The customer. The address is optional (§ 33 UStDV: invoices up to 250 euros).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// Customer number with check digit, such as `K-000123-4`.
    pub customer_number: String,
    /// Company, where the customer is one.
    pub company: Option<String>,
    /// Name of the person, or of the contact in the company; may be empty when `company` is set.
    pub name: String,
    /// Postal address, where known.
    pub address: Option<Address>,
    /// Address the invoice is mailed to.
    pub email: String,
    /// VAT id of a company, where known.
    pub vat_id: Option<String>,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// 1-based position.
    pub position: u32,
    /// What was delivered.
    pub description: String,
    /// Pieces; negative on a cancellation invoice.
    pub quantity: i64,
    /// Gross price of one piece, in cents (the price is the gross price).
    pub unit_gross_cents: i64,
    /// VAT rate in basis points (1900 is 19 %).
    pub tax_basis_points: i32,
    /// Net amount of the line, in cents.
    pub net_cents: i64,
    /// VAT of the line, in cents.
    pub tax_cents: i64,
    /// Gross amount of the line, in cents.
    pub gross_cents: i64,
}

/// Sum per VAT rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxSum {
    /// Rate in basis points.
    pub basis_points: i32,
    /// Net amount in cents.
    pub net_cents: i64,
    /// VAT in cents.
    pub tax_cents: i64,
}

/// Terms of payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Last day of payment.
    pub due_on: NaiveDate,
    /// Text that lets the payment be matched: the invoice number.
    pub reference: String,
}

/// The invoice that a cancellation invoice cancels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Original {
    /// Its number.
    pub number: String,
    /// Its date.
    pub issued_on: NaiveDate,
}

impl Content {
    /// Canonical bytes: JSON without blanks, fields in the order of declaration, UTF-8.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("plain data always serialises")
    }

    /// Reads what [`Content::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    /// SHA-256 of the canonical bytes.
    pub fn sha256(&self) -> [u8; 32] {
        sha256(&self.to_bytes())
    }
}

/// SHA-256 of any bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
