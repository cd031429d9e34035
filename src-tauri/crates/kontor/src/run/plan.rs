//! The dry run: which open invoices can run, which cannot and why, in groups of one normalised cause. Writes nothing.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::case::{self, Case, Next};
use super::code;
use super::history::{self, Failed, History};
use super::key::{Key, Subject};
use super::open::open_keys;
use crate::check::quarantine;
use crate::delivery::address;
use crate::invoice::settings::Settings;
use crate::invoice::{self, due, issue};
use crate::period::Period;
use crate::store::Store;
use crate::{Error, Result};

/// Cases looked at together.
const PAGE: usize = 500;

/// Which open invoices a run is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    /// All of them.
    All,
    /// Those of these groups.
    Groups(Vec<String>),
    /// These, by number.
    Invoices(Vec<String>),
    /// What is due in a period and has no invoice yet.
    #[serde(rename = "period")]
    Due(Period),
    /// These, chosen one by one or by a filter.
    Chosen {
        /// What they are about, each once.
        #[serde(skip)]
        keys: Vec<Key>,
        /// How they were chosen; stands with the run and in the journal.
        by: serde_json::Value,
    },
}

impl Selection {
    /// The period, where it is about what is due in one.
    pub fn period(&self) -> Option<Period> {
        match self {
            Self::Due(period) => Some(*period),
            _ => None,
        }
    }
}

/// What a run would do.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Plan {
    /// Invoices that can run.
    pub eligible: u64,
    /// Invoices that cannot.
    pub ineligible: u64,
    /// The same by cause.
    pub groups: Vec<Group>,
    /// The cases behind the figures.
    #[serde(skip)]
    pub candidates: Vec<Candidate>,
}

/// Open invoices of one normalised cause.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Group {
    /// The cause.
    pub code: String,
    /// What it means.
    pub sentence: String,
    /// How many can run.
    pub eligible: u64,
    /// How many cannot.
    pub ineligible: u64,
    /// Why they cannot, with how many of each.
    pub reasons: BTreeMap<String, u64>,
    /// Hosts on which it was seen, with how many of each.
    pub hosts: BTreeMap<String, u64>,
}

/// One open invoice.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// What it is about.
    pub key: Key,
    /// The invoice, where there is one.
    pub invoice: Option<Uuid>,
    /// What people know it by: the invoice's number, or else the customer's.
    pub label: String,
    /// Its group; shared, there are few of them and many candidates.
    pub group: Arc<str>,
    /// Host of the last attempt that failed.
    pub host: Option<Arc<str>>,
    /// Why it cannot run; none when it can.
    pub obstacle: Option<&'static str>,
    /// What was tried so far.
    pub tried: Tried,
    /// Column whose stored value cannot be decoded, where that is the obstacle.
    pub undecodable: Option<String>,
}

/// What was tried so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// Attempts, however they ended.
    pub attempts: u64,
    /// When one failed first.
    pub first_failed_at: Option<DateTime<Utc>>,
    /// When one failed last.
    pub last_failed_at: Option<DateTime<Utc>>,
    /// That attempt.
    pub last_failed: Option<Uuid>,
}

/// Plans; `issue_on` is the date that invoices issued by the run would bear.
pub async fn plan(store: &Store, selection: &Selection, issue_on: NaiveDate) -> Result<Plan> {
    let keys = match selection {
        Selection::Invoices(numbers) => keys_of(store, numbers).await?,
        Selection::Due(period) => due::keys(store.read(), *period).await?,
        Selection::Chosen { keys, .. } => keys.clone(),
        Selection::All | Selection::Groups(_) => open_keys(store).await?,
    };
    let mut candidates = candidates(store, &keys, issue_on).await?;
    if let Selection::All | Selection::Groups(_) = selection {
        candidates.retain(|candidate| candidate.obstacle != Some(code::DONE_ALREADY));
    }
    if let Selection::Groups(wanted) = selection {
        check_groups(&candidates, wanted)?;
        candidates.retain(|candidate| wanted.iter().any(|group| **group == *candidate.group));
    }
    Ok(summed(candidates))
}

/// What there is to say about each of these keys, in their order: the cause, and whether it can run. Keys whose
/// subscription or subject is missing are left out; what is complete says so ([`code::DONE_ALREADY`]).
pub async fn candidates(store: &Store, keys: &[Key], issue_on: NaiveDate) -> Result<Vec<Candidate>> {
    judged(store, keys, issue_on, |candidate, _| candidate).await
}

/// The same, with what the caller needs of each case; there is none where a stored value cannot be decoded.
pub async fn judged<T>(
    store: &Store,
    keys: &[Key],
    issue_on: NaiveDate,
    mut take: impl FnMut(Candidate, Option<&Case>) -> T,
) -> Result<Vec<T>> {
    let settings = Settings::load(store.read()).await?;
    let mut taken = Vec::with_capacity(keys.len());
    let mut words = Words::default();
    let mut pages: Vec<&[Key]> = keys.chunks(PAGE).rev().collect();
    while let Some(page) = pages.pop() {
        let read = async { Ok((history::of(store, page).await?, case::load(store.read(), page).await?)) };
        let (history, cases) = match read.await {
            Ok(read) => read,
            Err(error) => {
                let error: Error = error;
                let Some(column) = error.undecodable() else { return Err(error) };
                // One value that cannot be decoded costs its own row only: the page is read in ever smaller parts.
                match page {
                    [key] => taken.push(take(undecodable(*key, column, &mut words), None)),
                    _ => pages.extend(page.chunks(page.len().div_ceil(2)).rev()),
                }
                continue;
            }
        };
        let held = held(store, &cases).await?;
        for case in cases {
            let mut candidate = judge(&case, history.get(&case.key), &settings, issue_on, &mut words);
            if candidate.obstacle.is_none() && case.is_held(&held) {
                candidate.obstacle = Some(code::QUARANTINED);
            }
            taken.push(take(candidate, Some(&case)));
        }
    }
    Ok(taken)
}

/// Which subscriptions and invoices of these cases are in quarantine.
pub(super) async fn held(store: &Store, cases: &[Case]) -> Result<HashSet<Uuid>> {
    let subscriptions: Vec<Uuid> = cases.iter().map(|case| case.key.subscription).collect();
    let invoices: Vec<Uuid> = cases.iter().filter_map(|case| case.invoice.as_ref()).map(|row| row.id).collect();
    quarantine::of(store.read(), &subscriptions, &invoices).await
}

fn undecodable(key: Key, column: String, words: &mut Words) -> Candidate {
    Candidate {
        key,
        invoice: None,
        label: String::new(),
        group: words.share(code::RECORD_UNREADABLE),
        host: None,
        obstacle: Some(code::RECORD_UNREADABLE),
        tried: Tried::default(),
        undecodable: Some(column),
    }
}

fn check_groups(candidates: &[Candidate], wanted: &[String]) -> Result<()> {
    for group in wanted {
        if !candidates.iter().any(|candidate| *candidate.group == **group) {
            return Err(Error::NotFound(format!(
                "No open invoice belongs to the group “{group}”. `kontor runs plan --all` shows the groups."
            )));
        }
    }
    Ok(())
}

async fn keys_of(store: &Store, numbers: &[String]) -> Result<Vec<Key>> {
    let mut keys = Vec::with_capacity(numbers.len());
    for number in numbers {
        let found = invoice::by_number(store, number).await?;
        if found.state == "cancelled" {
            return Err(Error::Refused(format!("{} is cancelled; it is not rerun.", found.number)));
        }
        let subject = if found.kind == "invoice" { Subject::Period } else { Subject::Cancellation(found.id) };
        let key = Key { subscription: found.subscription_id, period: found.period, subject };
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    Ok(keys)
}

/// Words that occur again and again, kept once.
#[derive(Default)]
struct Words(HashSet<Arc<str>>);

impl Words {
    fn share(&mut self, word: &str) -> Arc<str> {
        if let Some(known) = self.0.get(word) {
            return Arc::clone(known);
        }
        let new: Arc<str> = word.into();
        self.0.insert(Arc::clone(&new));
        new
    }
}

/// Why a case cannot run; none when it can.
pub fn obstacle(case: &Case, settings: &Settings, issue_on: NaiveDate) -> Option<&'static str> {
    match case.next() {
        Next::Issue | Next::Adopt => issue::draft(case, settings, issue_on).err().map(|refusal| refusal.code),
        Next::Render | Next::Deliver => address::check(case.address()).err().map(|refusal| refusal.code),
        Next::Done => Some(code::DONE_ALREADY),
        Next::Blocked(code) => Some(code),
    }
}

fn judge(
    case: &Case,
    history: Option<&History>,
    settings: &Settings,
    issue_on: NaiveDate,
    words: &mut Words,
) -> Candidate {
    let next = case.next();
    let last = history.and_then(|history| history.last.as_ref());
    Candidate {
        key: case.key,
        invoice: case.invoice.as_ref().map(|invoice| invoice.id),
        label: case.invoice.as_ref().map_or(&case.registration.customer_number, |invoice| &invoice.number).clone(),
        group: words.share(&group_of(last, next)),
        host: last.map(|attempt| words.share(&attempt.host)),
        obstacle: obstacle(case, settings, issue_on),
        tried: history.map(|history| history.tried.clone()).unwrap_or_default(),
        undecodable: None,
    }
}

/// The normalised cause: what the last failed attempt says, or else what the rows lack.
fn group_of(last: Option<&Failed>, next: Next) -> String {
    if let Some(attempt) = last {
        let code = attempt.code.as_deref().unwrap_or(code::INTERNAL);
        return if attempt.outcome == "died" { format!("{code}.{}", attempt.step) } else { code.to_owned() };
    }
    let code = match next {
        Next::Issue => code::NEVER_ISSUED,
        Next::Adopt | Next::Render => code::NEVER_ARCHIVED,
        Next::Deliver => code::NEVER_MAILED,
        Next::Done => code::DONE_ALREADY,
        Next::Blocked(code) => code,
    };
    code.to_owned()
}

fn summed(candidates: Vec<Candidate>) -> Plan {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for candidate in &candidates {
        let group = groups.entry(candidate.group.to_string()).or_default();
        match candidate.obstacle {
            None => group.eligible += 1,
            Some(reason) => {
                group.ineligible += 1;
                *group.reasons.entry(reason.to_owned()).or_default() += 1;
            }
        }
        if let Some(host) = &candidate.host {
            *group.hosts.entry(host.to_string()).or_default() += 1;
        }
    }
    let mut groups: Vec<Group> =
        groups.into_iter().map(|(code, group)| Group { sentence: code::sentence(&code), code, ..group }).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.eligible + group.ineligible));
    Plan {
        eligible: groups.iter().map(|group| group.eligible).sum(),
        ineligible: groups.iter().map(|group| group.ineligible).sum(),
        groups,
        candidates,
    }
}
