//! The system's keyring: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows.

use std::sync::Arc;

use kontor_api::host::Keyring;
use kontor_api::secret::Secret;

/// Name of the program in the keyring.
const SERVICE: &str = "Kontor";

/// The system's keyring.
struct System;

/// The keyring of this desktop; none where the system has none.
pub fn of_this_desktop() -> Option<Arc<dyn Keyring>> {
    match keyring::Entry::store_status() {
        Ok(()) => Some(Arc::new(System)),
        Err(error) => {
            tracing::info!(%error, "there is no keyring; passwords last until the program ends");
            None
        }
    }
}

fn entry(name: &str) -> keyring::Result<keyring::Entry> {
    keyring::Entry::new(SERVICE, name)
}

impl Keyring for System {
    fn password(&self, name: &str) -> Option<Secret> {
        match entry(name).and_then(|entry| entry.get_password()) {
            Ok(password) => Some(Secret(password)),
            Err(error) => {
                tracing::info!(%error, "the keyring does not tell a password");
                None
            }
        }
    }

    fn keep(&self, name: &str, password: &Secret) -> bool {
        match entry(name).and_then(|entry| entry.set_password(&password.0)) {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(%error, "the keyring does not keep a password");
                false
            }
        }
    }

    fn forget(&self, name: &str) {
        match entry(name).and_then(|entry| entry.delete_credential()) {
            Ok(()) | Err(keyring::Error::NoEntry) => {}
            Err(error) => tracing::warn!(%error, "the keyring does not forget a password"),
        }
    }
}
