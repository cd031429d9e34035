//! Replays, in the words of the contract.

use kontor::replay::{self as office_replay, LEGS, OTHER, Order, words};

use super::{Answered, Handle, asked_reason};
use crate::event::Part;
use crate::failure::{Failure, Fault, RecordKind};
use crate::finding::Bilingual;
use crate::office::{Office, Open};
use crate::problem::Problem;
use crate::replays::{
    AskReplay, CancelReplay, ConfirmReplay, Replay, ReplayConfirmed, ReplayLeg, ReplayLegState, ReplayState,
    ReplayVerdict, Replays, ShowReplays,
};

/// What changes with a replay.
const PARTS: [Part; 2] = [Part::Replays, Part::Journal];

impl Handle for ShowReplays {
    async fn handle(self, office: &Office) -> Answered<Replays> {
        let open = office.open()?;
        let read = open.store.read();
        let replays = office_replay::of_host(read, &self.host).await?.into_iter().map(told).collect();
        Ok(Replays { others: office_replay::others(read, &self.host).await?, replays })
    }
}

impl Handle for AskReplay {
    async fn handle(self, office: &Office) -> Answered<Replay> {
        let reason = asked_reason(&self.reason)?;
        let open = office.open()?;
        if let Some(other) = &self.other
            && !office_replay::others(open.store.read(), &self.host).await?.contains(other)
        {
            return Err(Failure::invalid("other", Fault::Malformed).into());
        }
        let order = Order { other: self.other, ..Order::of(&self.host, &reason) };
        let asked = office_replay::ask(&open.store, &office.actor(self.request_id), &order).await;
        let asked = asked.map_err(|error| unknown(error, RecordKind::Host, &self.host))?;
        office.changed(&PARTS);
        show(&open, asked.id).await
    }
}

impl Handle for ConfirmReplay {
    async fn handle(self, office: &Office) -> Answered<Replay> {
        let reason = asked_reason(&self.reason)?;
        let open = office.open()?;
        let done = office_replay::confirm(&open.store, &office.actor(self.request_id), self.replay, &reason).await;
        done.map_err(|error| unknown(error, RecordKind::Replay, &self.replay.to_string()))?;
        office.changed(&PARTS);
        show(&open, self.replay).await
    }
}

impl Handle for CancelReplay {
    async fn handle(self, office: &Office) -> Answered<Replay> {
        let reason = asked_reason(&self.reason)?;
        let open = office.open()?;
        let done = office_replay::cancel(&open.store, &office.actor(self.request_id), self.replay, &reason).await;
        done.map_err(|error| unknown(error, RecordKind::Replay, &self.replay.to_string()))?;
        office.changed(&PARTS);
        show(&open, self.replay).await
    }
}

fn unknown(error: kontor::Error, kind: RecordKind, key: &str) -> Problem {
    match error {
        kontor::Error::NotFound(_) => Failure::not_found(kind, key).into(),
        error => error.into(),
    }
}

async fn show(open: &Open, id: uuid::Uuid) -> Answered<Replay> {
    Ok(told(office_replay::show(open.store.read(), id).await?))
}

fn told(replay: office_replay::Replay) -> Replay {
    Replay {
        waits: replay
            .waiting()
            .is_some()
            .then(|| Bilingual { de: words::waiting(&replay, true), en: words::waiting(&replay, false) }),
        verdict: replay.judged.map(|judged| verdict(judged.verdict)),
        said: replay
            .judged
            .is_some()
            .then(|| Bilingual { de: words::verdict(&replay, true), en: words::noted(&replay) }),
        legs: (1..=LEGS).map(|position| leg(&replay, position)).collect(),
        state: match replay.state {
            office_replay::State::Open => ReplayState::Open,
            office_replay::State::Done => ReplayState::Done,
            office_replay::State::Cancelled => ReplayState::Cancelled,
        },
        inputs: i64::try_from(replay.inputs).unwrap_or(i64::MAX),
        id: replay.id,
        host: replay.host,
        asked_at: replay.asked_at,
        person: replay.person,
        reason: replay.reason,
        rounds: replay.rounds,
        confirmed: replay.confirmed.map(|(at, person, reason)| ReplayConfirmed { at, person, reason }),
    }
}

fn leg(replay: &office_replay::Replay, position: i64) -> ReplayLeg {
    let place = usize::try_from(position - 1).unwrap_or(0);
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let host = if position == OTHER { replay.other_host() } else { Some(replay.host.as_str()) };
    let begun = replay.legs.get(place);
    ReplayLeg {
        host: host.map(str::to_owned),
        state: begun.map_or(ReplayLegState::Waiting, |leg| match (leg.is_running, leg.has_died) {
            (true, _) => ReplayLegState::Running,
            (_, true) => ReplayLegState::Died,
            _ => ReplayLegState::Done,
        }),
        drawings: begun.map_or(0, |leg| count(leg.drawings)),
        wrong: replay.judged.map(|judged| count(judged.wrong[place])),
    }
}

fn verdict(verdict: office_replay::Verdict) -> ReplayVerdict {
    match verdict {
        office_replay::Verdict::Reproduced => ReplayVerdict::Reproduced,
        office_replay::Verdict::NotReproduced => ReplayVerdict::NotReproduced,
        office_replay::Verdict::Mixed => ReplayVerdict::Mixed,
        office_replay::Verdict::BUnsteady => ReplayVerdict::BUnsteady,
    }
}
