//! Drawing alone: distinct invoices on all cores, without a database.

use std::hint::black_box;
use std::thread;
use std::time::Instant;

use chrono::NaiveDate;
use kontor_pdf::content::{
    Address, CONTENT_VERSION, Content, Kind, Language, Line, Payment, Recipient, Seller, TaxSum,
};

use crate::report::Measure;

/// Draws this many invoices.
pub fn run(invoices: usize) -> Measure {
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let started = Instant::now();
    thread::scope(|scope| {
        for core in 0..cores {
            scope.spawn(move || {
                for nth in (core..invoices).step_by(cores) {
                    black_box(kontor_pdf::render(&content(nth)).expect("plain invoices can be drawn"));
                }
            });
        }
    });
    let seconds = started.elapsed().as_secs_f64();
    Measure { what: "render only", invoices, seconds, peak_bytes: None, counted: Vec::new() }
}

fn content(nth: usize) -> Content {
    let number = format!("RE-2013-{nth:06}-0");
    let last_day = day(28);
    Content {
        version: CONTENT_VERSION,
        kind: Kind::Invoice,
        language: Language::De,
        number: number.clone(),
        issued_on: last_day,
        service_from: day(1),
        service_to: last_day,
        seller: seller(),
        recipient: recipient(nth),
        lines: vec![Line {
            position: 1,
            description: format!("Postfach 10 GB person{nth}@example.com"),
            quantity: 1,
            unit_gross_cents: 100,
            tax_basis_points: 1900,
            net_cents: 84,
            tax_cents: 16,
            gross_cents: 100,
        }],
        taxes: vec![TaxSum { basis_points: 1900, net_cents: 84, tax_cents: 16 }],
        net_cents: 84,
        tax_cents: 16,
        gross_cents: 100,
        currency: "EUR".to_owned(),
        payment: Some(Payment { due_on: last_day + chrono::Days::new(14), reference: number }),
        original: None,
    }
}

fn recipient(nth: usize) -> Recipient {
    let first = ["Jürgen", "Zoë", "Anna-Lena", "Øyvind", "Gisela"][nth % 5];
    let last = ["Größe", "Müller-Lüdenscheidt", "Weiß", "Öztürk"][nth / 5 % 4];
    Recipient {
        customer_number: format!("K-{nth:06}-0"),
        company: nth.is_multiple_of(10).then(|| format!("{last} & Söhne GmbH")),
        name: format!("{first} {last}"),
        address: Some(address(&format!("Straße des Friedens {nth}"))),
        email: format!("person{nth}@example.com"),
        vat_id: None,
    }
}

fn seller() -> Seller {
    Seller {
        name: "Euro Mail GmbH".to_owned(),
        address: address("Am Musterkai 1"),
        vat_id: "DE123456788".to_owned(),
        register: "Amtsgericht Kiel, HRB 4711".to_owned(),
        directors: "Erika Mustermann".to_owned(),
        email: "rechnung@example.com".to_owned(),
        phone: "+49 431 0000-0".to_owned(),
        bank: "Musterbank Kiel".to_owned(),
        iban: "DE02120300000000202051".to_owned(),
        bic: "BYLADEM1001".to_owned(),
    }
}

fn address(street: &str) -> Address {
    Address {
        street: street.to_owned(),
        postal_code: "24103".to_owned(),
        city: "Kiel".to_owned(),
        country: "DE".to_owned(),
    }
}

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2013, 2, day).expect("February has it")
}
