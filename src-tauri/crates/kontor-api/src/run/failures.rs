//! What is open and why: groups of one cause, and the list behind them.

use chrono::{DateTime, Utc};
use kontor::run::Key;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::cause::Cause;
use crate::list::Destination;
use crate::month::Month;
use crate::page::{ListAsk, NumberedInvoice};

/// What is open, in groups of one cause.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ShowFailureGroups {}

/// What is open, in groups of one cause, the largest first.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct FailureGroups {
    /// Invoices that are open.
    pub total: i64,
    /// The groups.
    pub groups: Vec<FailureGroup>,
}

/// Open invoices of one normalised cause.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct FailureGroup {
    /// The cause; its key names the group.
    pub cause: Cause,
    /// How many there are.
    pub count: i64,
    /// How many of them can run.
    pub eligible: i64,
    /// When it was seen first; none when nobody ever tried.
    pub first_seen: Option<DateTime<Utc>>,
    /// When it was seen last.
    pub last_seen: Option<DateTime<Utc>>,
    /// On which hosts, most first.
    pub hosts: Vec<HostCount>,
    /// A few of them.
    pub examples: Vec<FailureRow>,
    /// The list of all.
    pub destination: Destination,
}

/// A host, and how often something was seen on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct HostCount {
    /// The host.
    pub host: String,
    /// How often.
    pub count: i64,
}

/// Open invoices that match, a page of them.
pub type ListFailures = ListAsk<FailureFilter, FailureSort>;

/// Which open invoices. What is left out does not narrow; several words of one field widen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FailureFilter {
    /// Words that occur in invoice number, customer number, name or address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// Of one of these groups, by [`Cause::key`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Seen last on one of these hosts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// That can run (or cannot).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub can_run: Option<bool>,
    /// That cannot run for one of these reasons, by [`Cause::key`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub obstacles: Vec<String>,
    /// Of this month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Month>,
}

/// Columns that open invoices are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FailureSort {
    /// When it was seen last: the list's own order, newest first.
    LastSeen,
    /// Invoice number; those without one come last.
    Invoice,
    /// Customer number.
    Customer,
}

/// What an open invoice is known by even if it has no number yet: subscription, month, and what of them. Opaque to the
/// window.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct FailureKey(pub String);

impl FailureKey {
    /// The key under which the window knows this.
    pub(crate) fn of(key: &Key) -> Self {
        let what = key.subject.id().map(|id| format!(".{id}")).unwrap_or_default();
        Self(format!("{}.{}.{}{what}", key.subscription, key.period, key.subject.word()))
    }

    /// What the window means by it; none when it is no key.
    pub(crate) fn key(&self) -> Option<Key> {
        let mut parts = self.0.splitn(4, '.');
        let (subscription, period) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let (word, id) = (parts.next()?, parts.next().map(str::parse).transpose().ok()?);
        let subject = kontor::run::Subject::read(word, id).ok()?;
        Some(Key { subscription, period, subject })
    }
}

/// An invoice that did not get as far as an accepted mail.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct FailureRow {
    /// Its key.
    pub key: FailureKey,
    /// The invoice, where there is one.
    pub invoice: Option<NumberedInvoice>,
    /// The registration.
    pub registration: Uuid,
    /// Customer number.
    pub customer: String,
    /// Name of the customer.
    pub name: String,
    /// The customer's mail address.
    pub email: String,
    /// The month.
    pub period: Month,
    /// What it is about.
    pub subject: Subject,
    /// The group it belongs to.
    pub cause: Cause,
    /// Why it cannot run; none when it can.
    pub obstacle: Option<Cause>,
    /// Host of the last attempt; none when nobody ever tried.
    pub host: Option<String>,
    /// How often it was tried.
    pub attempts: i64,
    /// When it failed first.
    pub first_seen: Option<DateTime<Utc>>,
    /// When it failed last.
    pub last_seen: Option<DateTime<Utc>>,
    /// What was said then, word for word, addresses masked; shown on demand.
    pub message: Option<String>,
}

impl From<kontor::run::Subject> for Subject {
    fn from(subject: kontor::run::Subject) -> Self {
        match subject {
            kontor::run::Subject::Period => Self::Period,
            kontor::run::Subject::Cancellation(_) => Self::Cancellation,
            kontor::run::Subject::Resend(_) => Self::Resend,
        }
    }
}

/// What of a month something is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Its invoice.
    Period,
    /// A cancellation invoice.
    Cancellation,
    /// A mail that a person sends again.
    Resend,
}

#[cfg(test)]
mod tests {
    use kontor::run::Subject;

    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_told() {
        let (subscription, id) = (Uuid::now_v7(), Uuid::now_v7());
        let period = "2013-01-01".parse().expect("a day");
        for subject in [Subject::Period, Subject::Cancellation(id), Subject::Resend(id)] {
            let key = Key { subscription, period, subject };
            assert_eq!(FailureKey::of(&key).key(), Some(key));
        }
        for text in ["", "x.2013-01-01.period", &format!("{subscription}.2013-01-01.resend")] {
            assert_eq!(FailureKey(text.to_owned()).key(), None, "{text}");
        }
    }
}
