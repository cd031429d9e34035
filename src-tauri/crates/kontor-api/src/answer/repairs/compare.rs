//! A repair beside what became of its record: before, what it wants, and what is stored now.

use chrono::{DateTime, Utc};
use kontor::journal;
use kontor::repair::{self, Compared, Difference};
use kontor::store::entities::repairs;
use sea_orm::EntityTrait;

use super::super::findings::{subject, subjects};
use super::super::stored::word;
use super::super::{Answered, Handle};
use crate::failure::{ConflictField, Failure, RecordKind};
use crate::office::{Office, Open};
use crate::page::By;
use crate::repair::{CompareRepair, RepairConflict, RepairState};

impl Handle for CompareRepair {
    async fn handle(self, office: &Office) -> Answered<RepairConflict> {
        let open = office.open()?;
        let missing = || Failure::not_found(RecordKind::Repair, self.id);
        let kept = repairs::Entity::find_by_id(self.id).one(open.store.read()).await?.ok_or_else(missing)?;
        let compared = repair::compare(&open.store, self.id).await?;
        let known = subjects(&open, &[(compared.table.clone(), compared.row.clone())]).await?;
        let newest = newest(&open, &compared).await?;
        let changed_at = match &newest {
            Some((_, at)) => Some(*at),
            None => compared.written_at.filter(|at| *at > compared.since),
        };
        Ok(RepairConflict {
            finding: kept.finding_id,
            state: word(&kept.state).unwrap_or(RepairState::Refused),
            changed_by: newest.map(|(by, _)| by),
            changed_at,
            subject: subject(&known, compared.table, compared.row),
            fields: compared.fields.into_iter().map(field).collect(),
        })
    }
}

/// The last entry about the record since then: whoever wrote it changed the record, or somebody outside Kontor did.
async fn newest(open: &Open, compared: &Compared) -> Answered<Option<(By, DateTime<Utc>)>> {
    let entries = journal::of_record(open.store.read(), &compared.table, &compared.row).await?;
    let last = entries.into_iter().rfind(|entry| entry.written_at > compared.since);
    Ok(last.map(|entry| (By { person: entry.person, desk: entry.desk }, entry.written_at)))
}

fn field(of: Difference) -> ConflictField {
    let is_overlapping = of.mine != of.before && of.now != of.before && of.mine != of.now;
    ConflictField { is_overlapping, field: of.field, before: of.before, mine: of.mine, now: of.now }
}
