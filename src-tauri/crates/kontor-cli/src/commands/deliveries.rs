//! `kontor deliveries`.

use std::path::Path;

use kontor::delivery::bounce::{self, Left};
use kontor::delivery::evidence::Recorded;
use kontor::delivery::list::{self, Filter, Row};
use kontor::delivery::maillog;
use kontor::delivery::settlement::{self, Order, Settled, Which};

use super::Context;
use crate::Ended;
use crate::args::{Deliveries, FindOut, FoundOut, Settle};
use crate::output::{count, table};
use crate::progress::Meter;

/// Mails and files printed at the end.
const LISTED: usize = 50;

pub async fn run(context: &Context, command: Deliveries) -> anyhow::Result<Ended> {
    match command {
        Deliveries::List { state, unsettled, after, limit } => {
            let filter = Filter { state, unsettled, after, limit };
            let rows = list::list(&context.store().await?, &filter).await?;
            context.output.result(&rows, |rows| listed(rows))?;
            Ok(Ended::Done)
        }
        Deliveries::FindOut(FindOut::Evidence { maillog }) => evidence(context, &maillog).await,
        Deliveries::FindOut(FindOut::Bounces { folder }) => bounces(context, &folder).await,
        Deliveries::FindOut(FindOut::Settle(typed)) => settle(context, typed).await,
    }
}

fn listed(rows: &[Row]) -> String {
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let code = row.code.clone().unwrap_or_default();
            vec![
                row.invoice.clone(),
                row.state.clone(),
                row.purpose.clone(),
                code,
                row.recipient.clone(),
                row.message_id.clone(),
            ]
        })
        .collect();
    table(&["Invoice", "State", "Purpose", "Code", "Recipient", "Message-ID"], &[], &cells)
}

async fn evidence(context: &Context, files: &[std::path::PathBuf]) -> anyhow::Result<Ended> {
    let logs = files.iter().map(|file| maillog::open(file)).collect::<kontor::Result<Vec<_>>>()?;
    let store = context.store().await?;
    let mut meter = Meter::new("Lines", 0);
    let report = maillog::read(&store, &context.actor, logs, &mut |lines| meter.show(lines, lines, "")).await;
    meter.close();
    context.output.result(&report?, |report| {
        format!(
            "{} lines read: {} mails of ours, {} messages of others.\n{}",
            count(report.lines),
            count(report.mails),
            count(report.others),
            recorded(&report.recorded)
        )
    })?;
    Ok(Ended::Done)
}

async fn bounces(context: &Context, folder: &Path) -> anyhow::Result<Ended> {
    let store = context.store().await?;
    let mut meter = Meter::new("Files", 0);
    let report = bounce::read(&store, &context.actor, folder, &mut |done, total| meter.show(done, total, "")).await;
    meter.close();
    context.output.result(&report?, |report| {
        format!(
            "{} files read: {} report on mails of ours, {} left alone.\n{}{}",
            count(report.files),
            count(report.matched),
            count(report.left.len() as u64),
            recorded(&report.recorded),
            left(&report.left)
        )
    })?;
    Ok(Ended::Done)
}

fn recorded(recorded: &Recorded) -> String {
    let mut text =
        format!("{} pieces of evidence are new, {} were known.\n", count(recorded.added), count(recorded.known));
    let settled: Vec<String> =
        recorded.settled.iter().map(|(state, number)| format!("{} {state}", count(*number))).collect();
    text.push_str(&match settled.as_slice() {
        [] => "No mail changed its state.\n".to_owned(),
        settled => format!("Settled: {}.\n", settled.join(", ")),
    });
    for message_id in recorded.contradicted.iter().take(LISTED) {
        text.push_str(&format!(
            "{message_id} stands as refused, but a server took it. It stays, because another mail followed it or only a \
             bounce says so.\n"
        ));
    }
    text
}

fn left(left: &[Left]) -> String {
    let mut text = String::new();
    for one in left.iter().take(LISTED) {
        text.push_str(&format!("  {}: {}\n", one.file, one.reason));
    }
    if left.len() > LISTED {
        text.push_str(&format!("  … and {} more\n", count((left.len() - LISTED) as u64)));
    }
    text
}

async fn settle(context: &Context, typed: Settle) -> anyhow::Result<Ended> {
    let which = if typed.all_unknown { Which::AllUnknown } else { Which::Mails(typed.message_ids) };
    let FoundOut { arrived, not_arrived: _, resend } = typed.outcome;
    let order = Order { which, arrived, resend, reason: typed.reason, most: None };
    let settled = settlement::settle(&context.store().await?, &context.actor, &order).await?;
    context.output.result(&settled, told)?;
    Ok(if settled.refused == 0 { Ended::Done } else { Ended::SomeFailed })
}

fn told(settled: &Settled) -> String {
    let mut text = format!("{} settled, {} refused.\n", count(settled.settled), count(settled.refused));
    for one in &settled.mails {
        text.push_str(&match &one.reason {
            None => format!("  {}  {}: {} → {}\n", one.invoice, one.message_id, one.before, one.after),
            Some(reason) => format!("  {}  {}: {reason}\n", one.invoice, one.message_id),
        });
    }
    if let Some(run) = settled.run {
        text.push_str(&format!(
            "Queued to be sent again: `kontor runs resume {run}` or any `kontor work` sends them.\n"
        ));
    }
    text
}
