//! Quarantine: a record with an open critical finding is neither invoiced nor mailed until it is resolved.
//!
//! It takes in the customer, the mailbox, the subscription, the invoice and what belongs to the invoice: lines, documents,
//! mails. One question tells it for many cases at once; setting a finding aside does not lift it. A finding that a run
//! itself puts right (the old programs' invoice that never left the house, issued for the first time with a PDF of its
//! own) holds nothing back: it would hold back its own repair.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use crate::Result;
use crate::store::{self, places};

/// Subscriptions asked about in one statement.
const CHUNK: usize = 500;

/// The condition that a subscription `s`, with what hangs on it, is in quarantine. It is set-based: the index over the rows
/// of findings answers it.
pub const OF_SUBSCRIPTION: &str = "EXISTS (SELECT 1 FROM findings f WHERE f.closed_at IS NULL AND f.severity = 'critical' \
                                   AND (f.proposal IS NULL OR f.proposal NOT LIKE '{\"action\":\"rerun\"%') AND f.row_id IN (s.id, s.registration_id, s.mailbox_id))";

/// The same for an invoice `i`.
pub const OF_INVOICE: &str = "EXISTS (SELECT 1 FROM findings f WHERE f.closed_at IS NULL AND f.severity = 'critical' AND \
                              (f.proposal IS NULL OR f.proposal NOT LIKE '{\"action\":\"rerun\"%') AND (f.row_id = i.id OR f.row_id IN (SELECT l.id FROM invoice_lines l WHERE l.invoice_id = i.id) \
                              OR f.row_id IN (SELECT d.id FROM documents d WHERE d.invoice_id = i.id) OR f.row_id IN \
                              (SELECT m.id FROM deliveries m WHERE m.invoice_id = i.id)))";

/// Which of these subscriptions, and which of these invoices, are in quarantine.
pub async fn of(connection: &impl ConnectionTrait, subscriptions: &[Uuid], invoices: &[Uuid]) -> Result<HashSet<Uuid>> {
    if !is_any(connection).await? {
        return Ok(HashSet::new());
    }
    let mut held = HashSet::new();
    for (table, alias, condition, ids) in
        [("subscriptions", "s", OF_SUBSCRIPTION, subscriptions), ("invoices", "i", OF_INVOICE, invoices)]
    {
        for part in ids.chunks(CHUNK) {
            let text = format!(
                "SELECT {alias}.id AS id FROM {table} {alias} WHERE {alias}.id IN ({}) AND {condition}",
                places(part.len())
            );
            let values = part.iter().map(|id| Value::from(*id));
            let rows = connection.query_all_raw(store::sql(connection.get_database_backend(), &text, values)).await?;
            for row in rows {
                held.insert(row.try_get("", "id")?);
            }
        }
    }
    Ok(held)
}

/// Whether the invoice of one of these mails is in quarantine.
pub async fn is_any_mail(
    connection: &impl ConnectionTrait,
    mails: impl ExactSizeIterator<Item = Uuid>,
) -> Result<bool> {
    if !is_any(connection).await? {
        return Ok(false);
    }
    let text = format!(
        "SELECT 1 AS one FROM deliveries mail JOIN invoices i ON i.id = mail.invoice_id JOIN subscriptions s ON s.id = \
         i.subscription_id WHERE mail.id IN ({}) AND ({OF_SUBSCRIPTION} OR {OF_INVOICE}) LIMIT 1",
        places(mails.len())
    );
    let statement = store::sql(connection.get_database_backend(), &text, mails.map(Value::from));
    Ok(connection.query_one_raw(statement).await?.is_some())
}

/// Mostly there is none at all, and then nobody needs to ask about each.
async fn is_any(connection: &impl ConnectionTrait) -> Result<bool> {
    let text = "SELECT 1 AS one FROM findings WHERE closed_at IS NULL AND severity = 'critical' LIMIT 1";
    let statement = store::sql(connection.get_database_backend(), text, []);
    Ok(connection.query_one_raw(statement).await?.is_some())
}

#[cfg(test)]
mod tests {
    use crate::check::{Action, Evidence, Proposal};

    /// The condition reads the proposal's text.
    #[test]
    fn a_proposal_to_rerun_begins_with_its_action() {
        let text = serde_json::to_string(&Proposal::act(Action::Rerun, Evidence::Single)).expect("JSON");
        assert!(text.starts_with("{\"action\":\"rerun\""), "{text}");
        for condition in [super::OF_SUBSCRIPTION, super::OF_INVOICE] {
            assert!(condition.contains("NOT LIKE '{\"action\":\"rerun\"%'"), "{condition}");
        }
    }
}
