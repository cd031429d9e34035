//! From counts to verdicts: which values stand out, which of them are behind the others, and how sure that is, in words.
//!
//! Everything here is worked out from counts alone: no database, no clock. A verdict always carries what speaks for it and
//! what speaks against it, each with its numbers.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::cube::{Attribute, Cube, Value};
use super::explain::{Standing, standings, within};
use super::hits::{Asked, hits};
use super::odds::{Count, Effect, Remains};
use super::replayed::Replayed;
use super::signs::{Sign, Signs, Traces};
use super::window::{Days, bad_days};
use crate::check::Reason;

/// How sure a cause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Striking, but too few failures to tell.
    TooFew,
    /// More often than elsewhere, but the effect is small, or something else is behind it.
    Uneven,
    /// The failures point here.
    PointsTo,
    /// They point to a host, and two or more independent signs speak for its hardware.
    HardwareSuspected,
    /// A person had it tried on another host and back.
    Confirmed,
}

impl Level {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::TooFew => "too_few",
            Self::Uneven => "uneven",
            Self::PointsTo => "points_to",
            Self::HardwareSuspected => "hardware_suspected",
            Self::Confirmed => "confirmed",
        }
    }
}

/// A value by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    /// Its attribute.
    pub attribute: Attribute,
    /// The value.
    pub value: String,
}

/// What failures can come from.
#[derive(Clone, Debug, Serialize)]
pub struct Cause {
    /// Which value it is.
    #[serde(flatten)]
    pub named: Named,
    /// How sure.
    pub level: Level,
    /// Attempts with this value that failed or left damage.
    pub failures: u64,
    /// All attempts with this value.
    pub attempts: u64,
    /// Failures per attempt among all others.
    pub baseline: f64,
    /// The days in which it was bad.
    pub window: Option<Days>,
    /// What is behind it.
    pub explained_by: Option<Named>,
    /// What it cannot be told apart from.
    pub inseparable: Vec<Named>,
    /// Signs of broken hardware; for hosts.
    pub signs: Vec<Sign>,
    /// What speaks for it, as codes; [`super::words`] has the sentences.
    pub evidence: Vec<Reason>,
    /// What speaks against it.
    pub against: Vec<Reason>,
}

/// Judges: the surest first, and what is explained by something after it.
pub fn judge(cube: &Cube, traces: &BTreeMap<String, Traces>) -> Vec<Cause> {
    let hits = hits(cube);
    let (clear, certain) = (hits.clear.len(), [hits.clear, hits.uneven].concat());
    let standings = standings(cube, &certain, clear);
    let court = Court { cube, traces };
    let standing = certain.iter().zip(&standings);
    let mut causes: Vec<Cause> =
        standing.clone().take(clear).map(|(hit, standing)| court.clear(hit, standing)).collect();
    causes.sort_by_key(|cause| (cause.explained_by.is_some(), std::cmp::Reverse(cause.level)));
    causes.extend(standing.skip(clear).map(|(hit, standing)| court.uneven(hit, standing)));
    causes.extend(hits.too_few.iter().map(|hit| court.small(hit, Level::TooFew, "too_few")));
    causes
}

struct Court<'a> {
    cube: &'a Cube,
    traces: &'a BTreeMap<String, Traces>,
}

impl Court<'_> {
    fn named(&self, value: Value) -> Named {
        Named { attribute: value.attribute, value: self.cube.name(value).to_owned() }
    }

    /// What is known of every value, however sure.
    fn cause(&self, hit: &Asked, level: Level) -> Cause {
        let Asked { here, rest, .. } = hit;
        let mut against = vec![
            Reason::against("elsewhere_too")
                .with("failures", rest.failures)
                .with("attempts", rest.attempts)
                .with("percent", percent(rest.failures, rest.attempts)),
        ];
        if here.together > 0 {
            let told = Reason::against("died_together").with("together", here.together);
            against.push(told.with("failures", here.failures).with("apart", here.apart().failures));
        }
        Cause {
            named: self.named(hit.value),
            level,
            failures: here.failures,
            attempts: here.attempts,
            baseline: rest.rate(),
            window: None,
            explained_by: None,
            inseparable: Vec::new(),
            signs: Vec::new(),
            evidence: vec![
                counted("rate", *here, *rest),
                Reason::new("share")
                    .with("failures_percent", percent(here.failures, here.failures + rest.failures))
                    .with("well_percent", percent(here.well(), here.well() + rest.well()))
                    .with("failures", here.failures + rest.failures)
                    .with("well", here.well() + rest.well()),
            ],
            against,
        }
    }

    fn small(&self, hit: &Asked, level: Level, code: &str) -> Cause {
        let mut cause = self.cause(hit, level);
        let Count { failures, attempts, .. } = hit.here.apart();
        let told = Reason::against(code).with("failures", failures).with("attempts", attempts);
        cause.against.push(told.with("points", points(hit.difference())));
        cause
    }

    fn uneven(&self, hit: &Asked, standing: &Standing) -> Cause {
        let mut cause = self.small(hit, Level::Uneven, "small_effect");
        if let Some((value, remains)) = &standing.explained_by {
            cause.explained_by = Some(self.named(*value));
            cause.against.push(self.explained(*value, remains.as_ref()));
        }
        cause
    }

    fn clear(&self, hit: &Asked, standing: &Standing) -> Cause {
        let mut cause = self.cause(hit, Level::PointsTo);
        if !hit.value.attribute.is_time() {
            self.window(hit, &mut cause);
        }
        if let Some((value, remains)) = &standing.explained_by {
            cause.level = Level::Uneven;
            cause.explained_by = Some(self.named(*value));
            cause.against.push(self.explained(*value, remains.as_ref()));
            return cause;
        }
        if standing.is_of_its_days {
            cause.level = Level::Uneven;
            cause.against.push(compared("of_its_days", &standing.within_days));
            return cause;
        }
        if standing.within_days.effect() == Effect::Holds && !hit.value.attribute.is_time() {
            cause.evidence.push(compared("holds_within_days", &standing.within_days));
        }
        for other in &standing.inseparable {
            let both = self.cube.both(hit.value, *other);
            let named = self.named(*other);
            let told = Reason::against("inseparable").with("attribute", named.attribute.word());
            cause.against.push(told.with("value", &named.value).with("attempts", both.attempts));
            cause.inseparable.push(named);
        }
        if hit.value.attribute == Attribute::Host {
            self.hardware(hit, &mut cause);
        }
        cause
    }

    /// The days in which it was bad, and what was before and after.
    fn window(&self, hit: &Asked, cause: &mut Cause) {
        cause.window = bad_days(&self.cube.days(hit.value));
        let Some(days) = &cause.window else { return };
        let told = |code: &str, count: Count| {
            let reason = Reason::new(code).with("from", &days.from).with("to", &days.to);
            reason
                .with("failures", count.failures)
                .with("attempts", count.attempts)
                .with("percent", percent(count.failures, count.attempts))
        };
        cause.evidence.push(told("window", days.inside));
        if days.outside.attempts > 0 {
            cause.against.push(Reason { against: true, ..told("outside_window", days.outside) });
        }
    }

    fn explained(&self, value: Value, remains: Option<&Remains>) -> Reason {
        let named = self.named(value);
        let told = match remains {
            Some(remains) if remains.attempts > 0 => compared("explained", remains),
            _ => Reason::new("part_of"),
        };
        Reason { against: true, ..told.with("attribute", named.attribute.word()).with("value", named.value) }
    }

    /// Whether it is the host itself, and which signs speak for its hardware.
    fn hardware(&self, hit: &Asked, cause: &mut Cause) {
        let mut is_alone = cause.inseparable.is_empty();
        for attribute in [Attribute::Version, Attribute::Template, Attribute::Kind, Attribute::Domain] {
            let remains = within(self.cube, hit, attribute);
            let is_program = matches!(attribute, Attribute::Version | Attribute::Template);
            let (code, is_against) = match remains.effect() {
                Effect::Holds => ("holds_within", false),
                Effect::Gone => ("gone_within", true),
                Effect::Untold => ("untold_within", true),
            };
            // Few customers of one domain a day: that nothing can be told about inputs does not acquit the host.
            is_alone &= !is_against || (!is_program && remains.effect() == Effect::Untold);
            let told = compared(code, &remains).with("attribute", attribute.word());
            if is_against { &mut cause.against } else { &mut cause.evidence }
                .push(Reason { against: is_against, ..told });
        }
        let nothing = Traces::default();
        let here = self.traces.get(&cause.named.value).unwrap_or(&nothing);
        let others = self.traces.iter().filter(|(host, _)| **host != cause.named.value).map(|(_, traces)| traces);
        let signs = Signs::of(here, &others.collect::<Vec<_>>(), hit.here, hit.rest);
        if !here.steps.is_empty() {
            let steps: Vec<String> = here.steps.iter().map(|(step, failures)| format!("{step} {failures}")).collect();
            cause.evidence.push(Reason::new("steps").with("steps", steps.join(", ")));
        }
        cause.evidence.extend(signs.evidence);
        cause.against.extend(signs.against);
        if is_alone {
            cause.signs.push(Sign::HostAlone);
            cause.signs.extend(signs.found);
            if cause.signs.len() >= 2 {
                cause.level = Level::HardwareSuspected;
            }
        }
        replayed(&here.replays, cause);
    }
}

/// What was drawn again since the host went bad; a person's word with it makes the cause a confirmed one.
fn replayed(replays: &[Replayed], cause: &mut Cause) {
    let is_since = |replay: &&Replayed| {
        let begin = cause.window.as_ref().and_then(|days| days.from.parse::<NaiveDate>().ok());
        begin.is_none_or(|begin| begin <= replay.asked_on)
    };
    let since: Vec<&Replayed> = replays.iter().filter(is_since).collect();
    for reason in since.iter().flat_map(|replay| replay.reasons()) {
        if reason.against { &mut cause.against } else { &mut cause.evidence }.push(reason);
    }
    if since.iter().any(|replay| replay.confirmed.is_some()) {
        cause.level = Level::Confirmed;
    }
}

fn counted(code: &str, here: Count, rest: Count) -> Reason {
    Reason::new(code)
        .with("failures", here.failures)
        .with("attempts", here.attempts)
        .with("percent", percent(here.failures, here.attempts))
        .with("rest_failures", rest.failures)
        .with("rest_attempts", rest.attempts)
        .with("rest_percent", percent(rest.failures, rest.attempts))
}

fn compared(code: &str, remains: &Remains) -> Reason {
    Reason::new(code)
        .with("observed", remains.observed)
        .with("expected", format!("{:.1}", remains.expected))
        .with("attempts", remains.attempts)
}

fn percent(part: u64, whole: u64) -> String {
    format!("{:.1}", Count { attempts: whole, failures: part, together: 0 }.rate() * 100.0)
}

fn points(difference: f64) -> String {
    format!("{:.1}", difference * 100.0)
}
