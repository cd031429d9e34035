//! Causes, in the words of the contract.

use kontor::cause::{Attribute, Cause, Level, Named, Span, causes, words};
use kontor::check::Reason;

use super::{Answered, Handle};
use crate::causes::{CauseDays, CauseLevel, CauseValue, FoundCause, FoundCauses, ShowCauses};
use crate::failure::{Failure, Fault};
use crate::finding::Bilingual;
use crate::list::{Destination, ListQuery};
use crate::office::Office;
use crate::run::FailureFilter;

impl Handle for ShowCauses {
    async fn handle(self, office: &Office) -> Answered<FoundCauses> {
        let open = office.open()?;
        if let Some((from, _)) = self.from.zip(self.to).filter(|(from, to)| from > to) {
            return Err(Failure::invalid("day_to", Fault::TooEarly { earliest: from }).into());
        }
        let found = causes(&open.store, Span { from: self.from, to: self.to }).await?;
        Ok(FoundCauses {
            attempts: whole(found.attempts),
            failures: whole(found.failures),
            causes: found.causes.into_iter().map(told).collect(),
        })
    }
}

fn told(cause: Cause) -> FoundCause {
    #[expect(clippy::cast_possible_truncation, reason = "a share lies between nought and one")]
    let elsewhere_per_mille = (cause.baseline * 1_000.0).round() as i64;
    FoundCause {
        affected: affected(&cause.named),
        at: value(&cause.named),
        level: level(cause.level),
        failures: whole(cause.failures),
        attempts: whole(cause.attempts),
        elsewhere_per_mille,
        days: cause.window.map(|days| CauseDays { from: days.from, to: days.to }),
        explained_by: cause.explained_by.as_ref().map(value),
        inseparable: cause.inseparable.iter().map(value).collect(),
        signs: cause.signs.iter().map(|sign| both(words::sign(*sign, true), words::sign(*sign, false))).collect(),
        evidence: said(&cause.evidence),
        against: said(&cause.against),
    }
}

/// The list of open invoices, where it can be narrowed to the cause.
fn affected(named: &Named) -> Option<Destination> {
    let filter = match named.attribute {
        Attribute::Host => FailureFilter { hosts: vec![named.value.clone()], ..FailureFilter::default() },
        _ => return None,
    };
    Some(Destination::List { query: ListQuery::Failures { filter, order: None } })
}

fn value(named: &Named) -> CauseValue {
    let name = both(words::attribute(named.attribute, true), words::attribute(named.attribute, false));
    CauseValue { attribute: named.attribute.word().to_owned(), name, value: named.value.clone() }
}

fn level(level: Level) -> CauseLevel {
    match level {
        Level::TooFew => CauseLevel::TooFew,
        Level::Uneven => CauseLevel::Uneven,
        Level::PointsTo => CauseLevel::PointsTo,
        Level::HardwareSuspected => CauseLevel::HardwareSuspected,
        Level::Confirmed => CauseLevel::Confirmed,
    }
}

fn said(reasons: &[Reason]) -> Vec<Bilingual> {
    reasons.iter().map(|reason| both(words::reason(reason, true), words::noted(reason))).collect()
}

fn both(de: impl Into<String>, en: impl Into<String>) -> Bilingual {
    Bilingual { de: de.into(), en: en.into() }
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
