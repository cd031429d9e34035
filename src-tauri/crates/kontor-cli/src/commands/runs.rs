//! `kontor runs`.

use kontor::Error;
use kontor::run::{self, Attempted, FailedItem, Order, Plan, Progress, Selection, Started, Until, Worker, code};
use kontor::store::Store;
use kontor::withdrawal;
use serde::Serialize;

use super::covering::{self, Texts};
use super::{Context, work};
use crate::Ended;
use crate::args::{Covering, How, Runs, Which};
use crate::output::{Output, count, table};
use crate::progress;

/// Failed items printed at the end of a run.
const LISTED: u64 = 20;

pub async fn run(context: &Context, command: Runs) -> anyhow::Result<Ended> {
    let store = context.store().await?;
    match command {
        Runs::Plan { which, covering } => plan(context, &store, &which, &covering).await,
        Runs::Start { which, covering, reason, date, how } => {
            let today = store.today().await?;
            let Texts { text, english } = covering::read(&covering)?;
            let (issue_on, last_step) = (date.unwrap_or(today), last_step(&how));
            let order = Order { reason, issue_on, last_step, covering: text, covering_en: english };
            let worker = work::worker_for(context, &store, &how)?;
            let started = run::start(&store, &context.actor, &selection(&which)?, &order).await?;
            finish(context, &store, started, worker, "Nothing is left to do.").await
        }
        Runs::List { limit } => {
            context.output.result(&run::list(&store, limit).await?, |rows| listed(rows))?;
            Ok(Ended::Done)
        }
        Runs::Show { run, limit } => show(context, &store, &run, limit).await,
        Runs::Pause { run, reason } => {
            let found = run::by_id(&store, &run).await?;
            run::pause(&store, &context.actor, &found, &reason).await?;
            report(context, &store, found.id, None).await?;
            Ok(Ended::Done)
        }
        Runs::Resume { run, reason, queue, pace } => {
            let found = run::by_id(&store, &run).await?;
            run::resume(&store, &context.actor, &found, &reason).await?;
            let worker =
                if queue { None } else { Some(work::worker(context, &store, &pace, found.last_step == "deliver")?) };
            let started = Started { run: Some(found), plan: None };
            finish(context, &store, started, worker, "").await
        }
        Runs::Cancel { run, reason } => {
            let found = run::by_id(&store, &run).await?;
            run::cancel(&store, &context.actor, &found, &reason).await?;
            report(context, &store, found.id, None).await?;
            Ok(Ended::Done)
        }
    }
}

async fn plan(context: &Context, store: &Store, which: &Which, covering: &Covering) -> anyhow::Result<Ended> {
    let texts = covering::read(covering)?.checked()?;
    let today = store.today().await?;
    let plan = run::plan(store, &selection(which)?, today).await?;
    match texts {
        Some(texts) => covering::show(context, store, &plan, &texts, today).await?,
        None => context.output.result(&plan, planned)?,
    }
    Ok(Ended::Done)
}

fn selection(which: &Which) -> kontor::Result<Selection> {
    match (which.all, &which.group[..], &which.invoice[..]) {
        (true, [], []) => Ok(Selection::All),
        (false, groups @ [_, ..], []) => Ok(Selection::Groups(groups.to_vec())),
        (false, [], numbers @ [_, ..]) => Ok(Selection::Invoices(numbers.to_vec())),
        _ => Err(Error::Usage("Which invoices? Give --all, --group CODE or --invoice NUMBER.".to_owned())),
    }
}

/// The step a run ends with.
pub fn last_step(how: &How) -> &'static str {
    if how.until == "archive" { "archive" } else { "deliver" }
}

/// Works on a run that was started, and prints how it ended.
pub async fn finish(
    context: &Context,
    store: &Store,
    started: Started,
    worker: Option<Worker>,
    nothing: &str,
) -> anyhow::Result<Ended> {
    let Some(run) = started.run else {
        let answer = Answer::of(Progress::nothing(), started.plan.as_ref());
        context.output.result(&answer, |answer| format!("{nothing} {}", answer.obstacles()).trim().to_owned())?;
        return Ok(Ended::Done);
    };
    let Some(worker) = worker else {
        report(context, store, run.id, started.plan.as_ref()).await?;
        return Ok(Ended::Done);
    };
    work::until(store, &worker, run.id).await?;
    let progress = report(context, store, run.id, started.plan.as_ref()).await?;
    Ok(match (progress.state.as_str(), progress.failed + progress.unknown) {
        ("done", 0) => Ended::Done,
        ("done", _) => Ended::SomeFailed,
        // Stopped, paused or cancelled meanwhile: the work that was asked for is not done.
        _ => Ended::NotDone,
    })
}

/// Works on the run of a single action, and prints what the action did together with how the run ended.
pub async fn conclude<T: Serialize>(
    context: &Context,
    store: &Store,
    id: uuid::Uuid,
    worker: Option<Worker>,
    done: &T,
    sentence: &str,
) -> anyhow::Result<Ended> {
    #[derive(Serialize)]
    struct Concluded<'a, T> {
        #[serde(flatten)]
        done: &'a T,
        #[serde(flatten)]
        progress: Progress,
    }
    if let Some(worker) = &worker {
        work::until(store, worker, id).await?;
    }
    let concluded = Concluded { done, progress: run::progress(store, id).await? };
    let failed = run::failed_items(store, id, LISTED).await?;
    context.output.result(&concluded, |concluded| {
        format!("{sentence}\n{}", summary(&Answer::of(concluded.progress.clone(), None), &failed))
    })?;
    let progress = &concluded.progress;
    Ok(match (progress.state.as_str(), progress.failed + progress.unknown) {
        ("done", 0) => Ended::Done,
        ("done", _) => Ended::SomeFailed,
        _ if worker.is_none() => Ended::Done,
        _ => Ended::NotDone,
    })
}

#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    progress: Progress,
    /// Open invoices that the run left out, by reason.
    not_run: std::collections::BTreeMap<String, u64>,
}

impl Answer {
    fn of(progress: Progress, plan: Option<&Plan>) -> Self {
        let mut not_run = std::collections::BTreeMap::new();
        for (reason, number) in plan.iter().flat_map(|plan| &plan.groups).flat_map(|group| &group.reasons) {
            *not_run.entry(reason.clone()).or_default() += number;
        }
        Self { progress, not_run }
    }

    fn obstacles(&self) -> String {
        if self.not_run.is_empty() {
            return String::new();
        }
        let lines: Vec<String> = self
            .not_run
            .iter()
            .map(|(reason, number)| {
                format!("  {:>6}  {reason}: {}", count(i128::from(*number)), code::sentence(reason))
            })
            .collect();
        format!("Cannot run:\n{}", lines.join("\n"))
    }
}

async fn report(context: &Context, store: &Store, id: uuid::Uuid, plan: Option<&Plan>) -> anyhow::Result<Progress> {
    let answer = Answer::of(run::progress(store, id).await?, plan);
    let failed = if answer.progress.failed + answer.progress.unknown > 0 {
        run::failed_items(store, id, LISTED).await?
    } else {
        Vec::new()
    };
    context.output.result(&answer, |answer| summary(answer, &failed))?;
    Ok(answer.progress)
}

fn summary(answer: &Answer, failed: &[FailedItem]) -> String {
    let progress = &answer.progress;
    let id = progress.run.map(|id| id.to_string()).unwrap_or_default();
    let mut text = format!(
        "Run {id} is {}: {} of {} done, {} failed, {} skipped, {} unknown, in {:.1} s.\n",
        progress.state,
        count(progress.done),
        count(progress.total),
        count(progress.failed),
        count(progress.skipped),
        count(progress.unknown),
        progress.seconds
    );
    for (code, number) in &progress.by_code {
        text.push_str(&format!("  {:>6}  {code}: {}\n", count(*number), code::sentence(code)));
    }
    for item in failed {
        text.push_str(&format!("{}\n", failed_line(item)));
    }
    let rest = progress.failed + progress.unknown + progress.skipped - i64::try_from(failed.len()).unwrap_or(0);
    if !failed.is_empty() && rest > 0 {
        text.push_str(&format!("… and {} more; `kontor runs show {id}` shows them.\n", count(rest)));
    }
    let obstacles = answer.obstacles();
    if !obstacles.is_empty() {
        text.push_str(&format!("{obstacles}\n"));
    }
    text
}

fn failed_line(item: &FailedItem) -> String {
    let tried: Vec<String> = item
        .attempts
        .iter()
        .map(|attempt| format!("{} {} on {}", attempt.step, attempt.outcome, attempt.host))
        .collect();
    format!(
        "  {}  {}  {}  [{}]",
        item.invoice.as_deref().unwrap_or(&item.customer),
        item.state,
        item.code.as_deref().unwrap_or_default(),
        tried.join(" → ")
    )
}

async fn show(context: &Context, store: &Store, typed: &str, limit: u64) -> anyhow::Result<Ended> {
    #[derive(Serialize)]
    struct Shown {
        #[serde(flatten)]
        progress: Progress,
        /// Hosts that are out of service while nobody works on the run.
        hosts_out: Vec<String>,
        items: Vec<FailedItem>,
    }
    let found = run::by_id(store, typed).await?;
    let progress = run::progress(store, found.id).await?;
    let hosts_out = if progress.is_left_alone() { withdrawal::out(store.read()).await? } else { Vec::new() };
    let shown = Shown { progress, hosts_out, items: run::failed_items(store, found.id, limit).await? };
    context.output.result(&shown, |shown| {
        let answer = Answer::of(shown.progress.clone(), None);
        let mut text = summary(&answer, &[]);
        if !shown.hosts_out.is_empty() {
            text.push_str(&format!(
                "Nobody works on it; out of service: {} (`kontor hosts list`).\n",
                shown.hosts_out.join(", ")
            ));
        }
        for item in &shown.items {
            text.push_str(&format!("\n{}\n{}", failed_line(item), attempts(&item.attempts)));
        }
        text
    })?;
    Ok(Ended::Done)
}

/// A table of attempts.
pub fn attempts(attempts: &[Attempted]) -> String {
    let cells: Vec<Vec<String>> = attempts
        .iter()
        .map(|attempt| {
            let signal = attempt.signal.map(|signal| format!(" (signal {signal})")).unwrap_or_default();
            vec![
                attempt.started_at.format("%Y-%m-%d %H:%M:%S").to_string(),
                attempt.host.clone(),
                attempt.step.clone(),
                format!("{}{signal}", attempt.outcome),
                attempt.code.clone().unwrap_or_default(),
                attempt.message.clone().unwrap_or_default(),
            ]
        })
        .collect();
    table(&["Started (UTC)", "Host", "Step", "Outcome", "Code", "Message"], &[], &cells)
}

/// A plan as lines for people.
pub fn planned(plan: &Plan) -> String {
    let mut text = format!(
        "{} open invoices: {} can run, {} cannot. Nothing was written.\n",
        count(i128::from(plan.eligible + plan.ineligible)),
        count(i128::from(plan.eligible)),
        count(i128::from(plan.ineligible))
    );
    if plan.groups.is_empty() {
        return text;
    }
    let rows: Vec<Vec<String>> = plan
        .groups
        .iter()
        .map(|group| {
            let reasons: Vec<String> =
                group.reasons.iter().map(|(reason, number)| format!("{reason} {number}")).collect();
            let hosts: Vec<String> = group.hosts.iter().map(|(host, number)| format!("{host} {number}")).collect();
            vec![
                group.code.clone(),
                count(i128::from(group.eligible)),
                count(i128::from(group.ineligible)),
                reasons.join(", "),
                hosts.join(", "),
            ]
        })
        .collect();
    text.push('\n');
    text.push_str(&table(&["Group", "Can run", "Cannot", "Why not", "Hosts"], &[1, 2], &rows));
    text
}

fn listed(rows: &[run::Listed]) -> String {
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            vec![
                row.run.to_string(),
                row.kind.clone(),
                row.state.clone(),
                count(row.total),
                row.started_at.format("%Y-%m-%d %H:%M").to_string(),
                row.person.clone(),
                row.reason.clone(),
            ]
        })
        .collect();
    table(&["Run", "Kind", "State", "Items", "Started (UTC)", "Person", "Reason"], &[3], &cells)
}

/// Says on standard error that the work goes on elsewhere.
pub fn left_open(id: uuid::Uuid) {
    Output::remark(&format!("Stopped; the run goes on with `kontor runs resume {id}` or with any `kontor work`."));
}

/// Follows a run while this process works on it.
pub async fn follow(store: &Store, worker: &Worker, id: uuid::Uuid) -> kontor::Result<()> {
    progress::follow(store, id, worker.work(Until::RunEnds(id))).await
}
