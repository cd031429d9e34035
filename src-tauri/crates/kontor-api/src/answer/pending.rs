//! Requests that have no answer yet. Nothing may be left here.

use uuid::Uuid;

use super::{Answered, Handle};
use crate::failure::Failure;
use crate::office::{Office, Open};
use crate::request::Ask;
use crate::run::RunDetail;

macro_rules! pending {
    ($($ask:path,)*) => {
        $(impl Handle for $ask {
            async fn handle(self, _: &Office) -> Answered<<Self as Ask>::Answer> {
                Err(Failure::unexpected("no answer yet").into())
            }
        })*
    };
}

/// Runs that are not over.
pub(crate) async fn open_runs(_: &Open) -> Answered<Vec<Uuid>> {
    Ok(Vec::new())
}

/// Runs that go on but that nobody works on, and whether they mail.
pub(crate) async fn orphaned_runs(_: &Open) -> Answered<Vec<(Uuid, bool)>> {
    Ok(Vec::new())
}

/// A run as it stands.
pub(crate) async fn run_detail(_: &Open, run: Uuid) -> Answered<RunDetail> {
    Err(Failure::unexpected(&run).into())
}

pending! {
    crate::overview::ShowOverview,
    crate::find::Find,
    crate::registration::ListRegistrations,
    crate::registration::ShowRegistration,
    crate::timeline::ShowTimeline,
    crate::contact::CheckContact,
    crate::run::ShowFailureGroups,
    crate::run::ListFailures,
    crate::run::PlanRun,
    crate::run::PreviewCovering,
    crate::run::ListRuns,
    crate::run::ShowRun,
    crate::run::ListRunItems,
    crate::run::JoinRun,
    crate::journal::ListJournal,
    crate::journal::ShowJournalChoices,
    crate::journal::VerifyJournal,
    crate::saved::ShowSavedFilters,
    crate::contact::SaveContact,
    crate::registration::AddNote,
    crate::registration::EditNote,
    crate::registration::DeleteNote,
    crate::run::StartRun,
    crate::run::PauseRun,
    crate::run::ResumeRun,
    crate::run::CancelRun,
    crate::saved::SaveFilter,
    crate::saved::DeleteFilter,
}
