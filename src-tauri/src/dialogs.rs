//! The system's own dialogs for files and folders.
//!
//! A dialog of the system cannot be driven by a test. With `KONTOR_DIALOGS=FOLDER` none is shown: its answer is the first
//! line of the file `answer` in that folder, which is taken away; without that file the person changed their mind.

use std::path::PathBuf;

use kontor_api::start::PathChoice;
use rfd::AsyncFileDialog;
use tauri::{AppHandle, Manager};

use crate::window;

/// Where answers come from.
pub enum Dialogs {
    /// From a person.
    Shown,
    /// From a file in this folder.
    Written(PathBuf),
}

impl Dialogs {
    /// The system's, unless a test stands in for the person.
    pub fn of_this_desktop() -> Self {
        std::env::var_os("KONTOR_DIALOGS").map_or(Self::Shown, |folder| Self::Written(folder.into()))
    }

    /// Lets the person choose something that is there, or a place for something new.
    pub async fn choose(&self, app: Option<&AppHandle>, choice: PathChoice, title: &str) -> Option<PathBuf> {
        if let Self::Written(folder) = self {
            return written(folder);
        }
        let dialog = dialog(app, title);
        let chosen = match choice {
            PathChoice::Database => {
                dialog.add_filter("SQLite", &["db", "sqlite", "sqlite3"]).add_filter("*", &["*"]).pick_file().await
            }
            PathChoice::NewDemo => dialog.add_filter("SQLite", &["db"]).set_file_name("demo.db").save_file().await,
            PathChoice::CaFile => {
                dialog.add_filter("PEM", &["pem", "crt", "cer"]).add_filter("*", &["*"]).pick_file().await
            }
            PathChoice::Outbox => dialog.pick_folder().await,
            PathChoice::CsvFile => dialog.add_filter("CSV", &["csv", "txt"]).add_filter("*", &["*"]).pick_file().await,
        };
        chosen.map(|file| file.path().to_owned())
    }

    /// Lets the person choose where a file is saved.
    pub async fn choose_save(&self, app: Option<&AppHandle>, title: &str, file_name: &str) -> Option<PathBuf> {
        if let Self::Written(folder) = self {
            return written(folder);
        }
        let ending = file_name.rsplit_once('.').map_or("*", |(_, ending)| ending);
        let dialog = dialog(app, title).set_file_name(file_name).add_filter(ending.to_uppercase(), &[ending]);
        dialog.save_file().await.map(|file| file.path().to_owned())
    }
}

fn dialog(app: Option<&AppHandle>, title: &str) -> AsyncFileDialog {
    let dialog = AsyncFileDialog::new().set_title(title);
    match app.and_then(|app| app.get_webview_window(window::LABEL)) {
        Some(window) => dialog.set_parent(&window),
        None => dialog,
    }
}

fn written(folder: &std::path::Path) -> Option<PathBuf> {
    let file = folder.join("answer");
    let answer = std::fs::read_to_string(&file).ok()?;
    let _ = std::fs::remove_file(&file);
    answer.lines().next().filter(|line| !line.is_empty()).map(PathBuf::from)
}
