//! Which of these invoices a withdrawn host had in hand in its bad time, and who has drawn their documents again since.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::scope::Scope;
use crate::store::{self, places};
use crate::{Result, withdrawal};

/// Ids asked about in one statement.
const CHUNK: usize = 500;

/// Those of these invoices that are unproven, with the host. One question to a small table where no host was ever withdrawn.
pub async fn unproven_among(connection: &impl ConnectionTrait, invoices: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let mut found = HashMap::new();
    if invoices.is_empty() {
        return Ok(found);
    }
    let rows = withdrawal::list(connection).await?;
    if rows.is_empty() {
        return Ok(found);
    }
    let now = store::now(connection).await?;
    for row in rows {
        let scope = Scope::of_withdrawal(&row, now);
        let (in_hand, values) = scope.condition("a");
        for part in invoices.chunks(CHUNK) {
            let text = format!(
                "SELECT DISTINCT a.invoice_id AS id FROM attempts a WHERE {in_hand} AND a.invoice_id IN ({})",
                places(part.len())
            );
            let values = values.iter().cloned().chain(part.iter().map(|id| (*id).into()));
            let (numbered, times) = scope.numbered("n");
            let frozen = format!(
                "SELECT n.invoice_id AS id FROM number_allocations n WHERE {numbered} AND n.invoice_id IN ({})",
                places(part.len())
            );
            let times = times.into_iter().chain(part.iter().map(|id| (*id).into()));
            let backend = connection.get_database_backend();
            for statement in [store::sql(backend, &text, values), store::sql(backend, &frozen, times)] {
                for row in connection.query_all_raw(statement).await? {
                    found.insert(row.try_get("", "id")?, scope.host.clone());
                }
            }
        }
    }
    Ok(found)
}

/// Invoices and customers that withdrawn hosts had in hand in their bad time.
pub(crate) async fn touched(connection: &impl ConnectionTrait) -> Result<(HashSet<Uuid>, HashSet<Uuid>)> {
    let (mut invoices, mut customers) = (HashSet::new(), HashSet::new());
    let rows = withdrawal::list(connection).await?;
    if rows.is_empty() {
        return Ok((invoices, customers));
    }
    let now = store::now(connection).await?;
    for row in rows {
        let scope = Scope::of_withdrawal(&row, now);
        let ((in_hand, values), (numbered, times)) = (scope.condition("t"), scope.numbered("t"));
        for (table, condition, values) in
            [("attempts", in_hand, values.to_vec()), ("number_allocations", numbered, times.to_vec())]
        {
            let text = format!(
                "SELECT DISTINCT t.invoice_id AS invoice, s.registration_id AS customer FROM {table} t LEFT JOIN \
                 subscriptions s ON s.id = t.subscription_id WHERE {condition}"
            );
            for row in connection.query_all_raw(store::sql(connection.get_database_backend(), &text, values)).await? {
                invoices.extend(row.try_get::<Option<Uuid>>("", "invoice").ok().flatten());
                customers.extend(row.try_get::<Option<Uuid>>("", "customer").ok().flatten());
            }
        }
    }
    Ok((invoices, customers))
}

/// Why an invoice is not to be believed as it stands, and what became of its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// The host that had it in hand in its bad time.
    pub host: String,
    /// The other host that drew its document again, when, and whether it came out the same.
    pub drawn: Option<(String, DateTime<Utc>, bool)>,
}

/// What is to be said beside one invoice; none where no withdrawn host had it in hand.
pub async fn doubts(connection: &impl ConnectionTrait, invoice: Uuid) -> Result<Option<Doubt>> {
    let Some(host) = unproven_among(connection, &[invoice]).await?.remove(&invoice) else { return Ok(None) };
    let text = format!(
        "SELECT c.host AS host, c.drawn_at AS drawn_at, c.outcome AS outcome FROM canaries c JOIN documents d ON d.id = \
         c.document_id WHERE d.invoice_id = ? AND d.role = 'original' AND c.host <> ? AND {} ORDER BY c.outcome, \
         c.drawn_at DESC LIMIT 1",
        super::papers::TRUSTED
    );
    // Of several that drew it one that came out otherwise decides: `differs` sorts before `same`.
    let values = [invoice.into(), host.as_str().into()];
    let row = connection.query_one_raw(store::sql(connection.get_database_backend(), &text, values)).await?;
    let drawn = row.map(|row| -> Result<_> {
        let outcome: String = row.try_get("", "outcome")?;
        Ok((row.try_get("", "host")?, row.try_get("", "drawn_at")?, outcome == "same"))
    });
    Ok(Some(Doubt { host, drawn: drawn.transpose()? }))
}
