//! `kontor invoices cancel`.

use kontor::invoice::cancel::{self, Cancelled, Order};

use super::{Context, runs, work};
use crate::Ended;
use crate::args::Cancel;

pub async fn run(context: &Context, command: Cancel) -> anyhow::Result<Ended> {
    let store = context.store().await?;
    let today = store.today().await?;
    let order = Order {
        reason: command.reason,
        issue_on: command.date.unwrap_or(today),
        reissue: command.reissue,
        last_step: if command.no_mail { "archive" } else { "deliver" },
    };
    let worker =
        if command.queue { None } else { Some(work::worker(context, &store, &command.pace, !command.no_mail)?) };
    let done = cancel::cancel(&store, &context.actor, &command.number, &order).await?;
    runs::conclude(context, &store, done.run, worker, &done, &sentence(&done)).await
}

fn sentence(done: &Cancelled) -> String {
    let verb = if done.cancelled_before { "had been cancelled before," } else { "is cancelled" };
    let mut text = format!("{} {verb} by {}.", done.invoice, done.cancellation);
    if let Some(number) = &done.reissued {
        text.push_str(&format!(" Its period is invoiced again as {number}."));
    }
    if done.repeated {
        text.push_str(" This request had been answered before; nothing was written now.");
    }
    text
}
