//! Registrations: which rows a filter means, and the orders they are shown in.

use kontor::store::{Store, places};
use sea_orm::Value;

use super::super::conditions::{Much, Sql, walked};
use super::super::deliveries::is_unsettled;
use super::super::list::{Conditions, KeyKind, List, page};
use super::super::stored::spelled;
use super::super::{Answered, Handle, days, failing, search};
use super::rows_of;
use crate::office::Office;
use crate::page::{Order, Page};
use crate::registration::{ListRegistrations, RegistrationFilter, RegistrationRow, RegistrationSort};

impl Handle for ListRegistrations {
    async fn handle(self, office: &Office) -> Answered<Page<RegistrationRow>> {
        let open = office.open()?;
        let list = list(&open.store, &self.filter, self.order).await?;
        let rows = |ids| rows_of(&open, ids);
        page(&open, &list, &self.place, self.limit, self.with_total, rows).await
    }
}

/// The list with a filter and an order.
pub(crate) async fn list(
    store: &Store,
    filter: &RegistrationFilter,
    order: Option<Order<RegistrationSort>>,
) -> Answered<List> {
    let (by, descending) = order.map_or((RegistrationSort::Customer, false), |order| (order.by, order.descending));
    let (key, kind) = match by {
        RegistrationSort::Customer => ("r.customer_serial", KeyKind::Whole),
        RegistrationSort::Name => ("r.sort_name", KeyKind::Text),
        RegistrationSort::State => ("r.state", KeyKind::Text),
        RegistrationSort::RegisteredAt => ("r.registered_at", KeyKind::Time),
        RegistrationSort::Mailbox => ("f.address", KeyKind::Text),
        RegistrationSort::UsedBytes => ("f.used_bytes", KeyKind::Whole),
    };
    let conditions = conditions(store, filter).await?;
    // What the first mailbox holds has an index of its own, which needs the customer's row only for a filter.
    let (from, id) = match by {
        RegistrationSort::Mailbox | RegistrationSort::UsedBytes if conditions.is_empty() => {
            ("first_mailboxes f", "f.registration_id")
        }
        RegistrationSort::Mailbox | RegistrationSort::UsedBytes => {
            ("first_mailboxes f JOIN registrations r ON r.id = f.registration_id", "f.registration_id")
        }
        _ => ("registrations r", "r.id"),
    };
    Ok(List { from: from.to_owned(), conditions, key: key.to_owned(), kind, id, descending })
}

/// Which registrations `r` a filter means.
async fn conditions(store: &Store, filter: &RegistrationFilter) -> Answered<Conditions> {
    let mut conditions = Conditions::default();
    search::registrations(store, &mut conditions, filter.search.as_deref()).await?;
    states(store, filter, &mut conditions).await?;
    conditions.any_of("r.kind", filter.kinds.iter().map(spelled));
    registered(store, filter, &mut conditions).await?;
    if let Some(wanted) = filter.failed_invoice {
        let failing = Group { found: (failing::failing_registrations(), vec![]), holds: failing::registration_fails() };
        failing.narrow(store, &mut conditions, wanted).await?;
    }
    if let Some(wanted) = filter.unsettled_mail {
        let mails = format!("deliveries d JOIN invoices u ON u.id = d.invoice_id WHERE ({})", is_unsettled());
        let now = store.now().await?;
        Group::of("u.registration_id", &mails, vec![now.into()]).narrow(store, &mut conditions, wanted).await?;
    }
    if let Some(wanted) = filter.has_mailbox {
        let without = "first_mailboxes p WHERE (p.used_bytes = -1)";
        Group::of("p.registration_id", without, vec![]).narrow(store, &mut conditions, !wanted).await?;
    }
    if let Some(percent) = filter.used_percent_from {
        let full = "first_mailboxes p WHERE (p.used_percent >= ?)";
        Group::of("p.registration_id", full, vec![percent.into()]).narrow(store, &mut conditions, true).await?;
    }
    Ok(conditions)
}

/// A group of registrations, as a query and as a question about one of them.
struct Group {
    found: Sql,
    holds: String,
}

impl Group {
    /// The registrations that `column` names in these rows.
    fn of(column: &str, rows: &str, values: Vec<Value>) -> Self {
        Self {
            found: (format!("SELECT {column} FROM {rows}"), values),
            holds: format!("EXISTS (SELECT 1 FROM {rows} AND {column} = r.id)"),
        }
    }

    /// Adds that a registration is in the group, or that it is not.
    async fn narrow(self, store: &Store, conditions: &mut Conditions, wanted: bool) -> Answered<()> {
        let (text, values) = &self.found;
        if wanted {
            let much = Much { counted: None, walked: (self.holds, values.clone()) };
            return conditions.found(store, "r.id", self.found, much).await;
        }
        let counted = (format!("r.id NOT IN ({text})"), values.clone());
        conditions.pair(counted, (format!("NOT ({})", self.holds), values.clone()));
        Ok(())
    }
}

async fn states(store: &Store, filter: &RegistrationFilter, conditions: &mut Conditions) -> Answered<()> {
    let words: Vec<Value> = filter.states.iter().map(|state| spelled(state).into()).collect();
    if words.is_empty() {
        return Ok(());
    }
    let list = places(words.len());
    let found = format!("SELECT p.id FROM registrations p WHERE p.state IN ({list})");
    let holds = |column: &str| (format!("{column} IN ({list})"), words.clone());
    let much = Much { counted: Some(holds("r.state")), walked: holds(&walked("r.state")) };
    conditions.found(store, "r.id", (found, words.clone()), much).await
}

async fn registered(store: &Store, filter: &RegistrationFilter, conditions: &mut Conditions) -> Answered<()> {
    let from = filter.registered_from.map(|day| (">= ?", days::begin(day)));
    let to = filter.registered_to.map(|day| ("< ?", days::end(day)));
    let bounds: Vec<_> = from.into_iter().chain(to).collect();
    if bounds.is_empty() {
        return Ok(());
    }
    let values: Vec<Value> = bounds.iter().map(|(_, time)| (*time).into()).collect();
    let text = |column: &str| {
        let texts: Vec<String> = bounds.iter().map(|(bound, _)| format!("{column} {bound}")).collect();
        texts.join(" AND ")
    };
    let found = format!("SELECT p.id FROM registrations p WHERE {}", text("p.registered_at"));
    let holds = |column: &str| (text(column), values.clone());
    let much = Much { counted: Some(holds("r.registered_at")), walked: holds(&walked("r.registered_at")) };
    conditions.found(store, "r.id", (found, values.clone()), much).await
}
