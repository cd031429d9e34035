//! `kontor hosts`.

use chrono::{DateTime, Days, Utc};
use kontor::period::day_begins;
use kontor::withdrawal::{self, Host, Order};
use serde_json::json;

use super::Context;
use crate::Ended;
use crate::args::Hosts;
use crate::output::{count, table};

pub async fn run(context: &Context, command: Hosts) -> anyhow::Result<Ended> {
    let store = context.store().await?;
    match command {
        Hosts::List => {
            let hosts = withdrawal::hosts(&store).await?;
            context.output.result(&hosts, |hosts| lines(hosts))?;
        }
        Hosts::Withdraw { host, from, to, reason } => {
            let until = to.and_then(|day| day.checked_add_days(Days::new(1))).map(day_begins);
            let order = Order { host, from: from.map(day_begins), until, reason };
            let row = withdrawal::withdraw(&store, &context.actor, &order).await?;
            let told = json!({ "host": row.host, "since": row.withdrawn_at, "suspect_from": row.suspect_from_at,
                "suspect_until": row.suspect_until_at });
            let time = match row.suspect_until_at {
                Some(until) => format!("from {} to {}", moment(row.suspect_from_at), moment(until)),
                None => format!("from {} on", moment(row.suspect_from_at)),
            };
            context.output.result(&told, |_| {
                let host = &row.host;
                format!("{host} is out of service. What it wrote {time} is unproven; put it back with `kontor hosts return {host}`.")
            })?;
        }
        Hosts::Return { host, reason } => {
            withdrawal::put_back(&store, &context.actor, &host, &reason).await?;
            context
                .output
                .result(&json!({ "host": host, "in_service": true }), |_| format!("{host} is back in service."))?;
        }
    }
    Ok(Ended::Done)
}

fn moment(at: DateTime<Utc>) -> String {
    format!("{} UTC", at.format("%Y-%m-%d %H:%M:%S"))
}

fn lines(hosts: &[Host]) -> String {
    if hosts.is_empty() {
        return "Nothing was ever worked on.".to_owned();
    }
    let rows: Vec<Vec<String>> = hosts
        .iter()
        .map(|host| {
            vec![
                host.host.clone(),
                if host.withdrawal.is_some() { "out of service" } else { "in service" }.to_owned(),
                count(host.attempts),
                host.last_attempt_at.map(moment).unwrap_or_default(),
                host.last_good_at.map(moment).unwrap_or_default(),
                count(host.wrong),
                count(host.unproven),
            ]
        })
        .collect();
    let heading = ["Host", "State", "Attempts", "Last attempt", "Last drew right", "Drew wrong", "Unproven invoices"];
    let mut text = table(&heading, &[2, 5, 6], &rows);
    for host in hosts {
        if let Some(out) = &host.withdrawal {
            let by = if out.canary.is_some() { format!("canary of {}", out.by) } else { out.by.clone() };
            let since = moment(out.since);
            text.push_str(&format!("\n{}: out of service since {since} ({by}): {}", host.host, out.reason));
        }
    }
    text
}
