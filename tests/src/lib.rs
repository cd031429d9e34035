//! What the integration tests and the benches stand on: fresh databases of both kinds, child processes that can be
//! killed, a proxy that loses the answer to a COMMIT, a mail server that misbehaves on request, and certificates good
//! and bad.
//!
//! Everything runs on loopback and in temporary folders, on Linux and macOS. Left out: any knowledge of what Kontor
//! does; the tests themselves bring that.

pub mod certificates;
pub mod databases;
mod loopback;
pub mod postgres;
pub mod process;
pub mod proxy;
pub mod sink;
