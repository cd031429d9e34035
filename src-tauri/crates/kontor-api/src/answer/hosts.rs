//! Hosts, in the words of the contract.

use chrono::Days;
use kontor::period::day_begins;
use kontor::withdrawal::{self, Host, Order, Withdrawn};

use super::{Answered, Handle, word};
use crate::event::Part;
use crate::failure::{Failure, Fault, RecordKind};
use crate::hosts::{HostRow, HostWithdrawal, Hosts, ReturnHost, ShowHosts, WithdrawHost};
use crate::office::{Office, Open};
use crate::problem::Problem;

/// What changes with a host.
const PARTS: [Part; 3] = [Part::Runs, Part::Findings, Part::Journal];

impl Handle for ShowHosts {
    async fn handle(self, office: &Office) -> Answered<Hosts> {
        hosts(&*office.open()?).await
    }
}

impl Handle for WithdrawHost {
    async fn handle(self, office: &Office) -> Answered<Hosts> {
        let open = office.open()?;
        reason(&self.reason)?;
        if let Some((from, _)) = self.from.zip(self.to).filter(|(from, to)| from > to) {
            return Err(Failure::invalid("to", Fault::TooEarly { earliest: from }).into());
        }
        if self.to.is_some() && self.from.is_none() {
            return Err(Failure::invalid("from", Fault::Required).into());
        }
        let until = self.to.and_then(|day| day.checked_add_days(Days::new(1))).map(day_begins);
        let order = Order {
            host: self.host.clone(),
            from: self.from.map(day_begins),
            until,
            reason: self.reason.trim().to_owned(),
        };
        match withdrawal::withdraw(&open.store, &office.actor(self.request_id), &order).await {
            Err(kontor::Error::NotFound(_)) => return Err(Failure::not_found(RecordKind::Host, self.host).into()),
            done => done?,
        };
        office.changed(&PARTS);
        hosts(&open).await
    }
}

impl Handle for ReturnHost {
    async fn handle(self, office: &Office) -> Answered<Hosts> {
        let open = office.open()?;
        reason(&self.reason)?;
        withdrawal::put_back(&open.store, &office.actor(self.request_id), &self.host, self.reason.trim()).await?;
        office.changed(&PARTS);
        hosts(&open).await
    }
}

fn reason(text: &str) -> Result<(), Problem> {
    if text.trim().is_empty() { Err(Failure::invalid("reason", Fault::Required).into()) } else { Ok(()) }
}

async fn hosts(open: &Open) -> Answered<Hosts> {
    let hosts = withdrawal::hosts(&open.store).await?;
    Ok(Hosts { hosts: hosts.into_iter().map(row).collect() })
}

/// The hosts that are out of service.
pub(super) async fn out_of_service(open: &Open) -> Answered<Vec<HostRow>> {
    let hosts = withdrawal::hosts_out(&open.store).await?;
    Ok(hosts.into_iter().map(row).collect())
}

fn row(host: Host) -> HostRow {
    HostRow {
        host: host.host,
        attempts: whole(host.attempts),
        last_attempt_at: host.last_attempt_at,
        last_good_at: host.last_good_at,
        wrong: whole(host.wrong),
        withdrawal: host.withdrawal.map(withdrawn),
        unproven: whole(host.unproven),
    }
}

fn withdrawn(of: Withdrawn) -> HostWithdrawal {
    let canary = of.canary.as_deref().and_then(word);
    HostWithdrawal { since: of.since, suspect_from: of.suspect_from, canary, by: of.by, reason: of.reason }
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
