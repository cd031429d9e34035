//! What a run would do, and how its mails would look. Writes nothing.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use kontor::run::{self, Covering as Texts, Plan, code};

use super::selected::{Selected, selected};
use crate::answer::failing::obstacle_of;
use crate::answer::failures::{count, counted, destination, failures};
use crate::answer::{Answered, Handle};
use crate::cause::Cause;
use crate::contact::Language;
use crate::failure::{Failure, Obstacle};
use crate::list::Destination;
use crate::office::{Office, Open, text_fault};
use crate::page::Selection;
use crate::run::{
    Covering, CoveringPreview, FailureFilter, MailSample, PlanRun, PlannedGroup, PreviewCovering, Refusal, RunPlan,
    RunSelection,
};

/// Numbers told of each refusal.
const EXAMPLES: usize = 3;

impl Handle for PlanRun {
    async fn handle(self, office: &Office) -> Answered<RunPlan> {
        let open = office.open()?;
        let (selected, plan, issue_on) = planned(&open, &self.selection, self.issue_on).await?;
        let refusals = refusals(&open, &self.selection, &selected, &plan).await?;
        let eligible = whole(plan.eligible);
        let ineligible = whole(plan.ineligible) + counted(selected.cancelled.len());
        let groups = plan.groups.iter().filter(|group| group.eligible > 0);
        Ok(RunPlan {
            chosen: eligible + ineligible,
            eligible,
            ineligible,
            refusals,
            mails: eligible,
            stored_mails: whole(run::stored_mails(&open.store, &plan).await?),
            groups: groups
                .map(|group| PlannedGroup { cause: Cause::read(&group.code), count: whole(group.eligible) })
                .collect(),
            issue_on,
            mail_target: open.crew.target_name(),
        })
    }
}

impl Handle for PreviewCovering {
    async fn handle(self, office: &Office) -> Answered<CoveringPreview> {
        let open = office.open()?;
        let texts = texts(&self.covering)?;
        let (_, plan, issue_on) = planned(&open, &self.selection, self.issue_on).await?;
        let shown = run::preview(&open.store, &plan, &texts, issue_on).await?;
        let samples = shown.preview.into_iter().map(|sample| MailSample {
            language: if sample.language == "en" { Language::En } else { Language::De },
            invoice: sample.invoice,
            subject: sample.subject,
            text: sample.text,
        });
        Ok(CoveringPreview { samples: samples.collect(), stored_mails: whole(shown.stored_mails) })
    }
}

/// The texts of a run, checked.
pub(super) fn texts(covering: &Covering) -> Answered<Texts> {
    let check = |field: &str, text: &str| {
        kontor::delivery::message::covering(text).map_err(|unfit| Failure::invalid(field, text_fault(&unfit)))
    };
    let text = check("text", &covering.text)?;
    let english = covering.text_en.as_deref().filter(|text| !text.trim().is_empty());
    let english = english.map(|english| check("text_en", english)).transpose()?;
    Ok(Texts { text, english })
}

async fn planned(
    open: &Open,
    selection: &RunSelection,
    issue_on: Option<NaiveDate>,
) -> Answered<(Selected, Plan, NaiveDate)> {
    let selected = selected(open, selection).await?;
    let issue_on = match issue_on {
        Some(day) => day,
        None => open.store.today().await?,
    };
    run::check_dates(&open.store, selected.selection.period(), issue_on).await?;
    let plan = run::plan(&open.store, &selected.selection, issue_on).await?;
    Ok((selected, plan, issue_on))
}

/// Why what was chosen cannot run, the most frequent first.
async fn refusals(open: &Open, selection: &RunSelection, selected: &Selected, plan: &Plan) -> Answered<Vec<Refusal>> {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for candidate in &plan.candidates {
        if let Some(code) = candidate.obstacle {
            reasons.entry(code).or_default().push(&candidate.label);
        }
    }
    let mut refusals = Vec::with_capacity(reasons.len() + 1);
    for (code, labels) in reasons {
        let count = counted(labels.len());
        refusals.push(Refusal {
            obstacle: obstacle_of(code),
            count,
            destination: behind(open, selection, code, count).await?,
            examples: labels.into_iter().filter(|label| !label.is_empty()).take(EXAMPLES).map(str::to_owned).collect(),
        });
    }
    if !selected.cancelled.is_empty() {
        refusals.push(Refusal {
            obstacle: Obstacle::Cause { cause: Cause::read(code::INVOICE_CANCELLED) },
            count: counted(selected.cancelled.len()),
            destination: None,
            examples: selected.cancelled.iter().take(EXAMPLES).cloned().collect(),
        });
    }
    refusals.sort_by_key(|refusal| std::cmp::Reverse(refusal.count));
    Ok(refusals)
}

/// The list of what cannot run for this reason; none where no filter has exactly these rows.
async fn behind(open: &Open, selection: &RunSelection, code: &str, rows: i64) -> Answered<Option<Destination>> {
    let mut filter = match selection {
        RunSelection::Everything => FailureFilter::default(),
        RunSelection::Failures { failures: Selection::All { filter, .. } } => filter.clone(),
        _ => return Ok(None),
    };
    filter.obstacles = vec![code.to_owned()];
    let known = failures(open).await?;
    Ok((count(&known, &filter) == rows).then(|| destination(filter)))
}

/// A count as it crosses.
pub(super) fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
