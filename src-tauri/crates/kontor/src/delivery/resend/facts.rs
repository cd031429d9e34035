//! What the mail says of an invoice: from its frozen content, or from the rows where the old programs left none.

use chrono::NaiveDate;
use kontor_pdf::Content;
use kontor_pdf::content::{Kind, Language};

use super::super::message::Facts;
use crate::invoice::content::{display_name, seller};
use crate::invoice::settings::Settings;
use crate::period::Period;
use crate::run::code::{self, Refusal};
use crate::store::entities::{invoices, issuers, registrations, subscriptions};

/// The facts of an archived invoice.
pub(super) fn facts(
    invoice: &invoices::Model,
    registration: &registrations::Model,
    subscription: &subscriptions::Model,
    settings: &Settings,
) -> Result<Facts, Refusal> {
    let Some(bytes) = &invoice.snapshot else {
        return Ok(facts_of(invoice, registration, subscription, settings.issuer(invoice.issued_on)?));
    };
    let damaged = |why: String| Refusal::new(code::CONTENT_CONTRADICTS, why);
    if invoice.snapshot_sha256.as_deref() != Some(&kontor_pdf::content::sha256(bytes)[..]) {
        return Err(damaged("the frozen content does not have its hash".to_owned()));
    }
    Content::from_bytes(bytes).map(|content| Facts::of(&content)).map_err(|error| damaged(error.to_string()))
}

/// The facts of an invoice that the old programs left without frozen content: its row, the customer of today, and the
/// issuing company of the day on the paper.
pub fn facts_of(
    invoice: &invoices::Model,
    registration: &registrations::Model,
    subscription: &subscriptions::Model,
    issuer: &issuers::Model,
) -> Facts {
    let period = Period::containing(invoice.period);
    let person = format!("{} {}", registration.first_name, registration.last_name).trim().to_owned();
    let kind = if invoice.kind == "cancellation" { Kind::Cancellation } else { Kind::Invoice };
    Facts {
        kind,
        language: if registration.language == "en" { Language::En } else { Language::De },
        number: invoice.number.clone(),
        name: if person.is_empty() { display_name(registration) } else { person },
        recipient: invoice.recipient_name.clone(),
        gross_cents: invoice.gross_cents,
        service_from: period.first_day().max(subscription.started_on),
        service_to: subscription.ended_on.unwrap_or(NaiveDate::MAX).min(period.last_day()),
        due_on: invoice.due_on,
        seller: seller(issuer),
        original: None,
    }
}
