//! What every rule may rely on beside the rows it looks at: the clock, the office's day, its settings, and an export that
//! was given to compare with.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use sea_orm::ConnectionTrait;

use super::export::Export;
use crate::Result;
use crate::invoice::settings::Settings;
use crate::period::Period;
use crate::store::Store;

/// What is younger than this may still be in work.
const GRACE: TimeDelta = TimeDelta::hours(1);
const LATE: TimeDelta = TimeDelta::minutes(5);
/// Long searches that one check makes: a few minutes at most.
const SEARCHES: u32 = 100;

/// How many more long searches a check makes.
#[derive(Clone, Debug)]
pub(super) struct Searches(Arc<AtomicU32>);

impl Searches {
    /// Takes one; false where there are none left.
    pub fn take(&self) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }
}

/// What every rule may rely on.
#[derive(Debug)]
pub(super) struct Facts {
    /// The database's clock.
    pub now: DateTime<Utc>,
    /// Today at the office; a demo has its own day.
    pub today: NaiveDate,
    /// Issuers, tariffs, VAT rates.
    pub settings: Settings,
    /// What the sign-up site, or a backup, still has.
    pub export: Option<Export>,
    /// What is younger than this may still be in work.
    pub patience: TimeDelta,
    /// Searches for single bits in documents.
    pub searches: Searches,
}

impl Facts {
    /// Gathers them; the export is read whole.
    pub async fn gather(store: &Store, compare: Option<&PathBuf>) -> Result<Self> {
        let export = compare.map(|place| Export::read(place)).transpose()?;
        Ok(Self { export, ..Self::within(store, store.read()).await? })
    }

    /// The same within a transaction, without an export.
    pub async fn within(store: &Store, connection: &impl ConnectionTrait) -> Result<Self> {
        let now = crate::store::now(connection).await?;
        let today = store
            .installation()
            .business_date
            .unwrap_or_else(|| now.with_timezone(&chrono_tz::Europe::Berlin).date_naive());
        let searches = Searches(Arc::new(AtomicU32::new(SEARCHES)));
        let settings = Settings::load(connection).await?;
        Ok(Self { now, today, settings, export: None, patience: GRACE, searches })
    }

    /// The same for rows that nobody has in work: whatever is wrong counts at once.
    #[must_use]
    pub fn at_once(self) -> Self {
        // What was written at this very moment is to be older than that.
        Self { patience: -TimeDelta::seconds(1), ..self }
    }

    /// A lease that ended before is nobody's any more: whoever lives takes such items over within seconds.
    pub fn late(&self) -> DateTime<Utc> {
        self.now - LATE
    }

    /// The last day that makes sense for a beginning or an end.
    pub fn far(&self) -> NaiveDate {
        self.today + Days::new(400)
    }

    /// First day of this month.
    pub fn month(&self) -> NaiveDate {
        Period::containing(self.today).first_day()
    }

    /// The same day of the last year.
    pub fn year_ago(&self) -> NaiveDate {
        self.month() - Days::new(366)
    }

    /// What is younger may still be in work.
    pub fn grace(&self) -> DateTime<Utc> {
        self.now - self.patience
    }
}
