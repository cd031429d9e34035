//! Runs: what is open and why, the plan, the start, the progress, and what failed again.

mod failures;
mod plan;
mod progress;

pub use failures::{
    FailureFilter, FailureGroup, FailureGroups, FailureKey, FailureRow, FailureSort, HostCount, ListFailures,
    ShowFailureGroups, Subject,
};
pub use plan::{
    CancelRun, Covering, CoveringPreview, JoinRun, MailSample, PauseRun, PlanRun, PlannedGroup, PreviewCovering,
    Refusal, ResumeRun, RunPlan, RunSelection, RunStarted, StartRun,
};
pub use progress::{
    Attempt, AttemptOutcome, CauseCount, ListRunItems, ListRuns, RunDetail, RunFilter, RunItemFilter, RunItemRow,
    RunItemSort, RunItemState, RunOccasion, RunProgress, RunRow, RunSort, RunState, RunWorker, ShowRun,
};
