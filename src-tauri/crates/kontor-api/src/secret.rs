//! A password on its way from a field to the keyring or to a server.

use std::fmt;

use serde::Deserialize;
use ts_rs::TS;

/// A password. It crosses from the window only, and no log ever shows it.
#[derive(Clone, PartialEq, Eq, Deserialize, TS)]
#[ts(type = "string")]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}
