//! `kontor causes damage`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kontor::check::rules;
use kontor::damage::{self, Entry, Examined, Far, PaperState, Scope, Source, Staged, Traced};
use kontor::identity::Process;
use kontor::run::code;
use kontor::store::Store;
use serde::Serialize;

use super::Context;
use crate::Ended;
use crate::args::Damage;
use crate::output::{Output, count, table};
use crate::progress::Meter;

/// Records read together.
const PAGE: u64 = 500;

#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    traced: &'a Traced,
    #[serde(flatten)]
    damage: &'a damage::Damage,
    plan: &'a damage::Plan,
}

pub async fn run(context: &Context, command: Damage) -> anyhow::Result<Ended> {
    let store = context.store().await?;
    let traced = damage::trace(&store, &command.host, command.from.zip(command.to)).await?;
    if command.list {
        return list(context, &store, &traced.scope).await;
    }
    if command.examine {
        return examine(context, &store, &traced.scope).await;
    }
    if let Some(reason) = command.reason.filter(|_| command.stage) {
        let staged = damage::stage(&store, &context.actor, &traced.scope, &reason).await?;
        context.output.result(&staged, staged_lines)?;
        return Ok(Ended::Done);
    }
    let (found, plan) = (damage::of(&store, &traced.scope).await?, damage::plan(&store, &traced.scope).await?);
    let answer = Answer { traced: &traced, damage: &found, plan: &plan };
    context.output.result(&answer, lines)?;
    Ok(Ended::Done)
}

fn lines(answer: &Answer<'_>) -> String {
    let Answer { traced: Traced { scope, source }, damage, plan } = answer;
    let source = match source {
        Source::Days => "as given",
        Source::Withdrawal => "out of service",
        Source::Cause => "the days of its cause",
    };
    let time = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%d %H:%M").to_string();
    let mut text = format!("{} from {} to {} UTC ({source})\n\n", scope.host, time(scope.from), time(scope.to));
    let figures = [
        ("attempts", damage.attempts),
        ("invoices in hand", damage.invoices),
        ("documents of these", damage.documents),
        ("mails of these", damage.mails),
        ("numbers taken", damage.numbers),
        ("customers", damage.customers),
        ("documents drawn the same elsewhere", damage.papers.proven),
        ("documents drawn otherwise elsewhere", damage.papers.otherwise),
        ("documents unproven", damage.papers.unproven),
        ("documents that cannot be drawn again", damage.papers.undrawable),
        ("open invoices that can run", damage.failures.eligible),
    ];
    let rows: Vec<Vec<String>> =
        figures.iter().map(|(name, number)| vec![(*name).to_owned(), count(*number)]).collect();
    text.push_str(&table(&["", "number"], &[1], &rows));
    text.push_str(&reasons("open invoices that cannot run", &damage.failures.reasons));
    if !damage.findings.is_empty() {
        let row = |one: &damage::Findings| {
            let name = rules::by_id(&one.rule).map_or(one.rule.as_str(), |rule| rule.en.title);
            vec![name.to_owned(), one.evidence.clone(), count(one.count), count(one.staged)]
        };
        let rows: Vec<Vec<String>> = damage.findings.iter().map(row).collect();
        text.push_str(&format!("\n{}", table(&["findings", "evidence", "number", "staged"], &[2, 3], &rows)));
    }
    text.push_str(&format!(
        "\n--stage would stage {} repairs and start one run over {} invoices.\n",
        count(plan.repairs),
        count(plan.invoices)
    ));
    text.push_str(&refusals(&plan.refused));
    text
}

fn reasons(title: &str, counts: &BTreeMap<String, u64>) -> String {
    let line = |(code, number): (&String, &u64)| format!("  {} {title}: {}\n", count(*number), code::sentence(code));
    counts.iter().map(line).collect()
}

fn refusals(all: &[damage::Refused]) -> String {
    let line = |one: &damage::Refused| format!("  {} not staged: {}\n", count(one.count), one.obstacle.sentence(false));
    all.iter().map(line).collect()
}

fn staged_lines(staged: &Staged) -> String {
    let mut text =
        format!("{} repairs staged; `kontor repairs list --state staged` shows them.\n", count(staged.staged));
    text.push_str(&refusals(&staged.refused));
    let run = match staged.run {
        Some(run) => format!("Run {run} takes {} invoices; `kontor work` does it.\n", count(staged.invoices)),
        None => "Nothing can run at present.\n".to_owned(),
    };
    text.push_str(&run);
    text.push_str(&reasons("not possible", &staged.not_possible));
    text
}

async fn list(context: &Context, store: &Store, scope: &Scope) -> anyhow::Result<Ended> {
    let mut entries: Vec<Entry> = Vec::new();
    loop {
        let after = entries.last().map(|entry| entry.attempt);
        let page = damage::list(store, scope, after, PAGE).await?;
        let is_last = (page.len() as u64) < PAGE;
        entries.extend(page);
        if is_last {
            break;
        }
    }
    context.output.result(&entries, |entries| {
        let rows: Vec<Vec<String>> = entries.iter().map(row).collect();
        table(&["record", "period", "step", "at (UTC)", "failed", "document", "findings"], &[], &rows)
    })?;
    Ok(Ended::Done)
}

fn row(entry: &Entry) -> Vec<String> {
    let paper = match entry.paper {
        Some(PaperState::Proven) => "proven",
        Some(PaperState::Otherwise) => "drawn otherwise",
        Some(PaperState::Unproven) => "unproven",
        Some(PaperState::Undrawable) => "cannot be drawn",
        None => "",
    };
    vec![
        entry.number.clone().or_else(|| entry.customer.clone()).unwrap_or_else(|| entry.subscription.to_string()),
        entry.period.format("%Y-%m").to_string(),
        entry.step.clone(),
        entry.at.format("%Y-%m-%d %H:%M").to_string(),
        entry.failed.clone().unwrap_or_default(),
        paper.to_owned(),
        entry.findings.join(", "),
    ]
}

async fn examine(context: &Context, store: &Store, scope: &Scope) -> anyhow::Result<Ended> {
    let cancel = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&cancel);
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.store(true, Ordering::Relaxed);
        }
    });
    let mut meter = Meter::new("Examined", 0);
    let mut tell = |far: Far| match far {
        Far::Drawn(done, total) => meter.show(done, total, "documents"),
        Far::Rules(far) => meter.show(far.done, far.total, &format!("{}, {} rows", far.at, count(far.rows))),
    };
    let examined = damage::examine(store, &Process::this(), scope, &cancel, &mut tell).await;
    meter.close();
    let examined = examined?;
    context.output.result(&examined, examined_lines)?;
    if examined.stopped {
        anyhow::bail!("It was stopped; what was drawn by then is noted.");
    }
    Ok(Ended::Done)
}

fn examined_lines(examined: &Examined) -> String {
    let mut text = format!(
        "{} documents drawn again: {} the same, {} otherwise; {} cannot be drawn.\n",
        count(examined.drawn),
        count(examined.same),
        count(examined.otherwise),
        count(examined.undrawable)
    );
    if let Some(findings) = examined.findings {
        text.push_str(&format!("{} findings are open.\n", count(findings)));
    }
    if examined.otherwise > 0 {
        Output::remark("What came out otherwise is found by the rule document_drawn_wrong.");
    }
    text
}
