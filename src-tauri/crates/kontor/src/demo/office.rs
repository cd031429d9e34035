//! The office itself: the issuing company, the tariff, the VAT rate, the number ranges. All of it is made up; bank
//! account and telephone number are such as are kept for examples.

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::calendar::{FIRST_DAY, berlin, day};
use super::dice::{Dice, Purpose};
use super::mail::SENDER;
use crate::Result;
use crate::number::{CUSTOMER, INVOICE};
use crate::store::entities::{issuers, number_ranges, tariffs, tax_rates};
use crate::store::{self, insert_all};

/// Size of a mailbox: 10 GB, in units of a thousand, as disks are sold.
pub(super) const QUOTA_BYTES: i64 = 10_000_000_000;
/// Year of the numbers.
pub(super) const YEAR: i32 = 2013;

/// Since when 19 % hold.
const NINETEEN_SINCE: NaiveDate = day(2007, 1, 1);

/// What other rows refer to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Office {
    /// The one tariff.
    pub tariff_id: Uuid,
    /// The range that invoice numbers are taken from.
    pub range_id: Uuid,
}

/// Opens the office, with as many customer numbers taken as there will be customers.
pub(super) async fn open(connection: &impl ConnectionTrait, seed: u64, registrations: i64) -> Result<Office> {
    let mut dice = Dice::new(seed, Purpose::Office, 0);
    let mut id = || dice.id(berlin(FIRST_DAY, 0));
    let office = Office { tariff_id: id(), range_id: id() };
    insert_all(connection, vec![issuer(id())]).await?;
    insert_all(connection, vec![tariff(office.tariff_id)]).await?;
    insert_all(connection, vec![tax_rate(id())]).await?;
    let ranges = vec![
        range(id(), "customer", 0, CUSTOMER, registrations),
        range(office.range_id, "invoice", i64::from(YEAR), INVOICE, 0),
    ];
    insert_all(connection, ranges).await?;
    Ok(office)
}

/// Notes the last invoice number that was taken.
pub(super) async fn number_up_to(connection: &impl ConnectionTrait, office: Office, last_serial: i64) -> Result<()> {
    let text = "UPDATE number_ranges SET last_serial = ? WHERE id = ?";
    let statement = store::sql(connection.get_database_backend(), text, [last_serial.into(), office.range_id.into()]);
    connection.execute_raw(statement).await?;
    Ok(())
}

fn issuer(id: Uuid) -> issuers::Model {
    issuers::Model {
        id,
        name: "Dat kauf ich für'n Euro Mail GmbH".to_owned(),
        street: "Groschenweg 1".to_owned(),
        postal_code: "10115".to_owned(),
        city: "Berlin".to_owned(),
        country: "DE".to_owned(),
        vat_id: "DE123456788".to_owned(),
        register: "Sitz Berlin, Amtsgericht Charlottenburg, HRB 0100 B".to_owned(),
        directors: "Erika Mustermann, Max Mustermann".to_owned(),
        email: SENDER.to_owned(),
        // The regulator keeps 030 23125 000 to 999 for films and books.
        phone: "+49 30 23125 100".to_owned(),
        bank: "Musterbank Berlin".to_owned(),
        iban: "DE02120300000000202051".to_owned(),
        bic: "BYLADEM1001".to_owned(),
        reply_to: None,
        payment_days: 14,
        valid_from_on: FIRST_DAY,
    }
}

fn tariff(id: Uuid) -> tariffs::Model {
    tariffs::Model {
        id,
        code: "mail10".to_owned(),
        name_de: "Postfach 10 GB".to_owned(),
        name_en: "Mailbox 10 GB".to_owned(),
        gross_cents: 100,
        currency: "EUR".to_owned(),
        tax_code: "standard".to_owned(),
        quota_bytes: QUOTA_BYTES,
        first_month_full: true,
        valid_from_on: FIRST_DAY,
        valid_until_on: None,
    }
}

fn tax_rate(id: Uuid) -> tax_rates::Model {
    tax_rates::Model {
        id,
        code: "standard".to_owned(),
        basis_points: 1_900,
        valid_from_on: NINETEEN_SINCE,
        valid_until_on: None,
    }
}

fn range(id: Uuid, kind: &str, year: i64, prefix: &str, last_serial: i64) -> number_ranges::Model {
    number_ranges::Model { id, kind: kind.to_owned(), year, prefix: prefix.to_owned(), last_serial }
}
