//! Lists as files: any list, in the columns and words of the screen, as a job that can be cancelled.

mod cell;
mod csv;
mod pages;
mod xlsx;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::cell::{Cell, cells};
use self::csv::Csv;
use self::xlsx::Xlsx;
use super::files::{self, Draft};
use super::{Answered, Handle};
use crate::contact::Language;
use crate::export::{ExportFormat, ExportList, OpenExport};
use crate::failure::{Failure, Fault, RecordKind};
use crate::job::{Job, JobKind, JobOutcome, JobStage, JobStageName};
use crate::office::{JobHandle, Office, Open};

impl Handle for ExportList {
    async fn handle(self, office: &Office) -> Answered<Option<Job>> {
        let open = office.open()?;
        if self.columns.is_empty() {
            return Err(Failure::invalid("columns", Fault::Required).into());
        }
        let ending = match self.format {
            ExportFormat::Csv => "csv",
            ExportFormat::Xlsx => "xlsx",
        };
        let name = files::safe(&self.file_name, ending);
        let Some(place) = office.host().choose_save(&self.title, &name).await else { return Ok(None) };
        let work = Work { office: office.clone(), open, ask: self, place };
        let stages = vec![JobStage { name: JobStageName::Rows, done: 0, total: None }];
        Ok(Some(office.jobs().start(JobKind::Export, stages, |job| work.run(job))))
    }
}

impl Handle for OpenExport {
    async fn handle(self, office: &Office) -> Answered<()> {
        let Some(JobOutcome::Export { path, .. }) = office.jobs().get(self.job)?.outcome else {
            return Err(Failure::not_found(RecordKind::Job, self.job).into());
        };
        let path = PathBuf::from(path);
        if let Err(error) = tokio::fs::metadata(&path).await {
            return Err(crate::office::file_failure(&path, &error).into());
        }
        Ok(office.host().open(&path).await?)
    }
}

/// A file of one of the two kinds.
enum Sheet {
    Csv(Box<Csv>),
    Xlsx(Box<Xlsx>),
}

impl Sheet {
    fn begin(path: &Path, ask: &ExportList) -> std::io::Result<Self> {
        let titles: Vec<String> = ask.columns.iter().map(|column| column.title.clone()).collect();
        let language: Language = ask.language;
        match ask.format {
            ExportFormat::Csv => Csv::begin(path, &titles, language).map(|sheet| Self::Csv(Box::new(sheet))),
            ExportFormat::Xlsx => Xlsx::begin(path, &titles, language).map(|sheet| Self::Xlsx(Box::new(sheet))),
        }
    }

    fn add(&mut self, cells: &[Cell]) -> std::io::Result<()> {
        match self {
            Self::Csv(sheet) => sheet.add(cells),
            Self::Xlsx(sheet) => sheet.add(cells),
        }
    }

    fn end(self) -> std::io::Result<()> {
        match self {
            Self::Csv(sheet) => sheet.end(),
            Self::Xlsx(sheet) => sheet.end(),
        }
    }
}

/// An export on its way.
struct Work {
    office: Office,
    open: Arc<Open>,
    ask: ExportList,
    place: PathBuf,
}

impl Work {
    async fn run(self, job: JobHandle) -> Answered<JobOutcome> {
        let draft = Draft::of(self.place.clone());
        let failed = |error: std::io::Error| draft.failure(&error);
        let mut sheet = Sheet::begin(draft.path(), &self.ask).map_err(failed)?;
        let mut wanted = Wanted::of(&self.ask);
        let (mut after, mut total, mut rows) = (None, None, 0);
        loop {
            if job.is_cancelled() {
                return Ok(JobOutcome::Cancelled);
            }
            let part = pages::read(&self.office, &self.open, &self.ask.query, after).await?;
            total = total.or_else(|| part.total.map(|total| wanted.of_total(total)));
            for row in part.rows.iter().filter(|row| wanted.takes(row)) {
                sheet.add(&cells(row, &self.ask.columns)).map_err(failed)?;
                rows += 1;
            }
            job.report(JobStageName::Rows, rows, total);
            after = part.after;
            if after.is_none() || wanted.is_complete() {
                break;
            }
        }
        let ended = tokio::task::spawn_blocking(move || sheet.end()).await;
        ended.map_err(|error| Failure::unexpected(&error))?.map_err(failed)?;
        if job.is_cancelled() {
            return Ok(JobOutcome::Cancelled);
        }
        draft.publish().map_err(|error| crate::office::file_failure(&self.place, &error))?;
        Ok(JobOutcome::Export { path: self.place.display().to_string(), rows })
    }
}

/// Which rows of the list are wanted.
struct Wanted {
    only: Option<HashSet<String>>,
    except: HashSet<String>,
}

impl Wanted {
    fn of(ask: &ExportList) -> Self {
        Self {
            only: ask.only.clone().map(|only| only.into_iter().collect()),
            except: ask.except.iter().cloned().collect(),
        }
    }

    /// How many rows of the list will be written.
    fn of_total(&self, total: i64) -> i64 {
        let count = |set: &HashSet<String>| i64::try_from(set.len()).unwrap_or(i64::MAX);
        self.only.as_ref().map_or_else(|| (total - count(&self.except)).max(0), count)
    }

    /// Whether a row is wanted; one that was chosen by itself is wanted once.
    fn takes(&mut self, row: &serde_json::Value) -> bool {
        if self.only.is_none() && self.except.is_empty() {
            return true;
        }
        let id = pages::id_of(row);
        self.only.as_mut().is_none_or(|only| only.remove(&id)) && !self.except.contains(&id)
    }

    /// Whether everything that was chosen has been found.
    fn is_complete(&self) -> bool {
        self.only.as_ref().is_some_and(HashSet::is_empty)
    }
}
