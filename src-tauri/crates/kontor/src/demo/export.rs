//! What the sign-up site still has of every registration. It ran elsewhere, and its copy is never damaged.
//!
//! One line per customer, in the order of their numbers, UTF-8, fields separated by commas (RFC 4180). The columns are
//! those of an import, with the customer's number before them and the size of the mailbox after them:
//!
//! - `customer_number`: such as `K-000123-4`;
//! - `kind`: `person` or `company`; `company`: its name, empty for a person; `first_name`, `last_name`: the person, or the
//!   contact of a company, may be empty;
//! - `street`, `postal_code`, `city`, `country`: all or none;
//! - `email`: the address as it was typed; `mailbox`: the address of the mailbox;
//! - `start_date`: first day of the subscription, `2013-01-31`; `vat_id`: of a company, may be empty; `language`: `de` or
//!   `en`;
//! - `quota_bytes`: size of the mailbox.

use std::path::Path;

use super::part::Part;
use super::program::Customer;
use crate::{Error, Result};

const COLUMNS: [&str; 15] = [
    "customer_number",
    "kind",
    "company",
    "first_name",
    "last_name",
    "street",
    "postal_code",
    "city",
    "country",
    "email",
    "mailbox",
    "start_date",
    "vat_id",
    "language",
    "quota_bytes",
];

/// The file on its way.
#[derive(Debug)]
pub(super) struct Export(Part);

impl Export {
    /// Begins it with its heading.
    pub fn begin(place: &Path) -> Result<Self> {
        let mut part = Part::begin(place)?;
        part.write(&line(&COLUMNS)?)?;
        Ok(Self(part))
    }

    /// Adds lines.
    pub fn add(&mut self, lines: &[u8]) -> Result<()> {
        self.0.write(lines)
    }

    /// Makes the content durable.
    pub fn end(&mut self) -> Result<()> {
        self.0.end()
    }

    /// Moves the file to its place.
    pub fn publish(self) -> Result<()> {
        self.0.publish()
    }
}

/// The line of a customer as the sign-up site had taken it.
pub(super) fn of(customer: &Customer) -> Result<Vec<u8>> {
    let row = &customer.registration;
    let maybe = |value: &Option<String>| value.clone().unwrap_or_default();
    line(&[
        row.customer_number.as_str(),
        &row.kind,
        &maybe(&row.company),
        &row.first_name,
        &row.last_name,
        &maybe(&row.street),
        &maybe(&row.postal_code),
        &maybe(&row.city),
        &maybe(&row.country),
        &row.email,
        &customer.mailbox.address,
        &customer.subscription.started_on.to_string(),
        &maybe(&row.vat_id),
        &row.language,
        &customer.mailbox.quota_bytes.to_string(),
    ])
}

fn line(fields: &[&str; COLUMNS.len()]) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = writer.write_record(fields).map_err(std::io::Error::from);
    written
        .and_then(|()| writer.into_inner().map_err(csv::IntoInnerError::into_error))
        .map_err(|error| Error::file("signup export", error))
}
