//! Findings: the groups, the list, one of them with its evidence, asking the rules, and putting findings aside.

mod about;
mod aside;
mod check;
mod detail;
mod groups;
mod list;
mod subjects;

pub(super) use list::{action, conditions, subject};
pub(super) use subjects::{Subjects, subjects};

use kontor::check::{Rule, Words, rules};

pub(super) use about::{by_severity, of_invoice, of_registration};

use super::{Answered, Handle};
use crate::finding::{Bilingual, RuleText, ShowRules};
use crate::list::{Destination, ListQuery};
use crate::office::Office;

impl Handle for ShowRules {
    async fn handle(self, _: &Office) -> Answered<Vec<RuleText>> {
        Ok(rules::ALL.iter().map(|rule| text(rule)).collect())
    }
}

/// A rule as it crosses.
fn text(rule: &Rule) -> RuleText {
    let both = |of: fn(&Words) -> &'static str| both(of(&rule.de), of(&rule.en));
    RuleText {
        id: rule.id.to_owned(),
        severity: severity(rule.severity),
        title: both(|words| words.title),
        what: both(|words| words.what),
        why: both(|words| words.why),
        how: both(|words| words.how),
        when_not: both(|words| words.when_not),
    }
}

/// A rule's short name. A rule of a newer program is called by its id.
pub(super) fn title(rule: &str) -> Bilingual {
    match rules::by_id(rule) {
        Ok(rule) => both(rule.de.title, rule.en.title),
        Err(_) => both(rule, rule),
    }
}

fn both(de: impl Into<String>, en: impl Into<String>) -> Bilingual {
    Bilingual { de: de.into(), en: en.into() }
}

fn severity(of: kontor::check::Severity) -> crate::finding::Severity {
    use crate::finding::Severity as Told;
    use kontor::check::Severity as Known;
    match of {
        Known::Critical => Told::Critical,
        Known::High => Told::High,
        Known::Medium => Told::Medium,
        Known::Info => Told::Info,
    }
}

/// The list of findings that match.
fn destination(filter: crate::finding::FindingFilter) -> Destination {
    Destination::List { query: ListQuery::Findings { filter, order: None } }
}
