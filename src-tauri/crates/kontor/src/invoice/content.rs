//! What stands on the paper, put together from the rows of today; once frozen it never follows them again.
//!
//! The price is the gross price: net is computed from gross per line and rounded half up, VAT is the difference, so
//! that a line always adds up (0.84 + 0.16 = 1.00 at 19 %).

use chrono::{Days, NaiveDate};
use kontor_pdf::content::{
    Address, CONTENT_VERSION, Content, Kind, Language, Line, Payment, Recipient, Seller, TaxSum,
};

use super::settings::Settings;
use crate::period::Period;
use crate::run::code::{self, Refusal};
use crate::store::entities::{issuers, registrations, subscriptions};

/// The dates an invoice is issued under.
#[derive(Clone, Copy, Debug)]
pub struct Dates {
    /// Date on the paper.
    pub issued_on: NaiveDate,
    /// Day it leaves the house; the time for payment counts from here.
    pub released_on: NaiveDate,
}

/// What is known of a subscription's period.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The customer.
    pub registration: &'a registrations::Model,
    /// The subscription.
    pub subscription: &'a subscriptions::Model,
    /// Address of its mailbox.
    pub mailbox: Option<&'a str>,
    /// The billing period.
    pub period: Period,
}

/// Puts the content together, or says why it cannot be. `number` is empty in a dry run.
pub fn compose(source: Source<'_>, settings: &Settings, number: &str, dates: Dates) -> Result<Content, Refusal> {
    let registration = source.registration;
    if registration.state == "blocked" {
        return Err(Refusal::new(code::REGISTRATION_BLOCKED, registration.customer_number.clone()));
    }
    crate::delivery::address::check(&registration.email)?;
    let mailbox =
        source.mailbox.ok_or_else(|| Refusal::new(code::MAILBOX_MISSING, registration.customer_number.clone()))?;
    let issuer = settings.issuer(dates.issued_on)?;
    let (from, to) = service(source.subscription, source.period);
    let tariff = settings.tariff(source.subscription.tariff_id, from)?;
    let rate = settings.rate(&tariff.tax_code, from)?;
    let language = if registration.language == "en" { Language::En } else { Language::De };
    let name = if language == Language::En { &tariff.name_en } else { &tariff.name_de };
    let line = one_line(format!("{name} {mailbox}"), tariff.gross_cents, rate);
    let content = Content {
        version: CONTENT_VERSION,
        kind: Kind::Invoice,
        language,
        number: number.to_owned(),
        issued_on: dates.issued_on,
        service_from: from,
        service_to: to,
        seller: seller(issuer),
        recipient: recipient(registration),
        taxes: vec![TaxSum { basis_points: rate, net_cents: line.net_cents, tax_cents: line.tax_cents }],
        net_cents: line.net_cents,
        tax_cents: line.tax_cents,
        gross_cents: line.gross_cents,
        currency: tariff.currency.clone(),
        payment: Some(Payment {
            due_on: dates.released_on + Days::new(u64::try_from(issuer.payment_days).unwrap_or(0)),
            reference: number.to_owned(),
        }),
        lines: vec![line],
        original: None,
    };
    kontor_pdf::check(&content).map_err(|error| code::of_render(&error))?;
    Ok(content)
}

/// What a frozen content says of service and recipient, as far as a screen shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frozen {
    /// First day of service.
    pub service_from: NaiveDate,
    /// Last day of service.
    pub service_to: NaiveDate,
    /// Name and address, line by line.
    pub address: Vec<String>,
}

/// Reads frozen bytes; none when they are no content.
pub fn frozen(bytes: &[u8]) -> Option<Frozen> {
    let content = Content::from_bytes(bytes).ok()?;
    let recipient = content.recipient;
    let mut lines: Vec<String> = recipient.company.into_iter().chain([recipient.name]).collect();
    if let Some(address) = recipient.address {
        lines.push(address.street);
        lines.push(format!("{} {}", address.postal_code, address.city));
        lines.extend((address.country != "DE").then_some(address.country));
    }
    lines.retain(|line| !line.trim().is_empty());
    Some(Frozen { service_from: content.service_from, service_to: content.service_to, address: lines })
}

/// Name as it stands in the list and on the paper: the company, or the person.
pub fn display_name(registration: &registrations::Model) -> String {
    registration.company.clone().unwrap_or_else(|| person(registration))
}

/// First and last day of service: the part of the period in which the subscription runs.
pub(super) fn service(subscription: &subscriptions::Model, period: Period) -> (NaiveDate, NaiveDate) {
    let from = period.first_day().max(subscription.started_on);
    (from, subscription.ended_on.unwrap_or(NaiveDate::MAX).min(period.last_day()))
}

fn person(registration: &registrations::Model) -> String {
    format!("{} {}", registration.first_name, registration.last_name).trim().to_owned()
}

fn one_line(description: String, gross_cents: i64, rate: i32) -> Line {
    let net_cents = net_of(gross_cents, rate);
    Line {
        position: 1,
        description,
        quantity: 1,
        unit_gross_cents: gross_cents,
        tax_basis_points: rate,
        net_cents,
        tax_cents: gross_cents - net_cents,
        gross_cents,
    }
}

/// Net of a gross amount, in cents, rounded half up.
pub(crate) fn net_of(gross_cents: i64, basis_points: i32) -> i64 {
    let whole = i128::from(10_000 + basis_points);
    let net = (i128::from(gross_cents) * 20_000 + whole).div_euclid(2 * whole);
    i64::try_from(net).expect("a net amount is no larger than its gross")
}

/// The company as it stands on the paper.
pub(crate) fn seller(issuer: &issuers::Model) -> Seller {
    Seller {
        name: issuer.name.clone(),
        address: Address {
            street: issuer.street.clone(),
            postal_code: issuer.postal_code.clone(),
            city: issuer.city.clone(),
            country: issuer.country.clone(),
        },
        vat_id: issuer.vat_id.clone(),
        register: issuer.register.clone(),
        directors: issuer.directors.clone(),
        email: issuer.email.clone(),
        phone: issuer.phone.clone(),
        bank: issuer.bank.clone(),
        iban: issuer.iban.clone(),
        bic: issuer.bic.clone(),
    }
}

/// The customer as they stand on the paper.
pub(super) fn recipient(registration: &registrations::Model) -> Recipient {
    let address = match (&registration.street, &registration.postal_code, &registration.city) {
        (Some(street), Some(postal_code), Some(city)) => Some(Address {
            street: street.clone(),
            postal_code: postal_code.clone(),
            city: city.clone(),
            country: registration.country.clone().unwrap_or_else(|| "DE".to_owned()),
        }),
        _ => None,
    };
    Recipient {
        customer_number: registration.customer_number.clone(),
        company: registration.company.clone(),
        name: person(registration),
        address,
        email: registration.email.clone(),
        vat_id: registration.vat_id.clone(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_euro_is_84_and_16_cents() {
        let line = one_line("Postfach".to_owned(), 100, 1900);
        assert_eq!((line.net_cents, line.tax_cents, line.gross_cents), (84, 16, 100));
    }

    proptest! {
        #[test]
        fn a_line_adds_up_and_its_tax_is_the_rate_of_its_net(gross in 0i64..1_000_000_000, rate in 0i32..=10_000) {
            let line = one_line(String::new(), gross, rate);
            prop_assert_eq!(line.net_cents + line.tax_cents, gross);
            // The exact tax differs from the printed one by less than a cent.
            let exact = i128::from(gross) * i128::from(rate);
            let printed = i128::from(line.tax_cents) * i128::from(10_000 + rate);
            prop_assert!((exact - printed).abs() <= i128::from(10_000 + rate));
        }
    }
}
