//! Seals: a SHA-256 over a canonical byte encoding of a row's business fields.
//!
//! Encoding, version 1: the byte 1, the table's name, then each field in the fixed order of its table. Every value is
//! a tag byte followed by its content: `0` for NULL; `1`, a length in eight bytes and the UTF-8 bytes for text; `2` and
//! eight bytes for a whole number (big-endian, two's complement); `3` and eight bytes for a point in time
//! (microseconds since 1970-01-01 UTC); `4` and four bytes for a day (0001-01-01 is day 1); `5`, a length and the
//! bytes for bytes; `6` and sixteen bytes for a UUID. Seals are against accidents, not against attackers.

use std::fmt::Write;
use std::ops::Range;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::store::entities::{mailboxes, notes, payments, registrations, saved_filters, subscriptions};

/// Version of the encoding.
const VERSION: u8 = 1;

/// Collects the canonical bytes of a row, and knows where the content of each value stands.
#[derive(Clone, Debug)]
pub struct Canonical {
    bytes: Vec<u8>,
    /// Content of each value after the table's name, without tag and length; empty for NULL.
    contents: Vec<Range<usize>>,
}

impl Canonical {
    /// Starts the bytes of a row of `table`.
    pub fn of(table: &str) -> Self {
        let mut named = Self { bytes: vec![VERSION], contents: Vec::new() }.text(table);
        named.contents.clear();
        named
    }

    fn tagged(mut self, tag: u8, bytes: &[u8]) -> Self {
        self.bytes.push(tag);
        self.content(bytes)
    }

    fn sized(mut self, tag: u8, bytes: &[u8]) -> Self {
        self.bytes.push(tag);
        self.bytes.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        self.content(bytes)
    }

    fn content(mut self, bytes: &[u8]) -> Self {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.contents.push(start..self.bytes.len());
        self
    }

    /// The bytes so far.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where the content of each value stands, in the order of the fields.
    pub fn contents(&self) -> &[Range<usize>] {
        &self.contents
    }

    /// A NULL.
    pub fn null(self) -> Self {
        self.tagged(0, &[])
    }

    /// Text.
    pub fn text(self, value: &str) -> Self {
        self.sized(1, value.as_bytes())
    }

    /// Text that may be NULL.
    pub fn maybe_text(self, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(value),
            None => self.null(),
        }
    }

    /// A whole number.
    pub fn whole(self, value: i64) -> Self {
        self.tagged(2, &value.to_be_bytes())
    }

    /// A point in time.
    pub fn at(self, value: DateTime<Utc>) -> Self {
        self.tagged(3, &value.timestamp_micros().to_be_bytes())
    }

    /// A day.
    pub fn day(self, value: NaiveDate) -> Self {
        self.tagged(4, &value.num_days_from_ce().to_be_bytes())
    }

    /// A day that may be NULL.
    pub fn maybe_day(self, value: Option<NaiveDate>) -> Self {
        match value {
            Some(value) => self.day(value),
            None => self.null(),
        }
    }

    /// Bytes.
    pub fn bytes(self, value: &[u8]) -> Self {
        self.sized(5, value)
    }

    /// A UUID.
    pub fn uuid(self, value: Uuid) -> Self {
        self.tagged(6, value.as_bytes())
    }

    /// A UUID that may be NULL.
    pub fn maybe_uuid(self, value: Option<Uuid>) -> Self {
        match value {
            Some(value) => self.uuid(value),
            None => self.null(),
        }
    }

    /// SHA-256 of the bytes.
    pub fn sha256(self) -> Vec<u8> {
        Sha256::digest(&self.bytes).to_vec()
    }
}

/// Seal of a registration.
pub fn registration(row: &registrations::Model) -> Vec<u8> {
    of_registration(row).sha256()
}

/// The bytes that are sealed.
pub(crate) fn of_registration(row: &registrations::Model) -> Canonical {
    Canonical::of("registrations")
        .uuid(row.id)
        .whole(row.customer_serial)
        .text(&row.customer_number)
        .text(&row.kind)
        .maybe_text(row.company.as_deref())
        .text(&row.first_name)
        .text(&row.last_name)
        .text(&row.email)
        .text(&row.language)
        .maybe_text(row.street.as_deref())
        .maybe_text(row.postal_code.as_deref())
        .maybe_text(row.city.as_deref())
        .maybe_text(row.country.as_deref())
        .maybe_text(row.vat_id.as_deref())
        .text(&row.state)
        .text(&row.source)
        .at(row.registered_at)
}

/// Seal of a mailbox; what the mail server counts (`used_bytes`) is not part of it.
pub fn mailbox(row: &mailboxes::Model) -> Vec<u8> {
    of_mailbox(row).sha256()
}

/// The bytes that are sealed.
pub(crate) fn of_mailbox(row: &mailboxes::Model) -> Canonical {
    Canonical::of("mailboxes")
        .uuid(row.id)
        .uuid(row.registration_id)
        .text(&row.address)
        .whole(row.quota_bytes)
        .maybe_text(row.quota_override_reason.as_deref())
        .text(&row.state)
}

/// Seal of a subscription.
pub fn subscription(row: &subscriptions::Model) -> Vec<u8> {
    of_subscription(row).sha256()
}

/// The bytes that are sealed.
pub(crate) fn of_subscription(row: &subscriptions::Model) -> Canonical {
    Canonical::of("subscriptions")
        .uuid(row.id)
        .uuid(row.registration_id)
        .maybe_uuid(row.mailbox_id)
        .uuid(row.tariff_id)
        .day(row.started_on)
        .maybe_day(row.ended_on)
        .text(&row.state)
}

/// Seal of a note.
pub fn note(row: &notes::Model) -> Vec<u8> {
    of_note(row).sha256()
}

/// The bytes that are sealed.
pub(crate) fn of_note(row: &notes::Model) -> Canonical {
    Canonical::of("notes").uuid(row.id).uuid(row.registration_id).text(&row.text).text(&row.person).text(&row.desk)
}

/// Seal of a list under a name.
pub fn saved_filter(row: &saved_filters::Model) -> Vec<u8> {
    of_saved_filter(row).sha256()
}

/// The bytes that are sealed.
pub(crate) fn of_saved_filter(row: &saved_filters::Model) -> Canonical {
    Canonical::of("saved_filters")
        .uuid(row.id)
        .text(&row.person)
        .text(&row.list)
        .text(&row.name)
        .text(&row.query)
        .maybe_text(row.columns.as_deref())
        .whole(row.is_shared.into())
}

/// Seal of an invoice: of its progress, which alone may change; what it was frozen with has a hash of its own.
pub fn invoice(id: Uuid, state: &str, cancelled_by: Option<Uuid>) -> Vec<u8> {
    of_invoice(id, state, cancelled_by).sha256()
}

/// The bytes that are sealed.
pub(crate) fn of_invoice(id: Uuid, state: &str, cancelled_by: Option<Uuid>) -> Canonical {
    Canonical::of("invoices").uuid(id).text(state).maybe_uuid(cancelled_by)
}

/// Seal of a payment.
pub fn payment(row: &payments::Model) -> Vec<u8> {
    of_payment(row).sha256()
}

/// The bytes that are sealed.
pub(crate) fn of_payment(row: &payments::Model) -> Canonical {
    Canonical::of("payments")
        .uuid(row.id)
        .maybe_uuid(row.invoice_id)
        .day(row.received_on)
        .whole(row.amount_cents)
        .text(&row.currency)
        .text(&row.payer)
        .maybe_text(row.iban.as_deref())
        .text(&row.reference)
        .text(&row.state)
}

/// Bytes as small hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // A string takes any text.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frozen: a change of the encoding breaks every stored seal.
    #[test]
    fn the_encoding_is_frozen() {
        let day = NaiveDate::from_ymd_opt(2013, 1, 31).expect("a day");
        let canonical = Canonical::of("t").null().text("ä").whole(-2).day(day).bytes(&[1, 2]).uuid(Uuid::nil());
        assert_eq!(
            hex(canonical.as_bytes()),
            "010100000000000000017400010000000000000002c3a402fffffffffffffffe04000b36b30500000000000000020102\
             0600000000000000000000000000000000"
        );
    }

    /// Frozen like the encoding: fields and their order are part of what is stored.
    #[test]
    fn the_fields_of_a_seal_are_frozen() {
        let day = NaiveDate::from_ymd_opt(2013, 1, 31).expect("a day");
        let at = DateTime::UNIX_EPOCH;
        let payment = payments::Model {
            id: Uuid::from_u128(1),
            invoice_id: None,
            received_on: day,
            amount_cents: 100,
            currency: "EUR".to_owned(),
            payer: "Müller".to_owned(),
            iban: None,
            reference: "RE-2013-000123-5".to_owned(),
            state: "matched".to_owned(),
            created_at: at,
            updated_at: at,
            version: 1,
            seal: None,
        };
        assert_eq!(hex(&super::payment(&payment)), "f54c5f3a59723f46da94b5950e13e24c5269f5525cbc9664057680068996a9f5");
        assert_eq!(
            hex(&invoice(Uuid::from_u128(1), "archived", None)),
            "4945b6604c6f4c426d1889f949060ec60128d36a94abcdedac637963a36c83d2"
        );
    }

    #[test]
    fn null_and_empty_differ() {
        assert_ne!(Canonical::of("t").null().sha256(), Canonical::of("t").text("").sha256());
    }
}
