//! From a cause to its damage: what a host had in hand in its bad time, drawing it again here, and putting it right in one go.
//!
//! What this module leaves out: taking a host out of service, and the repairs and runs that follow.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::finding::{Bilingual, Certainty, Severity};
use crate::list::{Destination, Figure};
use crate::month::Month;
use crate::repair::RepairRefusal;
use crate::run::Refusal;

/// A host and the time in which nothing that it did is trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DamageScope {
    /// The host.
    pub host: String,
    /// From then on.
    pub from: DateTime<Utc>,
    /// Up to then, without it.
    pub to: DateTime<Utc>,
}

/// Where the time comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DamageSource {
    /// A person named the days.
    Days,
    /// The host is out of service.
    Withdrawal,
    /// The days in which failures concentrate there.
    Cause,
}

/// What a host had in hand in its bad time. Without days that is its open withdrawal, or else the days of its cause.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ShowDamage {
    /// The host.
    pub host: String,
    /// First day at the office; both or neither.
    #[ts(optional)]
    pub from: Option<NaiveDate>,
    /// Last day.
    #[ts(optional)]
    pub to: Option<NaiveDate>,
}

/// What a host had in hand in its bad time, and what is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct HostDamage {
    /// Host and time.
    pub scope: DamageScope,
    /// Where the time comes from.
    pub source: DamageSource,
    /// Attempts.
    pub attempts: i64,
    /// Invoices that they had in hand.
    pub invoices: i64,
    /// Stored originals of these.
    pub documents: i64,
    /// Mails of these.
    pub mails: i64,
    /// Numbers that the host took.
    pub numbers: i64,
    /// Customers whose invoices these are, or were to be.
    pub customers: i64,
    /// Documents that another host drew the same.
    pub proven: i64,
    /// Documents that another host drew otherwise.
    pub otherwise: i64,
    /// Documents that nobody else has drawn.
    pub unproven: i64,
    /// Documents that cannot be drawn again.
    pub undrawable: i64,
    /// Open invoices that can run.
    pub can_run: i64,
    /// Open invoices that cannot.
    pub cannot_run: i64,
    /// The open invoices that failed last on this host.
    pub failures: Destination,
    /// Open findings about what was in hand.
    pub findings: Figure,
    /// The same by rule and evidence.
    pub rules: Vec<DamageRule>,
}

/// Open findings of one rule with the same evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct DamageRule {
    /// The rule's short name.
    pub title: Bilingual,
    /// How much they matter.
    pub severity: Severity,
    /// How sure their proposals are.
    pub evidence: Certainty,
    /// How many.
    pub findings: Figure,
    /// Of these, how many are staged.
    pub staged: i64,
}

/// The records that were in hand, a page.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ListDamage {
    /// Host and time.
    pub scope: DamageScope,
    /// Behind this attempt; none begins.
    pub after: Option<Uuid>,
    /// How many at most.
    pub limit: i64,
}

/// A page of records that were in hand.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct DamagePage {
    /// The records, in the order in which they were in hand last.
    pub rows: Vec<DamageRow>,
    /// Behind which attempt the next page begins; none where there is none.
    pub next: Option<Uuid>,
}

/// What is known of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PaperProof {
    /// Another host drew the same bytes.
    Proven,
    /// Another host drew other bytes.
    Otherwise,
    /// Nobody else has drawn it; this program can.
    Unproven,
    /// There is nothing to draw it from, or another version drew it.
    Undrawable,
}

/// A record that was in hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct DamageRow {
    /// The last attempt that had it in hand there.
    pub attempt: Uuid,
    /// The invoice's number, or else the customer's.
    pub label: Option<String>,
    /// The invoice.
    pub invoice: Option<Uuid>,
    /// Its month.
    pub period: Month,
    /// The step at which the attempt ended.
    pub step: String,
    /// When it began.
    pub at: DateTime<Utc>,
    /// Whether it failed.
    pub has_failed: bool,
    /// What the rules find about the record.
    pub findings: Vec<Bilingual>,
    /// What is known of its document; none where there is none.
    pub paper: Option<PaperProof>,
}

/// Draws each document of a scope again at this desk and asks all rules, as a job.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ExamineDamage {
    /// Host and time.
    pub scope: DamageScope,
}

/// What putting damage right in one go would do.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct PlanDamage {
    /// Host and time.
    pub scope: DamageScope,
}

/// What putting damage right in one go would do.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct DamagePlan {
    /// Repairs that would be staged.
    pub repairs: i64,
    /// Findings that are staged already.
    pub staged_already: i64,
    /// Why others are not staged.
    pub refusals: Vec<RepairRefusal>,
    /// Invoices that the run would take; each ends in a mail.
    pub invoices: i64,
    /// Why others cannot run.
    pub not_possible: Vec<Refusal>,
    /// Where mails go; none when that is not set.
    pub mail_target: Option<String>,
}

/// Stages what has a sure enough proposal, and starts one run over what is open and can run.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct StageDamage {
    /// The id by which a repetition is recognised.
    pub request_id: Uuid,
    /// Host and time.
    pub scope: DamageScope,
    /// Why; it stands in the journal.
    pub reason: String,
}

/// What was staged and started.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct DamageStaged {
    /// Repairs that were staged.
    pub staged: i64,
    /// Why others were not.
    pub refusals: Vec<RepairRefusal>,
    /// The run, where anything can run.
    pub run: Option<Uuid>,
    /// Invoices that it takes.
    pub invoices: i64,
    /// Why others cannot run.
    pub not_possible: Vec<Refusal>,
}
