//! Canaries: drawing is deterministic, so drawing again is a test of the machine's memory.
//!
//! Each batch draws its documents twice and then the reference invoices, before anything of it is archived (`run::batch`);
//! now and then a worker draws what others archived again from its snapshot (`patrol`), and always what a withdrawn host
//! archived in its bad time, before it is mailed (`run::batch`). What comes out otherwise takes a host
//! out of service at once (`withdrawal`): the one that drew it, or, if this one draws steadily and its references are right,
//! the one whose work it was. What it wrote since its last good canary is unproven; where its canaries missed it, since the
//! last page of it that came out right elsewhere. What this module leaves out: what becomes
//! of that (`damage`), and a fault that hits both drawings alike and no reference.

pub(crate) mod blame;
mod patrol;

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, Utc};
use kontor_pdf::content::{Content, sha256};
use kontor_pdf::{RENDERER, RenderError};
use rayon::prelude::*;
use sea_orm::ConnectionTrait;
use tokio::sync::oneshot;
use uuid::Uuid;

pub use patrol::patrol;
pub(crate) use patrol::{prove, withdraw_unsteady};

use crate::identity::{Actor, Process};
use crate::run::workers::patiently;
use crate::seal::hex;
use crate::store::entities::{canaries, withdrawals};
use crate::store::{self, Store, Write, insert_all};
use crate::{Error, Result, failpoint, journal, withdrawal};

/// Who the journal says took a host out of service, when nobody did but the program.
pub const PERSON: &str = "kontor";

/// What was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The reference invoices.
    Reference,
    /// Each document of a batch, twice.
    Twice,
    /// Stored documents, from their snapshots.
    Sample,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Twice => "twice",
            Self::Sample => "sample",
        }
    }
}

/// A drawing that came out otherwise than it must.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// What was drawn.
    pub kind: Kind,
    /// How many drawings were made for it.
    pub drawings: usize,
    /// The same in words, for the journal.
    pub told: String,
    /// The hash it must have, where it is known.
    pub expected: Option<[u8; 32]>,
    /// The hash it came out with.
    pub found: Option<[u8; 32]>,
}

/// Draws a page. All drawing of the pipeline and its canaries goes through here, so that a test can break it.
pub fn draw(content: &Content) -> Result<Vec<u8>, RenderError> {
    let mut pdf = kontor_pdf::render(content)?;
    failpoint::flip("render.flip", &mut pdf);
    Ok(pdf)
}

/// Draws the reference invoices on all cores, off the threads that talk to the database; none when all came out right.
pub async fn references() -> Option<Alarm> {
    aside(wrong_reference).await.unwrap_or_default()
}

fn wrong_reference() -> Option<Alarm> {
    let all = kontor_pdf::references();
    let drawings = all.len();
    all.into_par_iter().find_map_any(|reference| {
        // A page that cannot be drawn any more, or not without a panic, came out otherwise too.
        let found = match catch_unwind(AssertUnwindSafe(|| drawn_as_reference(&reference.content))) {
            Ok(Ok(pdf)) if hex(&sha256(&pdf)) == reference.sha256 => return None,
            Ok(Ok(pdf)) => Some(sha256(&pdf)),
            Ok(Err(_)) | Err(_) => None,
        };
        let expected = bytes(reference.sha256);
        let told = format!("the reference invoice “{}” came out otherwise than {RENDERER} draws it", reference.name);
        Some(Alarm { kind: Kind::Reference, drawings, told, expected, found })
    })
}

fn drawn_as_reference(content: &Content) -> Result<Vec<u8>, RenderError> {
    let mut pdf = draw(content)?;
    failpoint::flip("reference.flip", &mut pdf);
    Ok(pdf)
}

fn bytes(digits: &str) -> Option<[u8; 32]> {
    let pairs = digits.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    pairs.collect::<Option<Vec<u8>>>()?.try_into().ok()
}

/// Works where it hinders nobody; none when it panicked, which on bad memory any drawing may.
pub(crate) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (sender, receiver) = oneshot::channel();
    rayon::spawn(move || {
        // A panic that leaves this closure ends the process.
        if let Ok(done) = catch_unwind(AssertUnwindSafe(work)) {
            drop(sender.send(done));
        }
    });
    receiver.await.ok()
}

/// Notes that so many drawings of a worker came out right, in the transaction at hand.
pub async fn note_good(
    connection: &impl ConnectionTrait,
    process: &Process,
    kind: Kind,
    drawings: usize,
    now: DateTime<Utc>,
) -> Result<()> {
    insert_all(connection, vec![row(process, kind, drawings, now)]).await
}

fn row(process: &Process, kind: Kind, drawings: usize, now: DateTime<Utc>) -> canaries::Model {
    canaries::Model {
        id: Uuid::now_v7(),
        host: process.host.clone(),
        boot_id: process.boot_id.clone(),
        worker_id: Some(process.id),
        drawn_at: now,
        kind: kind.word().to_owned(),
        outcome: "same".to_owned(),
        drawings: i64::try_from(drawings).unwrap_or(i64::MAX),
        document_id: None,
        author: None,
        expected_sha256: None,
        found_sha256: None,
    }
}

/// Takes this worker's own host out of service, since its last good canary. The next drawing may well come out right, so a
/// database that stumbles is asked again.
pub async fn withdraw_this(store: &Store, process: &Process, alarm: &Alarm) -> Result<Error> {
    patiently(|| withdraw_this_once(store, process, alarm)).await
}

async fn withdraw_this_once(store: &Store, process: &Process, alarm: &Alarm) -> Result<Error> {
    let write = store.write().await?;
    let now = store::now(&*write).await?;
    let mut canary = row(process, alarm.kind, alarm.drawings, now);
    "differs".clone_into(&mut canary.outcome);
    canary.expected_sha256 = alarm.expected.map(Vec::from);
    canary.found_sha256 = alarm.found.map(Vec::from);
    let since = last_good(&*write, process.id, now).await?;
    let suspect = Suspect { host: &process.host, since: since.unwrap_or(now), told: &alarm.told };
    let out = withdraw(&write, process, canary, suspect, now).await?;
    write.commit().await?;
    Ok(out)
}

/// Whom a canary accuses, since when, and why.
struct Suspect<'a> {
    host: &'a str,
    since: DateTime<Utc>,
    told: &'a str,
}

/// Notes the canary and the withdrawal; of a host that is out of service already, what its bad time lacked. Returns what its
/// workers are told.
async fn withdraw(
    write: &Write,
    process: &Process,
    canary: canaries::Model,
    Suspect { host, since, told }: Suspect<'_>,
    now: DateTime<Utc>,
) -> Result<Error> {
    let id = canary.id;
    insert_all(&**write, vec![canary]).await?;
    journal::one_at_a_time(&**write).await?;
    let actor = Actor { person: PERSON.to_owned(), desk: process.host.clone(), request: Uuid::now_v7() };
    let mut row = withdrawals::Model {
        id: Uuid::now_v7(),
        host: host.to_owned(),
        source: "canary".to_owned(),
        suspect_from_at: since,
        suspect_until_at: None,
        withdrawn_at: now,
        canary_id: Some(id),
        person: actor.person.clone(),
        desk: actor.desk.clone(),
        reason: format!("Canary: {told}."),
        request_id: actor.request,
        returned_at: None,
        returned_by: None,
        returned_reason: None,
    };
    if let Some(open) = withdrawal::open(&**write, host).await? {
        let Some(until) = withdrawal::lacks(&**write, &open, since).await? else {
            return Ok(withdrawal::out_of_service(&open));
        };
        tracing::error!(%host, %since, %until, %told, "the work of a withdrawn host is unproven for longer than was known");
        row.suspect_until_at = Some(until);
        row.returned_at = Some(now);
        row.returned_by = Some(actor.person.clone());
        row.returned_reason = Some(row.reason.clone());
        withdrawal::note(write, &actor, row, now).await?;
        return Ok(withdrawal::out_of_service(&open));
    }
    tracing::error!(%host, %since, %told, "a canary took this host out of service");
    withdrawal::note(write, &actor, row.clone(), now).await?;
    Ok(withdrawal::out_of_service(&row))
}

/// When a worker last drew right, before `until`; where it never did, when it began.
async fn last_good(
    connection: &impl ConnectionTrait,
    worker: Uuid,
    until: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>> {
    let backend = connection.get_database_backend();
    for text in [
        "SELECT MAX(c.drawn_at) AS at FROM canaries c JOIN workers w ON w.id = c.worker_id AND w.host = c.host WHERE w.id = ? \
         AND c.outcome = 'same' AND c.kind <> 'sample' AND c.drawn_at <= ?",
        "SELECT MAX(w.started_at) AS at FROM workers w WHERE w.id = ? AND w.started_at <= ?",
    ] {
        let found = connection.query_one_raw(store::sql(backend, text, [worker.into(), until.into()])).await?;
        if let Some(at) = found.and_then(|row| row.try_get::<Option<DateTime<Utc>>>("", "at").ok().flatten()) {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn references_come_out_right_on_a_sound_machine() {
        assert_eq!(references().await, None);
    }

    #[test]
    fn digits_become_bytes() {
        let golden = kontor_pdf::references();
        let all: Vec<_> = golden.iter().map(|one| bytes(one.sha256).map(|hash| hex(&hash))).collect();
        let expected: Vec<_> = golden.iter().map(|one| Some(one.sha256.to_owned())).collect();
        assert_eq!(all, expected);
        assert_eq!(bytes("3d07"), None);
    }
}
