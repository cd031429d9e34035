//! What is due: subscriptions that run in a period and have no invoice for it yet.
//!
//! A period whose invoice was cancelled is not due again: who wants a new one says so when cancelling (`cancel`).

use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use crate::Result;
use crate::period::Period;
use crate::run::Key;
use crate::store;

/// Subscriptions read together.
const PAGE: usize = 10_000;

/// Due subscriptions in the order of their customers, read in pages.
pub async fn keys(connection: &impl ConnectionTrait, period: Period) -> Result<Vec<Key>> {
    let text = format!(
        "SELECT s.id, r.customer_serial FROM subscriptions s JOIN registrations r ON r.id = s.registration_id \
         WHERE r.customer_serial >= ? AND (r.customer_serial > ? OR s.id > ?) AND s.started_on <= ? \
         AND (s.ended_on >= ? OR (s.ended_on IS NULL AND s.state = 'active' AND r.state = 'active')) \
         AND r.state <> 'blocked' AND NOT EXISTS (SELECT 1 FROM invoices i WHERE i.subscription_id = s.id \
         AND i.period = ? AND i.kind = 'invoice') \
         ORDER BY r.customer_serial, s.id LIMIT {PAGE}"
    );
    let mut keys = Vec::new();
    let mut last: (i64, Uuid) = (0, Uuid::nil());
    loop {
        let serial: Value = last.0.into();
        let values = [serial.clone(), serial, last.1.into(), period.last_day().into()];
        let values = values.into_iter().chain([period.first_day().into(), period.first_day().into()]);
        let page = connection.query_all_raw(store::sql(connection.get_database_backend(), &text, values)).await?;
        for row in &page {
            last = (row.try_get("", "customer_serial")?, row.try_get("", "id")?);
            keys.push(Key::period(last.1, period.first_day()));
        }
        if page.len() < PAGE {
            return Ok(keys);
        }
    }
}
