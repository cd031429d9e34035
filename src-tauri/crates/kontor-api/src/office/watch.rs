//! What the window is told without asking: how runs get on, and that rows changed, here or elsewhere.
//!
//! Rows are asked, not listened for: it works the same on both databases and through a pooler, and nothing is missed while
//! a connection was away. A question costs a handful of index look-ups.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use kontor::store;

use super::{Office, Open};
use crate::answer::{Answered, open_runs, orphaned_runs, run_detail};
use crate::event::{Event, Part};
use crate::problem::Problem;
use crate::run::{RunProgress, RunState};

/// How often an open run is looked at.
const RUN_BEAT: Duration = Duration::from_millis(300);
/// How often rows are looked at when no run is open.
const QUIET_BEAT: Duration = Duration::from_millis(1_500);
/// At every how many beats of an open run the other rows are looked at.
const ROWS_EVERY: u32 = 4;

/// Follows the open database until it is closed. `marks` is where its rows stood before anything of them was shown: whatever
/// changes from then on is told.
pub(super) fn begin(office: Office, open: Arc<Open>, marks: Option<Marks>) {
    tokio::spawn(async move {
        let closing = open.closing();
        let mut follower = Follower { office, open, known: HashMap::new(), marks, beat: 0 };
        loop {
            let wait = if follower.known.is_empty() { QUIET_BEAT } else { RUN_BEAT };
            tokio::select! {
                () = closing.cancelled() => return,
                () = tokio::time::sleep(wait) => follower.look().await,
                () = follower.open.crew.called() => follower.look().await,
            }
        }
    });
}

struct Follower {
    office: Office,
    open: Arc<Open>,
    /// Open runs, as they were told last.
    known: HashMap<Uuid, RunProgress>,
    marks: Option<Marks>,
    beat: u32,
}

/// The newest of what changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marks {
    journal: i64,
    attempt: Option<Uuid>,
    evidence: Option<Uuid>,
    repair: Option<Uuid>,
    staged: i64,
    /// Legs of replays that ended, and pages drawn so far.
    replays: (i64, i64),
}

impl Follower {
    async fn look(&mut self) {
        if self.open.link.lost_since().is_some() {
            return;
        }
        let looked = self.runs().await;
        let looked = match looked {
            Ok(()) => self.rows().await,
            failed => failed,
        };
        match looked {
            Ok(()) => self.open.link.answered(self.office.host().now()),
            // Told once, like any other question that finds the connection gone.
            Err(problem @ Problem::Office(_)) if problem.is_lost() => {
                self.office.told(problem);
            }
            Err(problem) => tracing::warn!(?problem, "the open database could not be followed"),
        }
    }

    /// Tells how open runs got on, and which ended. Runs that nobody works on are taken over where this desk may.
    async fn runs(&mut self) -> Answered<()> {
        let open = open_runs(&self.open).await?;
        let tells_all = self.open.takes_telling_runs_again();
        for run in &open {
            let detail = run_detail(&self.open, *run).await?;
            if tells_all || self.known.get(run) != Some(&detail.progress) {
                self.office.host().tell(Event::Run { progress: detail.progress.clone() });
                self.known.insert(*run, detail.progress);
            }
        }
        let ended: Vec<Uuid> = self.known.keys().filter(|run| !open.contains(run)).copied().collect();
        for run in ended {
            self.known.remove(&run);
            let detail = run_detail(&self.open, run).await?;
            if matches!(detail.progress.state, RunState::Done | RunState::Cancelled) {
                self.office.host().tell(Event::RunEnded { row: detail.row, progress: detail.progress });
                // Its last items ended after their attempts and evidence were seen.
                let parts = vec![Part::Invoices, Part::Deliveries, Part::Failures, Part::Runs];
                self.office.host().tell(Event::Changed { parts, is_own: false });
            }
        }
        if self.office.desk().settings().joins_runs {
            self.take_over().await?;
        }
        Ok(())
    }

    async fn take_over(&self) -> Answered<()> {
        for (run, mails) in orphaned_runs(&self.open).await? {
            if mails && self.open.crew.target().is_err() {
                continue;
            }
            self.open.crew.work_on(run, mails)?;
        }
        Ok(())
    }

    /// Tells which rows changed.
    async fn rows(&mut self) -> Answered<()> {
        self.beat = self.beat.wrapping_add(1);
        if !self.known.is_empty() && !self.beat.is_multiple_of(ROWS_EVERY) {
            return Ok(());
        }
        let marks = marks(&self.open).await?;
        let Some(before) = self.marks.replace(marks.clone()) else { return Ok(()) };
        let mut parts = Vec::new();
        if marks.journal != before.journal {
            parts.extend([Part::Registrations, Part::Notes, Part::Reviews, Part::SavedFilters, Part::Journal]);
        }
        // What was applied or taken back stands in the journal, what was staged does not.
        if (marks.journal, marks.repair, marks.staged) != (before.journal, before.repair, before.staged) {
            parts.extend([Part::Findings, Part::Repairs]);
        }
        if marks.replays != before.replays {
            parts.push(Part::Replays);
        }
        if marks == (Marks { replays: marks.replays, ..before }) {
            // Pages that are drawn on trial change no list.
            if !parts.is_empty() {
                self.office.host().tell(Event::Changed { parts, is_own: false });
            }
        } else {
            parts.extend([Part::Invoices, Part::Deliveries, Part::Failures, Part::Runs]);
            self.open.anchors.outdate();
            self.office.host().tell(Event::Changed { parts, is_own: false });
        }
        Ok(())
    }
}

/// Where the rows stand.
pub(super) async fn marks(open: &Open) -> Answered<Marks> {
    let text = "SELECT (SELECT journal_seq FROM installation WHERE id = 1) AS journal, \
                (SELECT id FROM attempts ORDER BY id DESC LIMIT 1) AS attempt, \
                (SELECT id FROM delivery_evidence ORDER BY id DESC LIMIT 1) AS evidence, \
                (SELECT id FROM repairs ORDER BY id DESC LIMIT 1) AS repair, \
                (SELECT count(*) FROM repairs WHERE state = 'staged') AS staged, \
                (SELECT count(*) FROM replay_legs WHERE outcome <> 'running') AS legs, \
                (SELECT CAST(coalesce(sum(drawings), 0) AS bigint) FROM replay_legs) AS drawings";
    let store = &open.store;
    let row = store.read().query_one_raw(store::sql(store.backend(), text, [])).await?;
    let Some(row) = row else {
        return Ok(Marks { journal: 0, attempt: None, evidence: None, repair: None, staged: 0, replays: (0, 0) });
    };
    Ok(Marks {
        journal: row.try_get("", "journal")?,
        attempt: row.try_get("", "attempt")?,
        evidence: row.try_get("", "evidence")?,
        repair: row.try_get("", "repair")?,
        staged: row.try_get("", "staged")?,
        replays: (row.try_get("", "legs")?, row.try_get("", "drawings")?),
    })
}
