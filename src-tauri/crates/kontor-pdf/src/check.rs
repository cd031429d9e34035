//! What must hold before an invoice may be drawn: every character can be drawn, every text has room, nothing that
//! § 14 (4) UStG asks for is empty, the sums agree.
//!
//! It is cheap enough to run before a number is taken. Left out: whether the data is true (the rules of the office),
//! and whether a VAT rate is a lawful one.

use std::collections::BTreeMap;

use crate::RenderError;
use crate::content::{Address, CONTENT_VERSION, Content, Kind};
use crate::font::uncovered;
use crate::qr;

/// Longest description of a line, in characters: a row is never split, so it must fit a page.
const MAX_DESCRIPTION: usize = 1000;
/// Longest name or company.
const MAX_NAME: usize = 300;
/// Longest other text.
const MAX_OTHER: usize = 254;
/// Longest number or code.
const MAX_CODE: usize = 64;

/// Largest gross total, in cents, of an invoice that may go without the recipient's address (§ 33 UStDV as of 2017).
const SMALL: i64 = 25_000;

/// A text of the paper: where it stands, what it says, how long it may be.
type Text<'a> = (&'static str, &'a str, usize);

/// Checks everything that can make [`crate::render`] refuse a content, without drawing.
pub fn check(content: &Content) -> Result<(), RenderError> {
    texts(content).into_iter().try_for_each(check_text)?;
    check_shape(content)?;
    check_lines(content)?;
    check_taxes(content)?;
    check_payment(content)
}

fn check_text((field, text, limit): Text<'_>) -> Result<(), RenderError> {
    if let Some(ch) = uncovered(text) {
        return Err(RenderError::UncoveredCharacter { ch, text: text.to_owned(), field });
    }
    let length = text.chars().count();
    if length > limit {
        return Err(RenderError::TooLong { field, length, limit });
    }
    Ok(())
}

fn texts(content: &Content) -> Vec<Text<'_>> {
    let (seller, recipient) = (&content.seller, &content.recipient);
    let mut texts = vec![
        ("number", content.number.as_str(), MAX_CODE),
        ("seller.name", &seller.name, MAX_NAME),
        ("seller.vat_id", &seller.vat_id, MAX_CODE),
        ("seller.register", &seller.register, MAX_OTHER),
        ("seller.directors", &seller.directors, MAX_OTHER),
        ("seller.email", &seller.email, MAX_OTHER),
        ("seller.phone", &seller.phone, MAX_CODE),
        ("seller.bank", &seller.bank, MAX_OTHER),
        ("seller.iban", &seller.iban, MAX_CODE),
        ("seller.bic", &seller.bic, MAX_CODE),
        ("recipient.customer_number", &recipient.customer_number, MAX_CODE),
        ("recipient.name", &recipient.name, MAX_NAME),
        ("recipient.email", &recipient.email, MAX_OTHER),
    ];
    texts.extend(recipient.company.iter().map(|text| ("recipient.company", text.as_str(), MAX_NAME)));
    texts.extend(recipient.vat_id.iter().map(|text| ("recipient.vat_id", text.as_str(), MAX_CODE)));
    texts.extend(address_texts(&seller.address));
    texts.extend(recipient.address.iter().flat_map(address_texts));
    texts.extend(content.lines.iter().map(|line| ("line.description", line.description.as_str(), MAX_DESCRIPTION)));
    texts.extend(
        content.payment.iter().map(|payment| ("payment.reference", payment.reference.as_str(), qr::MAX_REFERENCE)),
    );
    texts.extend(content.original.iter().map(|original| ("original.number", original.number.as_str(), MAX_CODE)));
    texts
}

fn address_texts(address: &Address) -> [Text<'_>; 4] {
    [
        ("address.street", &address.street, MAX_OTHER),
        ("address.postal_code", &address.postal_code, MAX_CODE),
        ("address.city", &address.city, MAX_OTHER),
        ("address.country", &address.country, MAX_CODE),
    ]
}

fn check_shape(content: &Content) -> Result<(), RenderError> {
    let (seller, recipient) = (&content.seller, &content.recipient);
    let no_name = blank(&recipient.name) && recipient.company.as_deref().is_none_or(blank);
    let wrong = match content.kind {
        _ if content.version != CONTENT_VERSION => "the version of the content is unknown",
        _ if content.currency != "EUR" => "only EUR can be invoiced",
        _ if blank(&content.number) => "there is no number",
        _ if blank(&seller.name) || incomplete(&seller.address) => "the issuer's name or address is missing",
        _ if blank(&seller.vat_id) => "the issuer's VAT id is missing",
        _ if no_name => "the recipient has neither name nor company",
        _ if content.lines.is_empty() => "there are no lines",
        _ if content.lines.iter().any(|line| blank(&line.description)) => "a line does not say what was delivered",
        _ if content.service_from > content.service_to => "the service period ends before it begins",
        Kind::Cancellation if content.original.is_none() => "a cancellation invoice must name the original",
        Kind::Cancellation if content.payment.is_some() => "a cancellation invoice asks for no payment",
        Kind::Invoice if content.original.is_some() => "only a cancellation invoice names an original",
        Kind::Invoice if content.gross_cents > SMALL && recipient.address.as_ref().is_none_or(incomplete) => {
            "above 250 euros an invoice must name the recipient's full address"
        }
        _ => return Ok(()),
    };
    Err(RenderError::Unsupported(wrong.to_owned()))
}

fn blank(text: &str) -> bool {
    text.trim().is_empty()
}

fn incomplete(address: &Address) -> bool {
    [&address.street, &address.postal_code, &address.city].into_iter().any(|text| blank(text))
}

/// Exact sums; `i128` cannot overflow here.
fn sum(values: impl Iterator<Item = i64>) -> i128 {
    values.map(i128::from).sum()
}

fn equal(what: &str, left: i128, right: i64) -> Result<(), RenderError> {
    if left == i128::from(right) {
        return Ok(());
    }
    Err(RenderError::Inconsistent(format!("{what}: {left} cents on one side, {right} on the other")))
}

fn check_lines(content: &Content) -> Result<(), RenderError> {
    for line in &content.lines {
        let at = line.position;
        equal(
            &format!("line {at}, net plus VAT against gross"),
            sum([line.net_cents, line.tax_cents].into_iter()),
            line.gross_cents,
        )?;
        let product = i128::from(line.quantity) * i128::from(line.unit_gross_cents);
        equal(&format!("line {at}, quantity times price against gross"), product, line.gross_cents)?;
    }
    let lines = &content.lines;
    equal("net of the lines against net", sum(lines.iter().map(|line| line.net_cents)), content.net_cents)?;
    equal("VAT of the lines against VAT", sum(lines.iter().map(|line| line.tax_cents)), content.tax_cents)?;
    equal("gross of the lines against gross", sum(lines.iter().map(|line| line.gross_cents)), content.gross_cents)
}

fn check_taxes(content: &Content) -> Result<(), RenderError> {
    let mut by_rate: BTreeMap<i32, (i128, i128)> = BTreeMap::new();
    for line in &content.lines {
        let entry = by_rate.entry(line.tax_basis_points).or_default();
        entry.0 += i128::from(line.net_cents);
        entry.1 += i128::from(line.tax_cents);
    }
    if by_rate.len() != content.taxes.len() {
        return Err(RenderError::Inconsistent("the VAT table does not have one row per rate".to_owned()));
    }
    for row in &content.taxes {
        let (net, tax) = by_rate.get(&row.basis_points).copied().unwrap_or_default();
        equal("net of a rate", net, row.net_cents)?;
        equal("VAT of a rate", tax, row.tax_cents)?;
    }
    equal("net of the VAT table against net", sum(content.taxes.iter().map(|row| row.net_cents)), content.net_cents)?;
    equal("VAT of the VAT table against VAT", sum(content.taxes.iter().map(|row| row.tax_cents)), content.tax_cents)
}

/// Limits of the payment code (EPC069-12).
fn check_payment(content: &Content) -> Result<(), RenderError> {
    let Some(payment) = &content.payment else { return Ok(()) };
    if !(1..=qr::MAX_CENTS).contains(&content.gross_cents) {
        return Err(RenderError::Unsupported("an amount to pay lies between 0.01 and 999,999,999.99 euros".to_owned()));
    }
    let length = qr::payload(content, payment).len();
    if length > qr::MAX_BYTES {
        return Err(RenderError::TooLong { field: "payment code", length, limit: qr::MAX_BYTES });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Payment;
    use crate::{reference, render};

    /// The refusal of a changed one-line invoice, by the check and by the drawing alike.
    fn refusal(change: impl FnOnce(&mut Content)) -> RenderError {
        let mut content = reference::one_line();
        change(&mut content);
        let error = check(&content).unwrap_err();
        assert_eq!(render(&content), Err(error.clone()));
        error
    }

    #[test]
    fn characters_that_cannot_be_drawn_are_named_with_their_field() {
        let error = refusal(|content| content.recipient.name = "Frau 王".to_owned());
        let expected =
            RenderError::UncoveredCharacter { ch: '王', text: "Frau 王".to_owned(), field: "recipient.name" };
        assert_eq!(error, expected);
        assert_eq!(error.to_string(), "the character '王' (U+738B) in recipient.name cannot be drawn");
    }

    #[test]
    fn texts_that_do_not_fit_are_refused() {
        let error = refusal(|content| content.lines[0].description = "x".repeat(1001));
        assert_eq!(error, RenderError::TooLong { field: "line.description", length: 1001, limit: 1000 });
    }

    #[test]
    fn every_sum_is_checked() {
        let changes: [fn(&mut Content); 9] = [
            |content| content.gross_cents = 101,
            |content| content.net_cents = 85,
            |content| content.tax_cents = 17,
            |content| content.lines[0].net_cents = 85,
            |content| content.lines[0].quantity = 2,
            |content| content.lines[0].unit_gross_cents = i64::MAX,
            |content| content.taxes[0].net_cents = 83,
            |content| content.taxes[0].basis_points = 700,
            |content| content.taxes.clear(),
        ];
        for change in changes {
            assert!(matches!(refusal(change), RenderError::Inconsistent(_)));
        }
    }

    #[test]
    fn papers_that_make_no_sense_are_refused() {
        let changes: [fn(&mut Content); 14] = [
            |content| content.version = 2,
            |content| content.currency = "USD".to_owned(),
            |content| content.number.clear(),
            |content| content.seller.name.clear(),
            |content| content.seller.address.postal_code = " ".to_owned(),
            |content| content.seller.vat_id.clear(),
            |content| content.recipient.name = " ".to_owned(),
            |content| content.lines.clear(),
            |content| content.lines[0].description.clear(),
            |content| {
                *content = reference::scaled(251);
                content.recipient.address = None;
            },
            |content| content.service_to = content.service_from.pred_opt().unwrap(),
            |content| content.kind = Kind::Cancellation,
            |content| content.original = reference::cancellation().original,
            |content| {
                *content = reference::cancellation();
                content.payment = Some(Payment { due_on: content.issued_on, reference: "x".to_owned() });
            },
        ];
        for change in changes {
            assert!(matches!(refusal(change), RenderError::Unsupported(_)));
        }
    }

    #[test]
    fn small_invoices_and_cancellations_need_no_address() {
        for mut content in [reference::scaled(250), reference::english_cancellation()] {
            content.recipient.address = None;
            assert_eq!(check(&content), Ok(()));
        }
    }

    #[test]
    fn nothing_can_be_asked_for_when_nothing_is_due() {
        let error = refusal(|content| {
            let original = content.original.take();
            *content = reference::cancellation();
            content.kind = Kind::Invoice;
            content.original = original;
            content.payment = reference::one_line().payment;
        });
        assert!(error.to_string().contains("0.01"), "{error}");
    }
}
