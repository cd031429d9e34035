//! What the faulty memory did to processes that it did not kill: a bit of a value was flipped between reading and writing.
//!
//! The old program computes an invoice's amounts and writes them at once; everything else it holds until its work is done,
//! and then writes all records back: customer, mailbox, subscription, invoice, number, mail. So a process that was killed
//! can have left wrong amounts, and only one that came to its end can have left anything else. The PDF was drawn from what
//! was still right.

use kontor_pdf::content::sha256;
use uuid::Uuid;

use super::bit;
use super::clock::Milestone;
use super::damage::hex;
use super::dice::{Dice, Purpose};
use super::hosts::FAULTY;
use super::office::QUOTA_BYTES;
use super::process::Process;
use super::program::{Customer, Traces};
use super::truth::Entry;

/// How often each kind of value is hit, per mille of the processes that write it.
const AT_THE_LINE: [(Kind, u64); 2] = [(Kind::Amount, 65), (Kind::Tax, 55)];
const AT_THE_DOCUMENT: [(Kind, u64); 1] = [(Kind::Document, 75)];
const AT_THE_END: [(Kind, u64); 9] = [
    (Kind::Email, 130),
    (Kind::Name, 130),
    (Kind::Quota, 130),
    (Kind::Usage, 130),
    (Kind::Date, 130),
    (Kind::Number, 130),
    (Kind::Reference, 90),
    (Kind::State, 130),
    (Kind::VatId, 500),
];
/// How often the cache of the host exchanges a PDF with that of the next process, per mille.
const EXCHANGED: u64 = 45;

/// Bits of an amount in cents that can flip: the old program kept them in 32, of which one is the sign.
const AMOUNT_BITS: std::ops::Range<u32> = 0..31;
/// Bits of a size in bytes: it kept them in 48.
const SIZE_BITS: std::ops::Range<u32> = 0..48;
/// Bits of a serial beyond all serials that a demo has: whatever the others do, the result is unique.
const SERIAL_BITS: std::ops::Range<u32> = 21..31;
/// Bits of a VAT rate in basis points.
const RATE_BITS: std::ops::Range<u32> = 0..14;

/// What can be hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Amount,
    Tax,
    Document,
    Email,
    Name,
    Quota,
    Usage,
    Date,
    Number,
    Reference,
    State,
    VatId,
}

/// What happened to one process.
#[derive(Clone, Debug, Default)]
pub(super) struct Spoiled {
    /// The damage.
    pub damage: Vec<Entry>,
    /// Whether its PDF stays in its place.
    pub cache: Cache,
}

/// What the cache of the host does with a PDF.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Cache {
    /// It stays in its place: it is damaged already, or other damage is to be proven by it, or its memory was good.
    #[default]
    Keeps,
    /// It can change places with another.
    CanExchange,
    /// It does so, with the next that can.
    Exchanges,
}

/// Hits the values of a process; none where its memory was good.
pub(super) fn spoil(seed: u64, process: &Process, customer: &mut Customer, traces: &mut Traces) -> Spoiled {
    let mut spoiled = Spoiled::default();
    if !process.leaves_damage || !process.is_in_bad_memory() {
        return spoiled;
    }
    let mut hand = Hand { dice: Dice::new(seed, Purpose::Memory, process.ordinal), process, customer, traces };
    let kinds = AT_THE_LINE.iter().map(|kind| (Milestone::Line, kind));
    let kinds = kinds.chain(AT_THE_DOCUMENT.iter().map(|kind| (Milestone::Stored, kind)));
    let kinds = kinds.chain(AT_THE_END.iter().map(|kind| (Milestone::Answered, kind)));
    for (milestone, (kind, share)) in kinds {
        if process.passed(milestone).is_some() && hand.dice.per_mille(*share) {
            spoiled.damage.extend(hand.hit(*kind));
        }
    }
    let relies_on_document = |entry: &Entry| entry.fault == "document_flipped" || entry.copy == Some("documents.bytes");
    if process.passed(Milestone::Stored).is_some() && !spoiled.damage.iter().any(relies_on_document) {
        spoiled.cache = if hand.dice.per_mille(EXCHANGED) { Cache::Exchanges } else { Cache::CanExchange };
    }
    spoiled
}

/// One process whose values are hit.
struct Hand<'a> {
    dice: Dice,
    process: &'a Process,
    customer: &'a mut Customer,
    traces: &'a mut Traces,
}

impl Hand<'_> {
    /// Hits a value of this kind; none where the process holds no such value.
    fn hit(&mut self, kind: Kind) -> Option<Entry> {
        match kind {
            Kind::Amount => self.amount(),
            Kind::Tax => self.tax(),
            Kind::Document => self.document(),
            Kind::Email => self.email(),
            Kind::Name => self.name(),
            Kind::Quota => self.quota(),
            Kind::Usage => self.usage(),
            Kind::Date => self.date(),
            Kind::Number => self.number(),
            Kind::Reference => self.reference(),
            Kind::State => self.state(),
            Kind::VatId => self.vat_id(),
        }
    }

    /// An invoice of one line says each amount twice.
    fn amount(&mut self) -> Option<Entry> {
        let (invoice, line) = (self.traces.invoice.as_mut()?, self.traces.line.as_mut()?);
        let (table, row, field, cell, copy) = match self.dice.below(5) {
            0 => ("invoices", invoice.id, "net_cents", &mut invoice.net_cents, "invoice_lines.net_cents"),
            1 => ("invoices", invoice.id, "gross_cents", &mut invoice.gross_cents, "invoice_lines.gross_cents"),
            2 => ("invoice_lines", line.id, "net_cents", &mut line.net_cents, "invoices.net_cents"),
            3 => ("invoice_lines", line.id, "gross_cents", &mut line.gross_cents, "invoices.gross_cents"),
            _ => ("invoice_lines", line.id, "unit_gross_cents", &mut line.unit_gross_cents, "tariffs.gross_cents"),
        };
        let flip = bit::whole(*cell, AMOUNT_BITS, |_| true, &mut self.dice);
        Some(Entry::flip((table, row, field), cell, flip, "amount_flipped")?.copied_in(copy))
    }

    fn tax(&mut self) -> Option<Entry> {
        let (invoice, line) = (self.traces.invoice.as_mut()?, self.traces.line.as_mut()?);
        let (table, row, field, cell, copy) = match self.dice.below(3) {
            0 => ("invoices", invoice.id, "tax_cents", &mut invoice.tax_cents, "invoice_lines.tax_cents"),
            1 => ("invoice_lines", line.id, "tax_cents", &mut line.tax_cents, "invoices.tax_cents"),
            _ => ("invoice_lines", line.id, "tax_basis_points", &mut line.tax_basis_points, "tax_rates.basis_points"),
        };
        let bits = if field == "tax_basis_points" { RATE_BITS } else { AMOUNT_BITS };
        let flip = bit::whole(*cell, bits, |_| true, &mut self.dice);
        Some(Entry::flip((table, row, field), cell, flip, "vat_flipped")?.copied_in(copy))
    }

    fn vat_id(&mut self) -> Option<Entry> {
        let registration = &mut self.customer.registration;
        let cell = registration.vat_id.as_mut()?;
        let flip = bit::text(cell, 0..cell.len(), &mut self.dice);
        let place = ("registrations", registration.id, "vat_id");
        Some(Entry::flip(place, cell, flip, "vat_flipped")?.copied_in("signup_export.vat_id"))
    }

    /// The hash is of the file as it was drawn, and so proves which bit it was.
    fn document(&mut self) -> Option<Entry> {
        let document = self.traces.document.as_mut()?;
        let byte = usize::try_from(self.dice.below(document.bytes.len() as u64)).ok()?;
        let bit = u8::try_from(self.dice.below(8)).ok()?;
        *document.bytes.get_mut(byte)? ^= 1 << bit;
        let (right, wrong) = (hex(&document.sha256), hex(&sha256(&document.bytes)));
        let entry = Entry::new("documents", document.id, "document_flipped", FAULTY).field("bytes", &right, &wrong);
        Some(Entry { evidence: "seal", byte: Some(byte), bit: Some(bit), ..entry })
    }

    /// The domain stays as it is: people of a demo live in reserved ones.
    fn email(&mut self) -> Option<Entry> {
        let registration = &mut self.customer.registration;
        let (place, cell, copy) = if self.dice.per_mille(600) {
            (("registrations", registration.id, "email"), &mut registration.email, "signup_export.email")
        } else {
            let mail = self.traces.delivery.as_mut()?;
            (("deliveries", mail.id, "recipient"), &mut mail.recipient, "registrations.email")
        };
        let local = cell.find('@').map_or(cell.len(), |at| at + 1);
        let flip = bit::text(cell, 0..local, &mut self.dice);
        Some(Entry::flip(place, cell, flip, "email_flipped")?.copied_in(copy))
    }

    fn name(&mut self) -> Option<Entry> {
        let registration = &mut self.customer.registration;
        let id = registration.id;
        let (place, cell, copy) = match (self.dice.below(4), registration.company.as_mut()) {
            (0, _) => {
                let invoice = self.traces.invoice.as_mut()?;
                (("invoices", invoice.id, "recipient_name"), &mut invoice.recipient_name, "registrations")
            }
            (_, Some(company)) => (("registrations", id, "company"), company, "signup_export.company"),
            (1, None) => {
                (("registrations", id, "first_name"), &mut registration.first_name, "signup_export.first_name")
            }
            _ => (("registrations", id, "last_name"), &mut registration.last_name, "signup_export.last_name"),
        };
        let flip = bit::text(cell, 0..cell.len(), &mut self.dice);
        Some(Entry::flip(place, cell, flip, "name_flipped")?.copied_in(copy))
    }

    fn quota(&mut self) -> Option<Entry> {
        let mailbox = &mut self.customer.mailbox;
        let flip = bit::whole(mailbox.quota_bytes, SIZE_BITS, |bytes| bytes > 0, &mut self.dice);
        let place = ("mailboxes", mailbox.id, "quota_bytes");
        Some(
            Entry::flip(place, &mut mailbox.quota_bytes, flip, "quota_flipped")?.copied_in("signup_export.quota_bytes"),
        )
    }

    /// More than a mailbox holds is impossible, and one bit alone brings it back; whatever fits may well be true.
    fn usage(&mut self) -> Option<Entry> {
        let mailbox = &mut self.customer.mailbox;
        let flip = bit::whole(mailbox.used_bytes, SIZE_BITS, |_| true, &mut self.dice);
        let entry =
            Entry::flip(("mailboxes", mailbox.id, "used_bytes"), &mut mailbox.used_bytes, flip, "usage_flipped")?;
        let is_impossible = mailbox.used_bytes > mailbox.quota_bytes.max(QUOTA_BYTES);
        Some(if is_impossible { entry } else { entry.unprovable() })
    }

    fn date(&mut self) -> Option<Entry> {
        let subscription = &mut self.customer.subscription;
        let started = ("subscriptions", subscription.id, "started_on");
        let invoice = self.traces.invoice.as_mut()?;
        let (place, cell, copy) = match self.dice.below(3) {
            0 => (started, &mut subscription.started_on, "signup_export.start_date"),
            1 => (("invoices", invoice.id, "issued_on"), &mut invoice.issued_on, "number_allocations.allocated_at"),
            _ => (("invoices", invoice.id, "due_on"), invoice.due_on.as_mut()?, "documents.bytes"),
        };
        let flip = bit::day(*cell, &mut self.dice);
        let entry = Entry::flip(place, cell, flip, "date_flipped")?;
        // Without the PDF, the day follows from the date of the invoice and the time for payment.
        let is_proven = copy != "documents.bytes" || self.traces.document.as_ref().is_some_and(has_its_hash);
        Some(if is_proven { entry.copied_in(copy) } else { entry })
    }

    fn number(&mut self) -> Option<Entry> {
        let (invoice, allocation) = (self.traces.invoice.as_mut()?, &mut self.traces.allocation);
        let registration = &mut self.customer.registration;
        if self.dice.below(4) == 0 {
            let flip = bit::whole(allocation.serial, SERIAL_BITS, |_| true, &mut self.dice);
            let place = ("number_allocations", allocation.id, "serial");
            let entry = Entry::flip(place, &mut allocation.serial, flip, "number_flipped")?;
            return Some(entry.copied_in("number_allocations.number"));
        }
        let (place, cell, copy) = match self.dice.below(3) {
            0 => (("invoices", invoice.id, "number"), &mut invoice.number, "number_allocations.number"),
            1 => (("number_allocations", allocation.id, "number"), &mut allocation.number, "invoices.number"),
            _ => (
                ("registrations", registration.id, "customer_number"),
                &mut registration.customer_number,
                "signup_export.customer_number",
            ),
        };
        let at = hit_digit(cell)?;
        let flip = bit::text(cell, at..at + 1, &mut self.dice);
        Some(Entry::flip(place, cell, flip, "number_flipped")?.copied_in(copy))
    }

    /// The mail went out under its right Message-ID, which follows from process, time and number.
    fn reference(&mut self) -> Option<Entry> {
        let mail = self.traces.delivery.as_mut()?;
        let local = mail.message_id.find('@').unwrap_or(0);
        let flip = bit::text(&mail.message_id, 0..local, &mut self.dice);
        let place = ("deliveries", mail.id, "message_id");
        let entry = Entry::flip(place, &mut mail.message_id, flip, "reference_flipped")?;
        Some(entry.told_by_log(self.process.is_taken() && self.process.post.is_logged))
    }

    /// States are kept as small numbers, and another number is another state.
    fn state(&mut self) -> Option<Entry> {
        let customer = &mut *self.customer;
        let invoice = self.traces.invoice.as_mut()?;
        let (table, row, cell, wrong): (_, Uuid, &mut String, _) = match self.dice.below(5) {
            // An active customer may well be blocked: nobody can tell.
            0 => ("registrations", customer.registration.id, &mut customer.registration.state, "blocked"),
            1 => ("registrations", customer.registration.id, &mut customer.registration.state, "closed"),
            2 => ("mailboxes", customer.mailbox.id, &mut customer.mailbox.state, "closed"),
            3 => ("subscriptions", customer.subscription.id, &mut customer.subscription.state, "ended"),
            _ => ("invoices", invoice.id, &mut invoice.state, self.dice.pick(&["issued", "incomplete"])),
        };
        let entry = Entry::new(table, row, "state_wrong", FAULTY).field("state", cell, wrong);
        wrong.clone_into(cell);
        Some(if wrong == "blocked" { entry.unprovable() } else { entry })
    }
}

fn has_its_hash(document: &crate::store::entities::documents::Model) -> bool {
    sha256(&document.bytes)[..] == document.sha256[..]
}

/// Which digit of a number is hit. Two numbers whose check digits agree differ in two digits at least, so when the check
/// digit decides about the place, no two numbers can become the same.
fn hit_digit(number: &str) -> Option<usize> {
    let (before, check) = number.rsplit_once('-')?;
    let check = check.parse::<usize>().ok()?;
    before.len().checked_sub(1 + check % 6)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::number::Number;

    #[test]
    fn flipped_numbers_stay_unique() {
        // Every number of a range with every bit of its place flipped: a hundred thousand times what a demo does.
        let mut dice = Dice::new(1, Purpose::Memory, 0);
        let mut seen = HashSet::new();
        for serial in 1..20_000 {
            for number in [Number::of_year("RE", 2013, serial), Number::customer(serial)] {
                let number = number.to_string();
                let at = hit_digit(&number).expect("a number");
                let flips: HashSet<String> =
                    (0..40).filter_map(|_| bit::text(&number, at..at + 1, &mut dice)).map(|flip| flip.value).collect();
                assert!(flips.len() >= 5, "{number}");
                for flip in flips {
                    assert!(Number::parse(&flip).is_err(), "{flip}");
                    assert!(seen.insert(flip.clone()), "{flip}");
                }
            }
        }
    }
}
