//! One finding: its rule, what its repair would do, why the proposal holds, and what was made of it.

use kontor::check::{Proposal, finding, rules, words};

use super::super::repairs::{of_finding, planned_one};
use super::super::{Answered, Handle};
use super::list::rows_of;
use super::{both, text};
use crate::failure::{Failure, RecordKind};
use crate::finding::{Bilingual, EvidenceReason, FindingDetail, FindingRow, RuleText, ShowFinding};
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
            plan: planned_one(office, &open, self.id).await?,
            reasons: proposal.map(reasons).unwrap_or_default(),
            others: whole(&open, others).await?,
            repairs: of_finding(&open, self.id).await?,
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

fn reasons(proposal: &Proposal) -> Vec<EvidenceReason> {
    let each = |reason: &kontor::check::Reason| EvidenceReason {
        code: reason.code.clone(),
        text: Bilingual { de: words::reason(reason, true), en: words::noted(reason) },
        is_against: reason.against,
        params: reason.params.clone(),
    };
    proposal.reasons.iter().map(each).collect()
}
