//! The records that a host had in hand in its bad time, a page at a time.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use uuid::Uuid;

use super::figures::written_by;
use super::papers::{PaperState, states};
use super::scope::Scope;
use crate::Result;
use crate::store::{self, Store, places};

/// A record that was in hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The last attempt that had it in hand there; the next page begins behind it.
    pub attempt: Uuid,
    /// The subscription.
    pub subscription: Uuid,
    /// First day of the period.
    pub period: NaiveDate,
    /// The customer's number.
    pub customer: Option<String>,
    /// The invoice.
    pub invoice: Option<Uuid>,
    /// Its number.
    pub number: Option<String>,
    /// The step at which the attempt ended.
    pub step: String,
    /// When it began.
    pub at: DateTime<Utc>,
    /// How it ended.
    pub outcome: String,
    /// Why it failed.
    pub failed: Option<String>,
    /// Rules that find something about the record.
    pub findings: Vec<String>,
    /// What is known of the document; none where there is none.
    pub paper: Option<PaperState>,
}

/// A page of records behind an attempt, in the order in which they were in hand last.
pub async fn list(store: &Store, scope: &Scope, after: Option<Uuid>, limit: u64) -> Result<Vec<Entry>> {
    let ((in_hand, values), (later, others)) = (scope.condition("a"), scope.condition("b"));
    let text = format!(
        "SELECT a.id AS id, a.subscription_id AS subscription, a.period AS period, r.customer_number AS customer, \
         a.invoice_id AS invoice, i.number AS number, a.step AS step, a.started_at AS at, a.outcome AS outcome, a.code AS code \
         FROM attempts a LEFT JOIN subscriptions s ON s.id = a.subscription_id LEFT JOIN registrations r ON r.id = \
         s.registration_id LEFT JOIN invoices i ON i.id = a.invoice_id WHERE {in_hand} AND a.id > ? AND NOT EXISTS (SELECT 1 \
         FROM attempts b WHERE b.subscription_id = a.subscription_id AND b.period = a.period AND b.id > a.id AND \
         (a.invoice_id IS NULL OR b.invoice_id = a.invoice_id) AND {later}) ORDER BY a.id LIMIT ?"
    );
    let values = values.into_iter().chain([after.unwrap_or_default().into()]).chain(others);
    let values = values.chain([i64::try_from(limit).unwrap_or(i64::MAX).into()]);
    let rows = store.read().query_all_raw(store::sql(store.backend(), &text, values)).await?;
    let mut entries = Vec::with_capacity(rows.len());
    for row in &rows {
        let outcome: String = row.try_get("", "outcome")?;
        let is_failed = ["failed", "died", "unknown"].contains(&outcome.as_str());
        let code: Option<String> = row.try_get("", "code")?;
        entries.push(Entry {
            attempt: row.try_get("", "id")?,
            subscription: row.try_get("", "subscription")?,
            period: row.try_get("", "period")?,
            // A value that cannot be decoded is a finding of its own, and costs no list.
            customer: row.try_get("", "customer").ok().flatten(),
            invoice: row.try_get("", "invoice")?,
            number: row.try_get("", "number").ok().flatten(),
            step: row.try_get("", "step")?,
            at: row.try_get("", "at")?,
            failed: is_failed.then(|| code.unwrap_or_else(|| outcome.clone())),
            outcome,
            findings: Vec::new(),
            paper: None,
        });
    }
    known(store, scope, &mut entries).await?;
    Ok(entries)
}

/// Adds what the rules find and what is known of the documents.
async fn known(store: &Store, scope: &Scope, entries: &mut [Entry]) -> Result<()> {
    let invoices: Vec<Uuid> = entries.iter().filter_map(|entry| entry.invoice).collect();
    let states = states(store, scope, &invoices).await?;
    let found = found(store, scope, entries).await?;
    for entry in entries {
        entry.paper = entry.invoice.and_then(|invoice| states.get(&invoice).copied());
        entry.findings = found.get(&(entry.subscription, entry.period)).cloned().unwrap_or_default();
    }
    Ok(())
}

type Rules = HashMap<(Uuid, NaiveDate), Vec<String>>;

async fn found(store: &Store, scope: &Scope, entries: &[Entry]) -> Result<Rules> {
    let mut found = Rules::new();
    let subscriptions: Vec<Uuid> = entries.iter().map(|entry| entry.subscription).collect();
    let (written, values) = written_by(scope);
    let written = written.replacen("SELECT t.finding", "SELECT t.finding, w.subscription_id, w.period", 1);
    for part in subscriptions.chunks(500) {
        let text = format!(
            "SELECT DISTINCT f.rule AS rule, x.subscription_id AS subscription, x.period AS period FROM findings f JOIN \
             ({written} AND w.subscription_id IN ({})) x ON x.finding = f.id WHERE f.closed_at IS NULL ORDER BY 1",
            places(part.len())
        );
        let values = values.iter().cloned().chain(part.iter().map(|id| (*id).into()));
        for row in store.read().query_all_raw(store::sql(store.backend(), &text, values)).await? {
            let key = (row.try_get("", "subscription")?, row.try_get("", "period")?);
            found.entry(key).or_default().push(row.try_get("", "rule")?);
        }
    }
    Ok(found)
}
