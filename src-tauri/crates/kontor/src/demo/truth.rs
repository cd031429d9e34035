//! What is wrong in the demo, said by what made it wrong: one entry per planted damage that was still there when the
//! month was over. A test compares it with what the program finds.
//!
//! `right` and `wrong` are values as the database stores them, as text: whole numbers in digits, days as `2013-01-31`,
//! ids as UUIDs. Bytes stand as their SHA-256 in hex. Where a whole row is missing or too many, field and values are
//! null: `fault` says which. What follows from a fault beside the value that it names (a mail never written, a state never
//! reached) has no entry of its own. The faults, with the field that they name:
//!
//! - a process was killed: `number_without_invoice`, `invoice_without_lines` (`line_count`), `document_missing` (`state`),
//!   `document_empty` and `document_truncated` (`bytes`), `mail_never_queued`, `mail_queued` and `mail_stuck_sending` (`state`);
//! - it misheard the mail server: `mail_recorded_refused`, `mail_recorded_accepted`, `reply_garbled` (`state`);
//! - a bit was flipped: `amount_flipped`, `vat_flipped`, `email_flipped`, `name_flipped`, `quota_flipped`, `usage_flipped`,
//!   `date_flipped`, `number_flipped`, `reference_flipped`, `iban_flipped`, `document_flipped`; or a whole word became another:
//!   `state_wrong`;
//! - two got into each other's way: `document_of_another` (`bytes`), `payment_mismatched` (`invoice_id`), and the row that is
//!   one too many, `second_invoice`;
//! - ordinary, on all hosts: `mistyped_address`, `address_invalid` (`email`), `character_not_covered`, `mailbox_full`,
//!   `connection_timeout`, `connection_lost`, `mail_bounced` (`state`), `payment_amount`, `payment_reference`,
//!   `payment_returned` (`state`), and the row that is one too many, `payment_twice`.

use std::path::Path;

use serde::Serialize;
use uuid::Uuid;

use super::bit::Flip;
use super::hosts::FAULTY;
use super::part::Part;
use crate::{Error, Result};

/// One damage, in the words of the truth file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Entry {
    /// Table of the damaged row.
    pub table: &'static str,
    /// Its id.
    pub row: Uuid,
    /// The wrong field; none when the row is right but others are missing, or when the row itself is one too many.
    pub field: Option<&'static str>,
    /// What should stand there.
    pub right: Option<String>,
    /// What stands there.
    pub wrong: Option<String>,
    /// What happened.
    pub fault: &'static str,
    /// Where.
    pub host: &'static str,
    /// Which evidence remains: `seal` (a stored hash proves the right value), `copy` (somewhere the right value still
    /// stands), `rule` (a rule finds it, and what is right follows from rules at best), `none` (nobody can tell).
    pub evidence: &'static str,
    /// With `copy`: where the right value stands, a column of the same customer, `signup_export.COLUMN`, `maillog` or
    /// `bounces`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy: Option<&'static str>,
    /// Which byte of the value's encoding was hit, and which bit of it; see `bit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub byte: Option<usize>,
    /// 0 is the lowest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bit: Option<u8>,
}

impl Entry {
    /// A damage of a row on a host, found by a rule as long as nothing else is said.
    pub fn new(table: &'static str, row: Uuid, fault: &'static str, host: &'static str) -> Self {
        Self {
            table,
            row,
            field: None,
            right: None,
            wrong: None,
            fault,
            host,
            evidence: "rule",
            copy: None,
            byte: None,
            bit: None,
        }
    }

    /// Names the field, what should stand there, and what stands there.
    pub fn field(
        mut self,
        field: &'static str,
        right: &(impl ToString + ?Sized),
        wrong: &(impl ToString + ?Sized),
    ) -> Self {
        self.field = Some(field);
        self.right = Some(right.to_string());
        self.wrong = Some(wrong.to_string());
        self
    }

    /// Nobody can tell what is right.
    pub fn unprovable(self) -> Self {
        Self { evidence: "none", ..self }
    }

    /// The right value still stands here.
    pub fn copied_in(self, copy: &'static str) -> Self {
        Self { evidence: "copy", copy: Some(copy), ..self }
    }

    /// The mail server's log tells what happened, if its lines are there.
    pub fn told_by_log(self, is_logged: bool) -> Self {
        if is_logged { self.copied_in("maillog") } else { self }
    }

    /// Flips a bit of a field on the faulty host: puts the new value into its cell and notes what happened.
    pub fn flip<T: ToString>(
        (table, row, field): (&'static str, Uuid, &'static str),
        cell: &mut T,
        flip: Option<Flip<T>>,
        fault: &'static str,
    ) -> Option<Self> {
        let Flip { value, byte, bit } = flip?;
        let entry = Self::new(table, row, fault, FAULTY).field(field, cell, &value);
        *cell = value;
        Some(Self { byte: Some(byte), bit: Some(bit), ..entry })
    }
}

/// The truth file on its way.
#[derive(Debug)]
pub(super) struct TruthFile {
    part: Part,
    entries: u64,
}

impl TruthFile {
    /// Begins it.
    pub fn begin(place: &Path) -> Result<Self> {
        Ok(Self { part: Part::begin(place)?, entries: 0 })
    }

    /// Adds an entry.
    pub fn add(&mut self, entry: &Entry) -> Result<()> {
        let text = serde_json::to_string(entry).map_err(std::io::Error::from);
        let text = text.map_err(|error| Error::file(self.part.place(), error))?;
        let before = if self.entries == 0 { "[\n" } else { ",\n" };
        self.entries += 1;
        self.part.write(format!("{before}{text}").as_bytes())
    }

    /// Makes the content durable.
    pub fn end(&mut self) -> Result<()> {
        self.part.write(if self.entries == 0 { b"[]\n" } else { b"\n]\n" })?;
        self.part.end()
    }

    /// Moves the file to its place.
    pub fn publish(self) -> Result<()> {
        self.part.publish()
    }
}
