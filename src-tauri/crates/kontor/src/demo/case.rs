//! One customer, with all that came of the invoice: what the old programs wrote, and what was damaged of it.

use chrono::{DateTime, Utc};

use super::clock::Milestone;
use super::export;
use super::memory::{self, Cache, Spoiled};
use super::payment::{self, Paid};
use super::process::Process;
use super::program::{Customer, Tools, Traces, work};
use super::truth::Entry;
use super::{damage, fault::End};
use crate::Result;
use crate::store::entities::{documents, payments};

/// A customer with what belongs to one.
#[derive(Debug)]
pub(super) struct Case {
    pub customer: Customer,
    /// What each process for the invoice left.
    pub traces: Vec<Traces>,
    pub payments: Vec<payments::Model>,
    pub damage: Vec<Entry>,
    /// The line of the sign-up site, if wanted.
    pub export: Vec<u8>,
    /// Where the first process ran, and when it began.
    pub host: Option<&'static str>,
    pub started_at: Option<DateTime<Utc>>,
    /// Whether the program knew that its work was not done.
    pub failed: bool,
    /// What happens to the PDF beside that of another process.
    pub cache: Cache,
    /// Whether the payment is to be entered under the invoice of the one before.
    pub is_astray: bool,
}

impl Case {
    /// Lets the processes of a customer do their work, and the memory its own.
    pub fn of(seed: u64, mut customer: Customer, process: Option<Process>, tools: Tools<'_>) -> Result<Self> {
        let export = if tools.wanted.export { export::of(&customer)? } else { Vec::new() };
        let Some(process) = process else { return Ok(Self::without_invoice(customer, export)) };
        if let Some(at) = process.passed(Milestone::Answered) {
            customer.written_back(at);
        }
        let mut first = work(&process, &customer, tools)?;
        let mut damage = Vec::new();
        if process.leaves_damage {
            damage.extend(damage::of(&process, &customer, &first));
        }
        let second = process.second.as_ref().map(|second| work(second, &customer, tools)).transpose()?;
        if let (Some(second), Some(traces)) = (&process.second, &second) {
            damage.extend(damage::of_second(second, traces));
        }
        // What the bank knows of the customer, no host can spoil.
        let known = customer.clone();
        let Spoiled { damage: spoiled, cache } = memory::spoil(seed, &process, &mut customer, &mut first);
        let Paid { rows: payments, damage: misfits, is_astray } = payment::of(seed, &process, &known, &first);
        damage.extend(spoiled.into_iter().chain(misfits));
        Ok(Self {
            traces: std::iter::once(first).chain(second).collect(),
            payments,
            damage,
            host: Some(process.host),
            started_at: Some(process.started_at),
            failed: matches!(process.end, End::Killed(_) | End::Failed(_)),
            cache,
            is_astray,
            ..Self::without_invoice(customer, export)
        })
    }

    fn without_invoice(customer: Customer, export: Vec<u8>) -> Self {
        Self {
            customer,
            traces: Vec::new(),
            payments: Vec::new(),
            damage: Vec::new(),
            export,
            host: None,
            started_at: None,
            failed: false,
            cache: Cache::Keeps,
            is_astray: false,
        }
    }

    /// The PDF of the first process.
    pub fn document_mut(&mut self) -> Option<&mut documents::Model> {
        self.traces.first_mut()?.document.as_mut()
    }
}
