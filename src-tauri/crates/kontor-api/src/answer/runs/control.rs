//! What a person does with a run that goes on.

use kontor::identity::Process;
use kontor::run;
use kontor::withdrawal;
use uuid::Uuid;

use super::detail::{run_detail, stored_run};
use crate::answer::stored::word;
use crate::answer::{Answered, Handle};
use crate::event::Part;
use crate::failure::{Failure, Obstacle};
use crate::office::{Office, Open};
use crate::run::{CancelRun, JoinRun, PauseRun, ResumeRun, RunDetail, RunState};

/// What changes with a run.
const PARTS: [Part; 3] = [Part::Runs, Part::Failures, Part::Journal];

impl Handle for PauseRun {
    async fn handle(self, office: &Office) -> Answered<RunDetail> {
        let open = office.open()?;
        let run = stored_run(&open, self.run).await?;
        run::pause(&open.store, &office.actor(self.request_id), &run, self.reason.trim()).await?;
        office.changed(&PARTS);
        run_detail(&open, self.run).await
    }
}

impl Handle for ResumeRun {
    async fn handle(self, office: &Office) -> Answered<RunDetail> {
        let open = office.open()?;
        let run = stored_run(&open, self.run).await?;
        let mails = run.last_step == "deliver";
        can_work(&open, mails)?;
        run::resume(&open.store, &office.actor(self.request_id), &run, self.reason.trim()).await?;
        open.crew.work_on(self.run, mails)?;
        office.changed(&PARTS);
        run_detail(&open, self.run).await
    }
}

impl Handle for CancelRun {
    async fn handle(self, office: &Office) -> Answered<RunDetail> {
        let open = office.open()?;
        let run = stored_run(&open, self.run).await?;
        run::cancel(&open.store, &office.actor(self.request_id), &run, self.reason.trim()).await?;
        office.changed(&PARTS);
        run_detail(&open, self.run).await
    }
}

impl Handle for JoinRun {
    async fn handle(self, office: &Office) -> Answered<()> {
        let open = office.open()?;
        let run = stored_run(&open, self.run).await?;
        if run.state != "running" {
            let state: RunState = word(&run.state).unwrap_or(RunState::Done);
            return Err(Failure::refused(Obstacle::RunIs { state }).into());
        }
        withdrawal::require_service(open.store.read(), &Process::this().host).await?;
        open.crew.work_on(self.run, run.last_step == "deliver")?;
        office.changed(&[Part::Runs]);
        Ok(())
    }
}

/// Whether this desk could work on such a run at this moment; asked before anything is written.
pub(super) fn can_work(open: &Open, mails: bool) -> Answered<()> {
    if mails {
        open.crew.target()?.ready()?;
    }
    Ok(())
}

/// The run that an earlier call with this request id left.
pub(super) async fn asked_before(office: &Office, open: &Open, request_id: Uuid) -> Answered<Option<Uuid>> {
    let before = run::by_request(&open.store, &office.actor(request_id)).await?;
    Ok(before.map(|run| run.id))
}
