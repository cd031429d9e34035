//! What stands on a cancellation invoice: the counterpart of an invoice, line by line. The parties, prices and descriptions
//! are the same, the quantities are negative, the original is named by number and date, and nothing is to be paid.
//!
//! Left out: which invoices may be cancelled (`cancel`), and where their content comes from (`original`).

use chrono::NaiveDate;
use kontor_pdf::content::{CONTENT_VERSION, Content, Kind, Line, Original, TaxSum};

/// Stands where the number will stand until one is taken.
const UNNUMBERED: &str = "ST-0000-000000-0";

/// The counterpart of an invoice's content, dated `issued_on`, or why there is none. Its number is set when one is taken.
pub fn of(invoice: &Content, issued_on: NaiveDate) -> Result<Content, String> {
    let negative = |cents: i64| cents.checked_neg().ok_or_else(|| "an amount lies outside what can be".to_owned());
    let mut lines = Vec::with_capacity(invoice.lines.len());
    for line in &invoice.lines {
        lines.push(Line {
            quantity: negative(line.quantity)?,
            net_cents: negative(line.net_cents)?,
            tax_cents: negative(line.tax_cents)?,
            gross_cents: negative(line.gross_cents)?,
            ..line.clone()
        });
    }
    let mut taxes = Vec::with_capacity(invoice.taxes.len());
    for sum in &invoice.taxes {
        let (net_cents, tax_cents) = (negative(sum.net_cents)?, negative(sum.tax_cents)?);
        taxes.push(TaxSum { net_cents, tax_cents, ..sum.clone() });
    }
    let content = Content {
        version: CONTENT_VERSION,
        kind: Kind::Cancellation,
        number: UNNUMBERED.to_owned(),
        issued_on,
        lines,
        taxes,
        net_cents: negative(invoice.net_cents)?,
        tax_cents: negative(invoice.tax_cents)?,
        gross_cents: negative(invoice.gross_cents)?,
        payment: None,
        original: Some(Original { number: invoice.number.clone(), issued_on: invoice.issued_on }),
        ..invoice.clone()
    };
    kontor_pdf::check(&content).map_err(|error| error.to_string())?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use kontor_pdf::content::{Address, Language, Payment, Recipient, Seller};
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;
    use proptest::strategy::ValueTree;

    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).expect("the day exists")
    }

    fn address() -> impl Strategy<Value = Address> {
        let texts = ("[A-ZÄÖÜ][A-Za-zÄÖÜäöüß .-]{0,40}", "[0-9]{5}", "[A-Z][A-Za-zäöüß -]{0,30}", "DE|NL|AT");
        texts.prop_map(|(street, postal_code, city, country)| Address { street, postal_code, city, country })
    }

    fn seller() -> impl Strategy<Value = Seller> {
        ("[A-Z][a-z ]{1,40}", address()).prop_map(|(name, address)| Seller {
            name,
            address,
            vat_id: "DE123456788".to_owned(),
            register: "Amtsgericht Kiel, HRB 4711".to_owned(),
            directors: "Erika Mustermann".to_owned(),
            email: "rechnung@example.com".to_owned(),
            phone: "+49 431 0000-0".to_owned(),
            bank: "Musterbank".to_owned(),
            iban: "DE02120300000000202051".to_owned(),
            bic: "BYLADEM1001".to_owned(),
        })
    }

    fn recipient() -> impl Strategy<Value = Recipient> {
        let parts = (option::of("[A-Z][A-Za-zäöüß& .]{0,60}"), "[A-Z][a-zäöüß -]{1,60}", option::of(address()));
        (parts, option::of("NL[0-9]{9}B[0-9]{2}")).prop_map(|((company, name, address), vat_id)| Recipient {
            customer_number: "K-000123-4".to_owned(),
            company,
            name,
            address,
            email: "kunde@example.com".to_owned(),
            vat_id,
        })
    }

    /// Lines whose VAT is anything between nothing and all, credits among them.
    fn lines() -> impl Strategy<Value = Vec<Line>> {
        let line =
            (-9_i64..=999, -100_000_i64..=1_000_000, 0_usize..4, 0_i64..=100, "[A-Z][A-Za-zäöüß0-9 ,.@-]{0,120}");
        vec(line, 1..12).prop_map(|lines| {
            let numbered = (1..).zip(lines);
            numbered
                .map(|(position, (quantity, unit, rate, share, description))| {
                    let gross = quantity * unit;
                    let tax = gross * share / 100;
                    Line {
                        position,
                        description,
                        quantity,
                        unit_gross_cents: unit,
                        tax_basis_points: [0, 700, 1600, 1900][rate],
                        net_cents: gross - tax,
                        tax_cents: tax,
                        gross_cents: gross,
                    }
                })
                .collect()
        })
    }

    prop_compose! {
        fn contents()(
            seller in seller(), mut recipient in recipient(), home in address(), lines in lines(), english in any::<bool>(), pays in any::<bool>(),
            serial in 1_i64..9_999_999, days in 0_i64..400,
        ) -> Content {
            let mut taxes: Vec<TaxSum> = Vec::new();
            for line in &lines {
                if !taxes.iter().any(|sum| sum.basis_points == line.tax_basis_points) {
                    taxes.push(TaxSum { basis_points: line.tax_basis_points, net_cents: 0, tax_cents: 0 });
                }
                for sum in taxes.iter_mut().filter(|sum| sum.basis_points == line.tax_basis_points) {
                    sum.net_cents += line.net_cents;
                    sum.tax_cents += line.tax_cents;
                }
            }
            let sum = |field: fn(&Line) -> i64| lines.iter().map(field).sum::<i64>();
            let gross_cents = sum(|line| line.gross_cents);
            if gross_cents > 25_000 {
                // Above 250 euros an invoice names the whole address (§ 33 UStDV).
                recipient.address.get_or_insert(home);
            }
            let number = crate::number::Number::of_year("RE", 2013, serial).to_string();
            let issued_on = day(2013, 1, 31) + chrono::Days::new(u64::try_from(days).expect("days"));
            Content {
                version: CONTENT_VERSION,
                kind: Kind::Invoice,
                language: if english { Language::En } else { Language::De },
                issued_on,
                service_from: day(2013, 1, 1),
                service_to: day(2013, 1, 31),
                seller,
                recipient,
                taxes,
                net_cents: sum(|line| line.net_cents),
                tax_cents: sum(|line| line.tax_cents),
                gross_cents,
                currency: "EUR".to_owned(),
                payment: (pays && gross_cents > 0)
                    .then(|| Payment { due_on: issued_on, reference: number.clone() }),
                original: None,
                lines,
                number,
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

        #[test]
        fn it_is_sound_and_takes_everything_back(invoice in contents(), after in 0_u64..500) {
            prop_assert_eq!(kontor_pdf::check(&invoice), Ok(()), "the generator makes valid contents");
            let issued_on = invoice.issued_on + chrono::Days::new(after);
            let back = of(&invoice, issued_on).expect("every valid content has a counterpart");
            prop_assert_eq!(kontor_pdf::check(&back), Ok(()));
            let sums = |content: &Content| (content.net_cents, content.tax_cents, content.gross_cents);
            let (one, other) = (sums(&invoice), sums(&back));
            prop_assert_eq!((one.0 + other.0, one.1 + other.1, one.2 + other.2), (0, 0, 0));
            for (line, taken) in invoice.lines.iter().zip(&back.lines) {
                prop_assert_eq!(line.quantity + taken.quantity, 0);
                prop_assert_eq!(line.gross_cents + taken.gross_cents, 0);
                prop_assert_eq!(line.net_cents + taken.net_cents, 0);
                prop_assert_eq!((&line.description, line.unit_gross_cents), (&taken.description, taken.unit_gross_cents));
            }
            for (sum, taken) in invoice.taxes.iter().zip(&back.taxes) {
                prop_assert_eq!((sum.basis_points, sum.net_cents + taken.net_cents), (taken.basis_points, 0));
            }
            prop_assert_eq!(back.lines.len(), invoice.lines.len());
            prop_assert_eq!((back.payment, back.kind, back.issued_on), (None, Kind::Cancellation, issued_on));
            prop_assert_eq!((&back.seller, &back.recipient), (&invoice.seller, &invoice.recipient));
            let original = back.original.expect("it names the original");
            prop_assert_eq!((original.number, original.issued_on), (invoice.number, invoice.issued_on));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

        #[test]
        fn it_can_be_drawn_and_passes_its_audit(invoice in contents()) {
            let mut back = of(&invoice, invoice.issued_on).expect("every valid content has a counterpart");
            back.number = "ST-2013-000001-1".to_owned();
            let pdf = kontor_pdf::render(&back).expect("what passes the check can be drawn");
            let audit = kontor_pdf::audit::audit(Some(&pdf), &kontor_pdf::audit::Expected::of(&back));
            prop_assert!(audit.is_good(), "{audit:?}");
        }
    }

    #[test]
    fn what_cannot_be_taken_back_is_refused() {
        let line = Line {
            position: 1,
            description: String::new(),
            quantity: 1,
            unit_gross_cents: i64::MIN,
            tax_basis_points: 0,
            net_cents: i64::MIN,
            tax_cents: 0,
            gross_cents: i64::MIN,
        };
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let mut invoice = contents().new_tree(&mut runner).expect("a content").current();
        invoice.lines = vec![line];
        assert!(of(&invoice, invoice.issued_on).expect_err("no counterpart").contains("outside what can be"));
    }
}
