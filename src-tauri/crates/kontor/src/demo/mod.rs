//! The demo: the month in which this program was missed. A mail service of January 2013, made up by a seed, with its
//! customers, its invoices as the old programs left them, what was paid, and the host whose memory was faulty.
//!
//! Damage comes from a model of the fault (`fault`, `memory`, `neighbours`) and of the programs that it hit (`program`,
//! `payment`), never from the code that looks for damage. Beside the rows a demo has files: the truth about the damage,
//! the mail server's log and its reports of mails that came back, and what the sign-up site still has. What this module
//! leaves out: mails as they were worded, and whatever Kontor itself does with such a month.

mod bit;
mod bounce;
mod calendar;
mod case;
mod clock;
mod company;
mod damage;
mod dice;
mod export;
mod fault;
mod files;
mod hosts;
mod mail;
mod mailbox;
mod maillog;
mod memory;
mod month;
// Lists of words, several to a line.
#[rustfmt::skip]
mod names;
mod neighbours;
mod office;
mod part;
mod payment;
mod people;
mod places;
mod post;
mod process;
mod program;
mod storage;
#[cfg(test)]
mod tests;
mod truth;

use std::ops::Range;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Instant;

use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};
use serde::Serialize;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::invoice::settings::Settings;
use crate::store::entities::{issuers, registrations};
use crate::store::{self, DbUrl, NewDatabase, Store, insert_all};
use crate::{Error, Result};
use calendar::{BUSINESS_DATE, FIRST_DAY, berlin};
use files::{Files, Wanted};
use month::{Month, Rows, Size};
use office::Office;

/// Customers of the first four weeks, as the report of that month counts them.
pub const REGISTRATIONS: u64 = 8_532;
/// Most customers that a demo has.
pub const MOST_REGISTRATIONS: u64 = 1_000_000;
/// Most invoices that a demo has unless more are asked for.
pub const MOST_INVOICED: u64 = 10_000;

/// Customers that are drawn and written together.
const CHUNK: u64 = 1_000;

/// What demo is wanted.
#[derive(Clone, Debug)]
pub struct Order {
    /// How many customers, 1 to [`MOST_REGISTRATIONS`].
    pub registrations: u64,
    /// How many of them were invoiced for January; the others begin in February. At most all; `None` means all, but
    /// no more than [`MOST_INVOICED`].
    pub invoiced: Option<u64>,
    /// Everything follows from it: the same seed gives the same rows and the same truth.
    pub seed: u64,
    /// What went wrong that month.
    pub incident: Incident,
    /// Whether what went wrong left its damage. Without it the demo is the very same month, the same people, processes and
    /// numbers, as it should stand: what the damage can be compared with. Only tests ask for that.
    pub damage: bool,
    /// File for the truth: what is wrong in the demo. Like the other files it replaces one that is there.
    pub truth: Option<PathBuf>,
    /// File for the mail server's log of that month, in Postfix's words.
    pub maillog: Option<PathBuf>,
    /// Folder for the reports of mails that came back (RFC 3464), one `.eml` file each. It must be new or empty.
    pub bounces: Option<PathBuf>,
    /// File for what the sign-up site still has of every registration, which is never damaged: a CSV file with the columns
    /// of an import, with `customer_number` and `kind` before them and `quota_bytes` after them.
    pub signup_export: Option<PathBuf>,
}

impl Default for Order {
    fn default() -> Self {
        Self {
            registrations: REGISTRATIONS,
            invoiced: None,
            seed: 1,
            incident: Incident::January2013,
            damage: true,
            truth: None,
            maillog: None,
            bounces: None,
            signup_export: None,
        }
    }
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incident {
    /// The faulty memory of one host, and the few ordinary failures of any month.
    January2013,
    /// Nothing at all.
    None,
}

impl FromStr for Incident {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "january-2013" => Ok(Self::January2013),
            "none" => Ok(Self::None),
            _ => Err(Error::Usage(format!("“{text}” is no incident. Write january-2013 or none."))),
        }
    }
}

/// What is being made; each is counted for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Customers with their mailboxes and subscriptions.
    People,
    /// Invoices with their PDFs and mails.
    Invoices,
}

/// What was made.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Customers.
    pub registrations: u64,
    /// Invoices, complete or not.
    pub invoices: u64,
    /// Stored PDFs, whole or not.
    pub documents: u64,
    /// Mails, whatever became of them.
    pub deliveries: u64,
    /// Payments.
    pub payments: u64,
    /// Invoices that the old programs did not finish, as far as they knew.
    pub failed: u64,
    /// What is wrong in all: as many entries has the truth file.
    pub damage: u64,
    /// How long it took.
    pub seconds: f64,
}

/// Makes the demo in a database that is new or empty. All rows are written in one transaction; whatever stops it
/// leaves the database without any of them. Progress is what is done and the total, stage by stage in turns.
pub async fn create(
    url: &DbUrl,
    order: &Order,
    on_progress: &mut (dyn FnMut(Stage, u64, u64) + Send),
) -> Result<Summary> {
    let begun = Instant::now();
    let size = size(order)?;
    let mut files = Files::begin(order)?;
    let store = new_store(url).await?;
    let write = store.write().await?;
    require_empty(&*write, url).await?;
    let (month, office) = found(&*write, size).await?;
    let mut summary = Summary::default();
    let mut note = |rows: &mut Rows| {
        summary.add(rows);
        files.note(rows)
    };
    let month = fill(&*write, month, size, &mut note, on_progress).await?;
    office::number_up_to(&*write, office, month.last_serial()).await?;
    insert_all(&*write, month.storage().samples(size.seed)).await?;
    files.end()?;
    write.commit().await?;
    store.count_anew().await;
    store.close().await?;
    files.publish()?;
    summary.seconds = begun.elapsed().as_secs_f64();
    Ok(summary)
}

fn size(order: &Order) -> Result<Size> {
    let registrations = order.registrations;
    if !(1..=MOST_REGISTRATIONS).contains(&registrations) {
        return Err(Error::Usage(format!(
            "A demo has 1 to {MOST_REGISTRATIONS} registrations, not {registrations}. Give another number."
        )));
    }
    let invoiced = order.invoiced.unwrap_or(registrations.min(MOST_INVOICED));
    if invoiced > registrations {
        return Err(Error::Usage(format!(
            "{invoiced} invoices need as many registrations, and there are to be {registrations}. Ask for fewer \
             invoices or more registrations."
        )));
    }
    let Order { seed, incident, damage, .. } = *order;
    Ok(Size { seed, incident, damage, registrations, invoiced, wanted: Wanted::of(order) })
}

/// A database with today's tables. One with older tables is somebody's, and is left alone.
async fn new_store(url: &DbUrl) -> Result<Store> {
    let is_there = url.file().is_none_or(std::path::Path::exists);
    if is_there && store::status(url).await?.state == "older" {
        return Err(Error::Refused(format!(
            "{url}: this database is in use since an older version. A demo needs a new or an empty one; nothing was \
             changed."
        )));
    }
    let new = NewDatabase {
        purpose: "demo",
        name: "Dat kauf ich für'n Euro (Demo)".to_owned(),
        business_date: Some(BUSINESS_DATE),
    };
    let store = Store::create(url, &new).await?;
    let purpose = store.installation().purpose.as_str();
    if purpose != "demo" {
        return Err(Error::Refused(format!(
            "{url}: this is a {purpose} database. A demo needs a new or an empty one; nothing was changed."
        )));
    }
    Ok(store)
}

async fn require_empty(connection: &impl ConnectionTrait, url: &DbUrl) -> Result<()> {
    let customers = registrations::Entity::find().count(connection).await?;
    if customers > 0 || issuers::Entity::find().count(connection).await? > 0 {
        return Err(Error::Refused(format!(
            "{url}: this database holds {customers} registrations already. A demo needs a new or an empty one; \
             nothing was changed."
        )));
    }
    Ok(())
}

/// Opens the office. The database was founded when the month began, whenever that is in our time.
async fn found(connection: &impl ConnectionTrait, size: Size) -> Result<(Month, Office)> {
    let backend = connection.get_database_backend();
    let text = "UPDATE installation SET created_at = ? WHERE id = 1";
    connection.execute_raw(store::sql(backend, text, [berlin(FIRST_DAY, 0).into()])).await?;
    let customers = i64::try_from(size.registrations).unwrap_or(i64::MAX);
    let office = office::open(connection, size.seed, customers).await?;
    Ok((Month::new(size, office, Settings::load(connection).await?), office))
}

/// Draws each chunk while the one before it is written.
async fn fill(
    connection: &impl ConnectionTrait,
    month: Month,
    size: Size,
    note: &mut (dyn FnMut(&mut Rows) -> Result<()> + Send),
    on_progress: &mut (dyn FnMut(Stage, u64, u64) + Send),
) -> Result<Month> {
    let mut chunk = 0..CHUNK.min(size.registrations);
    let mut invoiced = 0;
    let mut drawing = draw(month, chunk.clone());
    loop {
        let (month, rows) = drawing.await.map_err(|_| {
            Error::Refused(
                "The demo cannot be made: drawing its people stumbled; nothing was written. Report this.".to_owned(),
            )
        })?;
        let mut rows = rows?;
        note(&mut rows)?;
        let people = chunk.end;
        invoiced += rows.invoiced;
        let is_last = people == size.registrations;
        chunk = people..(people + CHUNK).min(size.registrations);
        if is_last {
            rows.insert(connection).await?;
            report(size, people, invoiced, on_progress);
            return Ok(month);
        }
        drawing = draw(month, chunk.clone());
        rows.insert(connection).await?;
        report(size, people, invoiced, on_progress);
    }
}

fn report(size: Size, people: u64, invoiced: u64, on_progress: &mut (dyn FnMut(Stage, u64, u64) + Send)) {
    on_progress(Stage::People, people, size.registrations);
    on_progress(Stage::Invoices, invoiced, size.invoiced);
}

/// Off the threads that talk to the database.
fn draw(mut month: Month, places: Range<u64>) -> JoinHandle<(Month, Result<Rows>)> {
    spawn_blocking(move || {
        let rows = month.chunk(places);
        (month, rows)
    })
}
