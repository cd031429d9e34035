//! Finding a record from anywhere (the palette): by number, name, address or Message-ID.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::failure::RecordKind;
use crate::list::Destination;

/// Looks for records.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct Find {
    /// What was typed.
    pub text: String,
    /// How many hits of each kind at most, up to 20.
    pub limit: i64,
}

/// What was found, the best first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Hit {
    /// What it is.
    pub record: RecordKind,
    /// Its number, such as a customer's or an invoice's.
    pub label: String,
    /// Whose it is.
    pub name: String,
    /// Address of the mailbox or of the mail.
    pub address: Option<String>,
    /// Where it can be looked at.
    pub destination: Destination,
}
