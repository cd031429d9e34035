//! The month, chunk by chunk: customers as they came, and what the old programs left of their invoices.
//!
//! A chunk is drawn on all cores; only the names of mailboxes are given out one after another. Nothing is kept from one
//! chunk to the next but counters, so that a million customers need no more memory than a thousand.

use std::ops::Range;

use chrono::{DateTime, Utc};
use rayon::prelude::*;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::calendar::{BUSINESS_DATE, Calendar, date};
use super::dice::{Dice, Purpose};
use super::fault::Model;
use super::hosts::Hosts;
use super::mailbox::Register;
use super::office::{Office, QUOTA_BYTES};
use super::people::Person;
use super::program::{Customer, Process, Traces};
use super::storage::{Storage, used_bytes};
use super::{Incident, truth};
use crate::Result;
use crate::invoice::settings::Settings;
use crate::store::entities::{
    attempts, deliveries, delivery_evidence, documents, invoice_lines, invoices, mailboxes, number_allocations,
    registrations, subscriptions,
};
use crate::store::insert_all;

/// How many, from which seed, with which incident.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub seed: u64,
    pub incident: Incident,
    pub registrations: u64,
    pub invoiced: u64,
}

/// The month in the making.
#[derive(Debug)]
pub(super) struct Month {
    seed: u64,
    calendar: Calendar,
    hosts: Hosts,
    model: Model,
    office: Office,
    settings: Settings,
    register: Register,
    storage: Storage,
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

/// Rows of a chunk, by table.
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
    pub damage: Vec<truth::Entry>,
}

impl Month {
    /// A month of this size; the office's settings are in the database already.
    pub fn new(size: Size, office: Office, settings: Settings) -> Self {
        Self {
            seed: size.seed,
            calendar: Calendar::new(size.seed, size.registrations, size.invoiced),
            hosts: Hosts::new(size.seed),
            model: Model::new(size.seed, size.incident, size.invoiced),
            office,
            settings,
            register: Register::default(),
            storage: Storage::default(),
        }
    }

    /// The samples of the storage, once all chunks are drawn.
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// Draws the customers at these places; chunks must be drawn in order.
    pub fn chunk(&mut self, places: Range<u64>) -> Result<Rows> {
        let drafts: Vec<Draft> = places.into_par_iter().map(|index| self.draft(index)).collect();
        let addressed: Vec<(Draft, String)> = drafts
            .into_iter()
            .map(|draft| {
                self.storage.add(date(draft.registered_at), draft.used_bytes);
                let address = self.register.take(&draft.person.wish);
                (draft, address)
            })
            .collect();
        let finished: Result<Vec<_>> =
            addressed.into_par_iter().map(|(draft, address)| self.finish(draft, address)).collect();
        let mut rows = Rows::default();
        for (customer, traces) in finished? {
            rows.add(customer, traces);
        }
        Ok(rows)
    }

    fn draft(&self, index: u64) -> Draft {
        let mut dice = Dice::new(self.seed, Purpose::Person, index);
        let registered_at = self.calendar.registered_at(index, &mut dice);
        let process = self.calendar.invoice_of(index).map(|ordinal| {
            let started_at = |dice: &mut Dice| self.calendar.invoiced_at(ordinal, date(registered_at), dice);
            Process::begin(self.seed, ordinal, &self.hosts, &self.model, started_at)
        });
        let person = Person::draw(process.as_ref().and_then(Process::trouble), &mut dice);
        Draft { index, person, registered_at, used_bytes: used_bytes(&mut dice), process, dice }
    }

    fn finish(&self, draft: Draft, address: String) -> Result<(Customer, Option<Traces>)> {
        let (customer, process) = customer(draft, address, self.office.tariff_id);
        let traces = process.map(|process| process.work(&customer, &self.office, &self.settings)).transpose()?;
        Ok((customer, traces))
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
    fn add(&mut self, customer: Customer, traces: Option<Traces>) {
        self.registrations.push(customer.registration);
        self.mailboxes.push(customer.mailbox);
        self.subscriptions.push(customer.subscription);
        let Some(traces) = traces else { return };
        self.allocations.push(traces.allocation);
        self.invoices.extend(traces.invoice);
        self.lines.extend(traces.line);
        self.documents.extend(traces.document);
        self.deliveries.extend(traces.delivery);
        self.attempts.push(traces.attempt);
        self.evidence.extend(traces.evidence);
        self.damage.extend(traces.damage);
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
        insert_all(connection, self.evidence).await
    }
}
