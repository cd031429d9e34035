//! Files for the person: written beside their place and moved into it, so that nobody finds half of one.

use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::Answered;
use crate::failure::Failure;
use crate::office::file_failure;

/// A file on its way. Dropped before it is in its place, it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct Draft {
    beside: PathBuf,
    place: PathBuf,
    is_done: bool,
}

impl Draft {
    /// A draft of a file.
    pub fn of(place: PathBuf) -> Self {
        let name = place.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let beside = place.with_file_name(format!(".{name}.{}.part", Uuid::now_v7().simple()));
        Self { beside, place, is_done: false }
    }

    /// Where it is written.
    pub fn path(&self) -> &Path {
        &self.beside
    }

    /// What the person is told of an error.
    pub fn failure(&self, error: &std::io::Error) -> Failure {
        file_failure(&self.place, error)
    }

    /// Makes it durable and moves it into its place.
    pub fn publish(mut self) -> std::io::Result<()> {
        std::fs::OpenOptions::new().write(true).open(&self.beside)?.sync_all()?;
        std::fs::rename(&self.beside, &self.place)?;
        self.is_done = true;
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.is_done {
            let _ = std::fs::remove_file(&self.beside);
        }
    }
}

/// Writes a file where the person wants it.
pub(crate) async fn write(place: PathBuf, bytes: Vec<u8>) -> Answered<()> {
    let draft = Draft::of(place.clone());
    let written = move || std::fs::write(draft.path(), bytes).and_then(|()| draft.publish());
    let written = tokio::task::spawn_blocking(written).await.map_err(|error| Failure::unexpected(&error))?;
    written.map_err(|error| file_failure(&place, &error).into())
}

/// A name that every file system takes.
pub(crate) fn safe(name: &str, ending: &str) -> String {
    let fits =
        |character: char| if character.is_alphanumeric() || "-_.@ ".contains(character) { character } else { '_' };
    let name: String = name.trim().chars().map(fits).take(120).collect();
    let name = name.trim_matches(['.', ' ']);
    if name.is_empty() { format!("kontor.{ending}") } else { format!("{name}.{ending}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_else() {
        assert_eq!(safe("RE-2013-000123-7", "pdf"), "RE-2013-000123-7.pdf");
        assert_eq!(safe("../../etc/passwd", "pdf"), "_.._etc_passwd.pdf");
        assert_eq!(safe(" ", "eml"), "kontor.eml");
        assert_eq!(safe("Größe: 1\u{0}", "csv"), "Größe_ 1_.csv");
    }

    #[test]
    fn a_draft_that_is_dropped_leaves_nothing_and_the_old_file_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("list.csv");
        std::fs::write(&place, "old").expect("a file");
        let draft = Draft::of(place.clone());
        std::fs::write(draft.path(), "half").expect("a draft");
        drop(draft);
        assert_eq!(std::fs::read_to_string(&place).expect("the file"), "old");
        assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 1);
        let draft = Draft::of(place.clone());
        std::fs::write(draft.path(), "new").expect("a draft");
        draft.publish().expect("it is moved");
        assert_eq!(std::fs::read_to_string(&place).expect("the file"), "new");
    }
}
