//! The monthly report: how a month went, in figures that each come from a question of their own, and the same on paper.
//!
//! What was due is counted by the contracts, what was issued by the invoices, what is missing by what holds it back; the
//! completeness sheet adds these up and says what is left over. What this module leaves out: drawing (`kontor-pdf`).

mod completeness;
mod incident;
mod invoices;
mod open;
mod registrations;
mod sheet;
mod storage;
pub mod table;
mod words;

use chrono::{Months, NaiveDate};
use sea_orm::{ConnectionTrait, EntityTrait, Value};
use serde::Serialize;

pub use completeness::{Completeness, Missing};
pub use incident::Incident;
pub use invoices::{Invoices, Mails};
pub use kontor_pdf::content::Language;
pub use open::{Open, Repairs};
pub use registrations::{Day, Registrations, Week};
pub use sheet::sheet;
pub use storage::{Sample, Storage};

use crate::invoice::settings::Settings;
use crate::period::{Period, day_begins as begin, day_ends as end};
use crate::store::entities::installation;
use crate::store::{self, Store};
use crate::{Error, Result};

/// How a month went.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The month.
    pub month: Period,
    /// The company, as of its last day.
    pub company: String,
    /// The day it was made on, as the office counts days.
    pub made_on: NaiveDate,
    /// Who came.
    pub registrations: Registrations,
    /// What was invoiced.
    pub invoices: Invoices,
    /// What was behind the failures.
    pub incidents: Vec<Incident>,
    /// What was put right.
    pub repairs: Repairs,
    /// How full the storage is; none when nobody measured it.
    pub storage: Option<Storage>,
    /// What is open.
    pub open: Open,
    /// Invoices of the month without an accepted mail.
    pub open_of_month: i64,
    /// Where the journal's chain stands.
    pub journal: Head,
}

/// Where the journal's chain stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Head {
    /// How many entries it has.
    pub entries: i64,
    /// Hash of the last of them.
    pub hash: String,
}

/// Reads how a month went. A month that has not begun has no report.
pub async fn report(store: &Store, month: Period) -> Result<Report> {
    let made_on = store.today().await?;
    if month.first_day() > made_on {
        return Err(Error::Usage(format!(
            "The month {month} has not begun: today is {made_on}. Choose an earlier one."
        )));
    }
    // While a run issues, figures that were read one after the other would not add up.
    let moment = store.snapshot().await?;
    let settings = Settings::load(&moment).await?;
    let head = installation::Entity::find().one(&moment).await?;
    let head = head.unwrap_or_else(|| store.installation().clone());
    let registrations = registrations::read(&moment, month).await?;
    let invoices = invoices::read(&moment, month).await?;
    let repairs = open::repairs(&moment, store.installation(), month).await?;
    let storage = storage::read(&moment, month).await?;
    drop(moment);
    let (open, open_of_month) = open::read(store, month, made_on).await?;
    Ok(Report {
        month,
        company: settings.issuer(month.last_day()).map_or_else(|_| head.name.clone(), |issuer| issuer.name.clone()),
        made_on,
        registrations,
        invoices,
        incidents: incident::read(store, month).await?,
        repairs,
        storage,
        open_of_month,
        open,
        journal: Head { entries: head.journal_seq, hash: head.journal_hash },
    })
}

/// Draws the report.
pub fn pdf(report: &Report, language: Language) -> Result<Vec<u8>> {
    kontor_pdf::report::render(&sheet(report, language))
        .map_err(|error| Error::Refused(format!("The report cannot be drawn: {error}.")))
}

/// The month before.
fn before(month: Period) -> Period {
    Period::containing(month.first_day().checked_sub_months(Months::new(1)).unwrap_or(month.first_day()))
}

/// A count that a question returns in its column `found`.
async fn number(connection: &impl ConnectionTrait, text: &str, values: impl IntoIterator<Item = Value>) -> Result<i64> {
    let statement = store::sql(connection.get_database_backend(), text, values);
    let row = connection.query_one_raw(statement).await?;
    Ok(row.map(|row| row.try_get("", "found")).transpose()?.unwrap_or(0))
}
