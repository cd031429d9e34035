//! The files of a folder: `.eml` files, or the messages of a Maildir (`new` and `cur`).

use std::fs;
use std::path::{Path, PathBuf};

use super::report::{self, Bounce};
use crate::error::io_sentence;
use crate::{Error, Result};

/// Largest message that is looked at. A report returns the message it is about, so it may be large.
const LARGEST: u64 = 32 * 1024 * 1024;

/// A file to read: its name as it is reported, and its place.
pub type Entry = (String, PathBuf);

/// The messages of a folder, by name.
pub fn files(folder: &Path) -> Result<Vec<Entry>> {
    let mut found = Vec::new();
    let is_maildir = folder.join("new").is_dir() || folder.join("cur").is_dir();
    if is_maildir {
        for part in ["new", "cur"] {
            let place = folder.join(part);
            if place.is_dir() {
                list(&place, &format!("{part}/"), false, &mut found)?;
            }
        }
    }
    list(folder, "", true, &mut found)?;
    found.sort();
    Ok(found)
}

fn list(folder: &Path, prefix: &str, only_eml: bool, found: &mut Vec<Entry>) -> Result<()> {
    let wrong = |error| Error::file(folder, error);
    for entry in fs::read_dir(folder).map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_eml = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("eml"));
        if path.is_file() && !name.starts_with('.') && (is_eml || !only_eml) {
            found.push((format!("{prefix}{name}"), path));
        }
    }
    Ok(())
}

/// Reads one file; `Err` says why it is left alone.
pub fn read((name, path): Entry) -> (String, Result<Bounce, String>) {
    // Whoever writes to the office writes what they like: a mail that the parser stumbles over must not stop the others.
    let parse = |bytes: Vec<u8>| {
        std::panic::catch_unwind(|| report::parse(&bytes)).unwrap_or(Err("it is broken in a way that cannot be read"))
    };
    let bounce = bytes(&path).and_then(|bytes| parse(bytes).map_err(str::to_owned));
    (name, bounce)
}

fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |error: std::io::Error| format!("it cannot be read: {}", io_sentence(&error));
    let length = fs::metadata(path).map_err(unreadable)?.len();
    if length > LARGEST {
        return Err("it is larger than 32 MB".to_owned());
    }
    fs::read(path).map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_maildir_and_plain_files_are_found() {
        let folder = tempfile::tempdir().expect("a folder");
        for part in ["new", "cur", "tmp"] {
            fs::create_dir(folder.path().join(part)).expect("a folder");
            fs::write(folder.path().join(part).join("1.M1.host:2,S"), b"x").expect("a file");
        }
        for name in ["b.eml", "A.EML", "c.txt", ".hidden.eml"] {
            fs::write(folder.path().join(name), b"x").expect("a file");
        }
        let names: Vec<String> = files(folder.path()).expect("a list").into_iter().map(|entry| entry.0).collect();
        assert_eq!(names, ["A.EML", "b.eml", "cur/1.M1.host:2,S", "new/1.M1.host:2,S"]);
        assert!(files(&folder.path().join("gone")).is_err());
    }
}
