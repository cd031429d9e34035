//! Invoices as lists show them.

use std::collections::HashMap;

use kontor::delivery::settlement;
use kontor::run::{Key, Subject};
use kontor::store::{self, places};
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::super::failing::{INVOICE_IS_OPEN, cause_of, open_of};
use super::super::stored::{Values, stored};
use super::super::{Answered, numbered};
use crate::cause::Cause;
use crate::failure::RecordKind;
use crate::invoice::{InvoiceRow, MailState, Review};
use crate::month::Month;
use crate::office::Open;
use crate::page::{By, Stored};

/// Whether a mark `v` is for the original `o` as it is now: documents never change, so hash and size tell.
const REVIEW_HOLDS: &str = "v.document_id = o.id AND v.sha256 = o.sha256 AND v.size_bytes = length(o.bytes)";

const COLUMNS: &str = "i.id, i.number, i.kind, i.origin, i.state, i.period, i.issued_on, i.due_on, i.registration_id, \
    r.customer_number, i.recipient_name, i.gross_cents, i.currency, i.cancels_id, x.number AS cancels_number, \
    i.cancelled_by, y.number AS cancelled_by_number, v.person, v.desk, v.reviewed_at";

/// Whether somebody marked the PDF of the invoice `i`, as it is now.
pub(super) fn is_reviewed() -> String {
    format!(
        "EXISTS (SELECT 1 FROM documents o JOIN reviews v ON {REVIEW_HOLDS} WHERE o.invoice_id = i.id AND \
         o.role = 'original')"
    )
}

/// The rows of these invoices.
pub(crate) async fn rows_of(open: &Open, ids: Vec<Uuid>) -> Answered<HashMap<Uuid, Stored<InvoiceRow>>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let text = format!(
        "SELECT {COLUMNS}, {} AS mail FROM invoices i LEFT JOIN registrations r ON r.id = i.registration_id \
         LEFT JOIN invoices x ON x.id = i.cancels_id LEFT JOIN invoices y ON y.id = i.cancelled_by LEFT JOIN documents o \
         ON o.invoice_id = i.id AND o.role = 'original' LEFT JOIN reviews v ON {REVIEW_HOLDS} WHERE i.id IN ({})",
        settlement::newest_mail(),
        places(ids.len())
    );
    let mut failures = failures_of(open, &ids).await?;
    let now = open.store.now().await?;
    let values = [now.into()].into_iter().chain(ids.iter().map(|id| (*id).into()));
    let found = open.store.read().query_all_raw(store::sql(open.store.backend(), &text, values)).await?;
    let mut rows = HashMap::with_capacity(found.len());
    for row in &found {
        let id: Uuid = row.try_get("", "id")?;
        rows.insert(id, read(row, id, failures.remove(&id)));
    }
    Ok(rows)
}

fn read(row: &QueryResult, id: Uuid, failure: Option<Cause>) -> Stored<InvoiceRow> {
    stored(row, RecordKind::Invoice, id, "number", |values| {
        let number = values.get("number");
        let (kind, origin, state) = (values.word("kind"), values.word("origin"), values.word("state"));
        let period = values.get("period");
        let (issued_on, due_on) = (values.get("issued_on"), values.get("due_on"));
        let (registration, customer) = (values.get("registration_id"), values.get("customer_number"));
        let (recipient, currency) = (values.get("recipient_name"), values.get("currency"));
        let gross_cents = values.get("gross_cents");
        let mail = mail(values);
        let cancels = numbered(values, "cancels_id", "cancels_number");
        let cancelled_by = numbered(values, "cancelled_by", "cancelled_by_number");
        let review = review(values);
        Some(InvoiceRow {
            id,
            number: number?,
            kind: kind?,
            origin: origin?,
            state: state?,
            period: Month(kontor::period::Period::containing(period?)),
            issued_on: issued_on?,
            due_on: due_on?,
            registration: registration?,
            customer: customer?,
            recipient: recipient?,
            gross_cents: gross_cents?,
            currency: currency?,
            mail: mail?,
            failure,
            cancels: cancels?,
            cancelled_by: cancelled_by?,
            review: review?,
        })
    })
}

fn mail(values: &mut Values<'_>) -> Option<MailState> {
    match values.get::<Option<String>>("mail")? {
        None => Some(MailState::None),
        Some(_) => values.word("mail"),
    }
}

#[expect(clippy::option_option, reason = "whether it can be read, and whether it is there")]
fn review(values: &mut Values<'_>) -> Option<Option<Review>> {
    let (person, desk, at) = (values.get("person"), values.get("desk"), values.get("reviewed_at"));
    let (person, desk, at): (Option<String>, Option<String>, _) = (person?, desk?, at?);
    Some(person.zip(desk).zip(at).map(|((person, desk), at)| Review { by: By { person, desk }, at }))
}

/// Why each of these invoices is open, as far as it is: what it is about itself, or else the mail that is sent again.
async fn failures_of(open: &Open, ids: &[Uuid]) -> Answered<HashMap<Uuid, Cause>> {
    let keys = open_keys(open, ids).await?;
    let all: Vec<Key> = keys.iter().map(|(_, key)| *key).collect();
    let mut known = open_of(open, &all).await?;
    let mut causes = HashMap::new();
    for (id, key) in keys {
        if let Some(candidate) = known.remove(&key) {
            causes.entry(id).or_insert_with(|| cause_of(&candidate));
        }
    }
    Ok(causes)
}

/// What is open of these invoices, that of the invoice itself first.
pub(crate) async fn open_keys(open: &Open, ids: &[Uuid]) -> Answered<Vec<(Uuid, Key)>> {
    let text = format!(
        "SELECT i.id, i.subscription_id, i.period, i.kind, d.id AS mail_id, CASE WHEN i.state = 'cancelled' OR \
         (i.kind = 'cancellation' AND i.state <> 'issued' AND NOT EXISTS (SELECT 1 FROM deliveries c WHERE \
         c.invoice_id = i.id AND c.purpose = 'cancellation')) THEN 0 ELSE 1 END AS counts FROM invoices i LEFT JOIN \
         deliveries d ON d.invoice_id = i.id AND d.purpose = 'resend' AND d.state IN ('queued', 'sending', 'deferred', \
         'unknown') WHERE i.id IN ({}) AND ({INVOICE_IS_OPEN}) ORDER BY i.id, d.queued_at, d.id",
        places(ids.len())
    );
    let values = ids.iter().map(|id| (*id).into());
    let found = open.store.read().query_all_raw(store::sql(open.store.backend(), &text, values)).await?;
    let mut own = Vec::new();
    let mut again = Vec::new();
    for row in &found {
        // A row that cannot be read is shown as such; its cause is beside the point.
        let (Ok(id), Ok(subscription), Ok(period), Ok(kind)) = (
            row.try_get::<Uuid>("", "id"),
            row.try_get("", "subscription_id"),
            row.try_get("", "period"),
            row.try_get::<String>("", "kind"),
        ) else {
            continue;
        };
        if row.try_get::<i32>("", "counts")? == 1 {
            let subject = if kind == "invoice" { Subject::Period } else { Subject::Cancellation(id) };
            own.push((id, Key { subscription, period, subject }));
        }
        if let Some(mail) = row.try_get::<Option<Uuid>>("", "mail_id")? {
            again.push((id, Key { subscription, period, subject: Subject::Resend(mail) }));
        }
    }
    own.dedup();
    own.extend(again);
    Ok(own)
}
