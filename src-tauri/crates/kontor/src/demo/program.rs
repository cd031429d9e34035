//! The old program: one process per invoice, which writes row after row without a transaction around them.
//!
//! It is written straight through, and what of it happened follows from the milestone that the process reached. So a
//! process that dies leaves exactly what one that works would have written by then.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use kontor_pdf::content::{Content, sha256};
use uuid::Uuid;

use super::calendar::{self, FIRST_DAY};
use super::dice::{Dice, Purpose};
use super::fault::{Clock, End, Milestone, Model, Reason};
use super::hosts::{Hosts, NAMES, program_version};
use super::office::{Office, YEAR};
use super::{damage, mail, truth};
use crate::invoice::content::{Dates, Source, compose, display_name};
use crate::invoice::settings::Settings;
use crate::number::{INVOICE, Number};
use crate::period::Period;
use crate::store::entities::{
    attempts, deliveries, delivery_evidence, documents, invoice_lines, invoices, mailboxes, number_allocations,
    registrations, subscriptions,
};
use crate::{Error, Result};

/// A PDF is written in blocks of this many bytes.
const BLOCK: usize = 512;

/// A customer with what belongs to one.
#[derive(Clone, Debug)]
pub(super) struct Customer {
    pub registration: registrations::Model,
    pub mailbox: mailboxes::Model,
    pub subscription: subscriptions::Model,
    /// The address that reaches them, whatever they typed.
    pub email: String,
}

/// One process: where and when it ran, and how it ended.
#[derive(Debug)]
pub(super) struct Process {
    /// Place in the order of invoices.
    pub ordinal: u64,
    pub host: &'static str,
    pub boot_id: String,
    pub pid: i64,
    pub started_at: DateTime<Utc>,
    pub clock: Clock,
    pub end: End,
    /// For what else it decides.
    pub dice: Dice,
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
    pub damage: Option<truth::Entry>,
}

impl Process {
    /// The process of this invoice; the calendar's `started_at` draws from the same dice.
    pub fn begin(
        seed: u64,
        ordinal: u64,
        hosts: &Hosts,
        model: &Model,
        started_at: impl FnOnce(&mut Dice) -> DateTime<Utc>,
    ) -> Self {
        let mut dice = Dice::new(seed, Purpose::Process, ordinal);
        let started_at = started_at(&mut dice);
        let host = dice.pick(&NAMES);
        let clock = Clock::new(started_at, &mut dice);
        let pid = i64::try_from(dice.between(1_200, 32_767)).unwrap_or(0);
        let end = model.end(ordinal, host, started_at, &mut dice);
        Self { ordinal, host, boot_id: hosts.boot_id(host, started_at), pid, started_at, clock, end, dice }
    }

    /// The trouble that the customer brings along, if that is why the process fails.
    pub fn trouble(&self) -> Option<Reason> {
        match self.end {
            End::Failed(reason) => Some(reason),
            _ => None,
        }
    }

    /// When the process passed a milestone; none when it never did.
    pub fn passed(&self, milestone: Milestone) -> Option<DateTime<Utc>> {
        (milestone <= self.end.reached()).then(|| self.clock.at(milestone))
    }

    /// Does the work, as far as it got.
    pub fn work(mut self, customer: &Customer, office: &Office, settings: &Settings) -> Result<Traces> {
        let serial = i64::try_from(self.ordinal + 1).unwrap_or(i64::MAX);
        let number = Number::of_year(INVOICE, YEAR, serial).to_string();
        let content = self.content(customer, settings, &number)?;
        let invoice = self.passed(Milestone::Header).map(|at| self.invoice(customer, &content, at));
        let invoice_id = invoice.as_ref().map(|row| row.id);
        let line = invoice_id.and_then(|id| self.line(id, &content));
        let document = invoice_id.and_then(|id| self.document(id, &content));
        let delivery = invoice_id.and_then(|id| mail::delivery(&mut self, id, serial, &customer.registration.email));
        let attempt = self.attempt(customer, invoice_id);
        let evidence = delivery.as_ref().and_then(|mail| mail::evidence(&mut self, mail, attempt.id));
        let allocation = self.allocation(customer, office, serial, number, invoice_id);
        let mut traces = Traces { allocation, invoice, line, document, delivery, attempt, evidence, damage: None };
        traces.damage = damage::of(&self, customer, &traces);
        Ok(traces)
    }

    /// What the old program printed. It looked at neither addresses nor characters before it began, so what stops
    /// `compose` is put aside for it.
    fn content(&self, customer: &Customer, settings: &Settings, number: &str) -> Result<Content> {
        let mut registration = customer.registration.clone();
        registration.email.clone_from(&customer.email);
        if self.trouble() == Some(Reason::CharacterNotCovered) {
            registration.first_name.clear();
            "?".clone_into(&mut registration.last_name);
        }
        let source = Source {
            registration: &registration,
            subscription: &customer.subscription,
            mailbox: Some(&customer.mailbox.address),
            period: Period::containing(FIRST_DAY),
        };
        let issued_on = calendar::date(self.started_at);
        compose(source, settings, number, Dates { issued_on, released_on: issued_on }).map_err(|refusal| {
            Error::Refused(format!(
                "The demo cannot be made: an invoice of its own is refused ({refusal}). Report this."
            ))
        })
    }

    fn allocation(
        &mut self,
        customer: &Customer,
        office: &Office,
        serial: i64,
        number: String,
        invoice_id: Option<Uuid>,
    ) -> number_allocations::Model {
        number_allocations::Model {
            id: self.dice.id(self.started_at),
            range_id: office.range_id,
            serial,
            number,
            subscription_id: Some(customer.subscription.id),
            period: Some(FIRST_DAY),
            invoice_id,
            host: self.host.to_owned(),
            allocated_at: self.clock.at(Milestone::Number),
            explanation: None,
        }
    }

    /// The row is written without amounts first; the line brings them.
    fn invoice(&mut self, customer: &Customer, content: &Content, at: DateTime<Utc>) -> invoices::Model {
        let summed = i64::from(self.passed(Milestone::Line).is_some());
        let states = [(Milestone::Opened, "archived"), (Milestone::Line, "issued")];
        let newest = states.iter().find_map(|(milestone, state)| self.passed(*milestone).map(|at| (at, *state)));
        let (updated_at, state) = newest.unwrap_or((at, "incomplete"));
        invoices::Model {
            id: self.dice.id(at),
            kind: "invoice".to_owned(),
            origin: "legacy".to_owned(),
            number: content.number.clone(),
            registration_id: customer.registration.id,
            subscription_id: customer.subscription.id,
            period: FIRST_DAY,
            issued_on: content.issued_on,
            due_on: content.payment.as_ref().map(|payment| payment.due_on),
            recipient_name: display_name(&customer.registration),
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
        }
    }

    fn line(&mut self, invoice_id: Uuid, content: &Content) -> Option<invoice_lines::Model> {
        let at = self.passed(Milestone::Line)?;
        let line = content.lines.first()?;
        Some(invoice_lines::Model {
            id: self.dice.id(at),
            invoice_id,
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
    fn document(&mut self, invoice_id: Uuid, content: &Content) -> Option<documents::Model> {
        let at = self.passed(Milestone::Opened)?;
        let mut bytes = kontor_pdf::legacy::render(content);
        let hash = sha256(&bytes);
        if let End::Killed(kill) = self.end
            && kill.after == Milestone::Opened
        {
            bytes.truncate(written(bytes.len(), kill.way));
        }
        Some(documents::Model {
            id: self.dice.id(at),
            invoice_id,
            role: "original".to_owned(),
            origin: "legacy".to_owned(),
            renderer: None,
            bytes,
            sha256: hash.to_vec(),
            created_at: at,
        })
    }

    fn attempt(&mut self, customer: &Customer, invoice_id: Option<Uuid>) -> attempts::Model {
        let (outcome, signal, code, message) = self.outcome(customer);
        attempts::Model {
            id: self.dice.id(self.started_at),
            item_id: None,
            subscription_id: customer.subscription.id,
            period: FIRST_DAY,
            invoice_id,
            step: step(self.end.reached()).to_owned(),
            token: 0,
            host: self.host.to_owned(),
            boot_id: self.boot_id.clone(),
            pid: self.pid,
            program_version: program_version(self.started_at).to_owned(),
            worker_id: None,
            started_at: self.started_at,
            ended_at: Some(self.ended_at()),
            outcome: outcome.to_owned(),
            signal,
            code: code.map(str::to_owned),
            message,
        }
    }

    /// Outcome, signal, code and message of the attempt.
    fn outcome(&self, customer: &Customer) -> (&'static str, Option<i64>, Option<&'static str>, Option<String>) {
        match self.end {
            End::Done => ("done", None, None, None),
            End::Killed(kill) => {
                let message = format!("process {} ended by signal {}", self.pid, kill.signal);
                ("died", Some(kill.signal), Some("process_killed"), Some(message))
            }
            End::Failed(reason) => ("failed", None, Some(reason.code()), Some(mail::said(reason, customer))),
        }
    }

    /// Dead processes are found once a minute; one that waits for the mail server in vain waits half a minute.
    fn ended_at(&self) -> DateTime<Utc> {
        match self.end {
            End::Done => self.clock.at(Milestone::Answered),
            End::Killed(kill) => {
                let at = self.clock.killed_at(kill);
                let minute = TimeDelta::minutes(1);
                at.duration_trunc(minute).unwrap_or(at) + minute
            }
            End::Failed(_) => self.failed_at(),
        }
    }

    /// When a failing process noticed.
    pub fn failed_at(&self) -> DateTime<Utc> {
        let at = self.clock.at(self.end.reached());
        match self.trouble() {
            Some(Reason::ConnectionTimeout) => at + TimeDelta::seconds(30),
            Some(Reason::MistypedAddress | Reason::MailboxFull) => self.clock.at(Milestone::Answered),
            _ => at + TimeDelta::milliseconds(90),
        }
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
