//! Walking the chain, as a job.

use std::ops::ControlFlow;

use kontor::journal::{Fault as Found, GENESIS, Verdict, walk};
use sea_orm::EntityTrait;

use crate::answer::{Answered, Handle};
use crate::failure::{Failure, Fault};
use crate::job::{Job, JobKind, JobOutcome, JobStage, JobStageName};
use crate::journal::{JournalFault, JournalVerdict, VerifyJournal};
use crate::office::{JobHandle, Office};

/// Characters of a hash.
const HASH: usize = 64;

impl Handle for VerifyJournal {
    async fn handle(self, office: &Office) -> Answered<Job> {
        let open = office.open()?;
        let expect = self.expect.map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty());
        if expect.as_ref().is_some_and(|text| text.len() != HASH || !text.chars().all(|one| one.is_ascii_hexdigit())) {
            return Err(Failure::invalid("expect", Fault::Malformed).into());
        }
        let kept = kontor::store::entities::installation::Entity::find_by_id(1).one(open.store.read()).await?;
        let stage =
            JobStage { name: JobStageName::Entries, done: 0, total: kept.map(|installation| installation.journal_seq) };
        let host = office.clone();
        Ok(office.jobs().start(JobKind::Journal, vec![stage], |job| async move {
            let mut verdict = Verdict { entries: 0, head: GENESIS.to_owned(), fault: None };
            let walked = walk(&open.store, expect.as_deref(), &mut verdict, |entries| told(&job, entries)).await?;
            if walked.is_break() {
                return Ok(JobOutcome::Cancelled);
            }
            Ok(JobOutcome::Journal {
                verdict: JournalVerdict {
                    entries: verdict.entries,
                    head: verdict.head,
                    fault: verdict.fault.as_ref().map(fault),
                    verified_at: host.host().now(),
                },
            })
        }))
    }
}

fn told(job: &JobHandle, entries: i64) -> ControlFlow<()> {
    job.report(JobStageName::Entries, entries, None);
    if job.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

fn fault(found: &Found) -> JournalFault {
    match *found {
        Found::Missing { seq } => JournalFault::Missing { seq },
        Found::OutOfOrder { seq } => JournalFault::OutOfOrder { seq },
        Found::Changed { seq } => JournalFault::Changed { seq },
        Found::Cut { seq } => JournalFault::Cut { seq },
        Found::HeadUnknown { .. } => JournalFault::HeadUnknown,
    }
}
