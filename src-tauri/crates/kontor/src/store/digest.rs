//! Hashing where the bytes are.

use sea_orm::DbBackend;

/// The condition that the bytes of a column have the SHA-256 of another; none where the database cannot tell. The server
/// can, and spares the network every document; an embedded database has the bytes at hand.
pub fn has_hash(backend: DbBackend, bytes: &str, hash: &str) -> Option<String> {
    (backend == DbBackend::Postgres).then(|| format!("sha256({bytes}) = {hash}"))
}
