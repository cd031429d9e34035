//! Invoices that are drawn to prove that this program still draws the bytes it claims to ([`crate::self_check`]).
//!
//! All people and companies are made up and live in reserved domains. Left out: anything but the contents; the hashes
//! stand in [`crate::golden`].

use chrono::NaiveDate;

use crate::content::{
    Address, CONTENT_VERSION, Content, Kind, Language, Line, Original, Payment, Recipient, Seller, TaxSum,
};

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("the reference dates exist")
}

fn seller() -> Seller {
    Seller {
        name: "Euro Mail GmbH".to_owned(),
        address: Address {
            street: "Am Musterkai 1".to_owned(),
            postal_code: "24103".to_owned(),
            city: "Kiel".to_owned(),
            country: "DE".to_owned(),
        },
        vat_id: "DE123456788".to_owned(),
        register: "Sitz Kiel, Amtsgericht Kiel, HRB 4711".to_owned(),
        directors: "Erika Mustermann".to_owned(),
        email: "rechnung@example.com".to_owned(),
        phone: "+49 431 0000-0".to_owned(),
        bank: "Musterbank Kiel".to_owned(),
        iban: "DE02120300000000202051".to_owned(),
        bic: "BYLADEM1001".to_owned(),
    }
}

fn private_person() -> Recipient {
    Recipient {
        customer_number: "K-000123-4".to_owned(),
        company: None,
        name: "Jürgen Größe-Müller".to_owned(),
        address: Some(Address {
            street: "Lübecker Straße 12 a".to_owned(),
            postal_code: "22087".to_owned(),
            city: "Hamburg".to_owned(),
            country: "DE".to_owned(),
        }),
        email: "juergen@example.net".to_owned(),
        vat_id: None,
    }
}

/// A line whose net amount is computed from the gross price, as everywhere in this office.
fn line(position: u32, description: &str, quantity: i64, unit: i64, basis_points: i32) -> Line {
    let gross = quantity * unit;
    let per_mille = 10_000 + i64::from(basis_points);
    let half = per_mille / 2 * gross.signum();
    let net = (gross * 10_000 + half) / per_mille;
    Line {
        position,
        description: description.to_owned(),
        quantity,
        unit_gross_cents: unit,
        tax_basis_points: basis_points,
        net_cents: net,
        tax_cents: gross - net,
        gross_cents: gross,
    }
}

fn with_lines(content: Content, lines: Vec<Line>) -> Content {
    let mut taxes: Vec<TaxSum> = Vec::new();
    for line in &lines {
        let known = taxes.iter().position(|sum| sum.basis_points == line.tax_basis_points);
        let index = known.unwrap_or_else(|| {
            taxes.push(TaxSum { basis_points: line.tax_basis_points, net_cents: 0, tax_cents: 0 });
            taxes.len() - 1
        });
        taxes[index].net_cents += line.net_cents;
        taxes[index].tax_cents += line.tax_cents;
    }
    let net_cents = lines.iter().map(|line| line.net_cents).sum();
    let tax_cents = lines.iter().map(|line| line.tax_cents).sum();
    Content { lines, taxes, net_cents, tax_cents, gross_cents: net_cents + tax_cents, ..content }
}

fn mailbox(position: u32) -> Line {
    line(position, "E-Mail-Postfach 10 GB, Januar 2013", 1, 100, 1900)
}

/// One mailbox, one person, one euro.
pub(crate) fn one_line() -> Content {
    let number = "RE-2013-000123-7".to_owned();
    let content = Content {
        version: CONTENT_VERSION,
        kind: Kind::Invoice,
        language: Language::De,
        issued_on: day(2013, 1, 31),
        service_from: day(2013, 1, 1),
        service_to: day(2013, 1, 31),
        seller: seller(),
        recipient: private_person(),
        lines: Vec::new(),
        taxes: Vec::new(),
        net_cents: 0,
        tax_cents: 0,
        gross_cents: 0,
        currency: "EUR".to_owned(),
        payment: Some(Payment { due_on: day(2013, 2, 14), reference: number.clone() }),
        original: None,
        number,
    };
    with_lines(content, vec![mailbox(1)])
}

/// A company abroad with a VAT id, in English, with two rates and a description that wraps.
pub(crate) fn english_company() -> Content {
    let number = "RE-2013-000124-5".to_owned();
    let content = Content {
        language: Language::En,
        recipient: Recipient {
            customer_number: "K-000124-2".to_owned(),
            company: Some("Example Trading B.V.".to_owned()),
            name: "Zoë Łukasiewicz".to_owned(),
            address: Some(Address {
                street: "Voorbeeldgracht 7".to_owned(),
                postal_code: "1012 AB".to_owned(),
                city: "Amsterdam".to_owned(),
                country: "NL".to_owned(),
            }),
            email: "accounts.payable@example.org".to_owned(),
            vat_id: Some("NL000099998B57".to_owned()),
        },
        payment: Some(Payment { due_on: day(2013, 2, 14), reference: number.clone() }),
        number,
        ..one_line()
    };
    let lines = vec![
        line(1, "E-mail mailbox 10 GB, January 2013", 25, 100, 1900),
        line(
            2,
            "Printed administrator's handbook, third edition, with the chapters on migration, archiving and spam filters",
            2,
            1_490,
            700,
        ),
        line(3, "One-time migration of 25 mailboxes", 1, 123_456, 1900),
    ];
    with_lines(content, lines)
}

/// A cancellation invoice of [`one_line`].
pub(crate) fn cancellation() -> Content {
    let original = one_line();
    let content = Content {
        kind: Kind::Cancellation,
        issued_on: day(2013, 2, 4),
        number: "RE-2013-000131-9".to_owned(),
        payment: None,
        original: Some(Original { number: original.number.clone(), issued_on: original.issued_on }),
        ..original
    };
    with_lines(content, vec![line(1, "E-Mail-Postfach 10 GB, Januar 2013", -1, 100, 1900)])
}

/// 120 lines on several pages.
pub(crate) fn many_lines() -> Content {
    lines(120)
}

/// Lines of which every seventh wraps and every eleventh has another rate.
pub(crate) fn lines(count: u32) -> Content {
    let lines = (1..=count).map(|position| {
        let text = match position % 7 {
            0 => "E-Mail-Postfach 10 GB, Januar 2013, mit zusätzlicher Archivierung nach den Grundsätzen ordnungsmäßiger Buchführung und täglicher Sicherung".to_owned(),
            _ => format!("E-Mail-Postfach 10 GB, Benutzer {position:03}"),
        };
        line(position, &text, i64::from(position % 3) + 1, 100, if position % 11 == 0 { 700 } else { 1900 })
    });
    let lines = lines.collect();
    with_lines(one_line(), lines)
}

/// A company whose name has 300 characters, and a long mail address instead of a postal one.
pub(crate) fn long_name() -> Content {
    let name: String =
        "Vereinigte Norddeutsche Dampfschifffahrts- und Elektrizitätsgesellschaft für Überseetelegraphie ".repeat(4);
    let recipient = Recipient {
        company: Some(name.chars().take(300).collect::<String>().trim_end().to_owned()),
        name: "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".to_owned(),
        address: None,
        email: format!("{}@example.com", "buchhaltung.und.rechnungswesen".repeat(2)),
        ..private_person()
    };
    Content { recipient, ..one_line() }
}

/// [`english_company`] cancelled, with amounts of three rows and two rates turned around.
#[cfg(test)]
pub(crate) fn english_cancellation() -> Content {
    let original = english_company();
    let lines = original.lines.iter().map(|sold| {
        line(sold.position, &sold.description, -sold.quantity, sold.unit_gross_cents, sold.tax_basis_points)
    });
    let lines = lines.collect();
    let content = Content {
        kind: Kind::Cancellation,
        issued_on: day(2013, 2, 4),
        number: "RE-2013-000132-7".to_owned(),
        payment: None,
        original: Some(Original { number: original.number.clone(), issued_on: original.issued_on }),
        ..original
    };
    with_lines(content, lines)
}

/// A customer of whom only name and mail address are known (§ 33 UStDV), who joined on the last day of the month.
#[cfg(test)]
pub(crate) fn no_address() -> Content {
    let content = one_line();
    let recipient = Recipient { address: None, ..content.recipient };
    Content { recipient, service_from: content.service_to, ..content }
}

/// From one cent, of which no VAT is left, to more than anybody will pay.
#[cfg(test)]
pub(crate) fn amounts() -> Content {
    let lines = vec![
        line(1, "Restguthaben verrechnet", 1, 1, 1900),
        line(2, "Speicherplatz, 1.234.567 Pakete", 1_234_567, 99, 1900),
        line(3, "Rechenzentrum", 1, 31_234_567_890, 1900),
        line(4, "Nachlass", -3, 1_000, 1900),
        line(5, "Handbuch", 10, 1_990, 700),
        line(6, "Porto", 1, 145, 0),
    ];
    with_lines(one_line(), lines)
}

/// [`one_line`] with another quantity, for tests that need many amounts.
#[cfg(test)]
pub(crate) fn scaled(quantity: i64) -> Content {
    let first = line(1, "E-Mail-Postfach 10 GB", quantity, 100, 1900);
    with_lines(one_line(), vec![first])
}
