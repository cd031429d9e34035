//! Pictures of the window, for people: `tests/shots`, or the folder that `KONTOR_SHOTS` names. Without that variable only
//! what failed is kept.

use std::path::PathBuf;

/// The folder that pictures go to.
pub fn folder() -> PathBuf {
    let named = std::env::var_os("KONTOR_SHOTS").map(PathBuf::from);
    named.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("shots"))
}

/// Whether every picture is wanted.
pub fn are_wanted() -> bool {
    std::env::var_os("KONTOR_SHOTS").is_some()
}
