//! The damage of a host, in the words of the contract.

use std::collections::BTreeMap;

use kontor::damage::{self, Entry, Findings, PaperState, Refused, Scope, Source, Traced};
use kontor::identity::Process;
use kontor::period::Period;

use super::obstacles::of_code;
use super::repairs::{STAGED, cancelled, obstacle};
use super::stored::word;
use super::{Answered, Handle, asked_reason};
use crate::damage::{
    DamagePage, DamagePlan, DamageRow, DamageRule, DamageScope, DamageSource, DamageStaged, ExamineDamage, HostDamage,
    ListDamage, PaperProof, PlanDamage, ShowDamage, StageDamage,
};
use crate::event::Part;
use crate::failure::{Failure, Fault};
use crate::finding::{Certainty, FindingFilter, Severity};
use crate::job::{Job, JobKind, JobOutcome, JobStage, JobStageName};
use crate::list::{Destination, Figure, ListQuery};
use crate::month::Month;
use crate::office::{JobHandle, Office, Open};
use crate::repair::RepairRefusal;
use crate::run::{FailureFilter, Refusal};

/// Records in a page at most.
const MOST: i64 = 500;

impl From<Scope> for DamageScope {
    fn from(of: Scope) -> Self {
        Self { host: of.host, from: of.from, to: of.to }
    }
}

impl From<DamageScope> for Scope {
    fn from(of: DamageScope) -> Self {
        Self { host: of.host, from: of.from, to: of.to }
    }
}

impl Handle for ShowDamage {
    async fn handle(self, office: &Office) -> Answered<HostDamage> {
        let open = office.open()?;
        if self.from.is_some() != self.to.is_some() {
            let missing = if self.from.is_some() { "day_to" } else { "day_from" };
            return Err(Failure::invalid(missing, Fault::Required).into());
        }
        if let Some((from, _)) = self.from.zip(self.to).filter(|(from, to)| from > to) {
            return Err(Failure::invalid("day_to", Fault::TooEarly { earliest: from }).into());
        }
        let traced = damage::trace(&open.store, &self.host, self.from.zip(self.to)).await?;
        let found = damage::of(&open.store, &traced.scope).await?;
        Ok(told(traced, &found))
    }
}

fn told(Traced { scope, source }: Traced, of: &damage::Damage) -> HostDamage {
    let scope = DamageScope::from(scope);
    let filter = FailureFilter { hosts: vec![scope.host.clone()], ..FailureFilter::default() };
    let all = FindingFilter { written_by: Some(scope.clone()), ..FindingFilter::default() };
    let open = of.findings.iter().map(|one| one.count - one.aside).sum();
    HostDamage {
        source: match source {
            Source::Days => DamageSource::Days,
            Source::Withdrawal => DamageSource::Withdrawal,
            Source::Cause => DamageSource::Cause,
        },
        attempts: whole(of.attempts),
        invoices: whole(of.invoices),
        documents: whole(of.documents),
        mails: whole(of.mails),
        numbers: whole(of.numbers),
        customers: whole(of.customers),
        proven: whole(of.papers.proven),
        otherwise: whole(of.papers.otherwise),
        unproven: whole(of.papers.unproven),
        undrawable: whole(of.papers.undrawable),
        can_run: whole(of.failures.eligible),
        cannot_run: whole(of.failures.reasons.values().sum()),
        failures: Destination::List { query: ListQuery::Failures { filter, order: None } },
        findings: figure(open, all),
        rules: of.findings.iter().filter(|one| one.count > one.aside).map(|one| rule(one, &scope)).collect(),
        scope,
    }
}

fn figure(count: u64, filter: FindingFilter) -> Figure {
    let destination = Destination::List { query: ListQuery::Findings { filter, order: None } };
    Figure { count: whole(count), destination }
}

fn rule(of: &Findings, scope: &DamageScope) -> DamageRule {
    let evidence: Certainty = word(&of.evidence).unwrap_or(Certainty::None);
    let filter = FindingFilter {
        rules: vec![of.rule.clone()],
        evidences: vec![evidence],
        written_by: Some(scope.clone()),
        ..FindingFilter::default()
    };
    DamageRule {
        title: super::findings::title(&of.rule),
        severity: word(&of.severity).unwrap_or(Severity::High),
        evidence,
        findings: figure(of.count - of.aside, filter),
        staged: whole(of.staged),
    }
}

impl Handle for ListDamage {
    async fn handle(self, office: &Office) -> Answered<DamagePage> {
        let open = office.open()?;
        let limit = self.limit.clamp(1, MOST);
        let entries = damage::list(&open.store, &self.scope.into(), self.after, limit.unsigned_abs()).await?;
        let is_full = entries.len() as u64 == limit.unsigned_abs();
        let next = entries.last().filter(|_| is_full).map(|entry| entry.attempt);
        Ok(DamagePage { rows: entries.into_iter().map(row).collect(), next })
    }
}

fn row(of: Entry) -> DamageRow {
    DamageRow {
        attempt: of.attempt,
        label: of.number.or(of.customer),
        invoice: of.invoice,
        period: Month(Period::containing(of.period)),
        step: of.step,
        at: of.at,
        has_failed: of.failed.is_some(),
        findings: of.findings.iter().map(|rule| super::findings::title(rule)).collect(),
        paper: of.paper.map(|paper| match paper {
            PaperState::Proven => PaperProof::Proven,
            PaperState::Otherwise => PaperProof::Otherwise,
            PaperState::Unproven => PaperProof::Unproven,
            PaperState::Undrawable => PaperProof::Undrawable,
        }),
    }
}

impl Handle for ExamineDamage {
    async fn handle(self, office: &Office) -> Answered<Job> {
        let open = office.open()?;
        let process = Process { host: office.actor(uuid::Uuid::nil()).desk, ..Process::this() };
        let stage = |name| JobStage { name, done: 0, total: None };
        let stages = vec![stage(JobStageName::Documents), stage(JobStageName::Rules)];
        let (office, scope) = (office.clone(), Scope::from(self.scope));
        Ok(office.clone().jobs().start(JobKind::Examine, stages, move |job| async move {
            let cancel = cancelled(&job);
            let mut tell = |far| far_told(&job, &far);
            let examined = damage::examine(&open.store, &process, &scope, &cancel, &mut tell).await;
            office.changed(&[Part::Findings]);
            let examined = examined?;
            if examined.stopped {
                return Ok(JobOutcome::Cancelled);
            }
            Ok(JobOutcome::Examined {
                drawn: whole(examined.drawn),
                same: whole(examined.same),
                otherwise: whole(examined.otherwise),
                undrawable: whole(examined.undrawable),
                open: whole(examined.findings.unwrap_or_default()),
            })
        }))
    }
}

fn far_told(job: &JobHandle, far: &damage::Far) {
    match far {
        damage::Far::Drawn(done, total) => job.report(JobStageName::Documents, whole(*done), Some(whole(*total))),
        damage::Far::Rules(far) => job.report(JobStageName::Rules, whole(far.done), Some(whole(far.total))),
    }
}

impl Handle for PlanDamage {
    async fn handle(self, office: &Office) -> Answered<DamagePlan> {
        let open = office.open()?;
        let plan = damage::plan(&open.store, &self.scope.into()).await?;
        Ok(DamagePlan {
            repairs: whole(plan.repairs),
            staged_already: whole(plan.staged_already),
            refusals: refusals(&plan.refused),
            invoices: whole(plan.invoices),
            not_possible: not_possible(&plan.not_possible),
            mail_target: open.crew.target_name(),
        })
    }
}

impl Handle for StageDamage {
    async fn handle(self, office: &Office) -> Answered<DamageStaged> {
        let reason = asked_reason(&self.reason)?;
        let open = office.open()?;
        let scope = self.scope.into();
        // The run mails; whoever has no target is told before anything is written. Repairs alone need none.
        if let Err(missing) = mail_ready(&open)
            && damage::plan(&open.store, &scope).await?.invoices > 0
        {
            return Err(missing);
        }
        let actor = office.actor(self.request_id);
        let staged = damage::stage(&open.store, &actor, &scope, &reason).await?;
        if let Some(run) = staged.run {
            open.crew.work_on(run, true)?;
        }
        office.changed(&STAGED);
        office.changed(&[Part::Runs, Part::Failures, Part::Journal]);
        Ok(DamageStaged {
            staged: whole(staged.staged),
            refusals: refusals(&staged.refused),
            run: staged.run,
            invoices: whole(staged.invoices),
            not_possible: not_possible(&staged.not_possible),
        })
    }
}

fn mail_ready(open: &Open) -> Answered<()> {
    open.crew.target()?.ready()?;
    Ok(())
}

fn refusals(all: &[Refused]) -> Vec<RepairRefusal> {
    all.iter().map(|one| RepairRefusal { obstacle: obstacle(&one.obstacle), count: whole(one.count) }).collect()
}

fn not_possible(counts: &BTreeMap<String, u64>) -> Vec<Refusal> {
    let one = |(code, count): (&String, &u64)| Refusal {
        obstacle: of_code(code),
        count: whole(*count),
        destination: None,
        examples: Vec::new(),
    };
    counts.iter().map(one).collect()
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
