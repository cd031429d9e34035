//! The month, chunk by chunk: customers as they came, and what the old programs left of their invoices.
//!
//! A chunk is drawn on all cores; only the names of mailboxes and the numbers of invoices are given out one after
//! another, and only neighbours in a chunk can get into each other's way. Nothing is kept from one chunk to the next but
//! counters, so that a million customers need no more memory than a thousand.

use std::ops::Range;

use chrono::{DateTime, Utc};
use rayon::prelude::*;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::bounce::Bounce;
use super::calendar::{BUSINESS_DATE, Calendar, date};
use super::case::Case;
use super::dice::{Dice, Purpose};
use super::fault::Model;
use super::files::Wanted;
use super::hosts::Hosts;
use super::mailbox::Register;
use super::maillog::Line;
use super::office::{Office, QUOTA_BYTES};
use super::people::Person;
use super::process::Process;
use super::program::{Customer, Tools, Traces};
use super::storage::{Storage, used_bytes};
use super::{Incident, neighbours, truth};
use crate::Result;
use crate::invoice::settings::Settings;
use crate::store::entities::{
    attempts, deliveries, delivery_evidence, documents, invoice_lines, invoices, mailboxes, number_allocations,
    payments, registrations, subscriptions,
};
use crate::store::insert_all;

/// How many, from which seed, with which incident.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub seed: u64,
    pub incident: Incident,
    /// Whether the incident leaves damage behind.
    pub damage: bool,
    pub registrations: u64,
    pub invoiced: u64,
    /// Files that are wanted beside the rows.
    pub wanted: Wanted,
}

/// The month in the making.
#[derive(Debug)]
pub(super) struct Month {
    size: Size,
    calendar: Calendar,
    hosts: Hosts,
    model: Model,
    office: Office,
    settings: Settings,
    register: Register,
    storage: Storage,
    /// The last invoice number that was taken.
    serial: i64,
}

/// A customer before the mailbox has a name.
#[derive(Debug)]
struct Draft {
    index: u64,
    person: Person,
    registered_at: DateTime<Utc>,
    used_bytes: i64,
    process: Option<Process>,
    dice: Dice,
}

/// Rows of a chunk, by table, and what belongs into files.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub registrations: Vec<registrations::Model>,
    pub mailboxes: Vec<mailboxes::Model>,
    pub subscriptions: Vec<subscriptions::Model>,
    pub allocations: Vec<number_allocations::Model>,
    pub invoices: Vec<invoices::Model>,
    pub lines: Vec<invoice_lines::Model>,
    pub documents: Vec<documents::Model>,
    pub deliveries: Vec<deliveries::Model>,
    pub attempts: Vec<attempts::Model>,
    pub evidence: Vec<delivery_evidence::Model>,
    pub payments: Vec<payments::Model>,
    pub damage: Vec<truth::Entry>,
    pub log: Vec<Line>,
    pub bounces: Vec<Bounce>,
    pub export: Vec<u8>,
    /// Customers whose invoice was not finished, as the old programs saw it.
    pub failed: u64,
    /// Customers who were to be invoiced.
    pub invoiced: u64,
    /// When the last process of the chunk began; no process of a later chunk begins before.
    pub newest: Option<DateTime<Utc>>,
}

impl Month {
    /// A month of this size; the office's settings are in the database already.
    pub fn new(size: Size, office: Office, settings: Settings) -> Self {
        Self {
            calendar: Calendar::new(size.seed, size.registrations, size.invoiced),
            hosts: Hosts::new(size.seed),
            model: Model::new(size.seed, size.incident, size.invoiced),
            office,
            settings,
            register: Register::default(),
            storage: Storage::default(),
            serial: 0,
            size,
        }
    }

    /// The samples of the storage, once all chunks are drawn.
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// The last invoice number that was taken.
    pub fn last_serial(&self) -> i64 {
        self.serial
    }

    /// Draws the customers at these places; chunks must be drawn in order.
    pub fn chunk(&mut self, places: Range<u64>) -> Result<Rows> {
        let drafts: Vec<Draft> = places.into_par_iter().map(|index| self.draft(index)).collect();
        let addressed: Vec<(Draft, String)> = drafts.into_iter().map(|draft| self.registered(draft)).collect();
        let cases: Result<Vec<Case>> =
            addressed.into_par_iter().map(|(draft, address)| self.case(draft, address)).collect();
        let mut cases = cases?;
        let exchanged = neighbours::exchange(&mut cases);
        let mut rows = Rows::default();
        for case in cases {
            rows.add(case);
        }
        rows.damage.extend(exchanged);
        Ok(rows)
    }

    fn draft(&self, index: u64) -> Draft {
        let mut dice = Dice::new(self.size.seed, Purpose::Person, index);
        let registered_at = self.calendar.registered_at(index, &mut dice);
        let mut process = self.calendar.invoice_of(index).map(|ordinal| {
            let started_at = |dice: &mut Dice| self.calendar.invoiced_at(ordinal, date(registered_at), dice);
            Process::begin(self.size.seed, ordinal, &self.hosts, &self.model, started_at)
        });
        let mut person = Person::draw(process.as_ref().and_then(|process| process.trouble), &mut dice);
        if !self.size.damage {
            person.type_rightly();
            process.iter_mut().for_each(Process::put_right);
        }
        Draft { index, person, registered_at, used_bytes: used_bytes(&mut dice), process, dice }
    }

    /// Gives out what is given out in order: the name of the mailbox, and the numbers of the invoices.
    fn registered(&mut self, mut draft: Draft) -> (Draft, String) {
        self.storage.add(date(draft.registered_at), draft.used_bytes);
        if let Some(process) = &mut draft.process {
            process.serial = self.next_serial();
            if let Some(second) = &mut process.second {
                second.serial = self.next_serial();
            }
        }
        let address = self.register.take(&draft.person.wish);
        (draft, address)
    }

    fn next_serial(&mut self) -> i64 {
        self.serial += 1;
        self.serial
    }

    fn case(&self, draft: Draft, address: String) -> Result<Case> {
        let (customer, process) = customer(draft, address, self.office.tariff_id);
        let tools = Tools { office: &self.office, settings: &self.settings, wanted: self.size.wanted };
        Case::of(self.size.seed, customer, process, tools)
    }
}

fn customer(draft: Draft, address: String, tariff_id: Uuid) -> (Customer, Option<Process>) {
    let Draft { index, person, registered_at: at, used_bytes, process, mut dice } = draft;
    let serial = i64::try_from(index + 1).unwrap_or(i64::MAX);
    let registration = person.row(dice.id(at), serial, &address, at);
    let mailbox = mailboxes::Model {
        id: dice.id(at),
        registration_id: registration.id,
        address,
        quota_bytes: QUOTA_BYTES,
        used_bytes,
        quota_override_reason: None,
        state: "active".to_owned(),
        created_at: at,
        updated_at: at,
        version: 1,
        seal: None,
    };
    let subscription = subscriptions::Model {
        id: dice.id(at),
        registration_id: registration.id,
        mailbox_id: Some(mailbox.id),
        tariff_id,
        // Who was not invoiced for January begins with February.
        started_on: if process.is_some() { date(at) } else { BUSINESS_DATE },
        ended_on: None,
        state: "active".to_owned(),
        created_at: at,
        updated_at: at,
        version: 1,
        seal: None,
    };
    (Customer { registration, mailbox, subscription, email: person.email }, process)
}

impl Rows {
    fn add(&mut self, case: Case) {
        self.registrations.push(case.customer.registration);
        self.mailboxes.push(case.customer.mailbox);
        self.subscriptions.push(case.customer.subscription);
        self.payments.extend(case.payments);
        self.damage.extend(case.damage);
        self.export.extend(case.export);
        self.failed += u64::from(case.failed);
        self.invoiced += u64::from(case.host.is_some());
        self.newest = case.started_at.or(self.newest);
        case.traces.into_iter().for_each(|traces| self.leave(traces));
    }

    fn leave(&mut self, traces: Traces) {
        self.allocations.push(traces.allocation);
        self.invoices.extend(traces.invoice);
        self.lines.extend(traces.line);
        self.documents.extend(traces.document);
        self.deliveries.extend(traces.delivery);
        self.attempts.push(traces.attempt);
        self.evidence.extend(traces.evidence);
        self.log.extend(traces.log);
        self.bounces.extend(traces.bounce);
    }

    /// Writes the rows, those first that others refer to.
    pub async fn insert(self, connection: &impl ConnectionTrait) -> Result<()> {
        insert_all(connection, self.registrations).await?;
        insert_all(connection, self.mailboxes).await?;
        insert_all(connection, self.subscriptions).await?;
        insert_all(connection, self.invoices).await?;
        insert_all(connection, self.lines).await?;
        insert_all(connection, self.allocations).await?;
        insert_all(connection, self.documents).await?;
        insert_all(connection, self.deliveries).await?;
        insert_all(connection, self.attempts).await?;
        insert_all(connection, self.evidence).await?;
        insert_all(connection, self.payments).await
    }
}
