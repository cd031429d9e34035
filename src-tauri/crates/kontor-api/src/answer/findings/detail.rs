//! One finding: its rule, old and new per field, and why the proposal holds.

use kontor::check::{Proposal, finding, rules, words};

use super::super::{Answered, Handle};
use super::list::{rows_of, subject};
use super::subjects::subjects;
use super::{both, text};
use crate::failure::{Failure, RecordKind};
use crate::finding::{
    Bilingual, CandidateValue, EvidenceReason, FindingDetail, FindingRow, FlippedBit, ProposedChange, RuleText,
    ShowFinding,
};
use crate::office::{Office, Open};
use crate::page::Stored;

impl Handle for ShowFinding {
    async fn handle(self, office: &Office) -> Answered<FindingDetail> {
        let open = office.open()?;
        let missing = || Failure::not_found(RecordKind::Finding, self.id);
        let row = whole(&open, vec![self.id]).await?.pop().ok_or_else(missing)?;
        let known = finding::by_id(open.store.read(), self.id).await?;
        let others = finding::of_row(open.store.read(), &known.table, &known.row).await?;
        let others = others.into_iter().map(|other| other.id).filter(|id| *id != self.id).collect();
        let proposal = known.proposal.as_ref();
        Ok(FindingDetail {
            rule: rule(&row),
            target: target(&open, proposal).await?,
            changes: proposal.map(|proposal| changes(&known, proposal)).unwrap_or_default(),
            candidates: proposal.map(candidates).unwrap_or_default(),
            reasons: proposal.map(reasons).unwrap_or_default(),
            others: whole(&open, others).await?,
            row,
        })
    }
}

/// Those of these findings that can be read, what matters most first.
pub(super) async fn whole(open: &Open, ids: Vec<uuid::Uuid>) -> Answered<Vec<FindingRow>> {
    let mut rows: Vec<FindingRow> = rows_of(open, ids)
        .await?
        .into_values()
        .filter_map(|row| match row {
            Stored::Whole(row) => Some(row),
            Stored::Unreadable(_) => None,
        })
        .collect();
    rows.sort_by_key(|row| (row.severity, row.opened_at, row.id));
    Ok(rows)
}

/// The rule's words. Of a rule of a newer program only its id is known.
fn rule(row: &FindingRow) -> RuleText {
    let unknown = || RuleText {
        id: row.rule.clone(),
        severity: row.severity,
        title: row.title.clone(),
        what: both("", ""),
        why: both("", ""),
        how: both("", ""),
        when_not: both("", ""),
    };
    rules::by_id(&row.rule).map_or_else(|_| unknown(), text)
}

async fn target(open: &Open, proposal: Option<&Proposal>) -> Answered<Option<crate::finding::FindingSubject>> {
    let Some(target) = proposal.and_then(|proposal| proposal.target.clone()) else { return Ok(None) };
    let known = subjects(open, &[(target.table.clone(), target.row.clone())]).await?;
    Ok(Some(subject(&known, target.table, target.row)))
}

fn changes(finding: &finding::Finding, proposal: &Proposal) -> Vec<ProposedChange> {
    let change = |field: &str, new: Option<&String>| {
        let old = finding.current.clone().filter(|_| finding.field.as_deref() == Some(field));
        let bit = old.as_ref().zip(new).and_then(|(old, new)| flipped(old, new));
        ProposedChange { field: field.to_owned(), old, new: new.cloned(), bit }
    };
    if proposal.changes.is_empty() {
        let value = finding.field.as_deref().zip(proposal.value.as_ref());
        return value.map(|(field, value)| change(field, Some(value))).into_iter().collect();
    }
    proposal.changes.iter().map(|each| change(&each.field, each.value.as_ref())).collect()
}

/// The one bit in which two texts differ.
fn flipped(old: &str, new: &str) -> Option<FlippedBit> {
    let (old, new) = (old.as_bytes(), new.as_bytes());
    if old.len() != new.len() {
        return None;
    }
    let mut different = old.iter().zip(new).enumerate().filter(|(_, (old, new))| old != new);
    let (byte, (old, new)) = different.next()?;
    let bits = old ^ new;
    let is_one = bits.is_power_of_two() && different.next().is_none();
    is_one.then(|| FlippedBit { byte: i64::try_from(byte).unwrap_or(i64::MAX), bit: bits.trailing_zeros().into() })
}

fn candidates(proposal: &Proposal) -> Vec<CandidateValue> {
    let each = |candidate: &kontor::check::Candidate| CandidateValue {
        value: candidate.value.clone(),
        from: candidate.from.clone(),
    };
    proposal.candidates.iter().map(each).collect()
}

fn reasons(proposal: &Proposal) -> Vec<EvidenceReason> {
    let each = |reason: &kontor::check::Reason| EvidenceReason {
        code: reason.code.clone(),
        text: Bilingual { de: words::reason(reason, true), en: words::reason(reason, false) },
        is_against: reason.against,
        params: reason.params.clone(),
    };
    proposal.reasons.iter().map(each).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bit_is_found_and_two_are_not() {
        assert_eq!(flipped("Maier", "Mayer"), Some(FlippedBit { byte: 2, bit: 4 }));
        assert_eq!(flipped("Maier", "Maier"), None);
        assert_eq!(flipped("Maier", "Meyer"), None);
        assert_eq!(flipped("Mai", "Maier"), None);
    }
}
