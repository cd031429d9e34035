//! `kontor invoices restore`.

use kontor::Error;
use kontor::invoice::deviation::Deviation;
use kontor::invoice::restore::{self, Order, Restored};

use super::Context;
use crate::Ended;
use crate::args::Restore;
use crate::output::table;

pub async fn run(context: &Context, command: Restore) -> anyhow::Result<Ended> {
    let store = context.store().await?;
    let copy = match &command.content {
        Some(path) => Some(std::fs::read(path).map_err(|error| Error::file(path, error))?),
        None => None,
    };
    let (id, version) = match (&command.number, command.id) {
        (_, Some(id)) => restore::by_id(&store, id).await?,
        (Some(number), None) => restore::by_number(&store, number).await?,
        (None, None) => return Err(Error::Usage("Which invoice? Give its number, or --id.".to_owned()).into()),
    };
    let order = Order { id, version, content: copy, reason: command.reason };
    let done = restore::restore(&store, &context.actor, &order).await?;
    context.output.result(&done, lines)?;
    Ok(Ended::Done)
}

fn lines(done: &Restored) -> String {
    let again = if done.repeated { " This request had been answered before; nothing was written now." } else { "" };
    let cells: Vec<Vec<String>> = done.changes.iter().map(cells).collect();
    format!("{} is as it was frozen.{again}\n\n{}", done.number, table(&["Field", "Was", "Is"], &[], &cells))
}

fn cells(change: &Deviation) -> Vec<String> {
    let place = change.line.map(|line| format!("line {line}: ")).unwrap_or_default();
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "(empty)".to_owned());
    vec![format!("{place}{}", change.field), text(&change.old), text(&change.new)]
}
