//! Items of a run, with the lineage of their attempts.

use std::collections::HashMap;

use chrono::NaiveDate;
use kontor::period::Period;
use kontor::run::{Key, Subject};
use kontor::store;
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use super::attempt::attempts;
use crate::answer::list::{Conditions, KeyKind, List, page};
use crate::answer::stored::{Values, spelled, stored};
use crate::answer::{Answered, Handle};
use crate::cause::Cause;
use crate::failure::RecordKind;
use crate::month::Month;
use crate::office::{Office, Open};
use crate::page::{NumberedInvoice, Page, Stored, Unreadable};
use crate::run::{Attempt, ListRunItems, RunItemFilter, RunItemRow};

impl Handle for ListRunItems {
    async fn handle(self, office: &Office) -> Answered<Page<RunItemRow>> {
        let open = office.open()?;
        let list = list(&self.filter, self.order.is_some_and(|order| order.descending));
        let rows = |ids: Vec<Uuid>| rows(&open, ids);
        page(&open, &list, &self.place, self.limit, self.with_total, rows).await
    }
}

fn list(filter: &RunItemFilter, descending: bool) -> List {
    let mut conditions = Conditions::default();
    conditions.add("i.run_id = ?", [filter.run.into()]);
    conditions.any_of("i.state", filter.states.iter().map(spelled));
    if !filter.causes.is_empty() {
        // An item that waits for another try has a code too, but has not ended.
        conditions.add("i.state NOT IN ('waiting', 'claimed')", []);
        conditions.any_of("i.code", filter.causes.iter().map(String::as_str));
    }
    let (from, key) = ("run_items i".to_owned(), "i.ordinal".to_owned());
    List { from, conditions, key, kind: KeyKind::Whole, id: "i.id", descending }
}

async fn rows(open: &Open, ids: Vec<Uuid>) -> Answered<HashMap<Uuid, Stored<RunItemRow>>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let text = format!(
        "SELECT i.id, i.ordinal, i.subject, i.subject_id, i.subscription_id, i.period, i.state, i.code, i.due_at, \
         r.id AS registration_id, r.customer_number, r.company, r.first_name, r.last_name, \
         COALESCE(i.invoice_id, v.id) AS invoice_id, COALESCE(w.number, v.number) AS number \
         FROM run_items i JOIN subscriptions s ON s.id = i.subscription_id JOIN registrations r ON r.id = s.registration_id \
         LEFT JOIN invoices w ON w.id = i.invoice_id LEFT JOIN invoices v ON i.invoice_id IS NULL AND \
         v.subscription_id = i.subscription_id AND v.period = i.period AND v.kind = 'invoice' AND v.state <> 'cancelled' \
         WHERE i.id IN ({})",
        store::places(ids.len())
    );
    let values = ids.iter().map(|id| Value::from(*id));
    let found = open.store.read().query_all_raw(store::sql(open.store.backend(), &text, values)).await?;
    let keys: Vec<Key> = found.iter().filter_map(key).collect();
    let mut tried = attempts(open, &keys).await?;
    let mut rows = HashMap::new();
    for row in &found {
        let id: Uuid = row.try_get("", "id")?;
        let tried = key(row).and_then(|key| tried.remove(&key)).unwrap_or_default();
        rows.insert(id, item(row, id, tried));
    }
    Ok(rows)
}

fn key(row: &QueryResult) -> Option<Key> {
    let subject: String = row.try_get("", "subject").ok()?;
    Some(Key {
        subscription: row.try_get("", "subscription_id").ok()?,
        period: row.try_get("", "period").ok()?,
        subject: Subject::read(&subject, row.try_get("", "subject_id").ok()?).ok()?,
    })
}

/// The item; an attempt that cannot be read makes it unreadable, for its lineage would be told wrongly without it.
fn item(row: &QueryResult, id: Uuid, tried: Vec<Stored<Attempt>>) -> Stored<RunItemRow> {
    let (mut attempts, mut faults) = (Vec::with_capacity(tried.len()), Vec::new());
    for attempt in tried {
        match attempt {
            Stored::Whole(attempt) => attempts.push(attempt),
            Stored::Unreadable(unreadable) => faults.extend(unreadable.fields),
        }
    }
    let read = stored(row, RecordKind::RunItem, id, "customer_number", |values| values_of(values, id, attempts));
    match read {
        Stored::Whole(item) if faults.is_empty() => Stored::Whole(item),
        Stored::Whole(item) => {
            let label = Some(item.customer);
            Stored::Unreadable(Unreadable { record: RecordKind::RunItem, id: id.to_string(), label, fields: faults })
        }
        Stored::Unreadable(mut unreadable) => {
            unreadable.fields.extend(faults);
            Stored::Unreadable(unreadable)
        }
    }
}

fn values_of(values: &mut Values<'_>, id: Uuid, attempts: Vec<Attempt>) -> Option<RunItemRow> {
    let (ordinal, subject, period) = (values.get("ordinal"), values.word("subject"), values.get::<NaiveDate>("period"));
    let (registration, customer) = (values.get("registration_id"), values.get("customer_number"));
    let company = values.get::<Option<String>>("company");
    let (first, last) = (values.get::<String>("first_name"), values.get::<String>("last_name"));
    let (invoice, number) = (values.get::<Option<Uuid>>("invoice_id"), values.get::<Option<String>>("number"));
    let (state, code, due_at) = (values.word("state"), values.get::<Option<String>>("code"), values.get("due_at"));
    Some(RunItemRow {
        id,
        ordinal: ordinal?,
        subject: subject?,
        registration: registration?,
        customer: customer?,
        name: company?.filter(|name| !name.is_empty()).map_or(format!("{} {}", first?, last?), |company| company),
        invoice: invoice?.zip(number?).map(|(id, number)| NumberedInvoice { id, number }),
        period: Month(Period::containing(period?)),
        state: state?,
        cause: code?.as_deref().map(Cause::read),
        due_at: due_at?,
        attempts,
    })
}
