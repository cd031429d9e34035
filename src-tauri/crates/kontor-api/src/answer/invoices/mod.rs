//! Invoices: the list, one with all that belongs to it, the audit and the mark of its PDF, and cancelling.

mod actions;
mod attempts;
mod audit;
mod cancel;
mod detail;
mod rows;

use kontor::store::Store;
use sea_orm::Value;

pub(crate) use rows::rows_of;

use super::list::{Conditions, KeyKind, List, page};
use super::{Answered, Handle, days, failing};
use crate::invoice::{InvoiceFilter, InvoiceRow, InvoiceSort, ListInvoices};
use crate::office::Office;
use crate::page::{Order, Page};

impl Handle for ListInvoices {
    async fn handle(self, office: &Office) -> Answered<Page<InvoiceRow>> {
        let open = office.open()?;
        let list = list(&open.store, &self.filter, self.order);
        let rows = |ids| rows_of(&open, ids);
        page(&open.store, &list, &self.place, self.limit, self.with_total, rows).await
    }
}

/// The list with a filter and an order.
pub(crate) fn list(store: &Store, filter: &InvoiceFilter, order: Option<Order<InvoiceSort>>) -> List {
    let (by, descending) = order.map_or((InvoiceSort::Number, false), |order| (order.by, order.descending));
    let (key, kind) = match by {
        InvoiceSort::Number => ("i.number", KeyKind::Text),
        InvoiceSort::IssuedOn => ("i.issued_on", KeyKind::Day),
        InvoiceSort::Recipient => ("i.recipient_name", KeyKind::Text),
        InvoiceSort::GrossCents => ("i.gross_cents", KeyKind::Whole),
    };
    List {
        from: "invoices i".to_owned(),
        conditions: conditions(store, filter),
        key: key.to_owned(),
        kind,
        id: "i.id",
        descending,
    }
}

/// Which invoices `i` a filter means.
pub(crate) fn conditions(store: &Store, filter: &InvoiceFilter) -> Conditions {
    let mut conditions = Conditions::default();
    if let Some(registration) = filter.registration {
        conditions.add("i.registration_id = ?", [registration.into()]);
    }
    let month = |month: crate::month::Month| Some(month.0.first_day());
    days::between(&mut conditions, "i.period", filter.period_from.and_then(month), filter.period_to.and_then(month));
    days::between(&mut conditions, "i.issued_on", filter.issued_from, filter.issued_to);
    conditions.any_of("i.state", filter.states.iter().map(super::stored::spelled));
    conditions.any_of("i.kind", filter.kinds.iter().map(super::stored::spelled));
    let mail = format!("COALESCE({}, 'none')", rows::NEWEST_MAIL);
    conditions.any_of(&mail, filter.mails.iter().map(super::stored::spelled));
    conditions.holds(filter.failed, failing::INVOICE_IS_OPEN, []);
    conditions.holds(filter.reviewed, &rows::is_reviewed(), []);
    search(store, filter.search.as_deref(), &mut conditions);
    conditions
}

fn search(_store: &Store, search: Option<&str>, conditions: &mut Conditions) {
    for word in search.unwrap_or_default().split_whitespace() {
        let like = Value::from(super::like(word));
        let folded = Value::from(super::like(&kontor::registration::folded(word)));
        conditions.add(
            "lower(i.number) LIKE ? ESCAPE '\\' OR lower(i.recipient_name) LIKE ? ESCAPE '\\' OR EXISTS (SELECT 1 FROM \
             registrations s WHERE s.id = i.registration_id AND s.search_text LIKE ? ESCAPE '\\')",
            [like.clone(), like, folded],
        );
    }
}
