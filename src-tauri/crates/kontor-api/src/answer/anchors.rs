//! Rows on the way through long lists, so that a jump into the middle does not count its way there.

/// Anchors of the lists of one open database.
#[derive(Debug, Default)]
pub(crate) struct Anchors {}
