//! Places where a test can make this program fail. In a shipped build each is an empty function.
//!
//! A child process of a test names them in `FAILPOINTS` (crate `fail`): `name=panic`, `name=return(abort)`,
//! `name=return(memory)` (it takes all the memory it can get) or `name=return(database)`.

use crate::Result;

/// Every durable step has one just before its commit and one just after.
pub const ALL: [&str; 12] = [
    "claim.before_commit",
    "claim.after_commit",
    "issue.before_commit",
    "issue.after_commit",
    "render.before",
    "archive.before_commit",
    "archive.after_commit",
    "send.before_commit",
    "send.after_commit",
    "deliver.after_message",
    "settle.before_commit",
    "settle.after_commit",
];

/// The same of repairs, which are no step of an invoice.
pub const REPAIRS: [&str; 4] =
    ["repair.before_commit", "repair.after_commit", "repair.undo_before_commit", "repair.undo_after_commit"];

/// Between what a repair sets going elsewhere, a run or a cancellation, and its own row.
pub const REPAIR_STARTS: [&str; 2] = ["repair.after_cancel", "repair.after_run"];

/// Where a batch ends the items that need no work.
pub const SETTLED: [&str; 1] = ["settled.before_commit"];

/// After each round of a leg of a replay.
pub const REPLAYS: [&str; 1] = ["replay.after_round"];

/// Fails here when a test asked for it.
#[cfg(feature = "failpoints")]
pub fn hit(name: &str) -> Result<()> {
    let known = ALL.iter().chain(&REPAIRS).chain(&REPAIR_STARTS).chain(&SETTLED).chain(&REPLAYS);
    debug_assert!({ known }.any(|one| *one == name), "{name} is missing in the list of failpoints");
    let outcome = fail::eval(name, |argument| match argument.as_deref() {
        Some("abort") => std::process::abort(),
        Some("memory") => use_up_memory(),
        _ => Err(crate::Error::Database(sea_orm::DbErr::Custom("failpoint: database".to_owned()))),
    });
    outcome.unwrap_or(Ok(()))
}

/// Flips a random bit of these bytes when a test asked for it (`render.flip=5%return`): a page drawn by broken memory.
#[cfg(feature = "failpoints")]
pub fn flip(name: &str, bytes: &mut [u8]) {
    if fail::eval(name, |_| ()).is_some() && !bytes.is_empty() {
        let (byte, bit) = (rand::random_range(0..bytes.len()), rand::random_range(0..8));
        bytes[byte] ^= 1 << bit;
    }
}

/// Flips nothing in a shipped build.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub fn flip(_name: &str, _bytes: &mut [u8]) {}

/// Takes memory until there is none: the allocator then ends the process.
#[cfg(feature = "failpoints")]
fn use_up_memory() -> Result<()> {
    let taken: Vec<Vec<u8>> = (0..1_u64 << 20).map(|_| Vec::with_capacity(64 << 20)).collect();
    Err(crate::Error::Refused(format!("There was memory for {} pieces.", taken.len())))
}

/// Does nothing in a shipped build.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub fn hit(_name: &str) -> Result<()> {
    Ok(())
}
