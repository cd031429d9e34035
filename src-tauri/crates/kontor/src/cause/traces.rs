//! Reading from the database what the attempts of each host left behind: how they failed, and what is damaged how.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use sea_orm::{ConnectionTrait, Value};

use super::count::{FAILED, Span, TOGETHER, touched};
use super::replayed::Replayed;
use super::signs::Traces;
use super::symptom;
use crate::check::Proposal;
use crate::period::{day_begins, day_ends};
use crate::store::{self, Store};
use crate::{Result, replay};

/// Whether an attempt ended by a signal that wrong memory raises: SIGILL, SIGBUS, SIGSEGV. SIGBUS has its number from the
/// system: what is 10 on macOS is on Linux SIGUSR1, which says nothing of the machine.
const IS_MACHINE_SIGNAL: &str =
    "CASE WHEN a.signal IN (4, 7, 11) OR a.signal = 10 AND w.kernel LIKE 'macos%' THEN 1 ELSE 0 END";
/// Most findings whose bits are looked at.
const MOST_FINDINGS: i64 = 20_000;
/// Reasons that speak against a flipped bit.
const DOUBTS: [&str; 3] = ["off_by_one", "keyboard_neighbour", "default_value"];

/// What the attempts of a span left behind, by host.
pub(super) async fn traces(store: &Store, span: Span) -> Result<BTreeMap<String, Traces>> {
    let mut traces = BTreeMap::new();
    failures(store, span, &mut traces).await?;
    findings(store, span, &mut traces).await?;
    bits(store, span, &mut traces).await?;
    counters(store, span, &mut traces).await?;
    canaries(store, span, &mut traces).await?;
    replays(store, &mut traces).await?;
    Ok(traces)
}

async fn failures(store: &Store, span: Span, traces: &mut BTreeMap<String, Traces>) -> Result<()> {
    let (within, values) = span.condition();
    let text = format!(
        "SELECT a.host AS host, a.outcome AS outcome, a.code AS code, a.step AS step, {IS_MACHINE_SIGNAL} AS \
         is_machine_signal, COUNT(*) AS failures, SUM(CASE WHEN {TOGETHER} THEN 1 ELSE 0 END) AS together FROM attempts a \
         LEFT JOIN workers w ON w.id = a.worker_id WHERE {FAILED} AND {within} GROUP BY 1, 2, 3, 4, 5"
    );
    for row in store.read().query_all_raw(store::sql(store.backend(), &text, values)).await? {
        let here: &mut Traces = traces.entry(row.try_get("", "host")?).or_default();
        let number = |name: &str| row.try_get::<i64>("", name).map(|number| u64::try_from(number).unwrap_or(0));
        let (failures, together) = (number("failures")?, number("together")?);
        let code: Option<String> = row.try_get("", "code")?;
        let outcome: String = row.try_get("", "outcome")?;
        *here.symptoms.entry(symptom::of_code(&outcome, code.as_deref())).or_default() += failures - together;
        *here.steps.entry(row.try_get("", "step")?).or_default() += failures;
        if row.try_get::<i32>("", "is_machine_signal")? == 1 {
            here.machine_signals += failures - together;
        }
    }
    Ok(())
}

async fn findings(store: &Store, span: Span, traces: &mut BTreeMap<String, Traces>) -> Result<()> {
    let (within, values) = span.condition();
    // A value that is damaged and of which the right one is known: as text, or by the hash that it has then.
    let is_value =
        "f.current_value IS NOT NULL AND f.proposal LIKE '%\"value\":\"%' OR f.proposal LIKE '%\"hash_fits\"%'";
    let text = format!(
        "SELECT a.host AS host, f.rule AS rule, COUNT(DISTINCT f.id) AS findings, COUNT(DISTINCT CASE WHEN {is_value} \
         THEN f.id END) AS damaged FROM ({}) t JOIN findings f ON f.id = t.finding JOIN attempts a ON a.id = t.attempt \
         WHERE {within} GROUP BY 1, 2",
        touched()
    );
    for row in store.read().query_all_raw(store::sql(store.backend(), &text, values)).await? {
        let here: &mut Traces = traces.entry(row.try_get("", "host")?).or_default();
        let number = |name: &str| row.try_get::<i64>("", name).map(|number| u64::try_from(number).unwrap_or(0));
        *here.symptoms.entry(symptom::of_rule(&row.try_get::<String>("", "rule")?)).or_default() += number("findings")?;
        here.values += number("damaged")?;
    }
    Ok(())
}

async fn bits(store: &Store, span: Span, traces: &mut BTreeMap<String, Traces>) -> Result<()> {
    let (within, mut values) = span.condition();
    let text = format!(
        "SELECT DISTINCT a.host AS host, f.id AS id, f.current_value AS current_value, f.proposal AS proposal FROM ({}) t \
         JOIN findings f ON f.id = t.finding JOIN attempts a ON a.id = t.attempt WHERE (f.proposal LIKE '%\"one_bit\"%' OR \
         f.proposal LIKE '%\"hash_fits\"%') AND {within} LIMIT ?",
        touched()
    );
    values.push(MOST_FINDINGS.into());
    for row in store.read().query_all_raw(store::sql(store.backend(), &text, values)).await? {
        let current: Option<String> = row.try_get("", "current_value")?;
        let proposal: Option<String> = row.try_get("", "proposal")?;
        let Some(proposal) = proposal.and_then(|text| serde_json::from_str::<Proposal>(&text).ok()) else { continue };
        if proposal.reasons.iter().any(|reason| DOUBTS.contains(&reason.code.as_str())) {
            continue;
        }
        let here: &mut Traces = traces.entry(row.try_get("", "host")?).or_default();
        here.single_bits += 1;
        if let Some(bit) = bit(&proposal, current.as_deref()) {
            here.bits[bit] += 1;
        }
    }
    Ok(())
}

/// Counters begin anew with each boot, and several workers read the same ones: the first and the last reading count. A worker
/// may work for weeks: those count that worked on one of the days, whenever they began.
async fn counters(store: &Store, span: Span, traces: &mut BTreeMap<String, Traces>) -> Result<()> {
    let (at_work, values) = at_work(span);
    let text = format!(
        "SELECT a.host AS host, MIN(a.memory_errors_before) AS first, MAX(a.memory_errors_after) AS last FROM workers a \
         WHERE a.memory_errors_before IS NOT NULL AND a.memory_errors_after IS NOT NULL AND {at_work} GROUP BY a.host, \
         a.boot_id"
    );
    for row in store.read().query_all_raw(store::sql(store.backend(), &text, values)).await? {
        let here: &mut Traces = traces.entry(row.try_get("", "host")?).or_default();
        let errors = row.try_get::<i64>("", "last")? - row.try_get::<i64>("", "first")?;
        *here.memory_errors.get_or_insert(0) += u64::try_from(errors).unwrap_or(0);
    }
    Ok(())
}

/// The condition on workers that were at work in a span. Nobody saw the end of one whose machine went down; the next boot
/// tells that it ended before.
fn at_work(span: Span) -> (String, Vec<Value>) {
    let mut conditions = vec!["1 = 1"];
    let mut values = Vec::new();
    if let Some(day) = span.to {
        conditions.push("a.started_at < ?");
        values.push(day_ends(day).into());
    }
    if let Some(day) = span.from {
        conditions.push(
            "(a.ended_at >= ? OR a.ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM workers n WHERE n.host = a.host AND \
             n.boot_id <> a.boot_id AND n.started_at > a.started_at AND n.started_at < ?))",
        );
        let begin: Value = day_begins(day).into();
        values.extend([begin.clone(), begin]);
    }
    (conditions.join(" AND "), values)
}

/// Replays come after the days that they are about; which of them count follows from the host's own days.
async fn replays(store: &Store, traces: &mut BTreeMap<String, Traces>) -> Result<()> {
    for replay in replay::list(store.read()).await? {
        if let Some(replayed) = Replayed::of(&replay) {
            traces.entry(replay.host).or_default().replays.push(replayed);
        }
    }
    Ok(())
}

/// What another host found counts for whose work it was; where nobody is known to have drawn a document, for nobody.
async fn canaries(store: &Store, span: Span, traces: &mut BTreeMap<String, Traces>) -> Result<()> {
    let (within, values) = span.condition();
    let text = format!(
        "SELECT coalesce(c.author, c.host) AS host, SUM(CASE WHEN c.outcome = 'same' THEN 1 ELSE 0 END) AS good, SUM(CASE WHEN \
         c.outcome = 'same' THEN 0 ELSE 1 END) AS wrong FROM canaries c WHERE (c.document_id IS NULL OR c.author IS NOT NULL) AND {} \
         GROUP BY 1",
        within.replace("a.started_at", "c.drawn_at")
    );
    for row in store.read().query_all_raw(store::sql(store.backend(), &text, values)).await? {
        let here: &mut Traces = traces.entry(row.try_get("", "host")?).or_default();
        let number = |name: &str| row.try_get::<i64>("", name).map(|number| u64::try_from(number).unwrap_or(0));
        here.canaries = (number("good")?, number("wrong")?);
    }
    Ok(())
}

/// Which bit of its byte was flipped, 0 to 7.
fn bit(proposal: &Proposal, current: Option<&str>) -> Option<usize> {
    let told = proposal.reasons.iter().find(|reason| reason.code == "hash_fits");
    if let Some(told) = told {
        return told.params.get("bit")?.parse::<usize>().ok().filter(|bit| *bit < 8);
    }
    let (wrong, right) = (encoded(current?), encoded(proposal.value.as_deref()?));
    let mut differing = wrong.iter().zip(&right).map(|(wrong, right)| wrong ^ right).filter(|byte| *byte != 0);
    let byte = differing.next().filter(|byte| byte.is_power_of_two() && wrong.len() == right.len())?;
    differing.next().is_none().then(|| byte.trailing_zeros() as usize)
}

/// A value as it lies in memory (`seal`): whole numbers and days as numbers, everything else as text.
fn encoded(text: &str) -> Vec<u8> {
    if let Ok(number) = text.parse::<i64>() {
        return number.to_be_bytes().to_vec();
    }
    if let Ok(day) = text.parse::<NaiveDate>() {
        return day.num_days_from_ce().to_be_bytes().to_vec();
    }
    text.as_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Evidence, Reason};

    #[test]
    fn the_bit_follows_from_both_values() {
        let set = |value: &str| Proposal::set("x", value, Evidence::Copy);
        assert_eq!(bit(&set("84"), Some("212")), Some(7));
        assert_eq!(bit(&set("Meier"), Some("Mehev")), None, "two bits");
        assert_eq!(bit(&set("Meier"), Some("Meiez")), Some(3));
        assert_eq!(bit(&set("2013-01-31"), Some("2013-01-15")), Some(4), "734898 and 734882");
        let document = set("00").because(Reason::new("hash_fits").with("byte", 70).with("bit", 5));
        assert_eq!(bit(&document, None), Some(5));
    }
}
