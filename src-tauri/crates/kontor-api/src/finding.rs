//! Findings: what the rules found, in groups of one rule, as a list, and one of them with its evidence.
//!
//! What a rule says and why a proposal holds is written once, beside the rule, in both languages, for the command line and
//! for the window: it crosses as [`Bilingual`]. What this module leaves out: putting it right (`repair`).

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::damage::DamageScope;
use crate::list::{Destination, Figure};
use crate::page::{ListAsk, Selection};
use crate::repair::{PlannedRepair, RepairRow};

/// A sentence in the languages of the window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Bilingual {
    /// German.
    pub de: String,
    /// English.
    pub en: String,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The record is neither invoiced nor mailed until it is resolved.
    Critical,
    /// Money, a document or a mail is wrong.
    High,
    /// A person should look at it.
    Medium,
    /// Worth knowing.
    Info,
}

/// How sure a proposal is, from the surest to none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// A stored hash or seal fits this value and no other.
    Proven,
    /// An independent copy says so.
    Copy,
    /// It is the only candidate that satisfies all rules of the record.
    Single,
    /// Several candidates satisfy them.
    Several,
    /// Nobody can tell.
    None,
}

/// What would be done about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RepairAction {
    /// Fields of the row are set.
    SetFields,
    /// The row is taken as it is and sealed anew.
    AcceptRow,
    /// The invoice is brought back to what was frozen.
    RestoreInvoice,
    /// The bytes of the stored PDF are brought back.
    RestoreDocument,
    /// The mail is settled by its evidence.
    SettleDelivery,
    /// A run finishes or issues what is open.
    Rerun,
    /// The invoice is taken back with a cancellation invoice.
    CancelInvoice,
    /// An item of a run is released.
    ReleaseItem,
    /// A person decides; there is nothing to apply.
    Decide,
}

/// How a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    /// Somebody should look at it.
    Open,
    /// It is open, but somebody put it aside until a day.
    SetAside,
    /// The rule no longer finds it.
    Closed,
}

/// What the rules say of themselves.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ShowRules {}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct RuleText {
    /// Its id, which never changes.
    pub id: String,
    /// How much a finding matters.
    pub severity: Severity,
    /// A short name.
    pub title: Bilingual,
    /// What is wrong.
    pub what: Bilingual,
    /// Why it matters.
    pub why: Bilingual,
    /// How it is repaired.
    pub how: Bilingual,
    /// When it is not repaired.
    pub when_not: Bilingual,
}

/// Findings that are not closed, in groups of one rule.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ShowFindingGroups {}

/// Findings that are not closed, in groups of one rule, what matters most first.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct FindingGroups {
    /// When all rules were last asked; none when they never were.
    pub checked_at: Option<DateTime<Utc>>,
    /// The database itself is damaged: nothing else is repaired until it is not.
    pub is_corrupt: bool,
    /// How many are open.
    pub open: i64,
    /// How many of these are proven.
    pub proven: i64,
    /// How many are set aside.
    pub set_aside: i64,
    /// How many repairs are staged.
    pub staged: i64,
    /// The groups.
    pub groups: Vec<FindingGroup>,
}

/// Open findings that matter as much.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct FindingFigure {
    /// How much they matter.
    pub severity: Severity,
    /// How many there are.
    pub figure: Figure,
}

/// Findings of one rule.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct FindingGroup {
    /// The rule.
    pub rule: String,
    /// How much a finding matters.
    pub severity: Severity,
    /// The rule's short name.
    pub title: Bilingual,
    /// How many are open.
    pub open: i64,
    /// How many of these are proven.
    pub proven: i64,
    /// How many are set aside.
    pub set_aside: i64,
    /// How many of the open ones the last check found for the first time.
    pub fresh: i64,
    /// When the oldest of the open ones was found.
    pub first_opened_at: Option<DateTime<Utc>>,
    /// How many there were, set aside or not, at this time of the last seven days, and how many there are now, which comes
    /// last. Days before anything was found for the first time are left out.
    pub trend: Vec<i64>,
    /// The list of the open ones.
    pub destination: Destination,
}

/// Findings that match, a page of them.
pub type ListFindings = ListAsk<FindingFilter, FindingSort>;

/// Which findings. What is left out does not narrow; several words of one field widen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FindingFilter {
    /// Words that occur in the wrong value, the rule's id, or the number of the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// In one of these states; none means open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<FindingState>,
    /// Of one of these rules, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// That matter as much as this.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub severities: Vec<Severity>,
    /// As sure as this.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidences: Vec<Certainty>,
    /// About what this host had in hand in this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_by: Option<DamageScope>,
}

/// Columns that findings are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FindingSort {
    /// When it was found first: the list's own order, newest first.
    OpenedAt,
    /// Rule.
    Rule,
}

/// The record that a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct FindingSubject {
    /// Its table.
    pub table: String,
    /// Key of its row.
    pub row: String,
    /// The number or address people know it by, such as a customer or invoice number.
    pub label: Option<String>,
    /// Where it can be looked at.
    pub destination: Option<Destination>,
}

/// Put aside until a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct SetAside {
    /// It comes back then.
    pub until: DateTime<Utc>,
    /// Why.
    pub reason: String,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct FindingRow {
    /// Its id.
    pub id: Uuid,
    /// Id of its rule.
    pub rule: String,
    /// The rule's short name.
    pub title: Bilingual,
    /// How much it matters.
    pub severity: Severity,
    /// How it stands.
    pub state: FindingState,
    /// What it is about.
    pub subject: FindingSubject,
    /// The column, where one is wrong.
    pub field: Option<String>,
    /// What stands there.
    pub current: Option<String>,
    /// What should stand there, where one value says it.
    pub proposed: Option<String>,
    /// What would be done.
    pub action: Option<RepairAction>,
    /// How sure that is.
    pub evidence: Certainty,
    /// When it was found first.
    pub opened_at: DateTime<Utc>,
    /// When it was found last.
    pub seen_at: DateTime<Utc>,
    /// When the rule no longer found it.
    pub closed_at: Option<DateTime<Utc>>,
    /// Until when it is put aside, and why.
    pub set_aside: Option<SetAside>,
    /// Who staged a repair of it.
    pub staged_by: Option<String>,
}

/// One finding.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ShowFinding {
    /// Its id.
    pub id: Uuid,
}

/// One finding with its rule and its evidence.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct FindingDetail {
    /// The finding.
    pub row: FindingRow,
    /// Its rule.
    pub rule: RuleText,
    /// What its repair would do, or, where one is staged, what that one would.
    pub plan: PlannedRepair,
    /// Why the proposal holds, and what speaks against it.
    pub reasons: Vec<EvidenceReason>,
    /// Further findings about the same record.
    pub others: Vec<FindingRow>,
    /// What was made of it, the newest first.
    pub repairs: Vec<RepairRow>,
}

/// Old and new of one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct ProposedChange {
    /// Column.
    pub field: String,
    /// What stands there.
    pub old: Option<String>,
    /// What would stand there.
    pub new: Option<String>,
    /// The one bit in which they differ, where it is one.
    pub bit: Option<FlippedBit>,
}

/// A bit of a value's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
pub struct FlippedBit {
    /// The byte, counted from 0.
    pub byte: i64,
    /// The bit of it, counted from 0, the lowest first.
    pub bit: i64,
}

/// A value that could be right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct CandidateValue {
    /// The value.
    pub value: String,
    /// Where it comes from, as a code: `bit`, `tariff`, `pdf`, `signup`, `log`, `row`.
    pub from: String,
}

/// A reason for or against a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct EvidenceReason {
    /// Its code.
    pub code: String,
    /// The sentence.
    pub text: Bilingual,
    /// Whether it speaks against the proposal.
    pub is_against: bool,
    /// Parameters of the sentence by name.
    pub params: BTreeMap<String, String>,
}

/// Asks all rules, or some, as a job.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct CheckDatabase {
    /// Ids of rules; none means all.
    #[serde(default)]
    pub rules: Vec<String>,
    /// A CSV file with what the sign-up site or a backup still has.
    #[ts(optional)]
    pub compare: Option<String>,
    /// Only what changed since the last whole check.
    pub only_changed: bool,
}

/// Puts findings aside until a day.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct SetFindingsAside {
    /// The id by which a repetition is recognised.
    pub request_id: Uuid,
    /// Which.
    pub findings: Selection<FindingFilter, Uuid>,
    /// They come back on this day.
    pub until: NaiveDate,
    /// Why; it stands in the journal.
    pub reason: String,
}

/// Brings findings back that were put aside, before their day.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct BringFindingsBack {
    /// The id by which a repetition is recognised.
    pub request_id: Uuid,
    /// Which.
    pub findings: Selection<FindingFilter, Uuid>,
    /// Why; it stands in the journal.
    pub reason: String,
}

/// How many findings were put aside, or came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
pub struct FindingsSetAside {
    /// The number.
    pub count: i64,
}
