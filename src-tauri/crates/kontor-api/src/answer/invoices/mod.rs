//! Invoices: the list, one with all that belongs to it, the audit and the mark of its PDF, and cancelling.

mod actions;
mod attempts;
mod audit;
mod cancel;
mod detail;
mod rows;

use kontor::delivery::settlement;
use kontor::store::{Store, places};
use sea_orm::Value;

pub(crate) use attempts::read as read_attempt;
pub(crate) use rows::{open_keys, rows_of};

use super::list::{Conditions, KeyKind, List, page};
use super::{Answered, Handle, days, failing, search};
use crate::invoice::{InvoiceFilter, InvoiceRow, InvoiceSort, ListInvoices, MailState};
use crate::office::Office;
use crate::page::{Order, Page};

impl Handle for ListInvoices {
    async fn handle(self, office: &Office) -> Answered<Page<InvoiceRow>> {
        let open = office.open()?;
        let list = list(&open.store, &self.filter, self.order).await?;
        let rows = |ids| rows_of(&open, ids);
        page(&open, &list, &self.place, self.limit, self.with_total, rows).await
    }
}

/// The list with a filter and an order.
pub(crate) async fn list(store: &Store, filter: &InvoiceFilter, order: Option<Order<InvoiceSort>>) -> Answered<List> {
    let (by, descending) = order.map_or((InvoiceSort::Number, false), |order| (order.by, order.descending));
    let (key, kind) = match by {
        InvoiceSort::Number => ("i.number", KeyKind::Text),
        InvoiceSort::IssuedOn => ("i.issued_on", KeyKind::Day),
        InvoiceSort::Recipient => ("i.recipient_name", KeyKind::Text),
        InvoiceSort::GrossCents => ("i.gross_cents", KeyKind::Whole),
    };
    let conditions = conditions(store, filter).await?;
    Ok(List { from: "invoices i".to_owned(), conditions, key: key.to_owned(), kind, id: "i.id", descending })
}

/// Which invoices `i` a filter means.
pub(crate) async fn conditions(store: &Store, filter: &InvoiceFilter) -> Answered<Conditions> {
    let mut conditions = Conditions::default();
    if let Some(registration) = filter.registration {
        conditions.add("i.registration_id = ?", [registration.into()]);
    }
    let month = |month: crate::month::Month| Some(month.0.first_day());
    days::between(&mut conditions, "i.period", filter.period_from.and_then(month), filter.period_to.and_then(month));
    days::between(&mut conditions, "i.issued_on", filter.issued_from, filter.issued_to);
    conditions.any_of("i.state", filter.states.iter().map(super::stored::spelled));
    conditions.any_of("i.kind", filter.kinds.iter().map(super::stored::spelled));
    mails(store, &mut conditions, &filter.mails).await?;
    conditions.holds(filter.failed, failing::INVOICE_IS_OPEN, []);
    conditions.holds(filter.reviewed, &rows::is_reviewed(), []);
    search::invoices(store, &mut conditions, filter.search.as_deref()).await?;
    Ok(conditions)
}

/// Whose newest mail is in one of these states. What a dead worker left in `sending` is unknown, which the time tells; a
/// filter that need not tell the two apart does without it, and so stays the same list from one moment to the next.
async fn mails(store: &Store, conditions: &mut Conditions, states: &[MailState]) -> Answered<()> {
    const STORED: &str = "COALESCE((SELECT d.state FROM deliveries d WHERE d.invoice_id = i.id ORDER BY d.queued_at DESC, \
                          d.id DESC LIMIT 1), 'none')";
    let has = |state: MailState| states.contains(&state);
    let words = states.iter().map(|state| Value::from(super::stored::spelled(state)));
    if has(MailState::Unknown) == has(MailState::Sending) {
        conditions.any_of(STORED, words);
    } else {
        let known = format!("COALESCE({}, 'none')", settlement::newest_mail());
        let values: Vec<Value> = [store.now().await?.into()].into_iter().chain(words).collect();
        conditions.on(&known, &format!("{{}} IN ({})", places(states.len())), values);
    }
    Ok(())
}
