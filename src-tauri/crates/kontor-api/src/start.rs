//! What the window asks first, before any database is open; and the dialogs that only the desktop has.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::connection::{Connection, Profile};
use crate::contact::Language;
use crate::document::Document;
use crate::job::Job;
use crate::page::By;
use crate::settings::Settings;

/// What the window must know to draw itself.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct Start {}

/// What the window must know to draw itself.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct StartState {
    /// Program version.
    pub version: String,
    /// Who sits here.
    pub by: By,
    /// The desk's clock; times of the database are told apart from it.
    pub now: DateTime<Utc>,
    /// Settings.
    pub settings: Settings,
    /// What the desktop prefers.
    pub appearance: Appearance,
    /// Whether there is a keyring; without one passwords last until the program ends.
    pub has_keyring: bool,
    /// Databases that this desk knows, opened last first. None of them: this is the first start.
    pub profiles: Vec<Profile>,
    /// The open one.
    pub connection: Option<Connection>,
    /// Long work of this desk that is not over.
    pub jobs: Vec<Job>,
    /// Folder that a demo is made in unless another is chosen.
    pub demo_folder: String,
    /// Folder of the log, where `unexpected` failures stand under their number.
    pub log_folder: String,
}

/// What the desktop prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Appearance {
    /// Dark.
    pub is_dark: bool,
    /// Nothing should move.
    pub is_motion_reduced: bool,
    /// Language.
    pub language: Language,
}

/// Lets the person choose a file or folder; answers with its path, or nothing when they changed their mind.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ChoosePath {
    /// For what.
    pub choice: PathChoice,
    /// Title of the dialog, in the window's language.
    pub title: String,
}

/// What a path is chosen for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PathChoice {
    /// A database that is there.
    Database,
    /// A place for a new demo.
    NewDemo,
    /// A certificate authority's PEM file.
    CaFile,
    /// A folder that mails go to.
    Outbox,
    /// A CSV file to compare with.
    CsvFile,
}

/// Lets the person save a document; answers with its path, or nothing when they changed their mind.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct SaveDocument {
    /// The document.
    pub document: Document,
    /// Title of the dialog, in the window's language.
    pub title: String,
}

/// Shows a document in the system's own viewer, from where it can be printed.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct OpenDocument {
    /// The document.
    pub document: Document,
}

/// Shows a notification of the desktop.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct Notify {
    /// Its title, in the window's language.
    pub title: String,
    /// Its text.
    pub text: String,
}
