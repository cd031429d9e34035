//! Payments: seals, IBANs, and which invoice a reference names.
//!
//! A reference is free text. A number in it counts only with its check digit; a form that names the invoice and lies one
//! bit beside what stands there explains damage, and everything else is what the customer wrote.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::numbers::{logged, looked_up};
use super::sealed::{Kind, Sealed};
use super::{Page, Rows, Scope, aside, rows};
use crate::Result;
use crate::check::book::Found;
use crate::check::proposal::{Candidate, Evidence, Proposal, Reason};
use crate::check::rules::{IBAN_INVALID, PAYMENT_MISASSIGNED, PAYMENT_REFERENCE, PAYMENT_UNMATCHED};
use crate::check::{candidates, doubt, neighbours};
use crate::number::{self, Number};
use crate::seal;
use crate::store::entities::payments;

pub(in crate::check) const PAYMENT: Sealed<payments::Model> = Sealed {
    table: "payments",
    canonical: seal::of_payment,
    stored: |row| row.seal.as_deref(),
    id: |row| row.id,
    cells: &[
        ("id", Kind::Id),
        ("invoice_id", Kind::Id),
        ("received_on", Kind::Day),
        ("amount_cents", Kind::Whole),
        ("currency", Kind::Text),
        ("payer", Kind::Text),
        ("iban", Kind::Text),
        ("reference", Kind::Text),
        ("state", Kind::Text),
    ],
};

/// What is known of the invoices that a page of payments is about.
struct Known {
    /// Numbers of matched invoices, as the log has them and as the invoices bear them.
    logged: HashMap<Uuid, String>,
    borne: HashMap<Uuid, String>,
    /// Customer numbers, by invoice.
    customers: HashMap<Uuid, String>,
    /// Invoices that references name, by number; also those that lie one slip of the hand away.
    named: HashMap<String, Uuid>,
    /// The only invoice of a customer, by customer number and by mailbox.
    only: HashMap<String, Uuid>,
}

/// Payments.
pub(super) async fn page(connection: &impl ConnectionTrait, scope: &Scope) -> Result<Page> {
    use payments::Column;
    let Rows { rows, mut page } =
        rows::<payments::Entity>(connection, scope, "payments", Column::Id, Some(Column::UpdatedAt)).await?;
    let wants_references =
        [PAYMENT_UNMATCHED, PAYMENT_MISASSIGNED, PAYMENT_REFERENCE].iter().any(|rule| scope.wants(rule));
    let known = if wants_references { Some(known(connection, &rows).await?) } else { None };
    let (rows, broken) = aside(move || {
        let broken: Vec<_> = rows.iter().filter_map(|row| PAYMENT.look(row)).collect();
        (rows, broken)
    })
    .await?;
    page.found.extend(broken);
    for row in &rows {
        page.found.extend(iban(row));
        page.found.extend(known.as_ref().and_then(|known| match row.invoice_id {
            Some(invoice) if row.state == "matched" => matched(row, invoice, known),
            _ => unmatched(row, known),
        }));
    }
    Ok(page)
}

async fn known(connection: &impl ConnectionTrait, rows: &[payments::Model]) -> Result<Known> {
    let ids = || rows.iter().filter_map(|row| row.invoice_id);
    let pair = |row: &QueryResult| Some((row.try_get("", "id").ok()?, row.try_get("", "told").ok()?));
    let turned = |row: &QueryResult| Some((row.try_get("", "told").ok()?, row.try_get("", "id").ok()?));
    let open: Vec<&payments::Model> = rows.iter().filter(|row| row.invoice_id.is_none()).collect();
    let mut numbers: Vec<String> = rows.iter().flat_map(|row| words(&row.reference)).map(str::to_owned).collect();
    numbers.extend(open.iter().flat_map(|row| words(&row.reference)).flat_map(number::neighbours));
    let texts: Vec<String> = open.iter().flat_map(|row| words(&row.reference)).map(str::to_owned).collect();
    Ok(Known {
        logged: logged(connection, ids()).await?,
        borne: looked_up(connection, "SELECT id, number AS told FROM invoices WHERE id IN", ids(), pair).await?,
        customers: looked_up(
            connection,
            "SELECT i.id AS id, r.customer_number AS told FROM invoices i JOIN registrations r ON r.id = \
             i.registration_id WHERE i.id IN",
            ids(),
            pair,
        )
        .await?,
        named: looked_up(
            connection,
            "SELECT invoice_id AS id, number AS told FROM number_allocations WHERE invoice_id IS NOT NULL AND number IN",
            numbers.into_iter(),
            turned,
        )
        .await?,
        only: only_invoices(connection, texts).await?,
    })
}

/// The only invoice of those customers who are named by their number or their mailbox.
async fn only_invoices(connection: &impl ConnectionTrait, texts: Vec<String>) -> Result<HashMap<String, Uuid>> {
    let turned = |row: &QueryResult| Some((row.try_get("", "told").ok()?, row.try_get("", "id").ok()?));
    let alone = "i.kind = 'invoice' AND NOT EXISTS (SELECT 1 FROM invoices o WHERE o.registration_id = i.registration_id \
                 AND o.id <> i.id)";
    let by_number = format!(
        "SELECT i.id AS id, r.customer_number AS told FROM invoices i JOIN registrations r ON r.id = i.registration_id \
         WHERE {alone} AND r.customer_number IN"
    );
    let by_mailbox = format!(
        "SELECT i.id AS id, m.address AS told FROM invoices i JOIN mailboxes m ON m.registration_id = i.registration_id \
         WHERE {alone} AND m.address IN"
    );
    let mut only = looked_up(connection, &by_number, texts.iter().cloned(), turned).await?;
    only.extend(looked_up(connection, &by_mailbox, texts.into_iter(), turned).await?);
    Ok(only)
}

fn words(reference: &str) -> impl Iterator<Item = &str> {
    reference.split_whitespace()
}

fn matched(row: &payments::Model, invoice: Uuid, known: &Known) -> Option<(&'static str, Found)> {
    let own: Vec<&String> = [known.logged.get(&invoice), known.borne.get(&invoice)]
        .into_iter()
        .flatten()
        .filter(|number| Number::parse(number).is_ok())
        .collect();
    let found = Found::new("payments", row.id);
    let other = words(&row.reference).find_map(|word| known.named.get(word)).filter(|other| **other != invoice);
    if let Some(other) = other.filter(|_| !own.iter().any(|number| row.reference.contains(number.as_str()))) {
        let proposal = Proposal::set("invoice_id", other.to_string(), Evidence::Copy)
            .because(Reason::new("reference_names").with("reference", &row.reference));
        return Some((PAYMENT_MISASSIGNED, found.field("invoice_id", Some(invoice.to_string())).proposing(proposal)));
    }
    let customer = known.customers.get(&invoice).map_or("", String::as_str);
    let forms: Vec<String> = own.iter().flat_map(|number| forms(number, customer)).collect();
    if forms.contains(&row.reference) {
        return None;
    }
    let right = forms.iter().find(|form| candidates::differ_by_a_bit(form.as_bytes(), row.reference.as_bytes()))?;
    let mut proposal = Proposal::set("reference", right, Evidence::Copy).because(Reason::new("invoice_number"));
    proposal.reasons.extend(doubt::flip(&row.reference, right));
    Some((PAYMENT_REFERENCE, found.field("reference", Some(row.reference.clone())).proposing(proposal)))
}

/// The forms in which people name an invoice when they do as they are asked.
fn forms(number: &str, customer: &str) -> [String; 3] {
    [number.to_owned(), format!("{number} {customer}"), format!("Rechnung {number}")]
}

fn unmatched(row: &payments::Model, known: &Known) -> Option<(&'static str, Found)> {
    if row.state != "open" && (row.invoice_id.is_some() || row.state == "returned") {
        return None;
    }
    let found = Found::new("payments", row.id).field("invoice_id", row.invoice_id.map(|id| id.to_string()));
    let reason = |code: &str| Reason::new(code).with("reference", &row.reference);
    let set = |id: &Uuid, code| Proposal::set("invoice_id", id.to_string(), Evidence::Single).because(reason(code));
    let by_customer = words(&row.reference).find_map(|word| known.only.get(word));
    let by_slip: Vec<&Uuid> = words(&row.reference)
        .flat_map(|word| std::iter::once(word.to_owned()).chain(number::neighbours(word)))
        .filter_map(|number| known.named.get(&number))
        .collect();
    let proposal = match (row.invoice_id, &by_slip[..], by_customer) {
        (None, [one], _) => set(one, "number_mistyped"),
        (None, [], Some(one)) => set(one, "customer_named"),
        (None, [_, _, ..], _) => {
            let candidate = |id: &&Uuid| Candidate { value: id.to_string(), from: "reference".to_owned() };
            Proposal::choose(by_slip.iter().map(candidate).collect()).because(reason("number_mistyped"))
        }
        _ => Proposal::act(crate::check::Action::Decide, Evidence::None).because(reason("read_reference")),
    };
    Some((PAYMENT_UNMATCHED, found.proposing(proposal)))
}

fn iban(row: &payments::Model) -> Option<(&'static str, Found)> {
    let current = row.iban.as_deref()?;
    if is_iban(current) {
        return None;
    }
    let near = candidates::texts(current).filter(|text| is_iban(text)).collect();
    let found = Found::new("payments", row.id).field("iban", Some(current.to_owned()));
    Some((IBAN_INVALID, neighbours::proposed(found, "iban", current, near)))
}

/// Form and check digits of an IBAN without blanks (ISO 13616); a German one has 22 characters, all digits behind `DE`.
fn is_iban(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_form = (15..=34).contains(&bytes.len())
        && bytes.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..4].iter().all(u8::is_ascii_digit);
    let is_german = bytes.starts_with(b"DE");
    let fits = !is_german || (bytes.len() == 22 && bytes[2..].iter().all(u8::is_ascii_digit));
    is_form && fits && remainder(&bytes[4..], &bytes[..4]) == 1
}

fn remainder(account: &[u8], head: &[u8]) -> u32 {
    account.iter().chain(head).fold(0, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte.saturating_sub(b'A')) + 10) % 97,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ibans_are_told_from_others() {
        for good in ["DE02120300000000202051", "GB82WEST12345698765432", "NL91ABNA0417164300"] {
            assert!(is_iban(good), "{good}");
        }
        for bad in ["DE02120300000000202052", "de02120300000000202051", "DE0212030000000020205", "", "DE", "XX"] {
            assert!(!is_iban(bad), "{bad}");
        }
        // Whatever bit is flipped, it is no IBAN any more, and the right one is among its neighbours.
        let right = "DE02120300000000202051";
        for wrong in candidates::texts(right) {
            assert!(!is_iban(&wrong), "{wrong}");
            assert!(candidates::texts(&wrong).any(|text| text == right));
        }
    }
}
