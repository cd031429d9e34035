//! All that is open, read once and kept until rows change: a list is filtered, sorted and paged from it, page after page,
//! without asking again what every open invoice lacks.

use std::sync::Arc;

use chrono::NaiveDate;
use kontor::registration::folded;
use kontor::run::case::Case;
use kontor::run::plan::{Candidate, Tried, judged};
use kontor::run::{Key, code, open_keys};
use kontor::store::Store;
use kontor::store::entities::invoices;
use uuid::Uuid;

use crate::answer::Answered;
use crate::office::Open;
use crate::page::NumberedInvoice;

/// Something that is open.
#[derive(Clone, Debug)]
pub(crate) struct Failing {
    /// What it is about.
    pub key: Key,
    /// The invoice, where there is one.
    pub invoice: Option<NumberedInvoice>,
    /// The registration.
    pub registration: Uuid,
    /// Customer number.
    pub customer: String,
    /// Name of the customer.
    pub name: String,
    /// The customer's mail address.
    pub email: String,
    /// Number, customer, name and address, folded for searching.
    pub words: String,
    /// Its group, by the cause's key.
    pub group: Arc<str>,
    /// Host of the last attempt that failed.
    pub host: Option<Arc<str>>,
    /// Why it cannot run; none when it can.
    pub obstacle: Option<&'static str>,
    /// What was tried so far.
    pub tried: Tried,
    /// Column whose stored value cannot be decoded; then only the key and the group are known.
    pub undecodable: Option<String>,
}

/// All that is open.
#[derive(Debug)]
pub(crate) struct Failures {
    /// It, in no particular order.
    pub all: Vec<Failing>,
}

/// All that is open.
pub(crate) async fn failures(open: &Open) -> Answered<Arc<Failures>> {
    open.failures.get(&open.store, (), |today| read(&open.store, today)).await
}

async fn read(store: &Store, today: NaiveDate) -> Answered<Failures> {
    let keys = open_keys(store).await?;
    let mut all = judged(store, &keys, today, failing).await?;
    all.retain(|failing| failing.obstacle != Some(code::DONE_ALREADY));
    Ok(Failures { all })
}

fn failing(candidate: Candidate, case: Option<&Case>) -> Failing {
    let Candidate { key, group, host, obstacle, tried, undecodable, .. } = candidate;
    let numbered = |row: &invoices::Model| NumberedInvoice { id: row.id, number: row.number.clone() };
    let invoice = case.and_then(|case| case.invoice.as_ref()).map(numbered);
    let row = case.map(|case| &case.registration);
    let name = row.map_or_else(String::new, |row| match &row.company {
        Some(company) if !company.is_empty() => company.clone(),
        _ => format!("{} {}", row.first_name, row.last_name).trim().to_owned(),
    });
    let number = invoice.as_ref().map_or("", |invoice| &invoice.number);
    let words = row.map_or_else(String::new, |row| {
        let person = format!("{} {}", row.first_name, row.last_name);
        folded(&format!("{number} {} {name} {person} {}", row.customer_number, row.email))
    });
    Failing {
        key,
        invoice,
        registration: row.map_or(Uuid::nil(), |row| row.id),
        customer: row.map_or_else(String::new, |row| row.customer_number.clone()),
        email: row.map_or_else(String::new, |row| row.email.clone()),
        name,
        words,
        group,
        host,
        obstacle,
        tried,
        undecodable,
    }
}
