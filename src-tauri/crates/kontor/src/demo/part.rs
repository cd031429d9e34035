//! Files that come with a demo: made beside their place before anything is written to the database, and moved there
//! after the commit. Whatever stops the demo leaves none of them.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// A file on its way.
#[derive(Debug)]
pub(super) struct Part {
    place: PathBuf,
    /// Where the unfinished file is, which goes when this goes.
    draft: PathBuf,
    output: BufWriter<File>,
}

impl Part {
    /// Makes the unfinished file; fails where the finished one could not be put.
    pub fn begin(place: &Path) -> Result<Self> {
        if place.is_dir() {
            return Err(Error::file(place, ErrorKind::IsADirectory.into()));
        }
        let draft = beside(place);
        let output = File::create(&draft).map_err(|error| Error::file(place, error))?;
        Ok(Self { place: place.to_owned(), draft, output: BufWriter::new(output) })
    }

    /// Adds to it.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.output.write_all(bytes).map_err(|error| Error::file(&self.place, error))
    }

    /// Makes the content durable; what is left is a move.
    pub fn end(&mut self) -> Result<()> {
        self.output.flush().map_err(|error| Error::file(&self.place, error))?;
        self.output.get_ref().sync_all().map_err(|error| Error::file(&self.place, error))
    }

    /// Moves the file to its place. Should that fail, the finished file stays where it is.
    pub fn publish(mut self) -> Result<()> {
        let draft = std::mem::take(&mut self.draft);
        std::fs::rename(draft, &self.place).map_err(|error| Error::file(&self.place, error))
    }

    /// Where the file will be.
    pub fn place(&self) -> &Path {
        &self.place
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Nothing half made stays behind; after `publish` there is nothing to remove.
        let _ = std::fs::remove_file(&self.draft);
    }
}

/// A folder on its way.
#[derive(Debug)]
pub(super) struct PartFolder {
    place: PathBuf,
    draft: PathBuf,
}

impl PartFolder {
    /// Makes the unfinished folder; fails where the finished one could not be put. A folder with files in it is
    /// somebody's, and is left alone.
    pub fn begin(place: &Path) -> Result<Self> {
        let is_taken = match std::fs::read_dir(place) {
            Ok(mut entries) => entries.next().is_some(),
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(Error::file(place, error)),
        };
        if is_taken {
            return Err(Error::Refused(format!(
                "{}: this folder is not empty. Name a new or an empty one; nothing was written.",
                place.display()
            )));
        }
        let draft = beside(place);
        std::fs::create_dir(&draft).map_err(|error| Error::file(&draft, error))?;
        Ok(Self { place: place.to_owned(), draft })
    }

    /// Adds a file.
    pub fn add(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let file = self.draft.join(name);
        std::fs::write(&file, bytes).map_err(|error| Error::file(&file, error))
    }

    /// Moves the folder to its place.
    pub fn publish(mut self) -> Result<()> {
        let draft = std::mem::take(&mut self.draft);
        // An empty folder stands in the way on some systems.
        let _ = std::fs::remove_dir(&self.place);
        std::fs::rename(draft, &self.place).map_err(|error| Error::file(&self.place, error))
    }
}

impl Drop for PartFolder {
    fn drop(&mut self) {
        if !self.draft.as_os_str().is_empty() {
            let _ = std::fs::remove_dir_all(&self.draft);
        }
    }
}

fn beside(place: &Path) -> PathBuf {
    let mut name = place.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    place.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unfinished_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let count = || std::fs::read_dir(folder.path()).expect("readable").count();
        let place = folder.path().join("truth.json");
        drop(Part::begin(&place).expect("a writable folder"));
        assert_eq!(count(), 0);
        let mut file = Part::begin(&place).expect("a writable folder");
        file.write(b"[]\n").expect("written");
        file.end().expect("durable");
        file.publish().expect("moved");
        assert_eq!(std::fs::read_to_string(&place).expect("a file"), "[]\n");
        assert_eq!(count(), 1);
    }

    #[test]
    fn a_folder_in_use_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("bounces");
        let unfinished = PartFolder::begin(&place).expect("a writable folder");
        unfinished.add("a.eml", b"a").expect("written");
        drop(unfinished);
        assert_eq!(std::fs::read_dir(folder.path()).expect("readable").count(), 0);
        std::fs::create_dir(&place).expect("a folder");
        let finished = PartFolder::begin(&place).expect("an empty folder is free");
        finished.add("a.eml", b"a").expect("written");
        finished.publish().expect("moved");
        assert_eq!(std::fs::read(place.join("a.eml")).expect("a file"), b"a");
        assert!(matches!(PartFolder::begin(&place), Err(Error::Refused(_))));
        assert!(PartFolder::begin(&place.join("a.eml")).is_err());
    }
}
