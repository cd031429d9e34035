//! What a worker owes to open replays: the next leg that is for its host.
//!
//! A host that is out of service draws its legs too: nothing that it draws here is kept, and how it draws is the question.

use kontor_pdf::RENDERER;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::leg::{self, Taken};
use super::{LEGS, OTHER};
use crate::Result;
use crate::identity::{Pace, Process};
use crate::store::Store;
use crate::store::entities::{replay_legs, replays};
use crate::withdrawal;

/// Draws the next leg that is for this host, if there is one; says whether there was.
pub async fn duty(store: &Store, process: &Process, pace: &Pace) -> Result<bool> {
    let open = replays::Entity::find().filter(replays::Column::State.eq("open"));
    let open = open.order_by_asc(replays::Column::AskedAt).all(store.read()).await?;
    if open.is_empty() {
        return Ok(false);
    }
    leg::close_dead(store).await?;
    for replay in open {
        let legs = legs(store, &replay).await?;
        let Some(position) = next(&replay, &legs, &process.host) else { continue };
        if position == OTHER && withdrawal::open(store.read(), &process.host).await?.is_some() {
            continue;
        }
        if let Some(leg) = Taken::take(store, process, pace, (&replay, position)).await? {
            leg.draw(store, pace).await?;
            return Ok(true);
        }
    }
    Ok(false)
}

async fn legs(store: &Store, replay: &replays::Model) -> Result<Vec<replay_legs::Model>> {
    let query = replay_legs::Entity::find().filter(replay_legs::Column::ReplayId.eq(replay.id));
    Ok(query.order_by_asc(replay_legs::Column::Position).all(store.read()).await?)
}

/// The position of the next leg, if it is for this host and for this renderer: others draw other bytes.
fn next(replay: &replays::Model, legs: &[replay_legs::Model], host: &str) -> Option<i64> {
    let position = i64::try_from(legs.len()).ok()? + 1;
    let is_for_it = if position == OTHER {
        replay.host != host && replay.other_host.as_deref().is_none_or(|other| other == host)
    } else {
        replay.host == host
    };
    let is_next = position <= LEGS && legs.iter().all(|leg| leg.outcome != "running" && leg.renderer == RENDERER);
    (is_next && is_for_it).then_some(position)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;

    fn replay(other: Option<&str>) -> replays::Model {
        replays::Model {
            id: Uuid::nil(),
            host: "a".to_owned(),
            other_host: other.map(str::to_owned),
            inputs: "[]".to_owned(),
            rounds: 1,
            person: String::new(),
            desk: String::new(),
            reason: String::new(),
            request_id: Uuid::nil(),
            asked_at: DateTime::UNIX_EPOCH,
            state: "open".to_owned(),
            ended_at: None,
            confirmed_at: None,
            confirmed_by: None,
            confirmed_reason: None,
        }
    }

    fn leg(outcome: &str, renderer: &str) -> replay_legs::Model {
        replay_legs::Model {
            id: Uuid::nil(),
            replay_id: Uuid::nil(),
            position: 0,
            host: String::new(),
            boot_id: String::new(),
            worker_id: Uuid::nil(),
            program_version: String::new(),
            renderer: renderer.to_owned(),
            started_at: DateTime::UNIX_EPOCH,
            lease_expires_at: None,
            ended_at: None,
            outcome: outcome.to_owned(),
            drawings: 0,
            found: None,
        }
    }

    #[test]
    fn legs_come_in_turn_and_each_to_its_host() {
        let (any, named) = (replay(None), replay(Some("b")));
        let done = |count: usize| vec![leg("done", RENDERER); count];
        for (legs, host, expected) in [(0, "a", Some(1)), (0, "b", None), (1, "a", None), (1, "b", Some(2))] {
            assert_eq!(next(&any, &done(legs), host), expected, "{legs} {host}");
            assert_eq!(next(&named, &done(legs), host), expected, "{legs} {host}");
        }
        assert_eq!((next(&any, &done(1), "c"), next(&named, &done(1), "c")), (Some(2), None));
        assert_eq!((next(&any, &done(2), "a"), next(&any, &done(2), "b")), (Some(3), None));
        assert_eq!(next(&any, &done(3), "a"), None);
        assert_eq!(next(&any, &[leg("running", RENDERER)], "b"), None);
        assert_eq!(next(&any, &[leg("died", RENDERER)], "b"), Some(2), "a death is an end too");
        assert_eq!(next(&any, &[leg("done", "another")], "b"), None, "other bytes say nothing");
    }
}
