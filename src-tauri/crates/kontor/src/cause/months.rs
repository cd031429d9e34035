//! A thousand made-up months: how often the right cause is found, and how often a wrong one.
//!
//! Every month is drawn from a seed of its own, as counts. The months with a fault of the program are made as misleading as
//! can be: its failures die by SIGSEGV, show many symptoms and flip bits, wherever the program ran.

use std::collections::BTreeMap;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Binomial, Distribution};
use rayon::prelude::*;

use super::cube::{Attribute, Cube};
use super::odds::Count;
use super::signs::Traces;
use super::verdict::{Cause, Level, judge};

const HOSTS: [&str; 4] = ["eins", "zwei", "drei", "vier"];
const DAYS: u64 = 28;

/// What distinguishes one attempt from another.
#[derive(Clone, Copy, Debug)]
struct Case {
    host: &'static str,
    day: u64,
    version: &'static str,
    template: &'static str,
    kind: &'static str,
    domain: &'static str,
}

/// How versions came to hosts.
#[derive(Clone, Copy, Debug)]
enum Rollout {
    /// A new one everywhere, twice a month.
    Everywhere,
    /// The new one on the third host only, from the middle of the month.
    OnOneHost,
    /// The new one on the third host only, all month.
    AlwaysOnOneHost,
}

/// A month to be drawn.
#[derive(Clone, Copy)]
struct Plan {
    attempts: u64,
    rollout: Rollout,
    /// Failures per attempt.
    rate: fn(Case) -> f64,
    /// Hosts whose failures show signs of broken memory; with none, the program's show them everywhere.
    signs: Option<&'static [&'static str]>,
}

fn version(rollout: Rollout, host: &str, day: u64) -> &'static str {
    match rollout {
        Rollout::Everywhere if day < 10 => "1",
        Rollout::Everywhere if day < 20 => "2",
        Rollout::Everywhere => "3",
        Rollout::OnOneHost if host == "drei" && day >= 14 => "2",
        Rollout::AlwaysOnOneHost if host == "drei" => "2",
        Rollout::OnOneHost | Rollout::AlwaysOnOneHost => "1",
    }
}

/// All cases of a month with their share: the new template is tried out on the third host.
fn cases(rollout: Rollout) -> Vec<(Case, f64)> {
    let mut cases = Vec::new();
    for day in 0..DAYS {
        for host in HOSTS {
            let version = version(rollout, host, day);
            let new = if day < 16 {
                0.0
            } else if host == "drei" {
                0.85
            } else {
                0.06
            };
            for (template, tried) in [("6", 1.0 - new), ("7", new)] {
                for (kind, kinds) in [("person", 0.9), ("company", 0.1)] {
                    for (domain, domains) in [("example.com", 0.7), ("example.org", 0.3)] {
                        let share = tried * kinds * domains / 112.0;
                        cases.push((Case { host, day, version, template, kind, domain }, share));
                    }
                }
            }
        }
    }
    cases
}

fn draw(plan: Plan, seed: u64) -> Vec<Cause> {
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let mut cube = Cube::default();
    let mut traces: BTreeMap<String, Traces> = BTreeMap::new();
    let mut binomial =
        |count: u64, rate: f64| Binomial::new(count, rate.clamp(0.0, 1.0)).map_or(0, |curve| curve.sample(&mut dice));
    for (case, share) in cases(plan.rollout) {
        let attempts = binomial(2 * plan.attempts, share / 2.0);
        let failures = binomial(attempts, (plan.rate)(case));
        let boot = format!("{}-{}", case.host, case.day / 14);
        let day = format!("2013-01-{:02}", case.day + 1);
        let values = [
            Some(case.host),
            Some(&boot),
            None,
            Some(case.version),
            Some(case.template),
            Some(case.kind),
            Some(case.domain),
            Some(&day),
            None,
        ];
        cube.add(values, Count { attempts, failures, together: 0 });
        let here = traces.entry(case.host.to_owned()).or_default();
        let shows = plan.signs.is_none_or(|hosts| hosts.contains(&case.host));
        leave(here, failures, shows);
    }
    judge(&cube, &traces)
}

/// What failures leave behind: with signs of broken memory, all of them.
fn leave(here: &mut Traces, failures: u64, shows: bool) {
    *here.symptoms.entry("mail").or_default() += failures;
    if shows {
        for symptom in ["killed", "amounts", "texts", "documents"] {
            *here.symptoms.entry(symptom).or_default() += failures / 2 + failures % 2;
        }
        here.machine_signals += failures;
        here.values += failures;
        here.single_bits += failures;
        here.bits[5] += failures;
    }
}

/// Draws so many months and counts those of which something is true.
fn count(plan: Plan, months: std::ops::Range<u64>, is_true: impl Fn(&[Cause]) -> bool + Sync) -> u64 {
    months.into_par_iter().filter(|seed| is_true(&draw(plan, *seed))).count() as u64
}

fn stands(cause: &Cause) -> bool {
    cause.level >= Level::PointsTo && cause.explained_by.is_none()
}

fn found(causes: &[Cause], attribute: Attribute, value: &str) -> bool {
    causes.iter().any(|cause| stands(cause) && cause.named.attribute == attribute && cause.named.value == value)
}

fn hardware(causes: &[Cause]) -> bool {
    causes.iter().any(|cause| cause.level >= Level::HardwareSuspected)
}

fn say(what: &str, count: u64, of: u64) {
    println!("{what:<68} {count:>4} of {of}");
}

const FEW: u64 = 5_000;
const MANY: u64 = 1_000_000;
const QUIET: Option<&[&str]> = Some(&[]);

#[test]
fn without_a_cause_nothing_is_blamed() {
    let plan = |attempts, rate| Plan { attempts, rollout: Rollout::Everywhere, rate, signs: QUIET };
    let few = count(plan(FEW, |_| 0.02), 0..260, |causes| causes.iter().any(stands));
    let many = count(plan(MANY, |_| 0.1), 260..300, |causes| causes.iter().any(stands));
    say("no cause, 100 failures: something is blamed", few, 260);
    say("no cause, 100,000 failures: something is blamed", many, 40);
    assert!(20 * few <= 260 && 20 * many <= 40, "{few} {many}");
}

#[test]
fn a_bad_host_is_found() {
    let one = |case: Case| if case.host == "drei" { 0.05 } else { 0.01 };
    let much = |case: Case| if case.host == "drei" { 0.25 } else { 0.05 };
    let plan = |attempts, rate| Plan { attempts, rollout: Rollout::Everywhere, rate, signs: Some(&["drei"]) };
    let right = |causes: &[Cause]| found(causes, Attribute::Host, "drei");
    let alone = |causes: &[Cause]| right(causes) && causes.iter().filter(|cause| stands(cause)).count() == 1;
    for (what, plan, months) in
        [("100 failures", plan(FEW, one), 300..450), ("100,000 failures", plan(MANY, much), 450..490)]
    {
        let all = months.end - months.start;
        let (host, only) = (count(plan, months.clone(), right), count(plan, months.clone(), alone));
        say(&format!("one host at 5 times the rate, {what}: found"), host, all);
        say(&format!("one host at 5 times the rate, {what}: and nothing else blamed"), only, all);
        say(&format!("one host at 5 times the rate, {what}: hardware"), count(plan, months, hardware), all);
        assert!(10 * host >= 9 * all && 10 * only >= 8 * all, "{host} {only} of {all}");
    }
}

#[test]
fn two_bad_hosts_are_both_found() {
    let rate = |case: Case| if matches!(case.host, "zwei" | "drei") { 0.05 } else { 0.005 };
    let plan = Plan { attempts: FEW, rollout: Rollout::Everywhere, rate, signs: Some(&["zwei", "drei"]) };
    let both = |causes: &[Cause]| found(causes, Attribute::Host, "zwei") && found(causes, Attribute::Host, "drei");
    let right = count(plan, 490..590, both);
    say("two hosts at 10 times the rate: both found", right, 100);
    assert!(right >= 90, "{right}");
}

#[test]
fn what_only_came_along_is_explained() {
    // Bad in four days, in which a version ran that ran on no other day, and mostly under a template tried out there.
    let rate = |case: Case| if case.host == "drei" && (20..24).contains(&case.day) { 0.5 } else { 0.01 };
    let plan = Plan { attempts: FEW, rollout: Rollout::Everywhere, rate, signs: Some(&["drei"]) };
    let right = |causes: &[Cause]| {
        let stand: Vec<&Cause> = causes.iter().filter(|cause| stands(cause)).collect();
        stand.len() == 1 && found(causes, Attribute::Host, "drei")
    };
    let days = |causes: &[Cause]| {
        let host = causes.iter().find(|cause| cause.named.attribute == Attribute::Host);
        host.and_then(|cause| cause.window.as_ref())
            .is_some_and(|days| days.from == "2013-01-21" && days.to == "2013-01-24")
    };
    let (alone, dated) = (count(plan, 590..690, right), count(plan, 590..690, days));
    say("bad for four days, template and days come along: the host alone", alone, 100);
    say("bad for four days: to the day", dated, 100);
    assert!(alone >= 90 && dated >= 90, "{alone} {dated}");
}

#[test]
fn a_faulty_program_is_not_called_hardware() {
    let by_version = |case: Case| if case.version == "2" { 0.2 } else { 0.01 };
    let by_template = |case: Case| if case.template == "7" { 0.2 } else { 0.01 };
    let by_input = |case: Case| if case.domain == "example.org" { 0.1 } else { 0.01 };
    let by_both = |case: Case| if case.version == "2" && case.kind == "company" { 0.5 } else { 0.01 };
    let (mut called, mut months, mut first) = (0, 0, 690);
    for (what, rollout, rate) in [
        ("a version everywhere", Rollout::Everywhere, by_version as fn(Case) -> f64),
        ("a version on one host", Rollout::OnOneHost, by_version),
        ("a version always on one host", Rollout::AlwaysOnOneHost, by_version),
        ("a template mostly on one host", Rollout::Everywhere, by_template),
        ("an input", Rollout::Everywhere, by_input),
        ("an input in a version on one host", Rollout::OnOneHost, by_both),
    ] {
        for (attempts, seeds) in [(FEW, first..first + 45), (MANY, first + 45..first + 52)] {
            let plan = Plan { attempts, rollout, rate, signs: None };
            let wrong = count(plan, seeds.clone(), hardware);
            let blamed = count(plan, seeds.clone(), |causes| found(causes, Attribute::Host, "drei"));
            let all = seeds.end - seeds.start;
            say(&format!("{what}, {attempts} attempts: called hardware"), wrong, all);
            say(&format!("{what}, {attempts} attempts: the third host stands"), blamed, all);
            (called, months) = (called + wrong, months + all);
        }
        first += 52;
    }
    say("a faulty program is called hardware", called, months);
    assert!(100 * called <= months, "{called} of {months}");
}
