//! Payments: the list.

use std::collections::HashMap;

use kontor::store::{self, places};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use super::list::{Conditions, KeyKind, List, page};
use super::stored::{spelled, stored};
use super::{Answered, Handle, days, numbered};
use crate::failure::RecordKind;
use crate::office::{Office, Open};
use crate::page::{Order, Page, Stored};
use crate::payment::{ListPayments, PaymentFilter, PaymentRow, PaymentSort};

impl Handle for ListPayments {
    async fn handle(self, office: &Office) -> Answered<Page<PaymentRow>> {
        let open = office.open()?;
        let list = list(&self.filter, self.order);
        let rows = |ids| rows_of(&open, ids);
        page(&open, &list, &self.place, self.limit, self.with_total, rows).await
    }
}

fn list(filter: &PaymentFilter, order: Option<Order<PaymentSort>>) -> List {
    let (by, descending) = order.map_or((PaymentSort::ReceivedOn, true), |order| (order.by, order.descending));
    let (key, kind) = match by {
        PaymentSort::ReceivedOn => ("p.received_on", KeyKind::Day),
        PaymentSort::AmountCents => ("p.amount_cents", KeyKind::Whole),
    };
    List {
        from: "payments p".to_owned(),
        conditions: conditions(filter),
        key: key.to_owned(),
        kind,
        id: "p.id",
        descending,
    }
}

fn conditions(filter: &PaymentFilter) -> Conditions {
    let mut conditions = Conditions::default();
    conditions.any_of("p.state", filter.states.iter().map(spelled));
    days::between(&mut conditions, "p.received_on", filter.received_from, filter.received_to);
    for word in filter.search.as_deref().unwrap_or_default().split_whitespace() {
        let like = Value::from(super::like(word));
        conditions.add(
            "lower(p.payer) LIKE ? ESCAPE '\\' OR lower(p.reference) LIKE ? ESCAPE '\\' OR EXISTS (SELECT 1 FROM \
             invoices s WHERE s.id = p.invoice_id AND lower(s.number) LIKE ? ESCAPE '\\')",
            [like.clone(), like.clone(), like],
        );
    }
    conditions
}

/// The rows of these payments.
pub(crate) async fn rows_of(open: &Open, ids: Vec<Uuid>) -> Answered<HashMap<Uuid, Stored<PaymentRow>>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let text = format!(
        "SELECT p.id, p.received_on, p.amount_cents, p.currency, p.payer, p.iban, p.reference, p.state, p.invoice_id, \
         i.number, i.registration_id FROM payments p LEFT JOIN invoices i ON i.id = p.invoice_id WHERE p.id IN ({})",
        places(ids.len())
    );
    let values = ids.into_iter().map(Into::into);
    let found = open.store.read().query_all_raw(store::sql(open.store.backend(), &text, values)).await?;
    let mut rows = HashMap::with_capacity(found.len());
    for row in &found {
        let id: Uuid = row.try_get("", "id")?;
        rows.insert(id, read(row, id));
    }
    Ok(rows)
}

fn read(row: &QueryResult, id: Uuid) -> Stored<PaymentRow> {
    stored(row, RecordKind::Payment, id, "payer", |values| {
        let (received_on, amount_cents) = (values.get("received_on"), values.get("amount_cents"));
        let (currency, payer, iban) = (values.get("currency"), values.get("payer"), values.get("iban"));
        let (reference, state) = (values.get("reference"), values.word("state"));
        let invoice = numbered(values, "invoice_id", "number");
        let registration = values.get("registration_id");
        Some(PaymentRow {
            id,
            received_on: received_on?,
            amount_cents: amount_cents?,
            currency: currency?,
            payer: payer?,
            iban: iban?,
            reference: reference?,
            state: state?,
            invoice: invoice?,
            registration: registration?,
        })
    })
}
