//! Finding a record from anywhere: by number, name, address or Message-ID.

use kontor::store;
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::list::page;
use super::{Answered, Handle, deliveries, invoices, registrations};
use crate::delivery::DeliveryRow;
use crate::failure::RecordKind;
use crate::find::{Find, Hit};
use crate::invoice::{InvoiceFilter, InvoiceRow, InvoiceSort};
use crate::list::Destination;
use crate::office::{Office, Open};
use crate::page::{Order, Place, Stored};
use crate::registration::{RegistrationFilter, RegistrationRow, RegistrationSort};

/// Most hits of a kind.
const MOST: i64 = 20;

impl Handle for Find {
    async fn handle(self, office: &Office) -> Answered<Vec<Hit>> {
        let (open, text) = (office.open()?, self.text.trim());
        let limit = self.limit.clamp(0, MOST);
        if text.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let mut hits = customers(&open, text, limit).await?;
        hits.extend(papers(&open, text, limit).await?);
        hits.extend(mails(&open, text, limit).await?);
        // Whoever types a whole number or address means it; otherwise customers come before papers before mails.
        hits.sort_by_key(|hit| !is_meant(hit, text));
        Ok(hits)
    }
}

fn is_meant(hit: &Hit, text: &str) -> bool {
    let text = text.to_lowercase();
    hit.label.to_lowercase() == text || hit.address.as_ref().is_some_and(|address| address.to_lowercase() == text)
}

async fn customers(open: &Open, text: &str, limit: i64) -> Answered<Vec<Hit>> {
    let filter = RegistrationFilter { search: Some(text.to_owned()), ..RegistrationFilter::default() };
    let order = Order { by: RegistrationSort::Name, descending: false };
    let list = registrations::list(&open.store, &filter, Some(order)).await?;
    let rows = |ids| registrations::rows_of(open, ids);
    let found = page(open, &list, &Place::Start, limit, false, rows).await?;
    Ok(found.rows.into_iter().filter_map(|row| hit(row, customer)).collect())
}

async fn papers(open: &Open, text: &str, limit: i64) -> Answered<Vec<Hit>> {
    let filter = InvoiceFilter { search: Some(text.to_owned()), ..InvoiceFilter::default() };
    let order = Order { by: InvoiceSort::IssuedOn, descending: true };
    let list = invoices::list(&open.store, &filter, Some(order)).await?;
    let found = page(open, &list, &Place::Start, limit, false, |ids| invoices::rows_of(open, ids)).await?;
    Ok(found.rows.into_iter().filter_map(|row| hit(row, paper)).collect())
}

/// Mails by their whole Message-ID or address, newest first.
async fn mails(open: &Open, text: &str, limit: i64) -> Answered<Vec<Hit>> {
    if !text.contains('@') {
        return Ok(Vec::new());
    }
    let typed = text.trim_start_matches('<').trim_end_matches('>');
    let statement = "SELECT id FROM deliveries WHERE message_id = ? OR recipient = ? OR recipient = ? ORDER BY \
                     queued_at DESC, id DESC LIMIT ?";
    let values: [Value; 4] = [typed.into(), typed.into(), typed.to_lowercase().into(), limit.into()];
    let found = open.store.read().query_all_raw(store::sql(open.store.backend(), statement, values)).await?;
    let ids: Vec<Uuid> = found.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?;
    let mut rows = deliveries::rows_of(open, ids.clone()).await?;
    Ok(ids.iter().filter_map(|id| hit(rows.remove(id)?, mail)).collect())
}

/// A hit; a row that cannot be read is still found.
fn hit<T>(row: Stored<T>, read: fn(T) -> Hit) -> Option<Hit> {
    let row = match row {
        Stored::Whole(row) => return Some(read(row)),
        Stored::Unreadable(row) => row,
    };
    let id = row.id.parse().ok()?;
    let destination = match row.record {
        RecordKind::Registration => Destination::Registration { id },
        RecordKind::Invoice => Destination::Invoice { id },
        RecordKind::Delivery => Destination::Delivery { id },
        _ => return None,
    };
    let label = row.label.unwrap_or_default();
    Some(Hit { record: row.record, label, name: String::new(), address: None, destination })
}

fn customer(row: RegistrationRow) -> Hit {
    let person = format!("{} {}", row.first_name, row.last_name).trim().to_owned();
    Hit {
        record: RecordKind::Registration,
        label: row.customer,
        name: row.company.unwrap_or(person),
        address: row.mailbox.or(Some(row.email)),
        destination: Destination::Registration { id: row.id },
    }
}

fn paper(row: InvoiceRow) -> Hit {
    Hit {
        record: RecordKind::Invoice,
        label: row.number,
        name: row.recipient,
        address: None,
        destination: Destination::Invoice { id: row.id },
    }
}

fn mail(row: DeliveryRow) -> Hit {
    Hit {
        record: RecordKind::Delivery,
        label: row.message_id,
        name: row.name,
        address: Some(row.recipient),
        destination: Destination::Delivery { id: row.id },
    }
}
