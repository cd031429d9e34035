//! What is due: subscriptions that run in a period and have no invoice for it yet.

use sea_orm::ConnectionTrait;

use crate::Result;
use crate::period::Period;
use crate::run::case::Key;
use crate::store;

/// Due subscriptions in the order of their customers.
pub async fn keys(connection: &impl ConnectionTrait, period: Period) -> Result<Vec<Key>> {
    let text = "SELECT s.id FROM subscriptions s JOIN registrations r ON r.id = s.registration_id \
                WHERE s.started_on <= ? AND (s.ended_on IS NULL OR s.ended_on >= ?) AND r.state <> 'blocked' \
                AND NOT EXISTS (SELECT 1 FROM invoices i WHERE i.subscription_id = s.id AND i.period = ? \
                AND i.kind = 'invoice' AND i.state <> 'cancelled') ORDER BY r.customer_serial, s.id";
    let values = [period.last_day().into(), period.first_day().into(), period.first_day().into()];
    let mut keys = Vec::new();
    for row in connection.query_all_raw(store::sql(connection.get_database_backend(), text, values)).await? {
        keys.push((row.try_get("", "id")?, period.first_day()));
    }
    Ok(keys)
}
