//! What is open: everything that was begun and did not get as far as an accepted mail, as keys.

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::key::{Key, Subject};
use crate::Result;
use crate::store::{self, Store};

/// Keys read together.
const KEY_PAGE: usize = 10_000;

/// Keys of everything that is open. Some of them may turn out to be complete when they are looked at.
pub async fn open_keys(store: &Store) -> Result<Vec<Key>> {
    Ok([open_periods(store).await?, open_singles(store).await?].concat())
}

/// Periods that were begun and did not get as far as an accepted mail, in pages by subscription.
async fn open_periods(store: &Store) -> Result<Vec<Key>> {
    // Not even a cancelled one: its period is not due again by itself.
    const NO_INVOICE: &str = "NOT EXISTS (SELECT 1 FROM invoices i WHERE i.subscription_id = x.subscription_id AND \
                              i.period = x.period AND i.kind = 'invoice')";
    let text = format!(
        "SELECT u.subscription_id, u.period FROM (\
         SELECT x.subscription_id, x.period FROM invoices x WHERE x.subscription_id >= ? AND x.kind = 'invoice' AND \
         x.state <> 'cancelled' AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.invoice_id = x.id AND \
         d.purpose IN ('invoice', 'resend') AND d.state = 'accepted') \
         UNION SELECT x.subscription_id, x.period FROM attempts x WHERE x.subscription_id >= ? AND {NO_INVOICE} \
         UNION SELECT x.subscription_id, x.period FROM number_allocations x WHERE x.subscription_id >= ? AND \
         x.invoice_id IS NULL AND x.explanation IS NULL AND x.period IS NOT NULL AND {NO_INVOICE}) u \
         WHERE u.subscription_id > ? OR u.period > ? ORDER BY u.subscription_id, u.period LIMIT {KEY_PAGE}"
    );
    let mut keys: Vec<Key> = Vec::new();
    let mut last = (Uuid::nil(), NaiveDate::default());
    loop {
        let from: Value = last.0.into();
        let values = [from.clone(), from.clone(), from.clone(), from, last.1.into()];
        let page = store.read().query_all_raw(store::sql(store.backend(), &text, values)).await?;
        for row in &page {
            last = (row.try_get("", "subscription_id")?, row.try_get("", "period")?);
            keys.push(Key::period(last.0, last.1));
        }
        if page.len() < KEY_PAGE {
            return Ok(keys);
        }
    }
}

/// Cancellation invoices that did not get as far as they should, and mails sent again that did not go out.
async fn open_singles(store: &Store) -> Result<Vec<Key>> {
    const CANCELLATIONS: &str = "SELECT x.id, x.subscription_id, x.period FROM invoices x WHERE x.id > ? AND \
        x.kind = 'cancellation' AND (x.state = 'issued' OR EXISTS (SELECT 1 FROM deliveries d WHERE \
        d.invoice_id = x.id AND d.purpose = 'cancellation')) AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE \
        d.invoice_id = x.id AND d.purpose IN ('cancellation', 'resend') AND d.state = 'accepted') ORDER BY x.id LIMIT ?";
    const RESENDS: &str = "SELECT x.id, i.subscription_id, i.period FROM deliveries x JOIN invoices i ON \
        i.id = x.invoice_id WHERE x.id > ? AND x.purpose = 'resend' AND \
        x.state IN ('queued', 'sending', 'deferred', 'unknown') ORDER BY x.id LIMIT ?";
    let mut keys = Vec::new();
    for is_resend in [false, true] {
        let text = if is_resend { RESENDS } else { CANCELLATIONS };
        let subject = if is_resend { Subject::Resend } else { Subject::Cancellation };
        let mut last = Uuid::nil();
        loop {
            let values = [last.into(), i64::try_from(KEY_PAGE).unwrap_or(i64::MAX).into()];
            let page = store.read().query_all_raw(store::sql(store.backend(), text, values)).await?;
            for row in &page {
                last = row.try_get("", "id")?;
                let (subscription, period) = (row.try_get("", "subscription_id")?, row.try_get("", "period")?);
                keys.push(Key { subscription, period, subject: subject(last) });
            }
            if page.len() < KEY_PAGE {
                break;
            }
        }
    }
    Ok(keys)
}
