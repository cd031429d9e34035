//! `kontor report`.

use std::path::Path;

use kontor::Error;
use kontor::cause::words;
use kontor::report::{self, Language, Report, table};
use serde::Serialize;

use super::Context;
use crate::Ended;
use crate::args;
use crate::output::{Output, count};

#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    report: &'a Report,
    files: Vec<String>,
}

/// What a file is written as.
#[derive(Clone, Copy)]
enum Form {
    Pdf,
    Csv,
    Json,
}

pub async fn run(context: &Context, command: args::Report) -> anyhow::Result<Ended> {
    let files = command.output.iter().map(|file| Ok((file.as_path(), form(file)?)));
    let files: Vec<(&Path, Form)> = files.collect::<kontor::Result<_>>()?;
    let store = context.store().await?;
    let report = report::report(&store, command.month).await?;
    let language = if command.language == "en" { Language::En } else { Language::De };
    for (file, form) in &files {
        let bytes = match form {
            Form::Pdf => report::pdf(&report, language)?,
            Form::Csv => table::csv(&report)?,
            Form::Json => serde_json::to_vec_pretty(&report)?,
        };
        std::fs::write(file, bytes).map_err(|error| Error::file(file, error))?;
        Output::remark(&format!("{} written.", file.display()));
    }
    let files = files.iter().map(|(file, _)| file.display().to_string()).collect();
    context.output.result(&Answer { report: &report, files }, |answer| lines(answer.report))?;
    Ok(Ended::Done)
}

fn form(file: &Path) -> kontor::Result<Form> {
    match file.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("pdf") => Ok(Form::Pdf),
        Some("csv") => Ok(Form::Csv),
        Some("json") => Ok(Form::Json),
        _ => Err(Error::Usage(format!(
            "“{}” says nothing about what to write. Name a file that ends in .pdf, .csv or .json.",
            file.display()
        ))),
    }
}

fn lines(report: &Report) -> String {
    let (complete, mails) = (&report.invoices.completeness, &report.invoices.mails);
    let mut lines = vec![
        format!("{}, {}", report.company, report.month),
        format!(
            "Registrations: {} in the month, {} the month before, {} in all",
            count(report.registrations.month),
            count(report.registrations.month_before),
            count(report.registrations.total)
        ),
        format!(
            "Invoices: {} due = {} issued + {} quarantined + {} failed + {} not begun + {} cancelled - {} not due; {} \
             unexplained",
            count(complete.due),
            count(complete.issued),
            count(complete.quarantined.count),
            count(complete.failed.count),
            count(complete.not_begun.count),
            count(complete.cancelled.count),
            count(complete.not_due.count),
            complete.unexplained
        ),
        format!(
            "Mails: {} accepted, {} refused, {} bounced, {} unknown, {} waiting, {} none",
            count(mails.accepted),
            count(mails.refused),
            count(mails.bounced),
            count(mails.unknown),
            count(mails.waiting),
            count(mails.none)
        ),
        format!("Repairs: {} applied, {} undone", count(report.repairs.applied), count(report.repairs.undone)),
    ];
    for incident in &report.incidents {
        let days =
            incident.from.zip(incident.to).map(|(from, to)| format!(", from {from} to {to}")).unwrap_or_default();
        lines.push(format!(
            "Behind it: {} = {}, {}{days}; {} of {} attempts",
            words::attribute(incident.named.attribute, false),
            incident.named.value,
            words::level(incident.level, false),
            count(incident.failures),
            count(incident.attempts)
        ));
    }
    if let Some(storage) = &report.storage {
        let full = match (storage.full_on, storage.growth_per_day_bytes) {
            (Some(day), _) => day.to_string(),
            (None, Some(_)) => "not in sight".to_owned(),
            (None, None) => "not known, measured on one day only".to_owned(),
        };
        lines.push(format!(
            "Storage: {} GB used and {} GB sold of {} GB; full: {full}",
            count(storage.used_bytes / 1_000_000_000),
            count(storage.sold_bytes / 1_000_000_000),
            count(storage.capacity_bytes / 1_000_000_000)
        ));
    }
    lines.push(format!("Journal: {} entries, head {}", count(report.journal.entries), report.journal.hash));
    lines.join("\n")
}
