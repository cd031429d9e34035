//! Which of the values that stand out is behind the others: each is looked at again where the other one is alike.
//!
//! A version that ran mostly on the bad host fails as often as the others once hosts are compared each with itself, day by
//! day; the host still fails more often when versions are. So the host explains the version. What nothing can be compared for
//! is said to be inseparable, never decided.

use std::collections::HashMap;

use super::cube::{Attribute, Cube, Value};
use super::hits::{Asked, FEWEST_FAILURES};
use super::odds::{Effect, Remains, ln_fisher};

/// What became of one hit.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// The value behind it, with what remains of its own effect beside that; none where it stands by itself.
    pub explained_by: Option<(Value, Option<Remains>)>,
    /// Its effect where only days are alike.
    pub within_days: Remains,
    /// Values that it came together with so often that nobody can tell them apart.
    pub inseparable: Vec<Value>,
    /// Within days nothing is left of it, and no day stands out.
    pub is_of_its_days: bool,
}

/// Holds all hits against the first `clear` of them; the answers are in the order of the hits. A small effect can be
/// explained, but explains nothing.
pub fn standings(cube: &Cube, hits: &[Asked], clear: usize) -> Vec<Standing> {
    let mut standings: Vec<Standing> = hits.iter().map(|hit| alone(cube, hit)).collect();
    let mut given: HashMap<(usize, Attribute), Remains> = HashMap::new();
    for (place, hit) in hits.iter().enumerate() {
        for other in
            hits.iter().map(|other| other.value.attribute).filter(|other| is_rival(hit.value.attribute, *other))
        {
            given.entry((place, other)).or_insert_with(|| within(cube, hit, other));
        }
    }
    let effect = |place: usize, other: usize| given.get(&(place, hits[other].value.attribute)).map(Remains::effect);
    for (place, hit) in hits.iter().enumerate().filter(|(_, hit)| !hit.value.attribute.is_time()) {
        if let Some(host) = host_of(cube, &hits[..clear], hit.value) {
            standings[place].explained_by = Some((host, None));
            continue;
        }
        // Hits are in the order of their strength: the first that explains is the strongest.
        for (rival, other) in hits.iter().enumerate().take(clear).filter(|(rival, _)| *rival != place) {
            let (Some(own), Some(its)) = (effect(place, rival), effect(rival, place)) else { continue };
            let gives_way = match (own, its) {
                (Effect::Gone, Effect::Gone) => rival < place,
                (Effect::Gone, _) | (Effect::Untold, Effect::Holds) => true,
                _ => false,
            };
            if gives_way && standings[place].explained_by.is_none() {
                let remains = given.get(&(place, other.value.attribute)).copied();
                standings[place].explained_by = Some((other.value, remains));
            } else if (own, its) == (Effect::Untold, Effect::Untold) && come_together(cube, hit, other) {
                standings[place].inseparable.push(other.value);
            }
        }
        if standings[place].explained_by.is_none() && standings[place].within_days.effect() == Effect::Gone {
            let day = hits[..clear].iter().find(|other| other.value.attribute == Attribute::Day);
            standings[place].is_of_its_days = day.is_none();
            let remains = standings[place].within_days;
            standings[place].explained_by = day.map(|day| (day.value, Some(remains)));
        }
    }
    explain_times(cube, hits, clear, &mut standings);
    follow(hits, &mut standings);
    standings
}

/// The effect of a value where another attribute and the day are alike.
pub fn within(cube: &Cube, hit: &Asked, other: Attribute) -> Remains {
    Remains::within(cube.strata(hit.value, &[other, Attribute::Day]), hit.ratio())
}

fn alone(cube: &Cube, hit: &Asked) -> Standing {
    let alike: &[Attribute] = if hit.value.attribute.is_time() { &[] } else { &[Attribute::Day] };
    let within_days = Remains::within(cube.strata(hit.value, alike), hit.ratio());
    Standing { within_days, ..Standing::default() }
}

/// Whether one attribute can explain the other. Parts of a host are no rivals of hosts, times none of anything: they are
/// looked at last.
fn is_rival(one: Attribute, other: Attribute) -> bool {
    let is_same = |one: Attribute| if one.is_part_of_host() { Attribute::Host } else { one };
    !one.is_time() && !other.is_time() && is_same(one) != is_same(other)
}

/// The host that stands out and of which this value is a part.
fn host_of(cube: &Cube, hits: &[Asked], value: Value) -> Option<Value> {
    let host = value.attribute.is_part_of_host().then(|| cube.always_with(value, Attribute::Host)).flatten()?;
    hits.iter().find(|other| other.value == host).map(|other| other.value)
}

/// Whether most attempts of the rarer one have the other value too.
fn come_together(cube: &Cube, one: &Asked, other: &Asked) -> bool {
    let both = cube.both(one.value, other.value).attempts;
    5 * both >= 4 * one.here.attempts.min(other.here.attempts)
}

/// A day or an hour that is like all others without what stands out besides is explained by it.
fn explain_times(cube: &Cube, hits: &[Asked], clear: usize, standings: &mut [Standing]) {
    let causes: Vec<Value> = hits
        .iter()
        .zip(&*standings)
        .take(clear)
        .filter(|(hit, standing)| !hit.value.attribute.is_time() && standing.explained_by.is_none())
        .map(|(hit, _)| hit.value)
        .collect();
    for (hit, standing) in hits.iter().zip(standings).filter(|(hit, _)| hit.value.attribute.is_time()) {
        let without = cube.beside(hit.value, &causes);
        let remains = Remains::within([without], hit.ratio());
        // Of several days one is always a little worse; only what is clear by itself stands beside the cause.
        let is_left = without.here.apart().failures >= FEWEST_FAILURES
            && remains.effect() == Effect::Holds
            && ln_fisher(without.here, without.all) < 0.001_f64.ln();
        let behind = causes.iter().max_by_key(|cause| cube.both(**cause, hit.value).failures);
        if let (false, Some(cause)) = (is_left, behind) {
            standing.explained_by = Some((*cause, Some(remains)));
        }
    }
}

/// What is explained by something that is explained itself is explained by what is behind that.
fn follow(hits: &[Asked], standings: &mut [Standing]) {
    let behind: HashMap<Value, Value> = hits
        .iter()
        .zip(&*standings)
        .filter_map(|(hit, standing)| Some((hit.value, standing.explained_by.as_ref()?.0)))
        .collect();
    for standing in standings.iter_mut() {
        let Some((value, remains)) = &mut standing.explained_by else { continue };
        // Never round in a circle: at most as many steps as there are hits.
        for _ in 0..hits.len() {
            match behind.get(value) {
                Some(next) => {
                    *value = *next;
                    *remains = None;
                }
                None => break,
            }
        }
    }
}
