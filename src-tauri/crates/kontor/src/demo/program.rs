//! The old program: one process per invoice, which writes row after row without a transaction around them.
//!
//! It is written straight through, and what of it happened follows from the milestone that the process reached. So a
//! process that dies leaves exactly what one that works would have written by then.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use kontor_pdf::content::{Content, sha256};

use super::bounce::{self, Bounce};
use super::calendar::{self, FIRST_DAY};
use super::clock::Milestone;
use super::fault::{End, Reason};
use super::files::Wanted;
use super::maillog::Line;
use super::office::{Office, YEAR};
use super::process::Process;
use super::{mail, post};
use crate::invoice::content::{Dates, Source, compose, display_name};
use crate::invoice::search_text;
use crate::invoice::settings::Settings;
use crate::number::{INVOICE, Number};
use crate::period::Period;
use crate::run::code;
use crate::store::entities::{
    attempts, deliveries, delivery_evidence, documents, invoice_lines, invoices, mailboxes, number_allocations,
    registrations, subscriptions,
};
use crate::{Error, Result};

/// A PDF is written in blocks of this many bytes.
const BLOCK: usize = 512;
/// What a mail has beside its PDF: head, text, boundaries.
const MESSAGE: usize = 1_150;

/// A customer with what belongs to one.
#[derive(Clone, Debug)]
pub(super) struct Customer {
    pub registration: registrations::Model,
    pub mailbox: mailboxes::Model,
    pub subscription: subscriptions::Model,
    /// The address that reaches them, whatever they typed.
    pub email: String,
}

impl Customer {
    /// A process closes its work by writing the customer's records back.
    pub fn written_back(&mut self, at: DateTime<Utc>) {
        self.registration.updated_at = at;
        self.mailbox.updated_at = at;
        self.subscription.updated_at = at;
    }
}

/// What one process left behind.
#[derive(Clone, Debug)]
pub(super) struct Traces {
    pub allocation: number_allocations::Model,
    pub invoice: Option<invoices::Model>,
    pub line: Option<invoice_lines::Model>,
    pub document: Option<documents::Model>,
    pub delivery: Option<deliveries::Model>,
    pub attempt: attempts::Model,
    pub evidence: Option<delivery_evidence::Model>,
    /// What the mail server's log says of it.
    pub log: Vec<Line>,
    /// The report that the mail came back.
    pub bounce: Option<Bounce>,
}

/// What the old programs worked with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tools<'a> {
    pub office: &'a Office,
    pub settings: &'a Settings,
    pub wanted: Wanted,
}

/// Does the work of a process, as far as it got.
pub(super) fn work(process: &Process, customer: &Customer, tools: Tools<'_>) -> Result<Traces> {
    let number = number(process.serial);
    let content = content(process, customer, tools.settings, &number)?;
    let mut traces = Traces {
        allocation: allocation(process, customer, tools.office, number),
        invoice: invoice(process, customer, &content),
        line: line(process, &content),
        document: document(process, &content),
        delivery: mail::delivery(process, &customer.registration.email),
        attempt: attempt(process, customer),
        evidence: None,
        log: Vec::new(),
        bounce: None,
    };
    if let Some(sent) = &traces.delivery {
        traces.evidence = mail::evidence(process, sent, traces.attempt.id);
        if tools.wanted.log {
            let size = traces.document.as_ref().map_or(0, |document| document.bytes.len());
            traces.log = post::log(process, sent, size * 4 / 3 + MESSAGE);
        }
        traces.bounce = tools.wanted.bounces.then(|| bounce::of(process, sent, &traces.allocation.number)).flatten();
    }
    Ok(traces)
}

/// The invoice number of a serial.
pub(super) fn number(serial: i64) -> String {
    Number::of_year(INVOICE, YEAR, serial).to_string()
}

/// What the old program printed. It looked at neither addresses nor characters before it began, so what stops
/// `compose` is put aside for it.
fn content(process: &Process, customer: &Customer, settings: &Settings, number: &str) -> Result<Content> {
    let mut registration = customer.registration.clone();
    registration.email.clone_from(&customer.email);
    if process.trouble == Some(Reason::CharacterNotCovered) {
        registration.first_name.clear();
        "?".clone_into(&mut registration.last_name);
    }
    let source = Source {
        registration: &registration,
        subscription: &customer.subscription,
        mailbox: Some(&customer.mailbox.address),
        period: Period::containing(FIRST_DAY),
    };
    let issued_on = calendar::date(process.started_at);
    compose(source, settings, number, Dates { issued_on, released_on: issued_on }).map_err(|refusal| {
        Error::Refused(format!("The demo cannot be made: an invoice of its own is refused ({refusal}). Report this."))
    })
}

fn allocation(process: &Process, customer: &Customer, office: &Office, number: String) -> number_allocations::Model {
    let unused = process.end == End::TurnedAway;
    number_allocations::Model {
        id: process.ids.allocation,
        range_id: office.range_id,
        serial: process.serial,
        number,
        subscription_id: Some(customer.subscription.id),
        period: Some(FIRST_DAY),
        invoice_id: process.passed(Milestone::Header).map(|_| process.ids.invoice),
        host: process.host.to_owned(),
        allocated_at: process.clock.at(Milestone::Number),
        explanation: unused
            .then(|| "taken by a process that was started twice; the period was invoiced already".into()),
    }
}

/// The row is written without amounts first; the line brings them.
fn invoice(process: &Process, customer: &Customer, content: &Content) -> Option<invoices::Model> {
    let at = process.passed(Milestone::Header)?;
    let summed = i64::from(process.passed(Milestone::Line).is_some());
    let states = [(Milestone::Opened, "archived"), (Milestone::Line, "issued")];
    let newest = states.iter().find_map(|(milestone, state)| process.passed(*milestone).map(|at| (at, *state)));
    let (updated_at, state) = newest.unwrap_or((at, "incomplete"));
    Some(invoices::Model {
        id: process.ids.invoice,
        kind: "invoice".to_owned(),
        origin: "legacy".to_owned(),
        number: content.number.clone(),
        registration_id: customer.registration.id,
        subscription_id: customer.subscription.id,
        period: process.period,
        issued_on: content.issued_on,
        due_on: content.payment.as_ref().map(|payment| payment.due_on),
        recipient_name: display_name(&customer.registration),
        search_text: search_text(&content.number, &display_name(&customer.registration)),
        net_cents: content.net_cents * summed,
        tax_cents: content.tax_cents * summed,
        gross_cents: content.gross_cents * summed,
        currency: content.currency.clone(),
        line_count: summed,
        snapshot: None,
        snapshot_sha256: None,
        cancels_id: None,
        state: state.to_owned(),
        cancelled_by: None,
        created_at: at,
        updated_at,
        version: 1,
        seal: None,
    })
}

fn line(process: &Process, content: &Content) -> Option<invoice_lines::Model> {
    process.passed(Milestone::Line)?;
    let line = content.lines.first()?;
    Some(invoice_lines::Model {
        id: process.ids.line,
        invoice_id: process.ids.invoice,
        position: i64::from(line.position),
        description: line.description.clone(),
        quantity: line.quantity,
        unit_gross_cents: line.unit_gross_cents,
        tax_basis_points: i64::from(line.tax_basis_points),
        net_cents: line.net_cents,
        tax_cents: line.tax_cents,
        gross_cents: line.gross_cents,
    })
}

/// The hash is of the PDF that the program had drawn; the bytes are those that it still wrote.
fn document(process: &Process, content: &Content) -> Option<documents::Model> {
    let at = process.passed(Milestone::Opened)?;
    let mut bytes = kontor_pdf::legacy::render(content);
    let hash = sha256(&bytes);
    if let End::Killed(kill) = process.end
        && kill.after == Milestone::Opened
    {
        bytes.truncate(written(bytes.len(), kill.way));
    }
    Some(documents::Model {
        id: process.ids.document,
        invoice_id: process.ids.invoice,
        role: "original".to_owned(),
        origin: "legacy".to_owned(),
        renderer: None,
        bytes,
        sha256: hash.to_vec(),
        created_at: at,
    })
}

fn attempt(process: &Process, customer: &Customer) -> attempts::Model {
    let (outcome, signal, code, message) = outcome(process, &customer.registration.email);
    attempts::Model {
        id: process.ids.attempt,
        item_id: None,
        subscription_id: customer.subscription.id,
        period: FIRST_DAY,
        invoice_id: process.passed(Milestone::Header).map(|_| process.ids.invoice),
        step: step(process.end.reached()).to_owned(),
        token: 0,
        host: process.host.to_owned(),
        boot_id: process.boot_id.clone(),
        pid: process.pid,
        program_version: process.version.clone(),
        worker_id: None,
        started_at: process.started_at,
        ended_at: Some(ended_at(process)),
        outcome: outcome.to_owned(),
        signal,
        code: code.map(str::to_owned),
        message,
    }
}

/// Outcome, signal, code and message of the attempt.
fn outcome(process: &Process, recipient: &str) -> (&'static str, Option<i64>, Option<&'static str>, Option<String>) {
    match process.end {
        End::Done | End::Deceived => ("done", None, None, None),
        End::TurnedAway => ("skipped", None, Some(code::DONE_ALREADY), None),
        End::Killed(kill) => {
            let message = format!("process {} ended by signal {}", process.pid, kill.signal);
            ("died", Some(kill.signal), Some("process_killed"), Some(message))
        }
        End::Failed(reason) => {
            let outcome = if reason.code() == code::OUTCOME_UNKNOWN { "unknown" } else { "failed" };
            (outcome, None, Some(reason.code()), Some(mail::said(process, reason, recipient)))
        }
    }
}

/// Dead processes are found once a minute; one that waits for the mail server in vain waits half a minute.
fn ended_at(process: &Process) -> DateTime<Utc> {
    match process.end {
        End::Done | End::Deceived => process.clock.at(Milestone::Answered),
        End::TurnedAway => process.clock.at(Milestone::Header),
        End::Killed(kill) => {
            let at = process.clock.on_the_way(kill.after, kill.way);
            let minute = TimeDelta::minutes(1);
            at.duration_trunc(minute).unwrap_or(at) + minute
        }
        End::Failed(_) => process.failed_at(),
    }
}

/// The step of the pipeline that follows a milestone.
fn step(reached: Milestone) -> &'static str {
    match reached {
        Milestone::Number | Milestone::Header => "issue",
        Milestone::Line => "render",
        Milestone::Opened => "archive",
        _ => "deliver",
    }
}

/// How many of `length` bytes are written after so much of the way (per mille): whole blocks only, and never all.
fn written(length: usize, way: u64) -> usize {
    let blocks = length.div_ceil(BLOCK);
    let whole = blocks * usize::try_from(way.min(999)).unwrap_or(0) / 1_000;
    whole * BLOCK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupted_file_is_never_whole() {
        for length in [1, 511, 512, 513, 2_600] {
            assert_eq!(written(length, 0), 0);
            assert!((0..1_000).all(|way| written(length, way) < length));
        }
        assert_eq!(written(2_600, 500), 3 * BLOCK);
    }
}
