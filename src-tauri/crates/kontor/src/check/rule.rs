//! A rule: what it is called, how much it matters, the words that explain it, and how it is found.

use serde::{Deserialize, Serialize};

use super::passes::Pass;
use super::question::Question;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The record is neither invoiced nor mailed until it is resolved (`quarantine`).
    Critical,
    /// Money, a document or a mail is wrong.
    High,
    /// A person should look at it.
    Medium,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// The word in the database and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Info => "info",
        }
    }
}

/// A rule's words in one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Words {
    /// A short name.
    pub title: &'static str,
    /// What is wrong.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// How it is repaired.
    pub how: &'static str,
    /// When it is not repaired.
    #[serde(rename = "not")]
    pub when_not: &'static str,
}

/// A rule.
#[derive(Debug, Serialize)]
pub struct Rule {
    /// Its id, which never changes.
    pub id: &'static str,
    /// How much a finding matters.
    pub severity: Severity,
    /// German.
    pub de: Words,
    /// English.
    pub en: Words,
    /// How it is found.
    #[serde(skip)]
    pub(super) method: Method,
}

impl Rule {
    /// Whether it leaves alone what is so young that it may still be in work.
    pub(super) fn waits(&self) -> bool {
        matches!(&self.method, Method::Ask(question) if question.waits())
    }
}

/// How the violations of a rule are found.
#[derive(Debug)]
pub(super) enum Method {
    /// By one set-based question to the database.
    Ask(Question),
    /// In passes over rows or documents, which serve several rules at once.
    Pass(&'static [Pass]),
}
