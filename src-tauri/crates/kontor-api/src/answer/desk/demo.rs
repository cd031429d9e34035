//! Making a demo: the mail service of January 2013 in a new file, as a job that leaves nothing behind when it is cancelled.

use std::path::{Path, PathBuf};

use kontor::demo::{self, Order, Stage};
use kontor::store::DbUrl;
use uuid::Uuid;

use crate::answer::{Answered, Handle};
use crate::connection::{DatabasePlace, Purpose};
use crate::failure::{Failure, Fault, OpenProblem};
use crate::job::{CreateDemo, Job, JobKind, JobOutcome, JobStage, JobStageName};
use crate::office::{JobHandle, KeptProfile, Office, file_trouble};

/// Name of the database's file in a folder of its own.
const FILE: &str = "kontor.db";

impl Handle for CreateDemo {
    async fn handle(self, office: &Office) -> Answered<Job> {
        let registrations = count(self.registrations)?;
        let place = place(office, self.path)?;
        let total = i64::try_from(registrations).ok();
        let stages = [JobStageName::Registrations, JobStageName::Invoices];
        let stages = stages.map(|name| JobStage { name, done: 0, total }).to_vec();
        let (office_of_job, name) = (office.clone(), self.name);
        Ok(office.jobs().start(JobKind::Demo, stages, move |job| async move {
            make(&office_of_job, &job, place, registrations, name).await
        }))
    }
}

/// The folder that demos are made in.
pub(super) fn folder(office: &Office) -> PathBuf {
    office.host().folder().join("demo")
}

fn count(registrations: Option<i64>) -> Answered<u64> {
    let Some(wanted) = registrations else { return Ok(demo::REGISTRATIONS) };
    let most = i64::try_from(demo::MOST_REGISTRATIONS).unwrap_or(i64::MAX);
    let count = u64::try_from(wanted).ok().filter(|count| (1..=demo::MOST_REGISTRATIONS).contains(count));
    count.ok_or_else(|| Failure::invalid("registrations", Fault::OutOfRange { least: 1, most }).into())
}

/// Where a demo is made.
struct Place {
    database: PathBuf,
    /// A folder of its own, with what else remains of that month; none where a person chose the file.
    own_folder: Option<PathBuf>,
}

fn place(office: &Office, chosen: Option<String>) -> Answered<Place> {
    if let Some(path) = chosen {
        let database = PathBuf::from(&path);
        if database.exists() {
            return Err(Failure::CannotOpen { reason: OpenProblem::Occupied { path } }.into());
        }
        return Ok(Place { database, own_folder: None });
    }
    let all = folder(office);
    let mut folder = all.join("2013-01");
    let mut number = 2;
    while folder.exists() {
        folder = all.join(format!("2013-01-{number}"));
        number += 1;
    }
    std::fs::create_dir_all(&folder).map_err(|error| file_trouble(&folder, &error))?;
    Ok(Place { database: folder.join(FILE), own_folder: Some(folder) })
}

async fn make(
    office: &Office,
    job: &JobHandle,
    place: Place,
    registrations: u64,
    name: String,
) -> Answered<JobOutcome> {
    let url = DbUrl::Sqlite(place.database.clone());
    let beside = |file: &str| place.own_folder.as_ref().map(|folder| folder.join(file));
    let order = Order {
        registrations,
        maillog: beside("mail.log"),
        bounces: beside("bounces"),
        signup_export: beside("signup.csv"),
        ..Order::default()
    };
    let mut report = |stage: Stage, done: u64, total: u64| {
        let name = match stage {
            Stage::People => JobStageName::Registrations,
            Stage::Invoices => JobStageName::Invoices,
        };
        job.report(name, i64::try_from(done).unwrap_or(i64::MAX), i64::try_from(total).ok());
    };
    let made = tokio::select! {
        made = demo::create(&url, &order, &mut report) => made,
        () = job.cancelled() => {
            clear(&place);
            return Ok(JobOutcome::Cancelled);
        }
    };
    let summary = made.inspect_err(|_| clear(&place))?;
    let profile = keep(office, &place.database, name)?;
    Ok(JobOutcome::Demo {
        profile,
        registrations: i64::try_from(summary.registrations).unwrap_or(i64::MAX),
        invoices: i64::try_from(summary.invoices).unwrap_or(i64::MAX),
    })
}

fn keep(office: &Office, database: &Path, name: String) -> Answered<Uuid> {
    let kept = KeptProfile {
        id: Uuid::now_v7(),
        name,
        place: DatabasePlace::File { path: database.display().to_string() },
        purpose: Some(Purpose::Demo),
        opened_at: None,
        mail: None,
        is_password_kept: false,
        is_mail_password_kept: false,
    };
    let id = kept.id;
    office.desk().keep_profile(kept)?;
    Ok(id)
}

/// Takes away what was begun. The file was not there before.
fn clear(place: &Place) {
    let files = ["", "-wal", "-shm", "-journal"].map(|ending| {
        let mut path = place.database.clone().into_os_string();
        path.push(ending);
        PathBuf::from(path)
    });
    for file in files.iter().filter(|file| file.exists()) {
        if let Err(error) = std::fs::remove_file(file) {
            tracing::warn!(%error, file = %file.display(), "what was begun of a demo could not be taken away");
        }
    }
    if let Some(folder) = &place.own_folder
        && let Err(error) = std::fs::remove_dir_all(folder)
    {
        tracing::warn!(%error, folder = %folder.display(), "what was begun of a demo could not be taken away");
    }
}
