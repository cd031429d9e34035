//! What an item of a run is about.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::store::entities::run_items;
use crate::{Error, Result};

/// Subscription and period, and what of them an item is about: the key of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The subscription.
    pub subscription: Uuid,
    /// First day of the period.
    pub period: NaiveDate,
    /// What of the period.
    pub subject: Subject,
}

/// What of a period an item is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Its valid invoice, from due to mailed.
    Period,
    /// One cancellation invoice, by its id: from issued to mailed.
    Cancellation(Uuid),
    /// One mail that a person sends again, by its id.
    Resend(Uuid),
}

impl Key {
    /// The key of a period's valid invoice.
    pub fn period(subscription: Uuid, period: NaiveDate) -> Self {
        Self { subscription, period, subject: Subject::Period }
    }

    /// The key in a row of `run_items`.
    pub fn of(row: &run_items::Model) -> Result<Self> {
        let subject = Subject::read(&row.subject, row.subject_id)?;
        Ok(Self { subscription: row.subscription_id, period: row.period, subject })
    }
}

impl Subject {
    /// Reads the two columns it is stored in.
    pub fn read(word: &str, id: Option<Uuid>) -> Result<Self> {
        match (word, id) {
            ("period", None) => Ok(Self::Period),
            ("cancellation", Some(id)) => Ok(Self::Cancellation(id)),
            ("resend", Some(id)) => Ok(Self::Resend(id)),
            _ => Err(Error::Refused(format!("An item of a run is about “{word}”, which this program does not know."))),
        }
    }

    /// The word it is stored as.
    pub fn word(self) -> &'static str {
        match self {
            Self::Period => "period",
            Self::Cancellation(_) => "cancellation",
            Self::Resend(_) => "resend",
        }
    }

    /// The id it is stored with.
    pub fn id(self) -> Option<Uuid> {
        match self {
            Self::Period => None,
            Self::Cancellation(id) | Self::Resend(id) => Some(id),
        }
    }

    /// Purpose of the mail that belongs to it.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Period => "invoice",
            Self::Cancellation(_) => "cancellation",
            Self::Resend(_) => "resend",
        }
    }
}
