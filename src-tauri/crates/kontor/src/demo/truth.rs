//! What is wrong in the demo, said by what made it wrong: one entry per planted damage that was still there when the
//! month was over. A test compares it with what the program finds.
//!
//! The file is made beside its place before anything is written to the database, and moved there after the commit.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use uuid::Uuid;

use crate::{Error, Result};

/// One damage, in the words of the truth file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Entry {
    /// Table of the damaged row.
    pub table: &'static str,
    /// Its id.
    pub row: Uuid,
    /// The wrong field; none when the row is right but another is missing.
    pub field: Option<&'static str>,
    /// What should stand there.
    pub right: Option<String>,
    /// What stands there.
    pub wrong: Option<String>,
    /// What happened.
    pub fault: &'static str,
    /// Where.
    pub host: &'static str,
    /// What shows or proves it: `seal`, `copy`, `rule`, or `none` when the rows alone do not tell what is right.
    pub evidence: &'static str,
}

/// The file on its way.
#[derive(Debug)]
pub(super) struct TruthFile {
    place: PathBuf,
    /// The unfinished file, which goes when this goes.
    part: PathBuf,
    output: BufWriter<File>,
    entries: u64,
}

impl TruthFile {
    /// Makes the unfinished file; fails where the finished one could not be put.
    pub fn begin(place: &Path) -> Result<Self> {
        if place.is_dir() {
            return Err(Error::file(place, std::io::ErrorKind::IsADirectory.into()));
        }
        let mut name = place.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let part = place.with_file_name(name);
        let output = File::create(&part).map_err(|error| Error::file(place, error))?;
        Ok(Self { place: place.to_owned(), part, output: BufWriter::new(output), entries: 0 })
    }

    /// Adds an entry.
    pub fn add(&mut self, entry: &Entry) -> Result<()> {
        let text = serde_json::to_string(entry).map_err(std::io::Error::from);
        let text = text.map_err(|error| Error::file(&self.place, error))?;
        let before = if self.entries == 0 { "[\n" } else { ",\n" };
        self.entries += 1;
        self.write(&format!("{before}{text}"))
    }

    /// Makes the content durable; what is left is a move.
    pub fn end(&mut self) -> Result<()> {
        self.write(if self.entries == 0 { "[]\n" } else { "\n]\n" })?;
        self.output.flush().map_err(|error| Error::file(&self.place, error))?;
        self.output.get_ref().sync_all().map_err(|error| Error::file(&self.place, error))
    }

    /// Moves the file to its place. Should that fail, the finished file stays where it is.
    pub fn publish(mut self) -> Result<()> {
        let part = std::mem::take(&mut self.part);
        std::fs::rename(part, &self.place).map_err(|error| Error::file(&self.place, error))
    }

    fn write(&mut self, text: &str) -> Result<()> {
        self.output.write_all(text.as_bytes()).map_err(|error| Error::file(&self.place, error))
    }
}

impl Drop for TruthFile {
    fn drop(&mut self) {
        // Nothing half made stays behind; after `publish` there is nothing to remove.
        let _ = std::fs::remove_file(&self.part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unfinished_file_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("truth.json");
        drop(TruthFile::begin(&place).expect("a writable folder"));
        assert_eq!(std::fs::read_dir(folder.path()).expect("readable").count(), 0);
        let mut file = TruthFile::begin(&place).expect("a writable folder");
        file.end().expect("written");
        file.publish().expect("moved");
        assert_eq!(std::fs::read_to_string(&place).expect("a file"), "[]\n");
        assert_eq!(std::fs::read_dir(folder.path()).expect("readable").count(), 1);
    }
}
