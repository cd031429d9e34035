//! What could put a finding right, and how sure that is: words, never percentages.
//!
//! A proposal stands as JSON in `findings.proposal`. Its explanation is codes with parameters, which the window and the
//! command line put into words. What this module leaves out: doing it (`repair`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How sure a proposal is, from the surest to none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// A stored hash or seal fits this value and no other.
    Proven,
    /// An independent copy says so: a snapshot, a PDF, a sent message, another row, an export.
    Copy,
    /// It is the only candidate that satisfies all rules of the record.
    Single,
    /// Several candidates satisfy them.
    Several,
    /// Nobody can tell.
    None,
}

impl Evidence {
    /// The word in the database and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Copy => "copy",
            Self::Single => "single",
            Self::Several => "several",
            Self::None => "none",
        }
    }

    /// The evidence of this word; an unknown word counts as none.
    pub fn of(word: &str) -> Self {
        [Self::Proven, Self::Copy, Self::Single, Self::Several]
            .into_iter()
            .find(|one| one.word() == word)
            .unwrap_or(Self::None)
    }
}

/// Kinds of repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Set fields of one row; rows that people edit are sealed anew by the function that writes them.
    SetFields,
    /// Take the row as it is, with a reason, and seal it anew.
    AcceptRow,
    /// Bring the rows of an invoice back to what was frozen, or to what its sent document says.
    RestoreInvoice,
    /// Bring the bytes of a stored document back.
    RestoreDocument,
    /// Settle a mail by the evidence that is there.
    SettleDelivery,
    /// Let a run finish, or issue, what is open.
    Rerun,
    /// Take the invoice back with a cancellation invoice.
    CancelInvoice,
    /// Release an item of a run that a dead worker holds.
    ReleaseItem,
    /// A person decides; there is nothing to apply.
    Decide,
}

impl Action {
    /// The word in the database and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::SetFields => "set_fields",
            Self::AcceptRow => "accept_row",
            Self::RestoreInvoice => "restore_invoice",
            Self::RestoreDocument => "restore_document",
            Self::SettleDelivery => "settle_delivery",
            Self::Rerun => "rerun",
            Self::CancelInvoice => "cancel_invoice",
            Self::ReleaseItem => "release_item",
            Self::Decide => "decide",
        }
    }
}

/// A field and what is to stand there, as text: whole numbers in digits, days as `2013-01-31`, ids as UUIDs, bytes in
/// hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Column.
    pub field: String,
    /// New value; none for NULL.
    pub value: Option<String>,
}

/// A value that could be right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The value.
    pub value: String,
    /// Where it comes from, as a code: `bit`, `tariff`, `pdf`, `signup`, `log`, `row`.
    pub from: String,
}

/// A reason for or against, as a code with parameters; see [`super::words`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The code.
    pub code: String,
    /// Whether it speaks against the proposal.
    pub against: bool,
    /// Parameters by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, String>,
}

impl Reason {
    /// A reason for the proposal.
    pub fn new(code: &str) -> Self {
        Self { code: code.to_owned(), against: false, params: BTreeMap::new() }
    }

    /// The same, speaking against it.
    pub fn against(code: &str) -> Self {
        Self { against: true, ..Self::new(code) }
    }

    /// With a parameter.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "an id, a number or a text, as the caller has it")]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }

    /// A sentence with the parameters in its braces, each as people read it.
    pub fn filled(&self, sentence: String, read: impl Fn(&str, &str) -> String) -> String {
        self.params
            .iter()
            .fold(sentence, |text, (name, value)| text.replace(&format!("{{{name}}}"), &read(name, value)))
    }
}

/// A record other than the finding's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Table.
    pub table: String,
    /// Key of its row.
    pub row: String,
}

/// What could put a finding right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The kind of repair.
    pub action: Action,
    /// How sure it is.
    pub evidence: Evidence,
    /// The right value of the finding's field, where one value says it.
    pub value: Option<String>,
    /// All fields that are written together; empty where the action needs none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// The record that is written, where it is not the finding's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// Values that could be right, where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
    /// Why, and what speaks against it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
}

impl Proposal {
    /// A repair without a value of its own.
    pub fn act(action: Action, evidence: Evidence) -> Self {
        Self {
            action,
            evidence,
            value: None,
            changes: Vec::new(),
            target: None,
            candidates: Vec::new(),
            reasons: Vec::new(),
        }
    }

    /// Sets one field.
    pub fn set(field: &str, value: impl Into<String>, evidence: Evidence) -> Self {
        let value = value.into();
        let change = Change { field: field.to_owned(), value: Some(value.clone()) };
        Self { value: Some(value), changes: vec![change], ..Self::act(Action::SetFields, evidence) }
    }

    /// A person chooses among several values.
    pub fn choose(candidates: Vec<Candidate>) -> Self {
        Self { candidates, ..Self::act(Action::Decide, Evidence::Several) }
    }

    /// With a reason.
    #[must_use]
    pub fn because(mut self, reason: Reason) -> Self {
        self.reasons.push(reason);
        self
    }

    /// What rests on a seal or a hash that a suspect host made is proven by nothing: it becomes this.
    #[must_use]
    pub fn doubted(mut self, host: &str, evidence: Evidence) -> Self {
        if self.evidence == Evidence::Proven {
            self.evidence = evidence;
            self.reasons.push(Reason::against("written_by_suspect").with("host", host));
        }
        self
    }

    /// Done in another way.
    #[must_use]
    pub fn by(mut self, action: Action) -> Self {
        self.action = action;
        self
    }

    /// On another record.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "an id, a number or a text, as the caller has it")]
    pub fn on(mut self, table: &str, row: impl ToString) -> Self {
        self.target = Some(Target { table: table.to_owned(), row: row.to_string() });
        self
    }
}
