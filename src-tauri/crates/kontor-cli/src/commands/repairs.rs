//! `kontor repairs`.

use std::io::{BufRead, IsTerminal};

use kontor::Error;
use kontor::check::words;
use kontor::repair::{
    self, Applied, Effect, Ended as Outcome, Filter, Item, Listed, Obstacle, Order, Plan, Undo, Which,
};
use kontor::store::Store;
use serde::Serialize;

use super::Context;
use crate::Ended;
use crate::args::{Chosen, Repairs, Taken};
use crate::output::{Output, count, table};

/// Repairs that a person is shown at a terminal; the document for scripts has all.
const SHOWN: usize = 50;
/// Repairs that are looked through for one rule or a few findings.
const MOST: u64 = 1_000_000;

#[derive(Serialize)]
struct Answer {
    batch: String,
    applied: u64,
    resolved: u64,
    refused: u64,
    run: Option<String>,
    items: Vec<Told>,
}

#[derive(Serialize)]
struct Told {
    finding: Option<String>,
    repair: Option<String>,
    outcome: Outcome,
    code: Option<String>,
    reason: Option<String>,
}

pub async fn run(context: &Context, command: Repairs) -> anyhow::Result<Ended> {
    let store = context.store().await?;
    match command {
        Repairs::Plan { which } => {
            let orders = orders(&store, which).await?;
            let plans = repair::plan(&store, &orders).await?;
            context.output.result(&plans, |plans| planned(plans))?;
            Ok(Ended::Done)
        }
        Repairs::Apply { which, reason, yes } => {
            let is_bulk = which.finding.is_empty();
            let orders = orders(&store, which).await?;
            if is_bulk && !yes && !is_confirmed(orders.len()) {
                anyhow::bail!("Nothing was written.");
            }
            let applied = repair::apply(&store, &context.actor, &orders, &reason).await?;
            conclude(context, &applied)
        }
        Repairs::Undo { which, reason } => {
            let what = taken(&store, which).await?;
            let undone = repair::undo(&store, &context.actor, &what, &reason).await?;
            conclude(context, &undone)
        }
        Repairs::List { state, batch, finding, rule, limit } => {
            let repairs = repair::list(&store, &Filter { state, batch, finding, rule, limit }).await?;
            context.output.result(&repairs, |repairs| listed(repairs))?;
            Ok(Ended::Done)
        }
    }
}

async fn orders(store: &Store, which: Chosen) -> anyhow::Result<Vec<Order>> {
    let chosen = match which {
        Chosen { all_proven: true, .. } => Which::AllProven,
        Chosen { rule: Some(rule), .. } => Which::Rule(rule),
        Chosen { finding, .. } => Which::Findings(finding),
    };
    let mut orders = repair::chosen(store, &chosen).await?;
    if let Some(value) = which.value {
        let [order] = &mut orders[..] else {
            return Err(Error::Usage("A value is for one finding; name just one.".to_owned()).into());
        };
        order.value = Some(value);
    }
    Ok(orders)
}

async fn taken(store: &Store, which: Taken) -> anyhow::Result<Undo> {
    if let Some(batch) = which.batch {
        return Ok(Undo::Batch(batch));
    }
    if !which.repair.is_empty() {
        return Ok(Undo::Repairs(which.repair));
    }
    let filter = Filter { rule: which.rule, limit: MOST, ..Filter::default() };
    let mut repairs = repair::list(store, &filter).await?;
    if !which.finding.is_empty() {
        repairs.retain(|repair| repair.finding.is_some_and(|finding| which.finding.contains(&finding)));
    }
    // A request that is repeated is about what it has undone already.
    let is_left = repairs.iter().any(|repair| repair.state == "applied");
    let wanted = if is_left { "applied" } else { "undone" };
    repairs.retain(|repair| repair.state == wanted);
    if repairs.is_empty() {
        return Err(Error::NotFound("No repair of these is applied; there is nothing to undo.".to_owned()).into());
    }
    Ok(Undo::Repairs(repairs.into_iter().map(|repair| repair.id).collect()))
}

/// On a terminal many repairs are confirmed a second time; a script that gives a reason has confirmed.
fn is_confirmed(many: usize) -> bool {
    if many < 2 || !std::io::stdin().is_terminal() || !Output::is_watched() {
        return true;
    }
    Output::remark(&format!(
        "{} repairs would be applied. `kontor repairs plan` shows them. Apply them? [y/N]",
        count(many as u64)
    ));
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    read.is_ok() && ["y", "yes", "j", "ja"].contains(&answer.trim().to_lowercase().as_str())
}

fn conclude(context: &Context, applied: &Applied) -> anyhow::Result<Ended> {
    let answer = Answer {
        batch: applied.batch.to_string(),
        applied: applied.applied,
        resolved: applied.resolved,
        refused: applied.refused,
        run: applied.run.map(|run| run.to_string()),
        items: applied.items.iter().map(told).collect(),
    };
    context.output.result(&answer, lines)?;
    Ok(if applied.refused > 0 { Ended::SomeFailed } else { Ended::Done })
}

fn told(item: &Item) -> Told {
    Told {
        finding: item.finding.map(|id| id.to_string()),
        repair: item.repair.map(|id| id.to_string()),
        outcome: item.outcome,
        code: item.obstacle.as_ref().map(Obstacle::code),
        reason: item.obstacle.as_ref().map(|obstacle| obstacle.sentence(false)),
    }
}

fn lines(answer: &Answer) -> String {
    let mut text = format!(
        "{} done, {} put right by another of them, {} refused. Batch {}.\n",
        count(answer.applied),
        count(answer.resolved),
        count(answer.refused),
        answer.batch
    );
    if let Some(run) = &answer.run {
        text.push_str(&format!(
            "The run {run} takes what has to be issued, drawn or mailed; `kontor work` works on it.\n"
        ));
    }
    let refused: Vec<&Told> = answer.items.iter().filter(|item| item.reason.is_some()).collect();
    let cells = refused
        .iter()
        .take(SHOWN)
        .map(|item| vec![item.finding.clone().unwrap_or_default(), item.reason.clone().unwrap_or_default()]);
    let cells: Vec<Vec<String>> = cells.collect();
    if !cells.is_empty() {
        text.push_str(&format!("\n{}", table(&["Finding", "Refused because"], &[], &cells)));
        text.push_str(&more(refused.len()));
    }
    text
}

fn more(all: usize) -> String {
    if all > SHOWN {
        format!("… and {} more; --json lists all\n", count((all - SHOWN) as u64))
    } else {
        String::new()
    }
}

fn planned(plans: &[Plan]) -> String {
    let able = plans.iter().filter(|plan| plan.obstacle.is_none()).count();
    let mut text =
        format!("{} repairs, {} can be applied. Nothing was written.\n", count(plans.len() as u64), count(able as u64));
    for plan in plans.iter().take(SHOWN) {
        text.push_str(&one(plan));
    }
    text.push_str(&more(plans.len()));
    text
}

fn one(plan: &Plan) -> String {
    let action = plan.action.map_or("no proposal", kontor::check::Action::word);
    let mut text = format!(
        "\n{} {} ({}): {action}, {}\n  finding {}\n",
        plan.table,
        plan.row,
        plan.rule,
        plan.evidence.word(),
        plan.finding
    );
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "(empty)".to_owned());
    for field in &plan.fields {
        text.push_str(&format!("  {}: {} → {}\n", field.field, shown(&field.old), shown(&field.new)));
    }
    for reason in &plan.reasons {
        let sign = if reason.against { '-' } else { '+' };
        text.push_str(&format!("  {sign} {}\n", words::reason(reason, false)));
    }
    for candidate in &plan.candidates {
        text.push_str(&format!("  could be: {} ({})\n", candidate.value, candidate.from));
    }
    for effect in &plan.effects {
        text.push_str(&format!("  {}\n", besides(*effect)));
    }
    if let Some(obstacle) = &plan.obstacle {
        text.push_str(&format!("  Not now: {}\n", obstacle.sentence(false)));
    }
    text
}

fn besides(effect: Effect) -> &'static str {
    match effect {
        Effect::Sealed => "The row is sealed as it then stands.",
        Effect::Accepted => "The row is taken as it is.",
        Effect::Run => "A run is started for it.",
        Effect::Drawn => "The document is drawn from the frozen content.",
        Effect::Mail => "The customer gets a mail.",
        Effect::NoMail => "No mail goes out.",
        Effect::Cancellation => "A cancellation invoice is issued.",
        Effect::PaperUnchanged => "The stored document stays as it is.",
        Effect::Final => "It cannot be undone.",
    }
}

fn listed(repairs: &[Listed]) -> String {
    let cells: Vec<Vec<String>> = repairs
        .iter()
        .map(|repair| {
            let change = |change: &repair::Changed| {
                let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "(empty)".to_owned());
                format!("{}: {} → {}", change.field, shown(&change.old), shown(&change.new))
            };
            let changes: Vec<String> = repair.changes.iter().map(change).collect();
            let refusal = repair.refusal.as_ref().map(|obstacle| obstacle.sentence(false));
            vec![
                repair.staged_at.format("%Y-%m-%d %H:%M").to_string(),
                repair.state.clone(),
                repair.rule.clone().unwrap_or_default(),
                format!("{} {}", repair.table, repair.row),
                refusal.unwrap_or_else(|| changes.join("; ")),
                repair.person.clone(),
                repair.id.to_string(),
            ]
        })
        .collect();
    table(&["When", "State", "Rule", "Record", "What", "Who", "Repair"], &[], &cells)
}
