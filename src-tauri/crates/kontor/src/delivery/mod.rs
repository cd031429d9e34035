//! Mails: the exact message is stored first, then sent once, and what became of it is evidence.
//!
//! Outcomes: `queued → sending → accepted | deferred | refused | unknown`, later perhaps `bounced`. A mail whose outcome
//! is unknown is never sent again by itself (RFC 1047). What this module leaves out: TLS, logins and several recipients.

pub mod address;
pub mod bounce;
pub mod evidence;
pub mod file;
pub mod list;
pub mod maillog;
pub mod message;
pub mod resend;
pub mod settle;
pub mod settlement;
pub mod smtp;
pub mod target;

pub use target::Target;

use crate::run::code::Refusal;

/// What is known of one mail after trying to send it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Where the knowledge comes from (`delivery_evidence.source`).
    pub source: &'static str,
    /// What it says.
    pub verdict: Verdict,
    /// Reply code of the mail server, if it gave one.
    pub reply_code: Option<i64>,
    /// Word for word, addresses masked.
    pub detail: String,
}

/// What the evidence says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The mail server took it over (or the file is there).
    Accepted,
    /// It was put off; it may be tried again.
    Deferred(&'static str),
    /// It was refused for good.
    Refused(&'static str),
    /// It may or may not have arrived.
    Unknown,
}

impl Verdict {
    /// The delivery's state that follows.
    pub fn state(&self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Deferred(_) => "deferred",
            Self::Refused(_) => "refused",
            Self::Unknown => "unknown",
        }
    }

    /// The normalised code that follows, none when it went well.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Accepted => None,
            Self::Deferred(code) | Self::Refused(code) => Some(code),
            Self::Unknown => Some(crate::run::code::OUTCOME_UNKNOWN),
        }
    }
}

impl Outcome {
    /// Accepted.
    pub fn accepted(source: &'static str, reply_code: Option<i64>, detail: impl Into<String>) -> Self {
        Self { source, verdict: Verdict::Accepted, reply_code, detail: detail.into() }
    }

    /// Put off before anything left the machine.
    pub fn deferred(source: &'static str, refusal: Refusal) -> Self {
        Self { source, verdict: Verdict::Deferred(refusal.code), reply_code: None, detail: refusal.detail }
    }
}
