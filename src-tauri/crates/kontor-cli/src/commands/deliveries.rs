//! `kontor deliveries`.

use kontor::delivery;

use super::Context;
use crate::Ended;
use crate::args::Deliveries;
use crate::output::table;

pub async fn run(context: &Context, command: Deliveries) -> anyhow::Result<Ended> {
    let Deliveries::List { state, after, limit } = command;
    let rows = delivery::list::list(&context.store().await?, state.as_deref(), after.as_deref(), limit).await?;
    context.output.result(&rows, |rows| {
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
    })?;
    Ok(Ended::Done)
}
