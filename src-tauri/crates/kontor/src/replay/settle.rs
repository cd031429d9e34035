//! What a person makes of a replay: notes the host as the cause, or takes back a replay that is still open.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, Value};
use serde_json::json;
use uuid::Uuid;

use super::{Replay, State, Verdict, show, words};
use crate::identity::Actor;
use crate::obstacle::Obstacle;
use crate::store::{self, Store, Write};
use crate::{Error, Result, journal};

/// The journal's word for noting a host as the cause.
pub const CONFIRMED: &str = "host.confirm";
/// The journal's word for taking a replay back.
pub const CANCELLED: &str = "host.cancel_replay";

/// Notes that the host is the cause; only after the failures were reproduced there, and nowhere else. The same request a
/// second time does nothing more.
pub async fn confirm(store: &Store, actor: &Actor, replay: Uuid, reason: &str) -> Result<()> {
    require_reason(reason, "Confirming a cause")?;
    if journal::done_before(store.read(), actor.request, CONFIRMED).await?.is_some() {
        return Ok(());
    }
    let write = store.write().await?;
    let found = show(&*write, replay).await?;
    may_confirm(&found)?;
    let now = store::now(&*write).await?;
    let text = "UPDATE replays SET confirmed_at = ?, confirmed_by = ?, confirmed_reason = ? WHERE id = ? AND state = 'done' \
                AND confirmed_at IS NULL";
    let values = [now.into(), actor.person.clone().into(), reason.into(), replay.into()];
    if !change(&write, text, values).await? {
        return Err(Error::Refused("Somebody else has just confirmed it; nothing was changed.".to_owned()));
    }
    let after = json!({ "host": found.host, "wrong": found.judged.map(|judged| judged.wrong) });
    note(&write, actor, now, (CONFIRMED, replay, reason), after).await?;
    write.commit().await
}

fn may_confirm(replay: &Replay) -> Result<()> {
    let Replay { host, .. } = replay;
    if let Some((_, person, _)) = &replay.confirmed {
        let sentence = format!("{person} has confirmed {host} with this replay already.");
        return Err(Obstacle::ConfirmedBefore { person: person.clone() }.says(sentence).into());
    }
    let why = match (replay.state, replay.judged) {
        (State::Done, Some(judged)) if judged.verdict == Verdict::Reproduced => return Ok(()),
        (State::Done, _) => format!(
            "{} Only what was reproduced is. Ask for another replay (`kontor causes replay`).",
            words::verdict(replay, false)
        ),
        (State::Open, _) => "the replay has not ended. Let `kontor work` run on both hosts until it has.".to_owned(),
        (State::Cancelled, _) => "this replay was taken back. Ask for another one (`kontor causes replay`).".to_owned(),
    };
    Err(Obstacle::NotReproduced.says(format!("{host} is not confirmed: {why}")).into())
}

/// Takes back a replay that is open: no further leg begins. The same request a second time does nothing more.
pub async fn cancel(store: &Store, actor: &Actor, replay: Uuid, reason: &str) -> Result<()> {
    require_reason(reason, "Taking a replay back")?;
    if journal::done_before(store.read(), actor.request, CANCELLED).await?.is_some() {
        return Ok(());
    }
    let write = store.write().await?;
    let found = show(&*write, replay).await?;
    let now = store::now(&*write).await?;
    let text = "UPDATE replays SET state = 'cancelled', ended_at = ? WHERE id = ? AND state = 'open'";
    if !change(&write, text, [now.into(), replay.into()]).await? {
        let sentence = format!("This replay of {} is over already; nothing was changed.", found.host);
        return Err(Obstacle::ReplayOver.says(sentence).into());
    }
    note(&write, actor, now, (CANCELLED, replay, reason), json!({ "host": found.host })).await?;
    write.commit().await
}

fn require_reason(reason: &str, what: &str) -> Result<()> {
    if reason.trim().is_empty() {
        return Err(Error::Usage(format!("{what} needs a reason; it stands in the journal.")));
    }
    Ok(())
}

async fn change(write: &Write, text: &str, values: impl IntoIterator<Item = Value>) -> Result<bool> {
    let changed = write.execute_raw(store::sql(write.get_database_backend(), text, values)).await?;
    Ok(changed.rows_affected() > 0)
}

async fn note(
    write: &Write,
    actor: &Actor,
    now: DateTime<Utc>,
    (action, replay, reason): (&'static str, Uuid, &str),
    after: serde_json::Value,
) -> Result<()> {
    let record = Some(("replays", replay.to_string()));
    let entry = journal::Entry { action, record, reason, before: None, after: Some(after) };
    journal::record(&**write, actor, now, entry).await
}
