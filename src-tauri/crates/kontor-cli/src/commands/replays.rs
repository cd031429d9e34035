//! `kontor causes replay`, `replays`, `confirm` and `cancel-replay`.

use chrono::{DateTime, Utc};
use kontor::replay::{self, LEGS, Order, State, Verdict, words};
use serde::Serialize;
use uuid::Uuid;

use super::Context;
use crate::Ended;
use crate::args::{Replay, Settled};
use crate::output::count;

#[derive(Serialize)]
struct Told {
    replay: Uuid,
    host: String,
    other: Option<String>,
    state: &'static str,
    inputs: usize,
    rounds: i64,
    person: String,
    reason: String,
    asked_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    legs: Vec<ToldLeg>,
    verdict: Option<Verdict>,
    said: String,
    waits_for: Option<Waits>,
    confirmed: Option<Confirmed>,
}

#[derive(Serialize)]
struct ToldLeg {
    position: i64,
    host: String,
    outcome: &'static str,
    drawings: u64,
    wrong: Option<u64>,
    renderer: String,
}

#[derive(Serialize)]
struct Waits {
    position: i64,
    host: Option<String>,
    is_in_hand: bool,
}

#[derive(Serialize)]
struct Confirmed {
    at: DateTime<Utc>,
    by: String,
    reason: String,
}

pub async fn ask(context: &Context, command: Replay) -> anyhow::Result<Ended> {
    let store = context.store().await?;
    let Replay { host, other, rounds, limit, reason } = command;
    let asked = replay::ask(&store, &context.actor, &Order { host, other, rounds, limit, reason }).await?;
    let told = told(replay::show(store.read(), asked.id).await?);
    context.output.result(&told, |told| {
        let other = told.other.as_deref().unwrap_or("any other host");
        format!(
            "Replay {}: {} invoices, each drawn {} times on {}, on {other}, and on {} again.\nLet `kontor work` run on both; \
             `kontor causes replays` shows how it stands.",
            told.replay,
            count(told.inputs as u64),
            told.rounds,
            told.host,
            told.host
        )
    })?;
    Ok(Ended::Done)
}

pub async fn list(context: &Context, host: Option<String>) -> anyhow::Result<Ended> {
    let store = context.store().await?;
    let found = match &host {
        Some(host) => replay::of_host(store.read(), host).await?,
        None => replay::list(store.read()).await?,
    };
    let told: Vec<Told> = found.into_iter().map(told).collect();
    context.output.result(&told, |told| {
        if told.is_empty() {
            return "There are no replays. `kontor causes replay --host HOST --reason TEXT` asks for one.".to_owned();
        }
        told.iter().map(lines).collect::<Vec<_>>().join("\n")
    })?;
    Ok(Ended::Done)
}

pub async fn confirm(context: &Context, command: Settled) -> anyhow::Result<Ended> {
    let store = context.store().await?;
    let found = replay::by_id(&store, &command.replay).await?;
    replay::confirm(&store, &context.actor, found.id, &command.reason).await?;
    let told = told(replay::show(store.read(), found.id).await?);
    context.output.result(&told, |told| format!("{} is noted as the cause. {}", told.host, told.said))?;
    Ok(Ended::Done)
}

pub async fn cancel(context: &Context, command: Settled) -> anyhow::Result<Ended> {
    let store = context.store().await?;
    let found = replay::by_id(&store, &command.replay).await?;
    replay::cancel(&store, &context.actor, found.id, &command.reason).await?;
    let told = told(replay::show(store.read(), found.id).await?);
    context
        .output
        .result(&told, |told| format!("The replay of {} is taken back; no further leg begins.", told.host))?;
    Ok(Ended::Done)
}

fn told(replay: replay::Replay) -> Told {
    let wrong = |position: i64| {
        let place = usize::try_from(position - 1).ok()?;
        replay.judged?.wrong.get(place).copied()
    };
    let legs = replay.legs.iter().map(|leg| ToldLeg {
        position: leg.position,
        host: leg.host.clone(),
        outcome: leg.outcome(),
        drawings: leg.drawings,
        wrong: wrong(leg.position),
        renderer: leg.renderer.clone(),
    });
    Told {
        legs: legs.collect(),
        verdict: replay.judged.map(|judged| judged.verdict),
        said: words::verdict(&replay, false) + &words::waiting(&replay, false),
        waits_for: replay.waiting().map(|waiting| Waits {
            position: waiting.position,
            host: waiting.host.map(str::to_owned),
            is_in_hand: waiting.is_in_hand,
        }),
        state: match replay.state {
            State::Open => "open",
            State::Done => "done",
            State::Cancelled => "cancelled",
        },
        replay: replay.id,
        host: replay.host,
        other: replay.other,
        inputs: replay.inputs,
        rounds: replay.rounds,
        person: replay.person,
        reason: replay.reason,
        asked_at: replay.asked_at,
        ended_at: replay.ended_at,
        confirmed: replay.confirmed.map(|(at, by, reason)| Confirmed { at, by, reason }),
    }
}

fn lines(told: &Told) -> String {
    let mut text = format!(
        "{}  {}  {}  asked by {} on {} (UTC): {}\n",
        told.replay,
        told.host,
        told.state,
        told.person,
        told.asked_at.format("%Y-%m-%d %H:%M"),
        told.reason
    );
    for leg in &told.legs {
        let wrong = leg.wrong.map_or_else(String::new, |wrong| format!(", {} of them wrong", count(wrong)));
        let (position, host, outcome) = (leg.position, &leg.host, leg.outcome);
        text.push_str(&format!("  {position} of {LEGS}  {host}  {outcome}, {} drawings{wrong}\n", count(leg.drawings)));
    }
    if !told.said.is_empty() {
        text.push_str(&format!("  {}\n", told.said));
    }
    if told.verdict == Some(Verdict::Reproduced) && told.confirmed.is_none() {
        let id = told.replay;
        text.push_str(&format!("  Note it as the cause: `kontor causes confirm --replay {id} --reason TEXT`\n"));
    }
    text
}
