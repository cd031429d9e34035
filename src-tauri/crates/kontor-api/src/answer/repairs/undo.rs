//! Taking repairs back: first what would be put back, then as a job.

use kontor::repair::{self, Far, Undo};

use super::super::findings::{Subjects, subject, subjects, title};
use super::super::selection::each_once;
use super::super::{Answered, Handle, asked_reason};
use super::apply::{Done, cancelled, done, told};
use super::words::{change, obstacle};
use super::{WRITTEN, whole};
use crate::job::{Job, JobKind, JobOutcome, JobStage, JobStageName};
use crate::office::Office;
use crate::repair::{PlanUndo, UndoChoice, UndoPreview, UndoRepairs, UndonePreview};

impl From<UndoChoice> for Undo {
    fn from(choice: UndoChoice) -> Self {
        match choice {
            UndoChoice::Repairs { repairs } => Self::Repairs(each_once(repairs)),
            UndoChoice::Batch { batch } => Self::Batch(batch),
        }
    }
}

impl Handle for PlanUndo {
    async fn handle(self, office: &Office) -> Answered<UndoPreview> {
        let open = office.open()?;
        let plans = repair::undo_plan(&open.store, &self.choice.into()).await?;
        let about: Vec<(String, String)> = plans.iter().map(|plan| (plan.table.clone(), plan.row.clone())).collect();
        let known = subjects(&open, &about).await?;
        let able = plans.iter().filter(|plan| plan.obstacle.is_none()).count();
        Ok(UndoPreview {
            able: whole(able),
            unable: whole(plans.len() - able),
            repairs: plans.into_iter().map(|plan| preview(plan, &known)).collect(),
        })
    }
}

fn preview(plan: repair::UndoPlan, known: &Subjects) -> UndonePreview {
    UndonePreview {
        repair: plan.repair,
        title: plan.rule.as_deref().map(title),
        subject: subject(known, plan.table, plan.row),
        fields: plan.fields.into_iter().map(|field| change(&field.field, field.old, field.new)).collect(),
        obstacle: plan.obstacle.as_ref().map(obstacle),
    }
}

impl Handle for UndoRepairs {
    async fn handle(self, office: &Office) -> Answered<Job> {
        let reason = asked_reason(&self.reason)?;
        let open = office.open()?;
        let actor = office.actor(self.request_id);
        let what = Undo::from(self.choice);
        let stage = JobStage { name: JobStageName::Repairs, done: 0, total: None };
        let office = office.clone();
        Ok(office.clone().jobs().start(JobKind::Undo, vec![stage], move |job| async move {
            let cancel = cancelled(&job);
            let mut asked = 0;
            let mut tell = |far: Far| {
                asked = usize::try_from(far.total).unwrap_or(usize::MAX);
                told(&job, far);
            };
            let undone = repair::undo_watched(&open.store, &actor, &what, &reason, &mut tell, &cancel).await;
            office.changed(&WRITTEN);
            Ok(JobOutcome::Repairs { result: done(&open, undone?, Done { asked }).await? })
        }))
    }
}
