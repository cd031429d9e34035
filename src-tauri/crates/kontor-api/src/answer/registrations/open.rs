//! What is open of registrations: what was begun for their subscriptions and did not get as far as an accepted mail.

use std::collections::BTreeSet;

use kontor::run::Key;
use kontor::store::{self, places};
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::super::failing::INVOICE_IS_OPEN;
use super::super::{Answered, invoices};
use crate::office::Open;

/// Keys of what is open of these registrations, newest period first. Some of them may turn out to be complete.
pub(super) async fn open_keys_of(open: &Open, registrations: &[Uuid]) -> Answered<Vec<(Uuid, Key)>> {
    if registrations.is_empty() {
        return Ok(Vec::new());
    }
    let mut keys = of_invoices(open, registrations).await?;
    keys.extend(of_periods(open, registrations).await?);
    keys.sort_by_key(|(_, key)| std::cmp::Reverse(key.period));
    Ok(keys)
}

async fn of_invoices(open: &Open, registrations: &[Uuid]) -> Answered<Vec<(Uuid, Key)>> {
    let text = format!(
        "SELECT i.id, i.registration_id FROM invoices i WHERE i.registration_id IN ({}) AND ({INVOICE_IS_OPEN})",
        places(registrations.len())
    );
    let values = registrations.iter().map(|id| Value::from(*id));
    let mut owners = std::collections::HashMap::new();
    for row in open.store.read().query_all_raw(store::sql(open.store.backend(), &text, values)).await? {
        owners.insert(row.try_get::<Uuid>("", "id")?, row.try_get::<Uuid>("", "registration_id")?);
    }
    let ids: Vec<Uuid> = owners.keys().copied().collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let keys = invoices::open_keys(open, &ids).await?;
    Ok(keys.into_iter().filter_map(|(invoice, key)| Some((*owners.get(&invoice)?, key))).collect())
}

/// Periods that were begun and have no invoice, not even a cancelled one.
async fn of_periods(open: &Open, registrations: &[Uuid]) -> Answered<Vec<(Uuid, Key)>> {
    const NO_INVOICE: &str = "NOT EXISTS (SELECT 1 FROM invoices v WHERE v.subscription_id = a.subscription_id AND \
                              v.period = a.period AND v.kind = 'invoice')";
    let list = places(registrations.len());
    let text = format!(
        "SELECT s.registration_id, a.subscription_id, a.period FROM subscriptions s JOIN attempts a ON \
         a.subscription_id = s.id WHERE s.registration_id IN ({list}) AND {NO_INVOICE} UNION SELECT s.registration_id, \
         a.subscription_id, a.period FROM subscriptions s JOIN number_allocations a ON a.subscription_id = s.id WHERE \
         s.registration_id IN ({list}) AND a.invoice_id IS NULL AND a.explanation IS NULL AND a.period IS NOT NULL AND \
         {NO_INVOICE}"
    );
    let ids = || registrations.iter().map(|id| Value::from(*id));
    let mut keys = BTreeSet::new();
    for row in open.store.read().query_all_raw(store::sql(open.store.backend(), &text, ids().chain(ids()))).await? {
        // A period that cannot be read belongs to no month that anybody could run.
        let (Ok(subscription), Ok(period)) = (row.try_get("", "subscription_id"), row.try_get("", "period")) else {
            continue;
        };
        keys.insert((row.try_get::<Uuid>("", "registration_id")?, Key::period(subscription, period)));
    }
    Ok(keys.into_iter().collect())
}
