//! What the person is told of an error of the office: the code that somebody acts on, or a number in the log.

use std::io::ErrorKind;

use kontor::Error;
use kontor::damage::Hindrance as Damage;
use kontor::delivery::message::{LONGEST, Unfit};
use kontor::run::Hindrance;

use crate::answer::word;
use crate::failure::{DiskPlace, Failure, Fault, FileProblem, Obstacle};
use crate::month::Month;

/// What the person is told. Whoever knows more of what was asked has answered before: handlers turn what they expect into
/// a failure of their own.
pub(crate) fn failure(error: Error) -> Failure {
    match error {
        Error::File { path, source } => file(&path, &source),
        Error::Blocked(blocked) => Failure::refused(blocked.obstacle.into()),
        Error::Outdated { planned, now } => Failure::PlanOutdated { planned: whole(planned), now: whole(now) },
        Error::Damage(Damage::HostUnknown { .. }) => Failure::HostUnknown,
        Error::Damage(Damage::NoBadTime { .. }) => Failure::NoBadTime,
        Error::Damage(Damage::HostItself { .. } | Damage::DrawsOtherwise { .. }) => Failure::NotHere,
        Error::Run(hindrance) => of_run(hindrance),
        Error::OutOfService { host, since, .. } => Failure::refused(Obstacle::HostOut { host, since }),
        error if error.is_busy() => Failure::DatabaseBusy,
        error if error.is_disk_full() => Failure::DiskFull { place: DiskPlace::Database },
        error if error.is_read_only() => Failure::ReadOnly,
        error => match error.undecodable() {
            Some(field) => Failure::refused(Obstacle::Unreadable { field }),
            None => Failure::unexpected(&error),
        },
    }
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn of_run(hindrance: Hindrance) -> Failure {
    match hindrance {
        Hindrance::ReasonMissing => Failure::invalid("reason", Fault::Required),
        Hindrance::InFuture { today, .. } => Failure::invalid("issue_on", Fault::InFuture { today }),
        Hindrance::TooFarAhead { latest, .. } => {
            Failure::invalid("period", Fault::TooFarAhead { latest: Month(latest) })
        }
        Hindrance::PlanOutdated { planned, now } => Failure::PlanOutdated { planned: whole(planned), now: whole(now) },
        Hindrance::Text(unfit) => Failure::invalid("text", text(&unfit)),
        Hindrance::EnglishAlone => Failure::invalid("text", Fault::Required),
        Hindrance::NothingToCover => Failure::invalid("covering", Fault::Malformed),
        Hindrance::StateIs { state, .. } => match word(&state) {
            Some(state) => Failure::refused(Obstacle::RunIs { state }),
            None => Failure::refused(Obstacle::Unreadable { field: "state".to_owned() }),
        },
    }
}

/// Why a covering text cannot be taken.
pub(crate) fn text(unfit: &Unfit) -> Fault {
    match unfit {
        Unfit::ControlCharacter { .. } => Fault::ControlCharacter,
        Unfit::Empty => Fault::Required,
        Unfit::TooLong { .. } => Fault::TooLong { most: i64::try_from(LONGEST).unwrap_or(i64::MAX) },
    }
}

/// Why a file cannot be read or written.
pub(crate) fn file(path: &std::path::Path, error: &std::io::Error) -> Failure {
    let reason = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => return Failure::DiskFull { place: DiskPlace::File },
        ErrorKind::NotFound => FileProblem::Missing,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => FileProblem::Denied,
        ErrorKind::IsADirectory | ErrorKind::NotADirectory => FileProblem::WrongKind,
        _ => {
            tracing::error!(%error, path = %path.display(), "a file cannot be read or written");
            FileProblem::Other
        }
    };
    Failure::File { path: path.display().to_string(), reason }
}
