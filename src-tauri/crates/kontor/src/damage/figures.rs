//! How much a host had in hand in its bad time, and what is known of it. Reads only.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, QueryResult, Value};
use serde::Serialize;
use uuid::Uuid;

use super::papers::{Papers, papers};
use super::scope::Scope;
use crate::check::{Action, Finding, finding};
use crate::run::{self, Key, plan};
use crate::store::{self, Store};
use crate::{Result, cause};

/// What a host had in hand, and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// Attempts.
    pub attempts: u64,
    /// Invoices that they had in hand.
    pub invoices: u64,
    /// Stored originals of these.
    pub documents: u64,
    /// Mails of these.
    pub mails: u64,
    /// Numbers that the host took.
    pub numbers: u64,
    /// Customers whose invoices these are, or were to be.
    pub customers: u64,
    /// What has not got as far as it should.
    pub failures: Failures,
    /// What the rules find, by rule and evidence.
    pub findings: Vec<Findings>,
    /// What is known of the documents.
    pub papers: Papers,
}

/// What is open, by whether a run can take it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Failures {
    /// A run can take them.
    pub eligible: u64,
    /// No run can, by why.
    pub reasons: BTreeMap<String, u64>,
}

/// Open findings of one rule with the same evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// The rule.
    pub rule: String,
    /// `critical`, `high`, `medium` or `info`.
    pub severity: String,
    /// How sure the proposals are.
    pub evidence: String,
    /// How many.
    pub count: u64,
    /// Of these, how many wait staged.
    pub staged: u64,
    /// Of these, how many have a proposal that is more than a person's decision.
    pub proposed: u64,
    /// Of these, how many are set aside.
    pub aside: u64,
}

/// Counts.
pub async fn of(store: &Store, scope: &Scope) -> Result<Damage> {
    let (in_hand, values) = scope.condition("a");
    let count = async |text: &str, values: Vec<Value>| -> Result<u64> {
        let row = store.read().query_one_raw(store::sql(store.backend(), text, values)).await?;
        let count = row.map(|row| row.try_get::<i64>("", "count")).transpose()?.unwrap_or_default();
        Ok(u64::try_from(count).unwrap_or_default())
    };
    let of = |what: &str| format!("SELECT COUNT({what}) AS count FROM attempts a WHERE {in_hand}");
    let papers = papers(store, scope).await?;
    let mails = format!(
        "SELECT COUNT(*) AS count FROM deliveries d WHERE d.invoice_id IN (SELECT a.invoice_id FROM attempts a WHERE \
         {in_hand})"
    );
    let customers = format!(
        "SELECT COUNT(DISTINCT s.registration_id) AS count FROM attempts a JOIN subscriptions s ON s.id = a.subscription_id \
         WHERE {in_hand}"
    );
    let (numbered, taken) = scope.numbered("n");
    let numbers = format!("SELECT COUNT(*) AS count FROM number_allocations n WHERE {numbered}");
    Ok(Damage {
        attempts: count(&of("*"), values.to_vec()).await?,
        invoices: count(&of("DISTINCT a.invoice_id"), values.to_vec()).await?,
        documents: papers.len() as u64,
        mails: count(&mails, values.to_vec()).await?,
        numbers: count(&numbers, taken.to_vec()).await?,
        customers: count(&customers, values.to_vec()).await?,
        failures: failures(store, scope).await?,
        findings: grouped(store, scope).await?,
        papers: Papers::of(&papers),
    })
}

/// What is open of what the host had in hand.
pub(super) async fn open_keys(store: &Store, scope: &Scope) -> Result<Vec<Key>> {
    let (in_hand, values) = scope.condition("a");
    let text = format!(
        "SELECT DISTINCT a.subscription_id AS subscription, a.period AS period FROM attempts a WHERE {in_hand}"
    );
    let mut touched = std::collections::HashSet::new();
    for row in store.read().query_all_raw(store::sql(store.backend(), &text, values)).await? {
        touched.insert((row.try_get::<Uuid>("", "subscription")?, row.try_get::<chrono::NaiveDate>("", "period")?));
    }
    let mut keys = run::open_keys(store).await?;
    keys.retain(|key| touched.contains(&(key.subscription, key.period)));
    Ok(keys)
}

async fn failures(store: &Store, scope: &Scope) -> Result<Failures> {
    let keys = open_keys(store, scope).await?;
    let mut failures = Failures::default();
    for candidate in plan::candidates(store, &keys, store.today().await?).await? {
        match candidate.obstacle {
            None => failures.eligible += 1,
            Some(run::code::DONE_ALREADY) => {}
            Some(reason) => *failures.reasons.entry(reason.to_owned()).or_default() += 1,
        }
    }
    Ok(failures)
}

/// Ids of the open findings about what the host had in hand, as a subquery with its values.
pub fn written_by(scope: &Scope) -> (String, [Value; 4]) {
    let (in_hand, values) = scope.condition("w");
    let text =
        format!("SELECT t.finding FROM ({}) t JOIN attempts w ON w.id = t.attempt WHERE {in_hand}", cause::touched());
    (text, values)
}

/// Open findings about what the host had in hand, and which of them are staged.
pub(super) async fn findings(store: &Store, scope: &Scope) -> Result<Vec<(Finding, bool)>> {
    let (written, values) = written_by(scope);
    let text = format!(
        "SELECT f.id AS id, CASE WHEN EXISTS (SELECT 1 FROM repairs q WHERE q.finding_id = f.id AND q.state = 'staged') THEN 1 \
         ELSE 0 END AS staged FROM findings f WHERE f.closed_at IS NULL AND f.id IN ({written})"
    );
    let read = |row: &QueryResult| -> Result<(Uuid, bool)> {
        Ok((row.try_get("", "id")?, row.try_get::<i32>("", "staged")? == 1))
    };
    let rows = store.read().query_all_raw(store::sql(store.backend(), &text, values)).await?;
    let ids: std::collections::HashMap<Uuid, bool> = rows.iter().map(read).collect::<Result<_>>()?;
    let open = finding::open(store.read(), &[]).await?;
    Ok(open.into_iter().filter_map(|one| Some((ids.get(&one.id).copied()?, one))).map(|(is, one)| (one, is)).collect())
}

async fn grouped(store: &Store, scope: &Scope) -> Result<Vec<Findings>> {
    let now = store.now().await?;
    let mut groups: BTreeMap<(String, &'static str), Findings> = BTreeMap::new();
    for (one, is_staged) in findings(store, scope).await? {
        let evidence = one.evidence.word();
        let group = groups.entry((one.rule.clone(), evidence)).or_insert_with(|| Findings {
            rule: one.rule.clone(),
            severity: one.severity.clone(),
            evidence: evidence.to_owned(),
            count: 0,
            staged: 0,
            proposed: 0,
            aside: 0,
        });
        let is_proposed = one.proposal.as_ref().is_some_and(|proposal| proposal.action != Action::Decide);
        group.count += 1;
        group.staged += u64::from(is_staged);
        group.proposed += u64::from(is_proposed);
        group.aside += u64::from(one.is_set_aside(now));
    }
    Ok(groups.into_values().collect())
}
