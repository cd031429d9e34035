//! `kontor demo`.

use kontor::demo::{self, Order, Stage};

use super::Context;
use crate::Ended;
use crate::args::Demo;
use crate::output::count;
use crate::progress::Meter;

pub async fn run(context: &Context, command: Demo) -> anyhow::Result<Ended> {
    let Demo::Create { registrations, invoiced, seed, incident, truth, maillog, bounces, signup_export } = command;
    let incident = incident.parse()?;
    let order = Order { registrations, invoiced, seed, incident, damage: true, truth, maillog, bounces, signup_export };
    let mut people = Meter::new("People  ", registrations);
    let mut invoices = Meter::new("Invoices", 0);
    let summary = demo::create(&context.url, &order, &mut |stage, done, total| match stage {
        Stage::People => people.show(done, total, ""),
        Stage::Invoices => invoices.show(done, total, ""),
    })
    .await;
    people.close();
    invoices.close();
    let summary = summary?;
    context.output.result(&summary, |made| {
        format!(
            "{}: {} registrations, {} invoices of the old programs, {} of them unfinished; {} things are wrong in all.",
            context.url,
            count(made.registrations),
            count(made.invoices),
            count(made.failed),
            count(made.damage)
        )
    })?;
    Ok(Ended::Done)
}
