//! A calendar month on the wire: `2013-01`.

use kontor::period::Period;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A calendar month, written `2013-01`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(try_from = "String", into = "String")]
#[ts(type = "string")]
pub struct Month(pub Period);

impl TryFrom<String> for Month {
    type Error = kontor::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.0.to_string()
    }
}
