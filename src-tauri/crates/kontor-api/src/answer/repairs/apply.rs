//! Applying what is staged, as a job. Whoever cancels it keeps what was applied so far; the rest waits as it did.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kontor::repair::{self, Applied, Ended, Far, Order};
use kontor::store::entities::{findings, repairs};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::collections::HashMap;
use uuid::Uuid;

use super::super::findings::{Subjects, subject, subjects};
use super::super::selection::each_once;
use super::super::{Answered, Handle, asked_reason};
use super::words::obstacle;
use super::{WRITTEN, whole};
use crate::failure::{Failure, Fault};
use crate::job::{Job, JobKind, JobOutcome, JobStage, JobStageName};
use crate::office::{JobHandle, Office, Open};
use crate::repair::{ApplyRepairs, RepairItem, RepairObstacle, RepairOutcome, RepairsDone};

/// Kinds of repair that end in a mail.
const MAILING: [&str; 2] = ["rerun", "cancel_invoice"];

impl Handle for ApplyRepairs {
    async fn handle(self, office: &Office) -> Answered<Job> {
        let reason = asked_reason(&self.reason)?;
        let open = office.open()?;
        let (orders, gone) = self.orders(&open).await?;
        let actor = office.actor(self.request_id);
        let asked = orders.len();
        let stage = JobStage { name: JobStageName::Repairs, done: 0, total: Some(whole(asked)) };
        let office = office.clone();
        Ok(office.clone().jobs().start(JobKind::Repair, vec![stage], move |job| async move {
            let cancel = cancelled(&job);
            let mut tell = |far: Far| told(&job, far);
            let applied = repair::apply_watched(&open.store, &actor, &orders, &reason, &mut tell, &cancel).await;
            office.changed(&WRITTEN);
            let applied = applied?;
            if let Some(run) = applied.run {
                open.crew.work_on(run, true)?;
            }
            let mut result = done(&open, applied, Done { asked }).await?;
            result.refused += whole(gone.len());
            result.items.extend(gone.into_iter().map(off_the_list));
            Ok(JobOutcome::Repairs { result })
        }))
    }
}

impl ApplyRepairs {
    /// What is staged under these ids, and what is not any more; of a request that is repeated, what it made of them.
    async fn orders(&self, open: &Open) -> Answered<(Vec<Order>, Vec<Uuid>)> {
        let ids = each_once(self.repairs.clone());
        if ids.is_empty() {
            return Err(Failure::invalid("repairs", Fault::Required).into());
        }
        let mut rows = Vec::with_capacity(ids.len());
        for part in ids.chunks(500) {
            let query = repairs::Entity::find().filter(repairs::Column::Id.is_in(part.iter().copied()));
            rows.extend(query.all(open.store.read()).await?);
        }
        rows.retain(|row| row.state == "staged" || row.batch_id == Some(self.request_id));
        rows.sort_by_key(|row| (row.staged_at, row.id));
        // What is mailed needs to know where to.
        if rows.iter().any(|row| row.state == "staged" && MAILING.contains(&row.action.as_str())) {
            open.crew.target()?;
        }
        let gone = ids.into_iter().filter(|id| rows.iter().all(|row| row.id != *id)).collect();
        let orders = repair::orders(&rows);
        let orders = if self.is_confirmed { orders.into_iter().map(Order::confirmed).collect() } else { orders };
        Ok((orders, gone))
    }
}

/// Somebody else applied it or took it from the list meanwhile.
fn off_the_list(repair: Uuid) -> RepairItem {
    RepairItem {
        finding: None,
        repair: Some(repair),
        outcome: RepairOutcome::Refused,
        obstacle: Some(RepairObstacle::NotApplied),
        subject: None,
    }
}

/// A flag that follows the job's own.
pub(in super::super) fn cancelled(job: &JobHandle) -> Arc<AtomicBool> {
    let cancel = Arc::new(AtomicBool::new(false));
    let (watched, job) = (Arc::downgrade(&cancel), job.clone());
    tokio::spawn(async move {
        job.cancelled().await;
        if let Some(cancel) = watched.upgrade() {
            cancel.store(true, Ordering::Relaxed);
        }
    });
    cancel
}

pub(super) fn told(job: &JobHandle, far: Far) {
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    job.report(JobStageName::Repairs, whole(far.done), Some(whole(far.total)));
}

/// What was asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Done {
    /// How many.
    pub asked: usize,
}

/// What became of all of them. Only what was refused is told with its record.
pub(super) async fn done(open: &Open, applied: Applied, of: Done) -> Answered<RepairsDone> {
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let refused = |item: &&repair::Item| item.outcome == Ended::Refused;
    let about = about(open, applied.items.iter().filter(refused)).await?;
    let known = subjects(open, &about.values().cloned().collect::<Vec<_>>()).await?;
    Ok(RepairsDone {
        batch: applied.batch,
        done: whole(applied.applied),
        resolved: whole(applied.resolved),
        refused: whole(applied.refused),
        left: super::whole(of.asked.saturating_sub(applied.items.len())),
        run: applied.run,
        items: applied.items.iter().map(|item| told_item(item, &about, &known)).collect(),
    })
}

/// Table and key by finding.
type About = HashMap<Uuid, (String, String)>;

async fn about(open: &Open, items: impl Iterator<Item = &repair::Item>) -> Answered<About> {
    let ids: Vec<Uuid> = items.filter_map(|item| item.finding).collect();
    let mut about = About::new();
    for part in ids.chunks(500) {
        let query = findings::Entity::find().filter(findings::Column::Id.is_in(part.iter().copied()));
        let rows = query.all(open.store.read()).await?;
        about.extend(rows.into_iter().map(|row| (row.id, (row.table_name, row.row_key))));
    }
    Ok(about)
}

fn told_item(item: &repair::Item, about: &About, known: &Subjects) -> RepairItem {
    let of = item.finding.and_then(|finding| about.get(&finding)).cloned();
    RepairItem {
        finding: item.finding,
        repair: item.repair,
        outcome: match item.outcome {
            Ended::Applied => RepairOutcome::Applied,
            Ended::Resolved => RepairOutcome::Resolved,
            Ended::Undone => RepairOutcome::Undone,
            Ended::Refused => RepairOutcome::Refused,
        },
        obstacle: item.obstacle.as_ref().map(obstacle),
        subject: of.map(|(table, row)| subject(known, table, row)),
    }
}
