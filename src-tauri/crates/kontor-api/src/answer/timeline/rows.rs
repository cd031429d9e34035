//! What the rows of a registration say that happened.

use chrono::{DateTime, NaiveDate, Utc};
use kontor::period::Period;
use sea_orm::{QueryResult, TryGetable};
use serde::Deserialize;
use uuid::Uuid;

use super::super::stored::word;
use super::super::{Answered, days};
use super::rows as read;
use crate::cause::Cause;
use crate::list::Destination;
use crate::month::Month;
use crate::office::Open;
use crate::page::By;
use crate::timeline::{TimelineEntry, TimelineEvent};

fn get<T: TryGetable>(row: &QueryResult, column: &str) -> Option<T> {
    row.try_get("", column).ok()
}

fn known<T: for<'de> Deserialize<'de>>(row: &QueryResult, column: &str) -> Option<T> {
    word(&get::<String>(row, column)?)
}

/// An entry that no person made.
fn entry(key: String, at: DateTime<Utc>, event: TimelineEvent, destination: Option<Destination>) -> TimelineEntry {
    TimelineEntry { key, at, event, by: None, reason: None, destination }
}

/// Reads entries of rows; what cannot be read is left out.
fn entries(rows: &[QueryResult], entry: impl Fn(&QueryResult) -> Option<TimelineEntry>) -> Vec<TimelineEntry> {
    rows.iter().filter_map(entry).collect()
}

pub(super) async fn registered(open: &Open, registration: Uuid) -> Answered<Vec<TimelineEntry>> {
    let found = read(open, "SELECT registered_at, source FROM registrations WHERE id = ?", registration).await?;
    Ok(entries(&found, |row| {
        let event = TimelineEvent::Registered { source: known(row, "source")? };
        Some(entry("registered".to_owned(), get(row, "registered_at")?, event, None))
    }))
}

pub(super) async fn subscriptions(open: &Open, registration: Uuid) -> Answered<Vec<TimelineEntry>> {
    let text = "SELECT s.id, s.started_on, s.ended_on, m.address FROM subscriptions s LEFT JOIN mailboxes m ON \
                m.id = s.mailbox_id WHERE s.registration_id = ?";
    let found = read(open, text, registration).await?;
    let mut all = entries(&found, |row| {
        let (id, on): (Uuid, NaiveDate) = (get(row, "id")?, get(row, "started_on")?);
        let event = TimelineEvent::SubscriptionStarted { on, mailbox: get(row, "address")? };
        Some(entry(format!("started:{id}"), days::begin(on), event, None))
    });
    all.extend(entries(&found, |row| {
        let (id, on): (Uuid, NaiveDate) = (get(row, "id")?, get::<Option<NaiveDate>>(row, "ended_on")??);
        let event = TimelineEvent::SubscriptionEnded { on, mailbox: get(row, "address")? };
        Some(entry(format!("ended:{id}"), days::end(on), event, None))
    }));
    Ok(all)
}

/// Invoices, cancellation invoices, and their stored PDFs.
pub(super) async fn papers(open: &Open, registration: Uuid) -> Answered<Vec<TimelineEntry>> {
    let text = "SELECT id, number, kind, gross_cents, created_at FROM invoices WHERE registration_id = ?";
    let mut all = entries(&read(open, text, registration).await?, |row| {
        let id: Uuid = get(row, "id")?;
        let (number, kind) = (get(row, "number")?, known(row, "kind")?);
        let event = TimelineEvent::InvoiceIssued { number, kind, gross_cents: get(row, "gross_cents")? };
        Some(entry(format!("issued:{id}"), get(row, "created_at")?, event, Some(Destination::Invoice { id })))
    });
    let text = "SELECT o.id, i.id AS invoice_id, i.number, o.created_at FROM invoices i JOIN documents o ON \
                o.invoice_id = i.id AND o.role = 'original' WHERE i.registration_id = ?";
    all.extend(entries(&read(open, text, registration).await?, |row| {
        let (id, invoice): (Uuid, Uuid) = (get(row, "id")?, get(row, "invoice_id")?);
        let event = TimelineEvent::DocumentStored { number: get(row, "number")? };
        let destination = Some(Destination::Invoice { id: invoice });
        Some(entry(format!("document:{id}"), get(row, "created_at")?, event, destination))
    }));
    Ok(all)
}

pub(super) async fn attempts(open: &Open, registration: Uuid) -> Answered<Vec<TimelineEntry>> {
    let text = "SELECT a.id, a.period, a.step, a.outcome, a.host, a.signal, a.code, a.message, a.ended_at, i.id AS invoice_id, \
                i.number FROM subscriptions s JOIN attempts a ON a.subscription_id = s.id LEFT JOIN invoices i ON \
                i.id = a.invoice_id WHERE s.registration_id = ? AND a.outcome <> 'running' AND a.ended_at IS NOT NULL";
    Ok(entries(&read(open, text, registration).await?, |row| {
        let id: Uuid = get(row, "id")?;
        let code: Option<String> = get(row, "code")?;
        let event = TimelineEvent::Attempted {
            number: get(row, "number")?,
            period: Month(Period::containing(get(row, "period")?)),
            step: known(row, "step")?,
            outcome: known(row, "outcome")?,
            host: get(row, "host")?,
            signal: get(row, "signal")?,
            cause: code.as_deref().map(Cause::read),
            message: get(row, "message")?,
        };
        let destination = get::<Option<Uuid>>(row, "invoice_id")?.map(|id| Destination::Invoice { id });
        Some(entry(format!("attempt:{id}"), get(row, "ended_at")?, event, destination))
    }))
}

/// Mails as they were put up, by whom where a person asked for them.
pub(super) async fn mails(open: &Open, registration: Uuid) -> Answered<Vec<TimelineEntry>> {
    let text = "SELECT d.id, i.number, d.purpose, d.recipient, d.queued_at, d.person, d.reason, (SELECT u.desk FROM run_items w \
                JOIN runs u ON u.id = w.run_id WHERE w.subject_id = d.id ORDER BY u.created_at LIMIT 1) AS desk FROM \
                invoices i JOIN deliveries d ON d.invoice_id = i.id WHERE i.registration_id = ?";
    Ok(entries(&read(open, text, registration).await?, |row| {
        let id: Uuid = get(row, "id")?;
        let (number, purpose) = (get(row, "number")?, known(row, "purpose")?);
        let event = TimelineEvent::MailQueued { number, purpose, recipient: get(row, "recipient")? };
        let person: Option<String> = get(row, "person")?;
        let desk: Option<String> = get(row, "desk")?;
        Some(TimelineEntry {
            by: person.map(|person| By { person, desk: desk.unwrap_or_default() }),
            reason: get(row, "reason")?,
            ..entry(format!("mail:{id}"), get(row, "queued_at")?, event, Some(Destination::Delivery { id }))
        })
    }))
}

pub(super) async fn evidence(open: &Open, registration: Uuid) -> Answered<Vec<TimelineEntry>> {
    let text = "SELECT e.id, e.source, e.verdict, e.reply_code, e.detail, e.seen_at, d.id AS delivery_id, d.purpose, i.number \
                FROM invoices i JOIN deliveries d ON d.invoice_id = i.id JOIN delivery_evidence e ON e.delivery_id = d.id \
                WHERE i.registration_id = ?";
    Ok(entries(&read(open, text, registration).await?, |row| {
        let (id, mail): (Uuid, Uuid) = (get(row, "id")?, get(row, "delivery_id")?);
        let event = TimelineEvent::MailEvidence {
            number: get(row, "number")?,
            purpose: known(row, "purpose")?,
            source: known(row, "source")?,
            verdict: known(row, "verdict")?,
            reply_code: get(row, "reply_code")?,
            detail: get(row, "detail")?,
        };
        let destination = Some(Destination::Delivery { id: mail });
        Some(entry(format!("evidence:{id}"), get(row, "seen_at")?, event, destination))
    }))
}

pub(super) async fn payments(open: &Open, registration: Uuid) -> Answered<Vec<TimelineEntry>> {
    let text = "SELECT p.id, p.received_on, p.amount_cents, i.id AS invoice_id, i.number FROM invoices i JOIN payments p ON \
                p.invoice_id = i.id WHERE i.registration_id = ?";
    Ok(entries(&read(open, text, registration).await?, |row| {
        let (id, invoice): (Uuid, Uuid) = (get(row, "id")?, get(row, "invoice_id")?);
        let event =
            TimelineEvent::PaymentReceived { number: get(row, "number")?, amount_cents: get(row, "amount_cents")? };
        let at = days::begin(get(row, "received_on")?);
        Some(entry(format!("payment:{id}"), at, event, Some(Destination::Invoice { id: invoice })))
    }))
}
