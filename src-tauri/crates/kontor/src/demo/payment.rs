//! What customers paid by transfer. The host that invoiced a customer keeps the books on them too: it reads the bank's
//! statement every working morning and finds the invoice by the reference.
//!
//! Some customers pay the wrong amount, name no invoice, pay twice, or their bank takes the money back. And the faulty
//! host did to payments what it did to everything else. What this module leaves out: direct debits, fees, dunning.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc, Weekday};
use uuid::Uuid;

use super::bit;
use super::calendar::{berlin, date, day};
use super::clock::milliseconds;
use super::dice::{Dice, Purpose};
use super::hosts::is_faulty;
use super::mailbox::typed;
use super::process::Process;
use super::program::{Customer, Traces, number};
use super::truth::Entry;
use crate::invoice::content::display_name;
use crate::store::entities::payments;

/// Last day that the bank's statements tell of.
const LAST_DAY: NaiveDate = day(2013, 1, 31);
/// Days that people take to pay, weighted; the rest pays later.
const PATIENCE: [(u64, Option<u64>); 7] =
    [(14, Some(1)), (18, Some(2)), (20, Some(4)), (18, Some(6)), (14, Some(9)), (10, Some(13)), (6, None)];
/// Share of payments that do not fit for ordinary reasons, per mille, and of those that the faulty memory spoils.
const SLIPS: u64 = 12;
const SPOILED: u64 = 160;

/// What a payment, or the second of two, came to.
#[derive(Clone, Debug, Default)]
pub(super) struct Paid {
    pub rows: Vec<payments::Model>,
    pub damage: Vec<Entry>,
    /// The first of them is to be matched to the invoice of the payment before it.
    pub is_astray: bool,
}

/// Why a payment does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slip {
    Amount,
    Reference,
    Twice,
    Returned,
    Astray,
    IbanFlipped,
    ReferenceFlipped,
}

/// What the customer paid for the invoice of a process; nothing without a mail that arrived.
pub(super) fn of(seed: u64, process: &Process, customer: &Customer, traces: &Traces) -> Paid {
    let Some(invoice) = traces.invoice.as_ref().filter(|_| process.arrives) else { return Paid::default() };
    let mut dice = Dice::new(seed, Purpose::Payment, process.ordinal);
    let invoiced_on = date(process.started_at);
    let Some(row) = transfer(invoice.id, invoiced_on, process, customer, &mut dice) else { return Paid::default() };
    let spoils = is_faulty(process.host, row.created_at) && dice.per_mille(SPOILED);
    let slip = match (spoils, dice.per_mille(SLIPS)) {
        (true, _) => Some(dice.pick(&[Slip::Astray, Slip::IbanFlipped, Slip::ReferenceFlipped])),
        (false, true) => Some(dice.pick(&[Slip::Amount, Slip::Reference, Slip::Twice, Slip::Returned])),
        (false, false) => None,
    };
    let mut paid = Paid { rows: vec![row], ..Paid::default() };
    if let Some(slip) = slip.filter(|_| process.leaves_damage) {
        paid.spoil(slip, process, customer, traces, &mut dice);
    }
    paid
}

/// The payment as it should be; none where the money has not come yet.
fn transfer(
    invoice: Uuid,
    invoiced_on: NaiveDate,
    process: &Process,
    customer: &Customer,
    dice: &mut Dice,
) -> Option<payments::Model> {
    let patience = dice.weighted(&PATIENCE)?;
    let received_on = banking_day(invoiced_on + Days::new(patience));
    let created_at = entered_at(received_on, dice);
    let (payer, reference) = (payer(customer, dice), reference(&number(process.serial), customer, dice));
    (received_on <= LAST_DAY).then(|| payments::Model {
        id: dice.id(created_at),
        invoice_id: Some(invoice),
        received_on,
        amount_cents: 100,
        currency: "EUR".to_owned(),
        payer,
        iban: Some(iban(dice)),
        reference,
        state: "matched".to_owned(),
        created_at,
        updated_at: created_at,
        version: 1,
        seal: None,
    })
}

/// Banks book on working days.
fn banking_day(day: NaiveDate) -> NaiveDate {
    match day.weekday() {
        Weekday::Sat => day + Days::new(2),
        Weekday::Sun => day + Days::new(1),
        _ => day,
    }
}

/// Statements are read on the next working morning, from five past eight.
fn entered_at(received_on: NaiveDate, dice: &mut Dice) -> DateTime<Utc> {
    let morning = berlin(banking_day(received_on + Days::new(1)), 8 * 3_600_000 + 5 * 60_000);
    morning + milliseconds(dice.below(20 * 60_000))
}

/// Whose account it is: the customer's, written as the bank writes it, or that of somebody of the family.
fn payer(customer: &Customer, dice: &mut Dice) -> String {
    let registration = &customer.registration;
    let name = display_name(registration);
    match dice.below(10) {
        0 if registration.company.is_none() => {
            format!("{} {}", dice.pick(&super::names::FIRST), registration.last_name)
        }
        1..4 => typed(&name).replace('.', " ").to_uppercase(),
        _ => name,
    }
}

/// What people write into the form, as long as they do as they are asked.
fn reference(number: &str, customer: &Customer, dice: &mut Dice) -> String {
    match dice.below(10) {
        0..7 => number.to_owned(),
        7 => format!("{number} {}", customer.registration.customer_number),
        _ => format!("Rechnung {number}"),
    }
}

/// A German IBAN with its check digits (ISO 13616), of a bank that cannot exist: no bank code begins with 9.
fn iban(dice: &mut Dice) -> String {
    let account = format!("9{:07}{:010}", dice.below(10_000_000), dice.below(10_000_000_000));
    // D is 13 and E is 14.
    let check = 98 - remainder(&format!("{account}131400"));
    format!("DE{check:02}{account}")
}

/// The remainder by 97 of a number of any length.
fn remainder(digits: &str) -> u32 {
    digits.bytes().fold(0, |rest, digit| (rest * 10 + u32::from(digit.saturating_sub(b'0'))) % 97)
}

impl Paid {
    fn spoil(&mut self, slip: Slip, process: &Process, customer: &Customer, traces: &Traces, dice: &mut Dice) {
        let Some(row) = self.rows.first_mut() else { return };
        let entry = |fault, row: &payments::Model| Entry::new("payments", row.id, fault, process.host);
        let damage = match slip {
            Slip::Amount => {
                let amount = dice.pick(&[1, 10, 84, 99, 110, 119, 200, 1_000]);
                let entry = entry("payment_amount", row).field("amount_cents", &row.amount_cents, &amount);
                row.amount_cents = amount;
                "open".clone_into(&mut row.state);
                Some(entry)
            }
            Slip::Reference => Some(unknown_reference(row, entry("payment_reference", row), customer, dice)),
            Slip::Twice => return self.pay_again(process, dice),
            Slip::Returned => {
                let entry = entry("payment_returned", row).field("state", &row.state, "returned");
                "returned".clone_into(&mut row.state);
                row.updated_at = row.created_at + TimeDelta::days(2);
                Some(entry)
            }
            Slip::Astray => {
                self.is_astray = true;
                None
            }
            Slip::IbanFlipped => row.iban.as_mut().and_then(|iban| {
                let flip = bit::text(iban, 0..iban.len(), dice);
                Entry::flip(("payments", row.id, "iban"), iban, flip, "iban_flipped")
            }),
            Slip::ReferenceFlipped => {
                let flip = bit::text(&row.reference, 0..row.reference.len(), dice);
                let place = ("payments", row.id, "reference");
                let entry = Entry::flip(place, &mut row.reference, flip, "reference_flipped");
                entry.map(|entry| entry.copied_in(intact_number(traces)))
            }
        };
        self.damage.extend(damage);
    }

    /// The same money once more, some days later.
    fn pay_again(&mut self, process: &Process, dice: &mut Dice) {
        let Some(first) = self.rows.first() else { return };
        let received_on = banking_day(first.received_on + Days::new(dice.between(1, 6)));
        if received_on > LAST_DAY {
            return;
        }
        let created_at = entered_at(received_on, dice);
        let second = payments::Model {
            id: dice.id(created_at),
            received_on,
            created_at,
            updated_at: created_at,
            ..first.clone()
        };
        self.damage.push(Entry::new("payments", second.id, "payment_twice", process.host));
        self.rows.push(second);
    }
}

/// Where the number of an invoice still stands, whatever else of it was hit.
fn intact_number(traces: &Traces) -> &'static str {
    let is_intact =
        traces.invoice.as_ref().is_some_and(|invoice| crate::number::Number::parse(&invoice.number).is_ok());
    if is_intact { "invoices.number" } else { "number_allocations.number" }
}

/// The customer names no invoice, or one that does not exist: no program can match that.
fn unknown_reference(row: &mut payments::Model, entry: Entry, customer: &Customer, dice: &mut Dice) -> Entry {
    let registration = &customer.registration;
    let wrong = match dice.below(4) {
        0 => registration.customer_number.clone(),
        1 => mistyped(&row.reference, dice),
        2 => format!("Postfach {}", customer.mailbox.address),
        _ => dice.pick(&["Danke", "Rechnung Januar", "1 Euro Postfach", "Mail"]).to_owned(),
    };
    let names_nobody = !wrong.contains(['@', '-']);
    let entry = entry.field("reference", &row.reference, &wrong);
    row.reference = wrong;
    row.invoice_id = None;
    "open".clone_into(&mut row.state);
    if names_nobody { entry.unprovable() } else { entry }
}

/// One digit of the number's serial is another one, which no check digit allows.
fn mistyped(reference: &str, dice: &mut Dice) -> String {
    let Some(at) = reference.find("RE-").map(|start| start + 13) else { return reference.to_owned() };
    let mut bytes = reference.as_bytes().to_vec();
    if let Some(digit) = bytes.get_mut(at).filter(|digit| digit.is_ascii_digit()) {
        *digit = b'0' + (*digit - b'0' + u8::try_from(dice.between(1, 9)).unwrap_or(1)) % 10;
    }
    String::from_utf8(bytes).unwrap_or_else(|_| reference.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ibans_have_their_check_digits() {
        // The account that the banks' own example names.
        assert_eq!(remainder("120300000000202051131402"), 1);
        let mut dice = Dice::new(1, Purpose::Payment, 0);
        for _ in 0..500 {
            let iban = iban(&mut dice);
            assert_eq!(iban.len(), 22, "{iban}");
            assert_eq!(remainder(&format!("{}1314{}", &iban[4..], &iban[2..4])), 1, "{iban}");
        }
    }

    #[test]
    fn a_mistyped_number_is_no_number() {
        let mut dice = Dice::new(1, Purpose::Payment, 0);
        for serial in 1..500 {
            let right = number(serial);
            let wrong = mistyped(&format!("Rechnung {right}"), &mut dice);
            let wrong = wrong.trim_start_matches("Rechnung ");
            assert!(wrong != right && crate::number::Number::parse(wrong).is_err(), "{right} {wrong}");
        }
    }

    #[test]
    fn banks_book_on_working_days() {
        assert_eq!(banking_day(day(2013, 1, 19)), day(2013, 1, 21));
        assert_eq!(banking_day(day(2013, 1, 20)), day(2013, 1, 21));
        assert_eq!(banking_day(day(2013, 1, 22)), day(2013, 1, 22));
    }
}
