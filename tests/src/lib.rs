//! What the integration tests and the benches stand on: fresh databases of both kinds, child processes that can be
//! killed, a proxy that loses the answer to a COMMIT, a mail server that misbehaves on request, a real one, a proxy that
//! harms mail on its way to either, and certificates good and bad.
//!
//! Everything runs on loopback and in temporary folders, on Linux and macOS; the real mail server needs root or `sudo`,
//! and Linux. Left out: any knowledge of what Kontor does; the tests themselves bring that.

pub mod certificates;
pub mod databases;
mod loopback;
pub mod mailproxy;
pub mod mailserver;
pub mod postgres;
pub mod process;
pub mod proxy;
pub mod sink;
