//! Messages as files: one `.eml` per Message-ID, written beside its place and linked into it, so that it is there
//! whole or not at all, and never twice.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::Outcome;
use crate::run::code::{self, Refusal};

/// A message ready to be written.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Its Message-ID.
    pub message_id: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Path of a message in the outbox.
pub fn path(folder: &Path, message_id: &str) -> PathBuf {
    let name: String =
        message_id.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.@".contains(c) { c } else { '_' }).collect();
    folder.join(format!("{}.eml", name.trim_start_matches('.')))
}

/// Writes messages durably and says for each what became of it; the folder is synced once for all of them.
pub fn write_all(folder: &Path, letters: &[Letter]) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = letters.iter().map(|letter| write(folder, letter)).collect();
    if let Err(error) = sync_folder(folder) {
        let refusal = refusal(&error);
        outcomes.fill(Outcome::deferred("file", refusal));
    }
    outcomes
}

/// Makes the names in a folder durable.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// Other systems cannot sync a folder; there its names are as durable as the file system makes them.
#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> std::io::Result<()> {
    Ok(())
}

fn write(folder: &Path, letter: &Letter) -> Outcome {
    let place = path(folder, &letter.message_id);
    match fs::read(&place) {
        Ok(there) if there == letter.bytes => return Outcome::accepted("file", None, "the file was there already"),
        Ok(_) => {
            let refusal = Refusal::new(code::OUTBOX_NOT_WRITABLE, "another file stands in the message's place");
            return Outcome::deferred("file", refusal);
        }
        Err(_) => {}
    }
    let draft = folder.join(format!(".{}.part", uuid::Uuid::now_v7()));
    let linked = write_draft(&draft, &letter.bytes).and_then(|()| link(&draft, &place));
    // The draft is gone either way; a crash before this line leaves a hidden file that hurts nobody.
    let _ = fs::remove_file(&draft);
    match linked {
        Ok(()) => Outcome::accepted("file", None, "written to the outbox"),
        Err(error) => Outcome::deferred("file", refusal(&error)),
    }
}

fn write_draft(draft: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(draft)?;
    file.write_all(bytes)?;
    file.sync_data()
}

/// A hard link never overwrites: whoever comes second finds the message there, and it is the same message.
fn link(draft: &Path, place: &Path) -> std::io::Result<()> {
    match fs::hard_link(draft, place) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

fn refusal(error: &std::io::Error) -> Refusal {
    let code = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => code::DISK_FULL,
        _ => code::OUTBOX_NOT_WRITABLE,
    };
    Refusal::new(code, crate::error::io_sentence(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_written_once_and_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let letter = Letter { message_id: "a@example.com".to_owned(), bytes: b"text".to_vec() };
        for _ in 0..2 {
            assert_eq!(
                write_all(folder.path(), std::slice::from_ref(&letter))[0].verdict,
                super::super::Verdict::Accepted
            );
        }
        let other = Letter { bytes: b"other".to_vec(), ..letter };
        assert_ne!(write_all(folder.path(), &[other])[0].verdict, super::super::Verdict::Accepted);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
        assert_eq!(fs::read(path(folder.path(), "a@example.com")).expect("the message"), b"text");
    }

    #[test]
    fn a_name_stays_in_its_folder() {
        assert_eq!(path(Path::new("out"), "../x/y@z"), Path::new("out/_x_y@z.eml"));
    }
}
