//! How the window looks and behaves on this desk for this person. Kept in a file beside the profiles.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::list::ListName;

/// How the window looks and behaves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Settings {
    /// Language.
    pub language: LanguageChoice,
    /// Light or dark.
    pub theme: Theme,
    /// Height of rows.
    pub density: Density,
    /// Whether things move.
    pub motion: Motion,
    /// Size of everything, in percent.
    pub zoom_percent: i64,
    /// Whether this desk works on runs that others put up or left behind.
    pub joins_runs: bool,
    /// Whether the end of a run shows as a notification of the desktop.
    pub notifies: bool,
    /// Columns of the lists.
    pub lists: BTreeMap<ListName, Vec<Column>>,
    /// Sizes of panes, by the window's own names, in pixels.
    pub panes: BTreeMap<String, i64>,
}

/// Language of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words say it")]
pub enum LanguageChoice {
    System,
    De,
    En,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words say it")]
pub enum Theme {
    System,
    Light,
    Dark,
}

/// Height of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words say it")]
pub enum Density {
    Compact,
    Comfortable,
}

/// Whether things move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words say it")]
pub enum Motion {
    System,
    Reduced,
}

/// A column of a list, in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Column {
    /// The window's name of it: that of a field of the row.
    pub name: String,
    /// Its width in pixels.
    pub width: i64,
    /// Whether it shows.
    pub is_shown: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: LanguageChoice::System,
            theme: Theme::System,
            density: Density::Compact,
            motion: Motion::System,
            zoom_percent: 100,
            joins_runs: true,
            notifies: true,
            lists: BTreeMap::new(),
            panes: BTreeMap::new(),
        }
    }
}

/// Keeps the settings.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct SaveSettings {
    /// All of them.
    pub settings: Settings,
}
