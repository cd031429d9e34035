//! The log: one file a day, where `unexpected` failures stand under their number. Addresses in it are masked by whoever
//! writes them.

use std::path::{Path, PathBuf};

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Files that are kept.
const DAYS: usize = 30;

/// Folder of the log.
pub fn folder(of: &Path) -> PathBuf {
    of.join("log")
}

/// Begins the log; what is still to be written is written when the guard goes.
pub fn begin(of: &Path) -> Option<WorkerGuard> {
    let filter = || EnvFilter::try_from_env("KONTOR_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let terminal = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("kontor")
        .filename_suffix("log")
        .max_log_files(DAYS)
        .build(folder(of));
    match file {
        Ok(file) => {
            let (file, guard) = tracing_appender::non_blocking(file);
            let file = tracing_subscriber::fmt::layer().with_writer(file).with_ansi(false);
            let _ = tracing_subscriber::registry().with(filter()).with(terminal).with(file).try_init();
            Some(guard)
        }
        Err(error) => {
            let _ = tracing_subscriber::registry().with(filter()).with(terminal).try_init();
            tracing::warn!(%error, "there is no log file");
            None
        }
    }
}
