//! What a handler needs of whatever runs it. The window is one host, a test is another, and no handler knows which.
//!
//! Which database is open is not the host's: profiles, connection, reconnecting and jobs are the same for every host and
//! live in this crate. A host has what only a desktop has, and who and where it is.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::event::Event;
use crate::failure::Failure;
use crate::secret::Secret;
use crate::start::{Appearance, PathChoice};

/// What a handler needs of whatever runs it.
#[async_trait]
pub trait Host: Send + Sync + 'static {
    /// Who acts, from which desk, under this request id.
    fn actor(&self, request_id: Uuid) -> kontor::identity::Actor;

    /// This desk's clock. Times that are stored come from the database's.
    fn now(&self) -> DateTime<Utc>;

    /// Folder that belongs to this person on this desk: profiles, settings, demos.
    fn folder(&self) -> PathBuf;

    /// What the desktop prefers.
    fn appearance(&self) -> Appearance;

    /// Tells the window something. A window that is gone is told nothing.
    fn tell(&self, event: Event);

    /// Lets the person choose something that is there, or a place for something new.
    async fn choose(&self, choice: PathChoice, title: &str) -> Option<PathBuf>;

    /// Lets the person choose where a file is saved.
    async fn choose_save(&self, title: &str, file_name: &str) -> Option<PathBuf>;

    /// Shows a file in the system's own program.
    async fn open(&self, path: &Path) -> Result<(), Failure>;

    /// Shows a notification of the desktop.
    fn notify(&self, title: &str, text: &str);

    /// The keyring; none where the system has none.
    fn keyring(&self) -> Option<std::sync::Arc<dyn Keyring>>;

    /// How this desk works on runs.
    fn pace(&self) -> kontor::identity::Pace {
        kontor::identity::Pace::default()
    }

    /// Folder of the log.
    fn log_folder(&self) -> PathBuf;
}

/// The system's keyring. It may ask the person to unlock it, so it is called off the threads that answer.
pub trait Keyring: Send + Sync {
    /// The password under this name.
    fn password(&self, name: &str) -> Option<Secret>;

    /// Keeps a password; false when the keyring refuses.
    fn keep(&self, name: &str, password: &Secret) -> bool;

    /// Forgets a password.
    fn forget(&self, name: &str);
}
