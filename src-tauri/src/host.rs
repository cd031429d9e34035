//! The desktop as the office sees it: who sits here, where files are kept, dialogs, the keyring, notifications.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kontor::identity::Actor;
use kontor_api::failure::FileProblem;
use kontor_api::host::Keyring;
use kontor_api::start::{Appearance, PathChoice};
use kontor_api::{Event, Failure, Host};
use tauri::AppHandle;
use tauri::ipc::Channel;
use uuid::Uuid;

use crate::dialogs::Dialogs;
use crate::{appearance, keyring, log};

/// The desktop.
pub struct Desktop {
    folder: PathBuf,
    window: Mutex<Option<Channel<Event>>>,
    app: OnceLock<AppHandle>,
    dialogs: Dialogs,
    keyring: Option<Arc<dyn Keyring>>,
}

impl Desktop {
    /// The desktop, with its files in this folder.
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            window: Mutex::default(),
            app: OnceLock::new(),
            dialogs: Dialogs::of_this_desktop(),
            keyring: keyring::of_this_desktop(),
        }
    }

    /// From now on dialogs belong to this program's window.
    pub fn attach(&self, app: AppHandle) {
        let _ = self.app.set(app);
    }

    /// From now on this window is told; a window that was reloaded takes the place of what it was.
    pub fn listen(&self, channel: Channel<Event>) {
        *self.window.lock().unwrap_or_else(PoisonError::into_inner) = Some(channel);
    }
}

#[async_trait]
impl Host for Desktop {
    fn actor(&self, request_id: Uuid) -> Actor {
        Actor { request: request_id, ..Actor::of_this_desk() }
    }

    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn folder(&self) -> PathBuf {
        self.folder.clone()
    }

    fn appearance(&self) -> Appearance {
        appearance::now()
    }

    fn tell(&self, event: Event) {
        let window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(channel) = &*window
            && let Err(error) = channel.send(event)
        {
            tracing::debug!(%error, "the window does not listen");
        }
    }

    async fn choose(&self, choice: PathChoice, title: &str) -> Option<PathBuf> {
        self.dialogs.choose(self.app.get(), choice, title).await
    }

    async fn choose_save(&self, title: &str, file_name: &str) -> Option<PathBuf> {
        self.dialogs.choose_save(self.app.get(), title, file_name).await
    }

    async fn open(&self, path: &Path) -> Result<(), Failure> {
        let shown = path.to_owned();
        let opened = tauri::async_runtime::spawn_blocking(move || opener::open(&shown)).await;
        match opened {
            Ok(Ok(())) => Ok(()),
            failed => {
                tracing::warn!(?failed, path = %path.display(), "the system has no program that shows a file");
                Err(Failure::File { path: path.display().to_string(), reason: FileProblem::NoViewer })
            }
        }
    }

    fn notify(&self, title: &str, text: &str) {
        let mut notification = notify_rust::Notification::new();
        notification.appname("Kontor").summary(title).body(text).icon("kontor");
        // The desktop's service may take its time, or not be there.
        std::thread::spawn(move || {
            if let Err(error) = notification.show() {
                tracing::info!(%error, "the desktop shows no notification");
            }
        });
    }

    fn keyring(&self) -> Option<Arc<dyn Keyring>> {
        self.keyring.clone()
    }

    fn log_folder(&self) -> PathBuf {
        log::folder(&self.folder)
    }
}
