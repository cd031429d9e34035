//! Starting a run. Whatever can be found wrong is found before anything is written.

use kontor::run::{self, Order};

use super::control::{asked_before, can_work};
use super::detail::stored_run;
use super::plan::texts;
use super::selected::selected;
use crate::answer::{Answered, Handle};
use crate::event::Part;
use crate::failure::{Failure, Fault, Obstacle};
use crate::office::{Office, Open};
use crate::run::{RunStarted, StartRun};

impl Handle for StartRun {
    async fn handle(self, office: &Office) -> Answered<RunStarted> {
        let open = office.open()?;
        if let Some(run) = asked_before(office, &open, self.request_id).await? {
            let run = stored_run(&open, run).await?;
            return Ok(RunStarted { run: run.id, total: run.total, is_repeated: true });
        }
        let order = self.order(&open).await?;
        let selection = selected(&open, &self.selection).await?.selection;
        can_work(&open, self.mail)?;
        let planned = u64::try_from(self.planned).unwrap_or(0);
        let actor = office.actor(self.request_id);
        let started = run::start_planned(&open.store, &actor, &selection, &order, Some(planned)).await?;
        let Some(run) = started.run else { return Err(Failure::refused(Obstacle::NothingToDo).into()) };
        open.crew.work_on(run.id, self.mail)?;
        office.changed(&[Part::Runs, Part::Failures, Part::Journal]);
        Ok(RunStarted { run: run.id, total: run.total, is_repeated: started.plan.is_none() })
    }
}

impl StartRun {
    async fn order(&self, open: &Open) -> Answered<Order> {
        if self.reason.trim().is_empty() {
            return Err(Failure::invalid("reason", Fault::Required).into());
        }
        let covering = self.covering.as_ref().map(texts).transpose()?;
        let (covering, covering_en) = covering.map_or((None, None), |texts| (Some(texts.text), texts.english));
        let issue_on = match self.issue_on {
            Some(day) => day,
            None => open.store.today().await?,
        };
        let last_step = if self.mail { "deliver" } else { "archive" };
        Ok(Order { reason: self.reason.trim().to_owned(), issue_on, last_step, covering, covering_en })
    }
}
