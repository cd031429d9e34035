//! Evidence: what was learned about mails, kept word for word, and never changed.
//!
//! Each piece that is read from outside (a log, a bounce) has a fingerprint, so that reading it again adds nothing. What
//! this module leaves out: what follows from a verdict (`settle`), and reading (`maillog`, `bounce`).

mod mail;

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use mail::{Keys, Mail, Mails};

use super::settle;
use crate::seal::{Canonical, hex};
use crate::store::entities::delivery_evidence;
use crate::store::{self, Lock, Store, insert_all, places};
use crate::{Result, run::code};

/// Pieces written together.
const PAGE: usize = 400;
/// How often a database that stumbles, or another reader of the same log, is given way to.
const TRIES: u32 = 6;
/// Longest text that is kept of one line.
const LONGEST: usize = 600;

/// A piece of evidence about one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The mail.
    pub delivery: Uuid,
    /// The attempt it came with.
    pub attempt: Option<Uuid>,
    /// Where it comes from (`delivery_evidence.source`).
    pub source: &'static str,
    /// What it says (`delivery_evidence.verdict`).
    pub verdict: &'static str,
    /// The normalised code that follows, none when it went well.
    pub code: Option<&'static str>,
    /// Reply code of a mail server, if there is one.
    pub reply_code: Option<i64>,
    /// Word for word, addresses masked.
    pub detail: String,
    /// When it was seen.
    pub seen_at: DateTime<Utc>,
    /// The mail server's own id of the mail.
    pub queue_id: Option<String>,
    /// Tells it from all other evidence; the same piece comes in once.
    pub fingerprint: Option<String>,
}

/// What came of writing evidence down.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct Recorded {
    /// Pieces that are new.
    pub added: u64,
    /// Pieces that were known already.
    pub known: u64,
    /// Mails that got another state, by that state.
    pub settled: BTreeMap<String, u64>,
    /// Message-IDs of mails that a server took although they stand as refused: another mail has followed them, or it was a
    /// bounce that says so.
    pub contradicted: Vec<String>,
}

impl Recorded {
    /// Adds what came of another part.
    pub fn add(&mut self, other: Self) {
        self.added += other.added;
        self.known += other.known;
        for (state, number) in other.settled {
            *self.settled.entry(state).or_default() += number;
        }
        self.contradicted.extend(other.contradicted);
    }
}

/// The text of a line as it is kept: addresses masked, of bounded length, on one line.
pub fn kept(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let masked = code::masked(plain.trim());
    if masked.chars().count() <= LONGEST {
        return masked;
    }
    masked.chars().take(LONGEST).chain(['…']).collect()
}

/// The mail server's own id in its reply after the message: Postfix (`queued as X`), Exim (`id=X`), `OpenSMTPD` and
/// Sendmail (`2.0.0 X Message accepted for delivery`).
pub fn queue_id(reply: &str) -> Option<String> {
    let word = |text: &str| -> Option<String> {
        let word: String = text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        (4..=64).contains(&word.len()).then_some(word)
    };
    if let Some((_, rest)) = reply.split_once("queued as ") {
        return word(rest);
    }
    if let Some((_, rest)) = reply.split_once(" id=") {
        return word(rest);
    }
    let lower = reply.to_ascii_lowercase();
    let before = &reply[..lower.find(" message accepted for delivery")?];
    word(before.rsplit(' ').next().unwrap_or_default())
}

/// A fingerprint over what tells a piece of evidence from others.
pub fn fingerprint(source: &str, delivery: Uuid, parts: &[&str]) -> String {
    let canonical = Canonical::of("evidence").text(source).uuid(delivery);
    hex(&parts.iter().fold(canonical, |canonical, part| canonical.text(part)).sha256())
}

/// Writes evidence down as rows, without consequences.
pub(super) async fn insert(connection: &impl ConnectionTrait, evidence: Vec<Evidence>) -> Result<()> {
    let rows = evidence.into_iter().map(|one| delivery_evidence::Model {
        id: Uuid::now_v7(),
        delivery_id: one.delivery,
        attempt_id: one.attempt,
        source: one.source.to_owned(),
        verdict: one.verdict.to_owned(),
        reply_code: one.reply_code,
        detail: one.detail,
        seen_at: one.seen_at,
        queue_id: one.queue_id,
        fingerprint: one.fingerprint,
    });
    insert_all(connection, rows.collect()).await
}

/// Writes down that a person says what became of a mail; false where the state is no outcome.
pub(crate) async fn of_person(
    connection: &impl ConnectionTrait,
    delivery: Uuid,
    state: &str,
    said: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let outcomes = ["accepted", "refused", "unknown", "bounced"];
    let Some(verdict) = outcomes.into_iter().find(|verdict| *verdict == state) else { return Ok(false) };
    let one = Evidence {
        delivery,
        attempt: None,
        source: "person",
        verdict,
        code: None,
        reply_code: None,
        detail: kept(said),
        seen_at: now,
        queue_id: None,
        fingerprint: None,
    };
    insert(connection, vec![one]).await?;
    Ok(true)
}

/// Writes down what was read from outside and settles the mails it is about, in transactions of some hundreds.
pub async fn record(store: &Store, evidence: Vec<Evidence>) -> Result<Recorded> {
    let mut recorded = Recorded::default();
    for page in evidence.chunks(PAGE) {
        recorded.add(record_page(store, page).await?);
    }
    Ok(recorded)
}

async fn record_page(store: &Store, page: &[Evidence]) -> Result<Recorded> {
    let mut tries = 0;
    loop {
        match record_once(store, page).await {
            // Another desk reads the same log: what it wrote is known the next time.
            Err(error) if tries < TRIES && (error.is_passing() || error.is_duplicate()) => {
                tokio::time::sleep(Duration::from_millis(20 << tries)).await;
                tries += 1;
            }
            other => return other,
        }
    }
}

async fn record_once(store: &Store, page: &[Evidence]) -> Result<Recorded> {
    // A look without locks, so that reading the same file again waits for nobody.
    let new = unknown_of(store.read(), page).await?;
    let known = (page.len() - new.len()) as u64;
    if new.is_empty() {
        return Ok(Recorded { known, ..Recorded::default() });
    }
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    let before = states(&*write, &new, Lock::Wait).await?;
    settle::follow(&*write, &new, now).await?;
    let after = states(&*write, &new, Lock::Wait).await?;
    let mut recorded = Recorded { added: new.len() as u64, known, ..Recorded::default() };
    let taken: HashSet<Uuid> = new.iter().filter(|one| one.verdict == "accepted").map(|one| one.delivery).collect();
    for (id, (state, message_id)) in after {
        if before.get(&id).is_some_and(|(earlier, _)| *earlier != state) {
            *recorded.settled.entry(state).or_default() += 1;
        } else if state == "refused" && taken.contains(&id) {
            recorded.contradicted.push(message_id);
        }
    }
    insert(&*write, new).await?;
    write.commit().await?;
    Ok(recorded)
}

/// The pieces whose fingerprint is not there yet, each once.
async fn unknown_of(connection: &impl ConnectionTrait, page: &[Evidence]) -> Result<Vec<Evidence>> {
    let prints: Vec<Value> = page.iter().filter_map(|one| one.fingerprint.clone()).map(Into::into).collect();
    let mut seen = HashSet::new();
    if !prints.is_empty() {
        let text = format!("SELECT fingerprint FROM delivery_evidence WHERE fingerprint IN ({})", places(prints.len()));
        let backend = connection.get_database_backend();
        for row in connection.query_all_raw(store::sql(backend, &text, prints)).await? {
            seen.insert(row.try_get::<String>("", "fingerprint")?);
        }
    }
    let is_new = |one: &&Evidence| one.fingerprint.as_ref().is_none_or(|print| seen.insert(print.clone()));
    Ok(page.iter().filter(is_new).cloned().collect())
}

/// States and Message-IDs of the mails that evidence is about.
async fn states(
    connection: &impl ConnectionTrait,
    evidence: &[Evidence],
    lock: Lock,
) -> Result<BTreeMap<Uuid, (String, String)>> {
    let ids: HashSet<Uuid> = evidence.iter().map(|one| one.delivery).collect();
    let backend = connection.get_database_backend();
    let text = format!("SELECT id, state, message_id FROM deliveries WHERE id IN ({}) ORDER BY id", places(ids.len()));
    let text = store::locking(backend, &text, lock);
    let mut states = BTreeMap::new();
    for row in connection.query_all_raw(store::sql(backend, &text, ids.into_iter().map(Into::into))).await? {
        states.insert(row.try_get("", "id")?, (row.try_get("", "state")?, row.try_get("", "message_id")?));
    }
    Ok(states)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_servers_queue_id_is_found() {
        for (reply, id) in [
            ("2.0.0 Ok: queued as 9504A9864CC", "9504A9864CC"),
            ("2.0.0 Ok: queued as 4jZZDt67Zqz1SGnX", "4jZZDt67Zqz1SGnX"),
            ("2.0.0 a26b7f42 Message accepted for delivery", "a26b7f42"),
            ("OK id=1tFhXQ-000000002Ab-3xYz", "1tFhXQ-000000002Ab-3xYz"),
            ("2.0.0 r0V8aB12012345 Message accepted for delivery", "r0V8aB12012345"),
        ] {
            assert_eq!(queue_id(reply).as_deref(), Some(id), "{reply}");
        }
        for reply in ["2.0.0 Ok", "", "queued as ", "ok 1234 qp 5678", "Message accepted for delivery", "queued as <x>"]
        {
            assert_eq!(queue_id(reply), None, "{reply}");
        }
    }

    #[test]
    fn what_is_kept_is_masked_and_short() {
        assert_eq!(kept("said: 550 <max@example.com>\r\n no"), "said: 550 <m…@example.com>   no");
        assert_eq!(kept(&"ä".repeat(5_000)).chars().count(), LONGEST + 1);
    }
}
