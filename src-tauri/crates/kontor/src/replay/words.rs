//! What a replay says and waits for, as sentences in both languages.

use super::{OTHER, Replay};
use crate::cause::{Replayed, words};
use crate::check::Reason;

/// What follows from it; empty while legs are missing.
pub fn verdict(replay: &Replay, german: bool) -> String {
    told(replay, |reason| words::reason(reason, german))
}

/// The same in English, with figures and days as the office writes them.
pub fn noted(replay: &Replay) -> String {
    told(replay, words::noted)
}

fn told(replay: &Replay, say: impl Fn(&Reason) -> String) -> String {
    let Some(replayed) = Replayed::of(replay) else { return String::new() };
    replayed.reasons().iter().map(say).collect::<Vec<_>>().join(" ")
}

/// What it waits for; empty when it is over.
pub fn waiting(replay: &Replay, german: bool) -> String {
    let Some(waiting) = replay.waiting() else { return String::new() };
    let any = if german { "einem anderen Rechner" } else { "another host" };
    let host = waiting.host.unwrap_or(any);
    let renderer = waiting.renderer.filter(|renderer| *renderer != kontor_pdf::RENDERER).unwrap_or_default();
    let text = match (waiting.is_in_hand, waiting.position == OTHER, german) {
        (true, _, true) => format!("Wird auf {host} gezeichnet."),
        (true, _, false) => format!("Being drawn on {host}."),
        (false, _, true) => format!("Wartet auf einen Arbeitsprozess auf {host} (kontor work)."),
        (false, _, false) => format!("Waits for a worker on {host} (kontor work)."),
    };
    match (renderer.is_empty(), german) {
        (true, _) => text,
        (false, true) => format!("{text} Begonnen wurde mit {renderer}: Nur dieselbe Programmversion setzt sie fort."),
        (false, false) => format!("{text} It was begun with {renderer}: only the same version goes on with it."),
    }
}
