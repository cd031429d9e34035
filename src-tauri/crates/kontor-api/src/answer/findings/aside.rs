//! Putting findings aside until a day: they come back by themselves, or are brought back before.

use chrono::{DateTime, TimeDelta, Utc};
use kontor::check::{bring_back, set_aside};
use uuid::Uuid;

use super::super::selection::{each_once, matching};
use super::super::{Answered, Handle, asked_reason, days};
use super::list::conditions;
use crate::event::Part;
use crate::failure::{Failure, Fault};
use crate::finding::{BringFindingsBack, FindingFilter, FindingsSetAside, SetFindingsAside};
use crate::office::{Office, Open};
use crate::page::Selection;

impl Handle for SetFindingsAside {
    async fn handle(self, office: &Office) -> Answered<FindingsSetAside> {
        let reason = asked_reason(&self.reason)?;
        let open = office.open()?;
        let now = open.store.now().await?;
        let until = self.come_back(&open, now).await?;
        let ids = chosen(&open, self.findings.clone(), now).await?;
        let count = set_aside(&open.store, &office.actor(self.request_id), &ids, until, &reason).await?;
        office.changed(&[Part::Findings, Part::Journal]);
        Ok(FindingsSetAside { count: i64::try_from(count).unwrap_or(i64::MAX) })
    }
}

impl Handle for BringFindingsBack {
    async fn handle(self, office: &Office) -> Answered<FindingsSetAside> {
        let reason = asked_reason(&self.reason)?;
        let open = office.open()?;
        let ids = chosen(&open, self.findings, open.store.now().await?).await?;
        let count = bring_back(&open.store, &office.actor(self.request_id), &ids, &reason).await?;
        office.changed(&[Part::Findings, Part::Journal]);
        Ok(FindingsSetAside { count: i64::try_from(count).unwrap_or(i64::MAX) })
    }
}

async fn chosen(open: &Open, findings: Selection<FindingFilter, Uuid>, now: DateTime<Utc>) -> Answered<Vec<Uuid>> {
    Ok(match findings {
        Selection::These { ids } => each_once(ids),
        Selection::All { filter, except } => {
            matching(&open.store, ("findings f", "f.id"), &conditions(&filter, now), except).await?
        }
    })
}

impl SetFindingsAside {
    /// When they come back: the morning of the day. A demo lives in its own time, its clock does not; so the days between
    /// count.
    async fn come_back(&self, open: &Open, now: DateTime<Utc>) -> Answered<DateTime<Utc>> {
        let today = open.store.today().await?;
        let wait = self.until - today;
        if wait <= TimeDelta::zero() {
            return Err(Failure::invalid("until", Fault::NotToCome { today }).into());
        }
        let day = now.with_timezone(&chrono_tz::Europe::Berlin).date_naive().checked_add_signed(wait);
        let day = day.ok_or_else(|| Failure::invalid("until", Fault::Malformed))?;
        Ok(days::begin(day))
    }
}
