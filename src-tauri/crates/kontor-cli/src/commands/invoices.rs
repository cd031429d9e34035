//! `kontor invoices`.

use std::path::PathBuf;

use kontor::Error;
use kontor::delivery::resend;
use kontor::invoice::list::{Detail, Filter, Row};
use kontor::invoice::{self, archive, audit, list};
use kontor::run::{self, Order};
use kontor::store::Store;

use super::{Context, cancel, restore, runs, work};
use crate::Ended;
use crate::args::Invoices;
use crate::output::{count, euros, table};
use crate::progress::Meter;

pub async fn run(context: &Context, command: Invoices) -> anyhow::Result<Ended> {
    match command {
        Invoices::Run { period, date, how } => {
            let period = period.parse()?;
            let store = context.store().await?;
            let today = store.today().await?;
            let order = Order {
                reason: format!("invoices of {period}"),
                issue_on: date.unwrap_or(today),
                last_step: runs::last_step(&how),
                covering: None,
                covering_en: None,
            };
            let worker = work::worker_for(context, &store, &how)?;
            let started = run::start_period(&store, &context.actor, period, &order).await?;
            runs::finish(context, &store, started, worker, "Nothing is due in this period without an invoice.").await
        }
        Invoices::List { period, state, delivery, after, limit } => {
            let period = period.map(|text| text.parse()).transpose()?;
            let store = context.store().await?;
            let after = match after {
                Some(number) => Some(invoice::by_number(&store, &number).await?.number),
                None => None,
            };
            let rows = list::list(&store, &Filter { period, state, delivery, after, limit }).await?;
            context.output.result(&rows, |rows| lines(rows))?;
            Ok(Ended::Done)
        }
        Invoices::Show { number } => {
            let detail = list::show(&context.store().await?, &number).await?;
            context.output.result(&detail, show)?;
            Ok(Ended::Done)
        }
        Invoices::Pdf { number, output } => save(context, &number, output).await,
        Invoices::Audit { numbers } => check(context, &context.store().await?, &numbers).await,
        Invoices::Cancel(command) => cancel::run(context, command).await,
        Invoices::Restore(command) => restore::run(context, command).await,
        Invoices::Resend { numbers, reason, to, queue, pace } => {
            let store = context.store().await?;
            let worker = if queue { None } else { Some(work::worker(context, &store, &pace, true)?) };
            let resent = resend::resend(&store, &context.actor, &resend::Order { numbers, to, reason }).await?;
            let started = run::Started { run: Some(resent.run), plan: None };
            runs::finish(context, &store, started, worker, "").await
        }
    }
}

async fn save(context: &Context, number: &str, output: Option<PathBuf>) -> anyhow::Result<Ended> {
    let store = context.store().await?;
    let invoice = invoice::by_number(&store, number).await?;
    let document = archive::original(store.read(), invoice.id).await?.ok_or_else(|| {
        Error::Refused(format!(
            "{} has no stored PDF. `kontor runs plan --invoice {0}` says whether it can be made.",
            invoice.number
        ))
    })?;
    let sound = archive::is_sound(&invoice, &document);
    let path = output.unwrap_or_else(|| PathBuf::from(format!("{}.pdf", invoice.number)));
    std::fs::write(&path, &document.bytes).map_err(|error| Error::file(&path, error))?;
    let answer = serde_json::json!({
        "number": invoice.number, "file": path, "bytes": document.bytes.len(), "origin": document.origin, "sound": sound,
    });
    let warning = if sound { "" } else { " It is damaged: see `kontor invoices audit`." };
    context.output.result(&answer, |_| format!("{} written.{warning}", path.display()))?;
    Ok(if sound { Ended::Done } else { Ended::SomeFailed })
}

async fn check(context: &Context, store: &Store, numbers: &[String]) -> anyhow::Result<Ended> {
    let mut meter = Meter::new("Documents", 0);
    let report = audit::audit(store, numbers, &mut |checked| meter.show(checked, checked, "")).await;
    meter.close();
    let report = report?;
    context.output.result(&report, |report| {
        let mut text = format!(
            "{} documents checked, {} missing or damaged.\n",
            count(report.checked),
            count(report.damaged.len() as u64)
        );
        for one in &report.damaged {
            text.push_str(&format!("{}  {}\n", one.number, one.faults.join(" ")));
        }
        text
    })?;
    Ok(if report.damaged.is_empty() { Ended::Done } else { Ended::SomeFailed })
}

/// A list of invoices.
pub fn lines(rows: &[Row]) -> String {
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let texts = [&row.number, &row.kind, &row.period, &row.customer, &row.recipient];
            let mut cells: Vec<String> = texts.into_iter().cloned().collect();
            let state = match (&row.cancelled_by, &row.cancels) {
                (Some(by), _) => format!("{} by {by}", row.state),
                (None, Some(cancels)) => format!("{}, cancels {cancels}", row.state),
                (None, None) => row.state.clone(),
            };
            cells.extend([euros(row.gross_cents), state, row.delivery.clone()]);
            cells
        })
        .collect();
    table(&["Invoice", "Kind", "Period", "Customer", "Recipient", "Gross €", "State", "Mail"], &[5], &cells)
}

fn show(detail: &Detail) -> String {
    let row = &detail.row;
    let mut text = format!(
        "{}  {} of {}, {}\nCustomer   {} {}\nAmount     {} + {} VAT = {} €\n",
        row.number,
        row.kind,
        row.issued_on,
        row.state,
        row.customer,
        row.recipient,
        euros(detail.net_cents),
        euros(detail.tax_cents),
        euros(row.gross_cents)
    );
    if let Some(number) = &row.cancels {
        text.push_str(&format!("Cancels    {number}\n"));
    }
    if let Some(number) = &row.cancelled_by {
        text.push_str(&format!("Cancelled  by {number}\n"));
    }
    for line in &detail.lines {
        text.push_str(&format!(
            "Line {}     {} × {}  {} €\n",
            line.position,
            line.quantity,
            line.description,
            euros(line.gross_cents)
        ));
    }
    for mail in &detail.deliveries {
        let code = mail.code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default();
        text.push_str(&format!("Mail       {}{code} to {}\n", mail.state, mail.recipient));
    }
    if !detail.attempts.is_empty() {
        text.push('\n');
        text.push_str(&runs::attempts(&detail.attempts));
    }
    text
}
