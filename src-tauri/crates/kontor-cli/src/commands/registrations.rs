//! `kontor registrations`.

use kontor::registration::list::{Detail, Row};
use kontor::registration::{import, list};

use super::{Context, invoices};
use crate::Ended;
use crate::args::Registrations;
use crate::output::{count, table};
use crate::progress::Meter;

pub async fn run(context: &Context, command: Registrations) -> anyhow::Result<Ended> {
    let store = context.store().await?;
    match command {
        Registrations::List { search, after, limit } => {
            let after = match after {
                Some(number) => list::by_number(&store, &number).await?.customer_serial,
                None => 0,
            };
            let rows = list::list(&store, search.as_deref(), after, limit).await?;
            context.output.result(&rows, |rows| lines(rows))?;
        }
        Registrations::Show { number } => {
            context.output.result(&list::show(&store, &number).await?, detail)?;
        }
        Registrations::Import { file } => {
            let mut meter = Meter::new("Lines", 0);
            let mut progress = |_: &'static str, lines: usize| meter.show(lines as u64, lines as u64, "");
            let imported = import::import(&store, &context.actor, &file, &mut progress).await;
            meter.close();
            context.output.result(&imported?, |done| {
                let numbers = match (&done.first, &done.last) {
                    (Some(first), Some(last)) => format!(" ({first} to {last})"),
                    _ => String::new(),
                };
                let again =
                    if done.repeated { " This request had been answered before; nothing was written now." } else { "" };
                format!("{} customers imported{numbers}.{again}", count(done.imported))
            })?;
        }
    }
    Ok(Ended::Done)
}

fn name(row: &Row) -> String {
    let person = format!("{} {}", row.first_name, row.last_name).trim().to_owned();
    match &row.company {
        Some(company) if person.is_empty() => company.clone(),
        Some(company) => format!("{company} ({person})"),
        None => person,
    }
}

fn lines(rows: &[Row]) -> String {
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let since = row.registered_at.format("%Y-%m-%d").to_string();
            vec![row.customer.clone(), name(row), row.mailbox.clone().unwrap_or_default(), row.state.clone(), since]
        })
        .collect();
    table(&["Customer", "Name", "Mailbox", "State", "Since"], &[], &cells)
}

fn detail(detail: &Detail) -> String {
    let mut text = format!(
        "{}  {}  ({})\nMail     {}\n",
        detail.row.customer,
        name(&detail.row),
        detail.row.state,
        detail.row.email
    );
    if let Some([street, postal_code, city, country]) = &detail.address {
        text.push_str(&format!("Address  {street}, {postal_code} {city}, {country}\n"));
    }
    if let Some(vat_id) = &detail.vat_id {
        text.push_str(&format!("VAT id   {vat_id}\n"));
    }
    for subscription in &detail.subscriptions {
        let until = subscription.ended_on.map_or_else(|| "open end".to_owned(), |day| format!("until {day}"));
        text.push_str(&format!(
            "Mailbox  {} from {}, {until} ({})\n",
            subscription.mailbox.as_deref().unwrap_or("none"),
            subscription.started_on,
            subscription.state
        ));
    }
    if !detail.invoices.is_empty() {
        text.push('\n');
        text.push_str(&invoices::lines(&detail.invoices));
    }
    text
}
