//! `kontor check`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kontor::check::{self, Finding, Options, Report, rules, words};
use kontor::first_seen;
use serde::Serialize;

use super::Context;
use crate::Ended;
use crate::args::Check;
use crate::output::{Output, count, table};
use crate::progress::Meter;

/// Findings of one rule that a person is shown at a terminal; the document for scripts has all.
const SHOWN: usize = 10;

#[derive(Serialize)]
struct Answer<'a> {
    rules: u64,
    rows: u64,
    seconds: f64,
    closed: u64,
    set_aside: u64,
    stopped: bool,
    corrupt: bool,
    not_checked: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    first_seen: Option<&'a first_seen::Sealed>,
    findings: Vec<Told<'a>>,
}

#[derive(Serialize)]
struct Told<'a> {
    id: String,
    rule: &'a str,
    severity: &'a str,
    table: &'a str,
    row: &'a str,
    field: Option<&'a str>,
    current: Option<&'a str>,
    evidence: &'a str,
    opened_at: String,
    proposal: Option<&'a check::Proposal>,
}

pub async fn run(context: &Context, command: Check) -> anyhow::Result<Ended> {
    let store = context.store().await?;
    let options = Options { rules: command.rules, compare: command.compare, only_changed: command.changed };
    let cancel = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&cancel);
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.store(true, Ordering::Relaxed);
        }
    });
    let mut meter = Meter::new("Rules", 0);
    let report = check::check(
        &store,
        &options,
        &mut |progress| {
            meter.show(progress.done, progress.total, &format!("{}, {} rows", progress.at, count(progress.rows)));
        },
        &cancel,
    )
    .await;
    meter.close();
    let report = report?;
    for code in &report.not_checked {
        Output::remark(&words::sentence(code, false));
    }
    if report.corrupt {
        Output::remark("The database itself is damaged; nothing else was looked at. Restore it from a backup first.");
    }
    let is_sealing = command.seal_first_seen && report.whole_since.is_some();
    let sealed =
        if is_sealing { Some(first_seen::seal(&store, &context.actor, &report, &cancel).await?) } else { None };
    context.output.result(&answer(&report, sealed.as_ref()), |_| lines(&report) + &seals(sealed.as_ref()))?;
    if report.stopped {
        anyhow::bail!("The check was stopped; what it had found by then is noted, and nothing was closed.");
    }
    Ok(Ended::Done)
}

fn seals(sealed: Option<&first_seen::Sealed>) -> String {
    let Some(sealed) = sealed else { return String::new() };
    format!(
        "\n{} rows sealed as first seen: {} registrations, {} mailboxes, {} subscriptions, {} invoices, {} payments; {} stay \
         unsealed.\n",
        count(sealed.total()),
        count(sealed.registrations),
        count(sealed.mailboxes),
        count(sealed.subscriptions),
        count(sealed.invoices),
        count(sealed.payments),
        count(sealed.held)
    )
}

fn answer<'a>(report: &'a Report, first_seen: Option<&'a first_seen::Sealed>) -> Answer<'a> {
    Answer {
        rules: report.rules,
        rows: report.rows,
        seconds: report.seconds,
        closed: report.closed,
        set_aside: report.set_aside,
        stopped: report.stopped,
        corrupt: report.corrupt,
        not_checked: &report.not_checked,
        first_seen,
        findings: report.findings.iter().map(told).collect(),
    }
}

fn told(finding: &Finding) -> Told<'_> {
    Told {
        id: finding.id.to_string(),
        rule: &finding.rule,
        severity: &finding.severity,
        table: &finding.table,
        row: &finding.row,
        field: finding.field.as_deref(),
        current: finding.current.as_deref(),
        evidence: finding.evidence.word(),
        opened_at: finding.opened_at.to_rfc3339(),
        proposal: finding.proposal.as_ref(),
    }
}

fn lines(report: &Report) -> String {
    let mut text = format!(
        "{} rules asked, {} rows and documents looked at, in {:.1} s: {} findings open, {} closed, {} set aside.\n",
        report.rules,
        count(report.rows),
        report.seconds,
        count(report.findings.len() as u64),
        count(report.closed),
        count(report.set_aside)
    );
    let mut by_rule: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        by_rule.entry(&finding.rule).or_default().push(finding);
    }
    for rule in rules::ALL {
        let Some(findings) = by_rule.get(rule.id) else { continue };
        let severity = rule.severity.word();
        text.push_str(&format!("\n{} ({}, {severity}): {}\n", rule.en.title, rule.id, count(findings.len() as u64)));
        let cells: Vec<Vec<String>> = findings.iter().take(SHOWN).map(|finding| cells(finding)).collect();
        text.push_str(&table(&["Record", "Field", "Now", "Proposal", "Evidence", "Finding"], &[], &cells));
        if findings.len() > SHOWN {
            text.push_str(&format!("… and {} more; --json lists all\n", count((findings.len() - SHOWN) as u64)));
        }
    }
    text
}

fn cells(finding: &Finding) -> Vec<String> {
    let proposal = finding.proposal.as_ref();
    let value = proposal.and_then(|proposal| proposal.value.as_deref());
    let action = proposal.map_or("", |proposal| proposal.action.word());
    vec![
        format!("{} {}", finding.table, finding.row),
        finding.field.clone().unwrap_or_default(),
        short(finding.current.as_deref().unwrap_or_default()),
        value.map_or_else(|| action.to_owned(), short),
        finding.evidence.word().to_owned(),
        finding.id.to_string(),
    ]
}

/// Long values, such as hashes, by their beginning.
fn short(value: &str) -> String {
    const LONGEST: usize = 40;
    if value.chars().count() <= LONGEST {
        return value.to_owned();
    }
    format!("{}…", value.chars().take(LONGEST - 1).collect::<String>())
}
