//! Asking the rules, as a job. Whoever cancels it keeps what was found so far.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kontor::check::{Options, Progress, Report, check, words};

use super::super::{Answered, Handle};
use super::both;
use crate::event::Part;
use crate::finding::CheckDatabase;
use crate::job::{Job, JobKind, JobOutcome, JobStage, JobStageName};
use crate::office::{JobHandle, Office};

impl Handle for CheckDatabase {
    async fn handle(self, office: &Office) -> Answered<Job> {
        let open = office.open()?;
        let options =
            Options { rules: self.rules, compare: self.compare.map(Into::into), only_changed: self.only_changed };
        let stage = JobStage { name: JobStageName::Rules, done: 0, total: None };
        let office = office.clone();
        Ok(office.clone().jobs().start(JobKind::Check, vec![stage], |job| async move {
            let cancel = Arc::new(AtomicBool::new(false));
            let watching = tokio::spawn(watch(job.clone(), Arc::clone(&cancel)));
            let mut tell = |progress: &Progress| told(&job, progress);
            let report = check(&open.store, &options, &mut tell, &cancel).await;
            watching.abort();
            office.changed(&[Part::Findings]);
            Ok(outcome(&report?))
        }))
    }
}

async fn watch(job: JobHandle, cancel: Arc<AtomicBool>) {
    job.cancelled().await;
    cancel.store(true, Ordering::Relaxed);
}

fn told(job: &JobHandle, progress: &Progress) {
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    job.report(JobStageName::Rules, whole(progress.done), Some(whole(progress.total)));
}

fn outcome(report: &Report) -> JobOutcome {
    if report.stopped {
        return JobOutcome::Cancelled;
    }
    let not_checked =
        report.not_checked.iter().map(|code| both(words::sentence(code, true), words::sentence(code, false)));
    JobOutcome::Check {
        rules: i64::try_from(report.rules).unwrap_or(i64::MAX),
        open: i64::try_from(report.findings.len()).unwrap_or(i64::MAX),
        closed: i64::try_from(report.closed).unwrap_or(i64::MAX),
        not_checked: not_checked.collect(),
    }
}
