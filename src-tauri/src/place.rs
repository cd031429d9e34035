//! Where this program stands: its folder, its arguments, and whether there is a screen.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use kontor_api::connection::DatabasePlace;

const HELP: &str = "\
Kontor's window: registrations, invoices, runs.

  kontor-desktop [FILE]   opens the window, on this database (SQLite) where one is named
  kontor-desktop --help | --version

The same work without a window: kontor --help. Settings, profiles and the log are kept in a folder of the person's own;
KONTOR_FOLDER names another. KONTOR_LOG sets what is logged, such as KONTOR_LOG=debug.";

/// What the program was started with.
#[derive(Debug)]
pub struct Arguments {
    /// The database to open.
    pub database: Option<DatabasePlace>,
}

/// What is printed instead of opening a window.
#[derive(Debug)]
pub enum Answer {
    /// What was asked for.
    Text(String),
    /// What was wrong.
    Fault(String),
}

impl Answer {
    /// Prints it.
    pub fn print(self) -> ExitCode {
        match self {
            Self::Text(text) => {
                println!("{text}");
                ExitCode::SUCCESS
            }
            Self::Fault(text) => {
                eprintln!("{text}");
                ExitCode::from(2)
            }
        }
    }
}

impl Arguments {
    /// Reads what stands behind the program's name.
    pub fn read(words: impl Iterator<Item = OsString>) -> Result<Self, Answer> {
        let words: Vec<OsString> = words.collect();
        match words.iter().map(|word| word.to_str()).collect::<Vec<_>>()[..] {
            [Some("--help" | "-h")] => return Err(Answer::Text(HELP.to_owned())),
            [Some("--version" | "-V")] => {
                return Err(Answer::Text(format!("kontor-desktop {}", env!("CARGO_PKG_VERSION"))));
            }
            [] => return Ok(Self { database: None }),
            [Some(word), ..] if word.starts_with('-') => {
                return Err(Answer::Fault(format!("“{word}” is not known here.\n\n{HELP}")));
            }
            [_] => {}
            _ => return Err(Answer::Fault(format!("One database at a time.\n\n{HELP}"))),
        }
        Ok(Self { database: words.into_iter().next().map(file) })
    }
}

/// A file as a place; a path from here stays right wherever it is opened later.
pub fn file(path: OsString) -> DatabasePlace {
    let path = PathBuf::from(path);
    let path = std::path::absolute(&path).unwrap_or(path);
    DatabasePlace::File { path: path.display().to_string() }
}

/// The folder of this person on this desk.
pub fn folder() -> anyhow::Result<PathBuf> {
    if let Some(folder) = std::env::var_os("KONTOR_FOLDER") {
        return std::path::absolute(PathBuf::from(folder)).context("KONTOR_FOLDER names no folder");
    }
    let data = dirs::data_dir().context("this system names no folder for a program's data; set KONTOR_FOLDER")?;
    Ok(data.join("kontor"))
}

/// Why no window can be opened; none where there is a screen.
#[cfg(target_os = "linux")]
pub fn missing_display() -> Option<&'static str> {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") {
        return None;
    }
    Some(
        "There is no display here, so no window can be opened (neither DISPLAY nor WAYLAND_DISPLAY is set).\n\
         On a machine without a screen, Xvfb stands in for one:\n\
         \n  xvfb-run -a make run\n\n\
         The same work without a window: kontor --help.",
    )
}

/// Why no window can be opened; the other systems have a screen, or say themselves what is missing.
#[cfg(not(target_os = "linux"))]
pub fn missing_display() -> Option<&'static str> {
    None
}

/// Sets what the webview reads when it starts.
#[cfg(target_os = "linux")]
pub fn prepare_webview() {
    use std::os::unix::process::CommandExt as _;
    // Setting a variable is only safe while one thread runs, and a program may start itself again with it: so it does.
    let missing: Vec<_> = WEBVIEW.into_iter().filter(|(name, _)| std::env::var_os(name).is_none()).collect();
    if missing.is_empty() {
        return;
    }
    if let Ok(program) = std::env::current_exe() {
        // Replaces this process; it comes back only when that failed, and then the window is tried as it is.
        let _ = std::process::Command::new(program).args(std::env::args_os().skip(1)).envs(missing).exec();
    }
}

/// What the webview reads when it starts, unless somebody has set it.
#[cfg(target_os = "linux")]
const WEBVIEW: [(&str, &str); 2] = [
    // With some drivers the window stays white otherwise.
    ("WEBKIT_DISABLE_DMABUF_RENDERER", "1"),
    // `JavaScriptCore` collects what is no longer used by how much memory the machine has, and on a large one hardly ever;
    // it is told of 128 MB. A window that is open all day then stays as it was in the morning.
    ("JSC_forceRAMSize", "134217728"),
];

/// Sets what the webview reads when it starts: nothing here.
#[cfg(not(target_os = "linux"))]
pub fn prepare_webview() {}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Arguments, Answer> {
        Arguments::read(words.iter().map(OsString::from))
    }

    #[test]
    fn a_file_is_a_place_and_anything_else_is_explained() {
        assert!(read(&[]).expect("no arguments").database.is_none());
        let Ok(Arguments { database: Some(DatabasePlace::File { path }) }) = read(&["demo.db"]) else { panic!() };
        assert!(path.ends_with("demo.db") && path.len() > "demo.db".len(), "{path}");
        assert!(matches!(read(&["--help"]), Err(Answer::Text(_))));
        assert!(matches!(read(&["--what"]), Err(Answer::Fault(_))));
        assert!(matches!(read(&["a.db", "b.db"]), Err(Answer::Fault(_))));
    }
}
