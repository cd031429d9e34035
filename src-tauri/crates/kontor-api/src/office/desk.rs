//! What this desk keeps of itself, in one file: the settings and the databases that it knows. No password is in it.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::answer::Answered;
use crate::connection::{DatabasePlace, Purpose};
use crate::failure::{Failure, RecordKind};
use crate::mail::MailTarget;
use crate::settings::Settings;

/// The file of this desk.
pub(crate) struct DeskFile {
    path: PathBuf,
    kept: Mutex<Kept>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    settings: Settings,
    profiles: Vec<KeptProfile>,
}

/// A database that this desk knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct KeptProfile {
    /// Its id.
    pub id: Uuid,
    /// Name that the person gave it.
    pub name: String,
    /// Where it is.
    pub place: DatabasePlace,
    /// What it was when it was opened last.
    pub purpose: Option<Purpose>,
    /// When that was.
    pub opened_at: Option<DateTime<Utc>>,
    /// Where its mails go.
    pub mail: Option<MailTarget>,
    /// Whether the keyring has its password.
    #[serde(default)]
    pub is_password_kept: bool,
    /// Whether the keyring has the password of its mail server's login.
    #[serde(default)]
    pub is_mail_password_kept: bool,
}

impl KeptProfile {
    /// Name under which its password is kept.
    pub fn password_name(&self) -> String {
        format!("database {}", self.id)
    }

    /// Name under which the password of its mail server's login is kept.
    pub fn mail_password_name(&self) -> String {
        format!("mail {}", self.id)
    }
}

impl DeskFile {
    /// Reads the file. One that cannot be read is set aside, so that nothing of it is lost, and begun anew.
    pub fn read(folder: &Path) -> Self {
        let path = folder.join("desk.json");
        let kept = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                let aside = folder.join("desk.damaged.json");
                tracing::error!(%error, aside = %aside.display(), "the desk's file cannot be read; it is set aside");
                let _ = std::fs::rename(&path, aside);
                Kept::default()
            }),
            Err(_) => Kept::default(),
        };
        Self { path, kept: Mutex::new(kept) }
    }

    /// The settings.
    pub fn settings(&self) -> Settings {
        self.lock().settings.clone()
    }

    /// Keeps the settings.
    pub fn keep_settings(&self, settings: Settings) -> Answered<()> {
        self.change(|kept| kept.settings = settings)
    }

    /// The profiles, opened last first.
    pub fn profiles(&self) -> Vec<KeptProfile> {
        let mut profiles = self.lock().profiles.clone();
        profiles.sort_by_key(|profile| std::cmp::Reverse(profile.opened_at));
        profiles
    }

    /// A profile.
    pub fn profile(&self, id: Uuid) -> Answered<KeptProfile> {
        let found = self.lock().profiles.iter().find(|profile| profile.id == id).cloned();
        found.ok_or_else(|| Failure::not_found(RecordKind::Profile, id).into())
    }

    /// Keeps a profile, in place of the one with its id.
    pub fn keep_profile(&self, profile: KeptProfile) -> Answered<()> {
        self.change(|kept| {
            kept.profiles.retain(|each| each.id != profile.id);
            kept.profiles.push(profile);
        })
    }

    /// Forgets a profile.
    pub fn forget_profile(&self, id: Uuid) -> Answered<()> {
        self.change(|kept| kept.profiles.retain(|each| each.id != id))
    }

    fn change(&self, change: impl FnOnce(&mut Kept)) -> Answered<()> {
        let mut kept = self.lock();
        let mut next = kept.clone();
        change(&mut next);
        self.write(&next)?;
        *kept = next;
        Ok(())
    }

    /// Written beside and moved into place: a crash leaves the old file or the new one.
    fn write(&self, kept: &Kept) -> Answered<()> {
        let told = |error: std::io::Error| super::tell::file(&self.path, &error);
        let bytes = serde_json::to_vec_pretty(kept).map_err(|error| Failure::unexpected(&error))?;
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder).map_err(told)?;
        }
        let beside = self.path.with_extension("json.new");
        std::fs::write(&beside, bytes).map_err(told)?;
        std::fs::rename(&beside, &self.path).map_err(told)?;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
