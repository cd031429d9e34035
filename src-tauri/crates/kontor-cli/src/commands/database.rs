//! `kontor db`.

use anyhow::Context as _;
use kontor::Error;
use kontor::invoice::settings::{self, SettingsFile};
use kontor::store::{NewDatabase, Store, status};
use serde::Serialize;

use super::Context;
use crate::Ended;
use crate::args::Db;

#[derive(Serialize)]
struct Answer {
    database: String,
    state: &'static str,
    applied: Option<String>,
    known: String,
    pending: usize,
    purpose: Option<String>,
    name: Option<String>,
}

pub async fn run(context: &Context, command: Db) -> anyhow::Result<Ended> {
    match command {
        Db::Status => answer(context).await,
        Db::Migrate { purpose, name } => {
            let purpose = ["production", "test", "demo"].into_iter().find(|known| *known == purpose);
            let purpose = purpose.context("clap lets only known purposes through")?;
            Store::create(&context.url, &NewDatabase { purpose, name, business_date: None }).await?;
            answer(context).await
        }
        Db::Settings { file } => {
            let text = std::fs::read_to_string(&file).map_err(|error| Error::file(&file, error))?;
            let read: SettingsFile = serde_json::from_str(&text).map_err(|error| {
                Error::Usage(format!("{}: this is no settings file ({error}). Nothing was added.", file.display()))
            })?;
            settings::add(&context.store().await?, &context.actor, &read).await?;
            let added = read.issuers.len() + read.tariffs.len() + read.tax_rates.len();
            context.output.result(&serde_json::json!({ "added": added }), |_| format!("{added} settings added."))?;
            Ok(Ended::Done)
        }
    }
}

async fn answer(context: &Context) -> anyhow::Result<Ended> {
    let status = status(&context.url).await?;
    let open = if status.state == "current" { Some(context.store().await?) } else { None };
    let installation = open.as_ref().map(Store::installation);
    let answer = Answer {
        database: context.url.to_string(),
        state: status.state,
        applied: status.applied,
        known: status.known,
        pending: status.pending,
        purpose: installation.map(|row| row.purpose.clone()),
        name: installation.map(|row| row.name.clone()),
    };
    context.output.result(&answer, |answer| {
        let what = match answer.state {
            "current" => "its tables are those of this program",
            "older" => "its tables are older than this program; `kontor db migrate` brings them up to date",
            "newer" => "its tables are newer than this program; install the newer Kontor",
            "empty" => "it is empty; `kontor db migrate` makes the tables",
            _ => "it is not a Kontor database",
        };
        let name = match (&answer.name, &answer.purpose) {
            (Some(name), Some(purpose)) => format!(" “{name}” ({purpose})"),
            _ => String::new(),
        };
        format!("{}{name}: {what}.", answer.database)
    })?;
    Ok(if answer.state == "current" { Ended::Done } else { Ended::NotDone })
}
