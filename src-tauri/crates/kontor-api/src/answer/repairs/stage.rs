//! Putting repairs on the list, and taking them from it.

use kontor::repair;

use super::super::selection::each_once;
use super::super::{Answered, Handle};
use super::apply::{Done, done};
use super::{STAGED, chosen, whole};
use crate::office::Office;
use crate::repair::{RepairsDone, RepairsUnstaged, StageRepairs, UnstageRepairs};

impl Handle for StageRepairs {
    async fn handle(self, office: &Office) -> Answered<RepairsDone> {
        let open = office.open()?;
        let chosen = chosen(&open, self.choice).await?;
        let staged = repair::stage(&open.store, &office.actor(self.request_id), &chosen.orders).await?;
        office.changed(&STAGED);
        done(&open, staged, Done { asked: chosen.orders.len() }).await
    }
}

impl Handle for UnstageRepairs {
    async fn handle(self, office: &Office) -> Answered<RepairsUnstaged> {
        let open = office.open()?;
        let count = repair::unstage(&open.store, &each_once(self.repairs)).await?;
        office.changed(&STAGED);
        Ok(RepairsUnstaged { count: whole(usize::try_from(count).unwrap_or(usize::MAX)) })
    }
}
