//! One file per noun: parse what was typed, call, print.

mod cancel;
mod causes;
mod check;
mod covering;
mod damage;
mod database;
mod deliveries;
mod demo;
mod hosts;
mod invoices;
mod journal;
mod registrations;
mod repairs;
mod replays;
mod report;
mod restore;
mod rules;
mod runs;
mod supervise;
mod work;

use kontor::Error;
use kontor::identity::Actor;
use kontor::store::{DbUrl, Store};

use crate::Ended;
use crate::args::{Args, Command};
use crate::output::Output;

/// What every command needs.
pub struct Context {
    url: DbUrl,
    smtp: Option<String>,
    actor: Actor,
    output: Output,
}

impl Context {
    async fn store(&self) -> kontor::Result<Store> {
        Store::open(&self.url).await
    }
}

/// Runs the command.
pub async fn dispatch(args: Args, output: Output) -> anyhow::Result<Ended> {
    if let Command::Rules(command) = &args.command
        && !command.sql
    {
        return rules::run(output, command);
    }
    let url = args.db.as_deref().ok_or_else(|| {
        Error::Usage("Which database? Give --db sqlite:FILE or --db postgres://…, or set KONTOR_DB.".to_owned())
    })?;
    let mut actor = Actor::of_this_desk();
    if let Some(request) = args.request_id {
        actor.request = request;
    }
    let context = Context { url: url.parse()?, smtp: args.smtp, actor, output };
    match args.command {
        Command::Demo(command) => demo::run(&context, command).await,
        Command::Db(command) => database::run(&context, command).await,
        Command::Registrations(command) => registrations::run(&context, command).await,
        Command::Invoices(command) => invoices::run(&context, command).await,
        Command::Runs(command) => runs::run(&context, command).await,
        Command::Deliveries(command) => deliveries::run(&context, command).await,
        Command::Check(command) => check::run(&context, command).await,
        Command::Rules(command) => rules::sql(&context, &command).await,
        Command::Repairs(command) => repairs::run(&context, command).await,
        Command::Report(command) => report::run(&context, command).await,
        Command::Causes(command) => causes::run(&context, command).await,
        Command::Hosts(command) => hosts::run(&context, command).await,
        Command::Work(command) => work::run(&context, command).await,
        Command::Journal(command) => journal::run(&context, command).await,
    }
}
