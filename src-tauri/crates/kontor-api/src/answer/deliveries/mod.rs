//! Mails: the list, one with its evidence, settling, and sending again.

mod detail;
mod resend;
mod rows;
mod settle;

use chrono::{DateTime, Utc};
use sea_orm::Value;

pub(crate) use detail::details_of;
pub(crate) use rows::{is_unsettled, rows_of};

use super::list::{Conditions, KeyKind, List, page};
use super::stored::spelled;
use super::{Answered, Handle, days};
use crate::delivery::{DeliveryFilter, DeliveryRow, DeliverySort, ListDeliveries};
use crate::office::Office;
use crate::page::{Order, Page};

impl Handle for ListDeliveries {
    async fn handle(self, office: &Office) -> Answered<Page<DeliveryRow>> {
        let open = office.open()?;
        let list = list(&self.filter, self.order, open.store.now().await?);
        let rows = |ids| rows_of(&open, ids);
        page(&open, &list, &self.place, self.limit, self.with_total, rows).await
    }
}

/// The list with a filter and an order; `now` is the database's clock, by which leases run out.
pub(crate) fn list(filter: &DeliveryFilter, order: Option<Order<DeliverySort>>, now: DateTime<Utc>) -> List {
    let (by, descending) = order.map_or((DeliverySort::QueuedAt, true), |order| (order.by, order.descending));
    let (key, kind) = match by {
        DeliverySort::QueuedAt => ("d.queued_at", KeyKind::Time),
        DeliverySort::Recipient => ("d.recipient", KeyKind::Text),
        DeliverySort::State => ("d.state", KeyKind::Text),
    };
    List {
        from: "deliveries d".to_owned(),
        conditions: conditions(filter, now),
        key: key.to_owned(),
        kind,
        id: "d.id",
        descending,
    }
}

/// Which mails `d` a filter means.
pub(crate) fn conditions(filter: &DeliveryFilter, now: DateTime<Utc>) -> Conditions {
    let mut conditions = Conditions::default();
    conditions.any_of("d.state", filter.states.iter().map(spelled));
    conditions.any_of("d.purpose", filter.purposes.iter().map(spelled));
    conditions.holds(filter.unsettled, &is_unsettled(), [Value::from(now)]);
    conditions.any_of("d.code", filter.causes.iter().cloned());
    days::narrow(&mut conditions, "d.queued_at", filter.queued_from, filter.queued_to);
    for word in filter.search.as_deref().unwrap_or_default().split_whitespace() {
        let small = Value::from(super::like(word));
        let folded = Value::from(super::like(&kontor::registration::folded(word)));
        conditions.add(
            "lower(d.recipient) LIKE ? ESCAPE '\\' OR lower(d.message_id) LIKE ? ESCAPE '\\' OR EXISTS (SELECT 1 FROM \
             invoices s LEFT JOIN registrations t ON t.id = s.registration_id WHERE s.id = d.invoice_id AND \
             (lower(s.number) LIKE ? ESCAPE '\\' OR t.search_text LIKE ? ESCAPE '\\'))",
            [small.clone(), small.clone(), small, folded],
        );
    }
    conditions
}
