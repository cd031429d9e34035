//! What came out of a leg, as it stands in its row.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What came out of one input.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// The invoice whose frozen content was drawn.
    pub invoice: Uuid,
    /// The SHA-256 of each PDF that came out, in hex, or a word where none did, and how often.
    pub found: BTreeMap<String, u64>,
    /// The SHA-256 of the sound stored original that the same renderer drew on another host than the suspect one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored: Option<String>,
}

impl Drawn {
    /// Counts one drawing.
    pub fn count(&mut self, what: String) {
        *self.found.entry(what).or_default() += 1;
    }

    /// How often it was drawn.
    pub fn drawings(&self) -> u64 {
        self.found.values().sum()
    }

    /// The hash that came out each time; none where it was not always the same, or not a PDF.
    pub fn steady(&self) -> Option<&str> {
        let mut all = self.found.keys();
        let (first, rest) = (all.next()?, all.next());
        (rest.is_none() && is_hash(first)).then_some(first.as_str())
    }
}

/// What came out of all inputs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// In the order in which they were asked for.
    pub inputs: Vec<Drawn>,
}

impl Found {
    /// How many pages were drawn.
    pub fn drawings(&self) -> u64 {
        self.inputs.iter().map(Drawn::drawings).sum()
    }
}

/// Words stand where no PDF came out.
pub(super) fn is_hash(what: &str) -> bool {
    what.len() == 64
}
