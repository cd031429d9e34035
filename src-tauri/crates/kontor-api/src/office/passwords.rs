//! Passwords: in the system's keyring, or in memory until the program ends. Never in a file, a log or an error.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::answer::Answered;
use crate::connection::{NewPassword, PasswordPlace};
use crate::failure::Failure;
use crate::host::Keyring;
use crate::secret::Secret;

/// Passwords of this desk, by name.
pub(crate) struct Passwords {
    keyring: Option<Arc<dyn Keyring>>,
    session: Mutex<HashMap<String, Secret>>,
}

impl Passwords {
    /// None are known yet but those in the keyring.
    pub fn new(keyring: Option<Arc<dyn Keyring>>) -> Self {
        Self { keyring, session: Mutex::default() }
    }

    /// Whether there is a keyring.
    pub fn has_keyring(&self) -> bool {
        self.keyring.is_some()
    }

    /// Where the password under this name is, as far as that is known without asking the keyring.
    pub fn place(&self, name: &str, is_kept: bool) -> PasswordPlace {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        match (is_kept, session.contains_key(name)) {
            (true, _) => PasswordPlace::Keyring,
            (false, true) => PasswordPlace::Session,
            (false, false) => PasswordPlace::None,
        }
    }

    /// The password under this name.
    pub async fn get(&self, name: &str, is_kept: bool) -> Answered<Option<Secret>> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        if session.is_some() || !is_kept {
            return Ok(session);
        }
        let (keyring, name) = (self.keyring.clone(), name.to_owned());
        off_thread(move || keyring.and_then(|keyring| keyring.password(&name))).await
    }

    /// Keeps a password; answers whether the keyring has it.
    pub async fn keep(&self, name: &str, new: &NewPassword) -> Answered<bool> {
        if new.keep
            && let Some(keyring) = self.keyring.clone()
        {
            let (owned, password) = (name.to_owned(), new.password.clone());
            if off_thread(move || keyring.keep(&owned, &password)).await? {
                self.session.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
                return Ok(true);
            }
        }
        self.session.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), new.password.clone());
        Ok(false)
    }

    /// Forgets a password, wherever it is.
    pub async fn forget(&self, name: &str) -> Answered<()> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        let (keyring, name) = (self.keyring.clone(), name.to_owned());
        off_thread(move || {
            if let Some(keyring) = keyring {
                keyring.forget(&name);
            }
        })
        .await
    }
}

/// A keyring may ask the person to unlock it: that blocks.
async fn off_thread<T: Send + 'static>(ask: impl FnOnce() -> T + Send + 'static) -> Answered<T> {
    tokio::task::spawn_blocking(ask).await.map_err(|error| Failure::unexpected(&error).into())
}
