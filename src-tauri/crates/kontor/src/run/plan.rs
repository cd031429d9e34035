//! The dry run: which open invoices can run, which cannot and why, in groups of one normalised cause. Writes nothing.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, Value};
use serde::Serialize;
use uuid::Uuid;

use super::case::{self, Case, Next};
use super::code;
use super::key::{Key, Subject};
use crate::delivery::address;
use crate::invoice::settings::Settings;
use crate::invoice::{self, issue};
use crate::store::{self, Store, places};
use crate::{Error, Result};

/// Cases looked at together.
const PAGE: usize = 500;
/// Keys read together.
const KEY_PAGE: usize = 10_000;

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
    /// Its group; shared, there are few of them and many candidates.
    pub group: Arc<str>,
    /// Host of the last attempt.
    pub host: Option<Arc<str>>,
    /// Why it cannot run; none when it can.
    pub obstacle: Option<&'static str>,
}

/// Plans; `issue_on` is the date that invoices issued by the run would bear.
pub async fn plan(store: &Store, selection: &Selection, issue_on: NaiveDate) -> Result<Plan> {
    let keys = match selection {
        Selection::Invoices(numbers) => keys_of(store, numbers).await?,
        _ => [open_keys(store).await?, open_singles(store).await?].concat(),
    };
    let mut candidates = candidates(store, &keys, issue_on).await?;
    if !matches!(selection, Selection::Invoices(_)) {
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
    let settings = Settings::load(store.read()).await?;
    let mut candidates = Vec::with_capacity(keys.len());
    let mut words = Words::default();
    for page in keys.chunks(PAGE) {
        let last = last_attempts(store, page).await?;
        for case in case::load(store.read(), page).await? {
            candidates.push(judge(&case, last.get(&case.key), &settings, issue_on, &mut words));
        }
    }
    Ok(candidates)
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

/// Everything that was begun and did not get as far as an accepted mail, in pages by subscription.
async fn open_keys(store: &Store) -> Result<Vec<Key>> {
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

struct Last {
    outcome: String,
    code: Option<String>,
    step: String,
    host: String,
}

async fn last_attempts(store: &Store, keys: &[Key]) -> Result<HashMap<Key, Last>> {
    let periods = case::periods(keys);
    let text = format!(
        "SELECT a.subscription_id, a.period, COALESCE(i.subject, 'period') AS subject, i.subject_id, a.outcome, a.code, \
         a.step, a.host FROM attempts a LEFT JOIN run_items i ON i.id = a.item_id WHERE a.outcome IN \
         ('failed', 'died', 'unknown') AND a.subscription_id IN ({}) AND a.period IN ({}) ORDER BY a.started_at, a.id",
        places(keys.len()),
        places(periods.len())
    );
    let values = keys.iter().map(|key| key.subscription.into()).chain(periods.into_iter().map(Into::into));
    let mut last = HashMap::new();
    for row in store.read().query_all_raw(store::sql(store.backend(), &text, values)).await? {
        let subject = Subject::read(&row.try_get::<String>("", "subject")?, row.try_get("", "subject_id")?)?;
        let (subscription, period) = (row.try_get("", "subscription_id")?, row.try_get("", "period")?);
        let key = Key { subscription, period, subject };
        let attempt = Last {
            outcome: row.try_get("", "outcome")?,
            code: row.try_get("", "code")?,
            step: row.try_get("", "step")?,
            host: row.try_get("", "host")?,
        };
        last.insert(key, attempt);
    }
    Ok(last)
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

fn judge(case: &Case, last: Option<&Last>, settings: &Settings, issue_on: NaiveDate, words: &mut Words) -> Candidate {
    let next = case.next();
    let obstacle = match next {
        Next::Issue | Next::Adopt => issue::draft(case, settings, issue_on).err().map(|refusal| refusal.code),
        Next::Render | Next::Deliver => address::check(case.address()).err().map(|refusal| refusal.code),
        Next::Done => Some(code::DONE_ALREADY),
        Next::Blocked(code) => Some(code),
    };
    Candidate {
        key: case.key,
        invoice: case.invoice.as_ref().map(|invoice| invoice.id),
        group: words.share(&group_of(last, next)),
        host: last.map(|attempt| words.share(&attempt.host)),
        obstacle,
    }
}

/// The normalised cause: what the last failed attempt says, or else what the rows lack.
fn group_of(last: Option<&Last>, next: Next) -> String {
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
