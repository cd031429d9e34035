//! Counting attempts in the database: one walk over them, grouped by everything in which they can differ.
//!
//! What was skipped or is still running is left out. An attempt failed when it ended so, or when what it wrote has a
//! finding; findings that came before it do not count against it. Attempts are related to findings by invoice, or by
//! customer where a finding is about one.

use std::collections::HashMap;

use chrono::{Days, NaiveDate, Timelike};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use super::cube::{Attribute, Cube};
use super::odds::Count;
use crate::Result;
use crate::period::day_begins;
use crate::store::{self, Store, places};

/// Mail domains that are told apart: those with the most failures; all others are alike.
const MOST_DOMAINS: i64 = 20;
/// A domain with fewer failures points to nothing anyway.
const FEWEST_FAILURES: i64 = 5;

/// How attempts end that failed.
pub(crate) const FAILED: &str = "a.outcome IN ('failed', 'died', 'unknown')";

/// Attempts that died with a process whose death is counted already by another attempt: it had them in hand at once.
pub(super) const TOGETHER: &str = "a.outcome = 'died' AND a.id IN (SELECT t.id FROM (SELECT b.id AS id, ROW_NUMBER() OVER \
                                   (PARTITION BY b.worker_id, b.ended_at ORDER BY b.id) AS place FROM attempts b WHERE \
                                   b.outcome = 'died' AND b.worker_id IS NOT NULL) t WHERE t.place > 1)";

/// The days, in Berlin, whose attempts are looked at; all where none is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first.
    pub from: Option<NaiveDate>,
    /// The last.
    pub to: Option<NaiveDate>,
}

impl Span {
    /// The condition on an attempt's begin, with its values.
    pub(super) fn condition(self) -> (&'static str, Vec<Value>) {
        match (self.from, self.to.and_then(|day| day.checked_add_days(Days::new(1)))) {
            (Some(from), Some(until)) => {
                ("a.started_at >= ? AND a.started_at < ?", vec![day_begins(from).into(), day_begins(until).into()])
            }
            (Some(from), None) => ("a.started_at >= ?", vec![day_begins(from).into()]),
            (None, Some(until)) => ("a.started_at < ?", vec![day_begins(until).into()]),
            (None, None) => ("1 = 1", Vec::new()),
        }
    }
}

/// Findings with the attempts that wrote what they are about: `finding`, `attempt`.
pub(crate) fn touched() -> String {
    let rows = [
        ("invoices", "attempts a ON a.invoice_id = f.row_id"),
        ("invoice_lines", "invoice_lines l ON l.id = f.row_id JOIN attempts a ON a.invoice_id = l.invoice_id"),
        ("documents", "documents l ON l.id = f.row_id JOIN attempts a ON a.invoice_id = l.invoice_id"),
        ("deliveries", "deliveries l ON l.id = f.row_id JOIN attempts a ON a.invoice_id = l.invoice_id"),
        (
            "number_allocations",
            "number_allocations l ON l.id = f.row_id JOIN attempts a ON a.subscription_id = l.subscription_id AND \
             a.period = l.period",
        ),
        ("subscriptions", "attempts a ON a.subscription_id = f.row_id"),
        ("mailboxes", "subscriptions l ON l.mailbox_id = f.row_id JOIN attempts a ON a.subscription_id = l.id"),
        (
            "registrations",
            "subscriptions l ON l.registration_id = f.row_id JOIN attempts a ON a.subscription_id = l.id",
        ),
    ];
    let part = |(table, join): (&str, &str)| {
        format!(
            "SELECT f.id AS finding, a.id AS attempt FROM findings f JOIN {join} WHERE f.table_name = '{table}' AND \
             a.started_at <= f.opened_at"
        )
    };
    rows.map(part).join(" UNION ALL ")
}

/// Counts all attempts of a span.
pub(super) async fn cube(store: &Store, span: Span) -> Result<Cube> {
    let known = Known { domains: domains(store, span).await?, renderers: renderers(store).await? };
    let mut cube = Cube::default();
    let sum = |what: &str| format!("SUM(CASE WHEN {what} THEN 1 ELSE 0 END)");
    let figures = ["COUNT(*)", &sum(FAILED), &sum(TOGETHER)];
    add(store, span, &known, figures, "a.outcome NOT IN ('running', 'skipped')", &mut cube).await?;
    // Findings are few: from them to the attempts, never the other way round.
    let damaged = format!("a.outcome = 'done' AND a.id IN (SELECT t.attempt FROM ({}) t)", touched());
    let none = "CAST(0 AS bigint)";
    add(store, span, &known, [none, "COUNT(*)", none], &damaged, &mut cube).await?;
    Ok(cube)
}

/// Domains with enough failures to be told apart.
async fn domains(store: &Store, span: Span) -> Result<Vec<String>> {
    let (within, mut values) = span.condition();
    let domain = store::domain(store.backend(), "r.email");
    let text = format!(
        "SELECT {domain} AS domain FROM attempts a JOIN subscriptions s ON s.id = a.subscription_id JOIN registrations r \
         ON r.id = s.registration_id WHERE {FAILED} AND {within} GROUP BY 1 HAVING COUNT(*) >= ? ORDER BY COUNT(*) DESC, 1 \
         LIMIT ?"
    );
    values.extend([FEWEST_FAILURES.into(), MOST_DOMAINS.into()]);
    let rows = store.read().query_all_raw(store::sql(store.backend(), &text, values)).await?;
    rows.iter().map(|row| Ok(row.try_get("", "domain")?)).collect()
}

/// What is known before anything is counted.
struct Known {
    /// Domains with enough failures to be told apart.
    domains: Vec<String>,
    /// What each worker drew with.
    renderers: HashMap<Uuid, String>,
}

async fn renderers(store: &Store) -> Result<HashMap<Uuid, String>> {
    let statement = store::sql(store.backend(), "SELECT id, renderer FROM workers", []);
    let rows = store.read().query_all_raw(statement).await?;
    rows.iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "renderer")?))).collect()
}

/// Adds attempts, failures, and what failed together, of those that match.
async fn add(
    store: &Store,
    span: Span,
    Known { domains, renderers }: &Known,
    [attempts, failures, together]: [&str; 3],
    matching: &str,
    cube: &mut Cube,
) -> Result<()> {
    let backend = store.backend();
    let (within, times) = span.condition();
    let (hour, domain) = (store::hour(backend, "a.started_at"), store::domain(backend, "r.email"));
    // Names that are no domain of the list are all alike, and so is a customer whose row is gone.
    let domain = if domains.is_empty() {
        "''".to_owned()
    } else {
        format!("CASE WHEN {domain} IN ({}) THEN {domain} ELSE '' END", places(domains.len()))
    };
    let text = format!(
        "SELECT a.host AS host, a.boot_id AS boot_id, a.worker_id AS worker_id, a.program_version AS program_version, \
         r.kind AS kind, {hour} AS hour, {domain} AS domain, {attempts} AS attempts, {failures} AS failures, \
         {together} AS together FROM attempts a LEFT JOIN subscriptions s ON s.id = a.subscription_id LEFT JOIN registrations r ON r.id = \
         s.registration_id WHERE {matching} AND {within} GROUP BY 1, 2, 3, 4, 5, 6, 7"
    );
    let values = domains.iter().map(|domain| domain.as_str().into()).chain(times);
    let mut days = HashMap::new();
    for row in store.read().query_all_raw(store::sql(backend, &text, values)).await? {
        note(cube, &row, renderers, &mut days)?;
    }
    Ok(())
}

fn note(
    cube: &mut Cube,
    row: &QueryResult,
    renderers: &HashMap<Uuid, String>,
    days: &mut HashMap<i64, (String, String)>,
) -> Result<()> {
    let text = |name: &str| row.try_get::<Option<String>>("", name).ok().flatten();
    let number = |name: &str| row.try_get::<i64>("", name).map(|number| u64::try_from(number).unwrap_or(0));
    let worker = row.try_get::<Option<Uuid>>("", "worker_id").ok().flatten();
    let (host, boot, kind, domain) = (text("host"), text("boot_id"), text("kind"), text("domain"));
    let (version, template) = versions(&text("program_version").unwrap_or_default());
    let template = template.or_else(|| renderers.get(&worker?).cloned());
    let worker = worker.map(|id| id.to_string());
    let hour = store::read_hour(row, "hour");
    let times = hour.map(|at| {
        let local = at.with_timezone(&chrono_tz::Europe::Berlin);
        days.entry(at.timestamp()).or_insert_with(|| (local.date_naive().to_string(), format!("{:02}", local.hour())))
    });
    let (day, hour) = times.map_or((None, None), |(day, hour)| (Some(day.as_str()), Some(hour.as_str())));
    let values: [Option<&str>; Attribute::ALL.len()] = [
        host.as_deref(),
        boot.as_deref(),
        worker.as_deref(),
        Some(&version),
        template.as_deref(),
        kind.as_deref(),
        domain.as_deref(),
        day,
        hour,
    ];
    let [attempts, failures, together] = [number("attempts")?, number("failures")?, number("together")?];
    let count = Count { attempts, failures, together };
    cube.add(values, count);
    Ok(())
}

/// Program and template of a version such as `rechnung 2.4.1 (Vorlage 6)`.
fn versions(text: &str) -> (String, Option<String>) {
    let parts = text.strip_suffix(')').and_then(|text| text.split_once(" ("));
    parts.map_or_else(|| (text.to_owned(), None), |(program, template)| (program.to_owned(), Some(template.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_may_name_a_template() {
        assert_eq!(versions("rechnung 2.4.1 (Vorlage 6)"), ("rechnung 2.4.1".into(), Some("Vorlage 6".into())));
        assert_eq!(versions("0.1.0"), ("0.1.0".into(), None));
    }

    #[test]
    fn a_day_begins_at_midnight_in_berlin() {
        let day = |month| NaiveDate::from_ymd_opt(2013, month, 21).expect("a day");
        assert_eq!(day_begins(day(1)).to_rfc3339(), "2013-01-20T23:00:00+00:00");
        assert_eq!(day_begins(day(7)).to_rfc3339(), "2013-07-20T22:00:00+00:00");
    }
}
