//! `kontor causes`.

use kontor::cause::{self, Cause, Days, Found, Level, Named, Sign, Span, words};
use kontor::check::Reason;
use serde::Serialize;

use super::{Context, damage, replays};
use crate::Ended;
use crate::args::{Causes, OfCause};
use crate::output::{Output, count};

#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    named: &'a Named,
    level: Level,
    failures: u64,
    attempts: u64,
    baseline: f64,
    window: Option<&'a Days>,
    explained_by: Option<&'a Named>,
    inseparable: &'a [Named],
    signs: &'a [Sign],
    evidence: Vec<String>,
    against: Vec<String>,
}

pub async fn run(context: &Context, command: Causes) -> anyhow::Result<Ended> {
    match command.command {
        Some(OfCause::Damage(command)) => return damage::run(context, command).await,
        Some(OfCause::Replay(command)) => return replays::ask(context, command).await,
        Some(OfCause::Replays { host }) => return replays::list(context, host).await,
        Some(OfCause::Confirm(command)) => return replays::confirm(context, command).await,
        Some(OfCause::CancelReplay(command)) => return replays::cancel(context, command).await,
        None => {}
    }
    let store = context.store().await?;
    let found = cause::causes(&store, Span { from: command.from, to: command.to }).await?;
    if found.attempts == 0 {
        Output::remark("There are no attempts in these days.");
    }
    let told: Vec<Told<'_>> = found.causes.iter().map(told).collect();
    context.output.result(&told, |_| lines(&found))?;
    Ok(Ended::Done)
}

fn sentences(reasons: &[Reason]) -> Vec<String> {
    reasons.iter().map(|reason| words::reason(reason, false)).collect()
}

fn told(cause: &Cause) -> Told<'_> {
    Told {
        named: &cause.named,
        level: cause.level,
        failures: cause.failures,
        attempts: cause.attempts,
        baseline: cause.baseline,
        window: cause.window.as_ref(),
        explained_by: cause.explained_by.as_ref(),
        inseparable: &cause.inseparable,
        signs: &cause.signs,
        evidence: sentences(&cause.evidence),
        against: sentences(&cause.against),
    }
}

fn lines(found: &Found) -> String {
    let mut text =
        format!("{} attempts, of which {} failed or left damage.\n", count(found.attempts), count(found.failures));
    if found.causes.is_empty() {
        text.push_str(&words::sentence("nothing", false));
    }
    for cause in &found.causes {
        let Named { attribute, value } = &cause.named;
        text.push_str(&format!(
            "\n{} = {value}: {}",
            words::attribute(*attribute, false),
            words::level(cause.level, false)
        ));
        if let Some(behind) = &cause.explained_by {
            text.push_str(&format!(", explained by {} = {}", words::attribute(behind.attribute, false), behind.value));
        }
        if let Some(days) = cause.window.as_ref().filter(|_| cause.explained_by.is_none()) {
            text.push_str(&format!(", from {} to {}", days.from, days.to));
        }
        text.push('\n');
        if !cause.signs.is_empty() {
            let signs: Vec<&str> = cause.signs.iter().map(|sign| words::sign(*sign, false)).collect();
            text.push_str(&format!("  Signs of broken hardware: {}\n", signs.join("; ")));
        }
        for (mark, reasons) in [('+', &cause.evidence), ('-', &cause.against)] {
            for sentence in sentences(reasons) {
                text.push_str(&format!("  {mark} {sentence}\n"));
            }
        }
    }
    text
}
