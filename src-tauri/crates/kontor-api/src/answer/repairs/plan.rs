//! What repairs would do: one by one for as many as a screen shows, in figures for all of them.

use std::collections::{HashMap, HashSet};

use kontor::repair::{self, Effect, Plan};
use kontor::store::entities::repairs;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::super::findings::{Subjects, action, subject, subjects, title};
use super::super::stored::word;
use super::super::{Answered, Handle};
use super::words::{change, effect, obstacle};
use super::{chosen, whole};
use crate::finding::{CandidateValue, Certainty, Severity};
use crate::office::{Office, Open};
use crate::page::By;
use crate::repair::{PlanRepairs, PlannedRepair, RepairChoice, RepairPlan, RepairRefusal, RepairTotals, StagedRepair};

impl Handle for PlanRepairs {
    async fn handle(self, office: &Office) -> Answered<RepairPlan> {
        let open = office.open()?;
        let person = office.actor(Uuid::nil()).person;
        let is_staged = matches!(self.choice, RepairChoice::Staged { .. });
        let chosen = chosen(&open, self.choice).await?;
        let plans = repair::plan(&open.store, &chosen.orders).await?;
        let staged = if is_staged { by_finding(chosen.staged) } else { staged_for(&open, &plans).await? };
        let mut plans = together(plans);
        if !is_staged {
            // What is on the list already is not put there again.
            for plan in plans.iter_mut().filter(|plan| plan.obstacle.is_none() && staged.contains_key(&plan.finding)) {
                plan.obstacle = Some(repair::Obstacle::StagedAlready);
            }
        }
        let mut totals = totals(&plans, chosen.unproven);
        totals.mine = whole(staged.values().filter(|row| is_staged && row.person == person).count());
        let refusals = refusals(&plans);
        plans.truncate(usize::try_from(self.limit.max(0)).unwrap_or(usize::MAX));
        let subjects = subjects(&open, &about(&plans)).await?;
        let told = plans.into_iter().map(|plan| planned(plan, &subjects, &staged, &person)).collect();
        Ok(RepairPlan { totals, refusals, repairs: told })
    }
}

/// What the repair of one finding would do, as it is shown with it.
pub(in super::super) async fn planned_one(office: &Office, open: &Open, finding: Uuid) -> Answered<PlannedRepair> {
    let person = office.actor(Uuid::nil()).person;
    let mut plans = repair::plan(&open.store, &[repair::Order::named(finding)]).await?;
    let staged = staged_for(open, &plans).await?;
    if let Some(row) = staged.get(&finding) {
        // What is staged is what this person wanted, not what would be proposed.
        plans = repair::plan(&open.store, &repair::orders(std::slice::from_ref(row))).await?;
    }
    let subjects = subjects(open, &about(&plans)).await?;
    let plan = plans.pop().ok_or_else(|| crate::failure::Failure::unexpected("a finding without a plan"))?;
    Ok(planned(plan, &subjects, &staged, &person))
}

fn about(plans: &[Plan]) -> Vec<(String, String)> {
    plans.iter().map(|plan| (plan.table.clone(), plan.row.clone())).collect()
}

fn by_finding(rows: Vec<repairs::Model>) -> HashMap<Uuid, repairs::Model> {
    rows.into_iter().filter_map(|row| Some((row.finding_id?, row))).collect()
}

async fn staged_for(open: &Open, plans: &[Plan]) -> Answered<HashMap<Uuid, repairs::Model>> {
    let mut staged = HashMap::new();
    for part in plans.chunks(500) {
        let of_these = repairs::Column::FindingId.is_in(part.iter().map(|plan| plan.finding));
        let query = repairs::Entity::find().filter(of_these).filter(repairs::Column::State.eq("staged"));
        staged.extend(by_finding(query.all(open.store.read()).await?));
    }
    Ok(staged)
}

/// Those of one record stand together, in the order in which the records come first.
fn together(plans: Vec<Plan>) -> Vec<Plan> {
    let mut records: HashMap<(String, String), usize> = HashMap::new();
    let mut placed: Vec<(usize, Plan)> = Vec::with_capacity(plans.len());
    for plan in plans {
        let next = records.len();
        let place = *records.entry((plan.table.clone(), plan.row.clone())).or_insert(next);
        placed.push((place, plan));
    }
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, plan)| plan).collect()
}

fn totals(plans: &[Plan], unproven: usize) -> RepairTotals {
    let able: Vec<&Plan> = plans.iter().filter(|plan| plan.obstacle.is_none()).collect();
    let records = |is_meant: &dyn Fn(&Plan) -> bool| {
        let meant = able.iter().filter(|plan| is_meant(plan));
        whole(meant.map(|plan| (plan.table.as_str(), plan.row.as_str())).collect::<HashSet<_>>().len())
    };
    // Two findings about one invoice end in one run, and in one mail.
    let with = |effect: Effect| records(&|plan| plan.effects.contains(&effect));
    RepairTotals {
        repairs: whole(plans.len()),
        able: whole(able.len()),
        records: records(&|plan| !plan.fields.is_empty()),
        fields: whole(able.iter().map(|plan| plan.fields.len()).sum()),
        mails: with(Effect::Mail),
        drawn: with(Effect::Drawn),
        cancellations: with(Effect::Cancellation),
        finals: whole(able.iter().filter(|plan| plan.effects.contains(&Effect::Final)).count()),
        unproven: whole(unproven),
        mine: 0,
    }
}

fn refusals(plans: &[Plan]) -> Vec<RepairRefusal> {
    let mut refusals: Vec<RepairRefusal> = Vec::new();
    for obstacle in plans.iter().filter_map(|plan| plan.obstacle.as_ref()).map(obstacle) {
        match refusals.iter_mut().find(|refusal| refusal.obstacle == obstacle) {
            Some(refusal) => refusal.count += 1,
            None => refusals.push(RepairRefusal { obstacle, count: 1 }),
        }
    }
    refusals.sort_by_key(|refusal| std::cmp::Reverse(refusal.count));
    refusals
}

fn planned(plan: Plan, subjects: &Subjects, staged: &HashMap<Uuid, repairs::Model>, person: &str) -> PlannedRepair {
    let candidate = |of: &kontor::check::Candidate| CandidateValue { value: of.value.clone(), from: of.from.clone() };
    let staged = staged.get(&plan.finding).map(|row| StagedRepair {
        repair: row.id,
        by: By { person: row.person.clone(), desk: row.desk.clone() },
        at: row.staged_at,
        value: row.value.clone(),
        is_mine: row.person == person,
    });
    PlannedRepair {
        finding: plan.finding,
        title: title(&plan.rule),
        rule: plan.rule,
        severity: word(&plan.severity).unwrap_or(Severity::Info),
        subject: subject(subjects, plan.table, plan.row),
        action: plan.action.map(action),
        evidence: word(plan.evidence.word()).unwrap_or(Certainty::None),
        fields: plan.fields.into_iter().map(|field| change(&field.field, field.old, field.new)).collect(),
        effects: plan.effects.into_iter().filter_map(effect).collect(),
        is_undoable: plan.undoable,
        candidates: plan.candidates.iter().map(candidate).collect(),
        takes_value: plan.takes_value,
        obstacle: plan.obstacle.as_ref().map(obstacle),
        staged,
    }
}
