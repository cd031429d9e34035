//! Papers that the system's own viewer looks at: files in a folder that only this person may enter, gone when the program
//! ends.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use tempfile::TempDir;
use uuid::Uuid;

use super::tell;
use crate::answer::Answered;

/// Papers that are being looked at.
#[derive(Debug, Default)]
pub(crate) struct Papers(Mutex<Option<TempDir>>);

impl Papers {
    /// Writes a file to look at, under this name. Each has a folder of its own, so that none takes another's place while
    /// somebody looks at it.
    pub fn lay_out(&self, name: &str, bytes: &[u8]) -> Answered<PathBuf> {
        let folder = self.folder().map_err(|error| tell::file(&std::env::temp_dir(), &error))?;
        let place = folder.join(Uuid::now_v7().to_string());
        let path = place.join(name);
        let written = std::fs::create_dir(&place).and_then(|()| std::fs::write(&path, bytes));
        written.map_err(|error| tell::file(&path, &error))?;
        Ok(path)
    }

    /// Takes all of them away.
    pub fn clear(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    fn folder(&self) -> std::io::Result<PathBuf> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = match kept.take() {
            Some(folder) => folder,
            None => tempfile::Builder::new().prefix("kontor-papers-").tempdir()?,
        };
        Ok(kept.insert(folder).path().to_owned())
    }
}
