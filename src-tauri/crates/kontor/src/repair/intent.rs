//! What a finding's repair would write: from its proposal, or from the value that a person gives.
//!
//! What the law allows decides the kind. Rows of an invoice that was frozen follow its content and nothing else; those of
//! the old programs, which were never frozen, follow what their sent document, log or lines say. What this module leaves
//! out: writing (`one`), and whether the row is still as it was found.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::obstacle::{Obstacle, Outcome};
use super::row::unhex;
use super::table::{Column, Table};
use crate::Result;
use crate::check::{Action, Evidence, Finding, Proposal};
use crate::store::entities::{deliveries, documents, invoice_lines, invoices};

/// Columns of an invoice that are its progress, not its content.
const PROGRESS: [&str; 4] = ["state", "cancelled_by", "search_text", "origin"];
/// Fields that touch neither money nor numbers nor identity.
const HARMLESS: [&str; 9] = [
    "quota_bytes",
    "used_bytes",
    "quota_override_reason",
    "language",
    "search_text",
    "sort_name",
    "message_id",
    "source",
    "origin",
];
/// Tables whose state is of no more than technical interest.
const TECHNICAL: [&str; 4] = ["mailboxes", "deliveries", "runs", "run_items"];

/// What would be written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Intent {
    /// Fields of one row.
    Fields {
        /// The row.
        at: Place,
        /// What is to stand there.
        values: Vec<(Column, Option<String>)>,
        /// A person gave the value and answers for the row.
        is_own: bool,
    },
    /// The row is taken as it is.
    Accept(Place),
    /// The rows of an invoice follow its frozen content; the bytes, where the row's own are damaged too.
    Invoice(Uuid, Option<Vec<u8>>),
    /// The bytes of a document.
    Document(Uuid, Bytes),
    /// The lost document of an invoice that was mailed: drawn again from its frozen content, under this id.
    Redraw {
        /// The invoice.
        invoice: Uuid,
        /// The document that its mail names.
        document: Uuid,
    },
    /// A run takes it.
    Rerun,
    /// The invoice is cancelled.
    Cancel(Uuid),
    /// The item waits again.
    Release(Uuid),
}

/// A row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Its table.
    pub table: Table,
    /// Its key.
    pub id: Uuid,
}

/// Where the bytes of a document come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bytes {
    /// Drawn again from the frozen content.
    Drawn,
    /// Drawn again from the frozen content, with a hash of their own: the old ones were drawn wrong and never left the house.
    Anew,
    /// As they are, with this bit of this byte turned back.
    Flipped(usize, u8),
    /// They are right, and their hash is not.
    HashItself,
    /// They lie with this other document.
    Exchanged(Uuid),
}

impl Intent {
    /// The row that it is about, where it writes one.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Fields { at, .. } | Self::Accept(at) => Some(*at),
            Self::Invoice(id, _) | Self::Redraw { invoice: id, .. } => Some(Place { table: Table::Invoices, id: *id }),
            Self::Document(id, _) => Some(Place { table: Table::Documents, id: *id }),
            Self::Release(id) => Some(Place { table: Table::RunItems, id: *id }),
            Self::Rerun | Self::Cancel(_) => None,
        }
    }

    /// Whether it touches money, numbers or identity.
    fn is_grave(&self) -> bool {
        match self {
            Self::Rerun | Self::Release(_) | Self::Redraw { .. } => false,
            Self::Accept(_) | Self::Invoice(..) | Self::Document(..) | Self::Cancel(_) => true,
            Self::Fields { at, values, .. } => values.iter().any(|(column, _)| {
                let is_state = column.name == "state" && TECHNICAL.contains(&at.table.name());
                !is_state && !HARMLESS.contains(&column.name)
            }),
        }
    }
}

/// What a finding's repair would write. `value` is a person's own; `is_named` says that a person named this very finding.
pub(super) async fn of(
    connection: &impl ConnectionTrait,
    finding: &Finding,
    value: Option<&str>,
    is_named: bool,
) -> Result<Outcome<Intent>> {
    let intent = match value {
        Some(value) => own(connection, finding, value).await?,
        None => proposed(connection, finding, is_named).await?,
    };
    Ok(intent.and_then(|intent| {
        let is_sure = finding.evidence == Evidence::Proven;
        if intent.is_grave() && !is_sure && !is_named { Err(Obstacle::NameIt) } else { Ok(intent) }
    }))
}

/// A person says what is to stand in the finding's field.
async fn own(connection: &impl ConnectionTrait, finding: &Finding, value: &str) -> Result<Outcome<Intent>> {
    let Some(field) = &finding.field else { return Ok(Err(Obstacle::NeedsPerson)) };
    let value = Some(value).filter(|value| !value.is_empty()).map(str::to_owned);
    fields(connection, finding, vec![(field.clone(), value)], true).await
}

/// Whether a person may say what is to stand in the finding's field.
pub(super) async fn takes_value(connection: &impl ConnectionTrait, finding: &Finding) -> Result<bool> {
    Ok(finding.closed_at.is_none() && own(connection, finding, "").await?.is_ok())
}

async fn proposed(connection: &impl ConnectionTrait, finding: &Finding, is_named: bool) -> Result<Outcome<Intent>> {
    let Some(proposal) = &finding.proposal else { return Ok(Err(Obstacle::NothingProposed)) };
    let Some(at) = place(finding) else {
        let is_decision = proposal.action == Action::Decide;
        return Ok(Err(if is_decision { Obstacle::NeedsPerson } else { Obstacle::Frozen }));
    };
    Ok(match proposal.action {
        Action::SetFields | Action::SettleDelivery => return changes(connection, finding, proposal).await,
        Action::RestoreInvoice => return invoice(connection, finding, proposal, at).await,
        Action::AcceptRow => Ok(Intent::Accept(at)),
        Action::RestoreDocument => Ok(Intent::Document(at.id, bytes(proposal))),
        Action::Rerun => Ok(lost(connection, at).await?.unwrap_or(Intent::Rerun)),
        Action::CancelInvoice => Ok(Intent::Cancel(at.id)),
        Action::ReleaseItem => Ok(Intent::Release(at.id)),
        // A value that is proven and yet a person's to decide is written when that person names it.
        Action::Decide if is_named && !proposal.changes.is_empty() => {
            return changes(connection, finding, proposal).await;
        }
        Action::Decide if !proposal.candidates.is_empty() => Err(Obstacle::ChooseCandidate),
        Action::Decide if finding.field.is_some() && proposal.changes.is_empty() => Err(Obstacle::NothingProposed),
        Action::Decide => Err(Obstacle::NeedsPerson),
    })
}

/// The row of a finding, or the one its proposal names instead; none where a repair never writes.
pub(super) fn place(finding: &Finding) -> Option<Place> {
    let target = finding.proposal.as_ref().and_then(|proposal| proposal.target.as_ref());
    let (table, row) = target.map_or((&finding.table, &finding.row), |target| (&target.table, &target.row));
    Some(Place { table: Table::named(table)?, id: Uuid::parse_str(row).ok()? })
}

/// A run mails what has not left the house. What has left it and lacks only its document is drawn again, and stays silent.
async fn lost(connection: &impl ConnectionTrait, at: Place) -> Result<Option<Intent>> {
    if at.table != Table::Invoices || frozen(connection, at).await?.is_none() {
        return Ok(None);
    }
    let query = documents::Entity::find().filter(documents::Column::InvoiceId.eq(at.id));
    if query.filter(documents::Column::Role.eq("original")).count(connection).await? > 0 {
        return Ok(None);
    }
    let query = deliveries::Entity::find()
        .filter(deliveries::Column::InvoiceId.eq(at.id))
        .filter(deliveries::Column::State.is_in(["accepted", "bounced"]))
        .order_by_asc(deliveries::Column::Id);
    let mail = query.select_only().column(deliveries::Column::DocumentId).into_tuple::<Option<Uuid>>();
    let mail = mail.one(connection).await?;
    Ok(mail.map(|document| Intent::Redraw { invoice: at.id, document: document.unwrap_or_else(Uuid::now_v7) }))
}

async fn changes(connection: &impl ConnectionTrait, finding: &Finding, proposal: &Proposal) -> Result<Outcome<Intent>> {
    let changes = proposal.changes.iter().map(|change| (change.field.clone(), change.value.clone()));
    fields(connection, finding, changes.collect(), false).await
}

async fn fields(
    connection: &impl ConnectionTrait,
    finding: &Finding,
    changes: Vec<(String, Option<String>)>,
    is_own: bool,
) -> Result<Outcome<Intent>> {
    let Some(at) = place(finding) else { return Ok(Err(Obstacle::Frozen)) };
    let mut values = Vec::with_capacity(changes.len());
    for (field, value) in changes {
        let Some(column) = at.table.column(&field) else { return Ok(Err(Obstacle::NeedsPerson)) };
        if ["version", "updated_at", "created_at", "seal"].contains(&column.name) {
            return Ok(Err(Obstacle::Frozen));
        }
        values.push((column, value));
    }
    let is_content = values.iter().any(|(column, _)| !PROGRESS.contains(&column.name));
    // The hash itself is the one thing that the content cannot give back.
    let is_hash = values.iter().all(|(column, _)| column.name == "snapshot_sha256");
    if is_content && !is_hash && frozen(connection, at).await?.is_some() {
        return Ok(Err(Obstacle::Frozen));
    }
    Ok(Ok(Intent::Fields { at, values, is_own }))
}

/// The invoice of this row, if it was frozen.
async fn frozen(connection: &impl ConnectionTrait, at: Place) -> Result<Option<Uuid>> {
    let id = match at.table {
        Table::Invoices => Some(at.id),
        Table::InvoiceLines => {
            let query = invoice_lines::Entity::find_by_id(at.id).select_only();
            query.column(invoice_lines::Column::InvoiceId).into_tuple().one(connection).await?
        }
        _ => None,
    };
    let Some(id) = id else { return Ok(None) };
    let query = invoices::Entity::find_by_id(id).filter(invoices::Column::Snapshot.is_not_null()).select_only();
    Ok(query.column(invoices::Column::Id).into_tuple().one(connection).await?)
}

async fn invoice(
    connection: &impl ConnectionTrait,
    finding: &Finding,
    proposal: &Proposal,
    at: Place,
) -> Result<Outcome<Intent>> {
    let named: Vec<&str> = proposal.changes.iter().map(|change| change.field.as_str()).collect();
    let is_progress = !named.is_empty() && named.iter().all(|field| PROGRESS.contains(field));
    match frozen(connection, at).await? {
        Some(id) if !is_progress => {
            let bytes = proposal.changes.iter().find(|change| change.field == "snapshot");
            Ok(Ok(Intent::Invoice(id, bytes.and_then(|change| unhex(change.value.as_deref()?)))))
        }
        _ if named.is_empty() => Ok(Err(Obstacle::NothingProposed)),
        _ => changes(connection, finding, proposal).await,
    }
}

fn bytes(proposal: &Proposal) -> Bytes {
    let other = proposal.reasons.iter().find(|reason| reason.code == "lies_with_other");
    if let Some(other) = other.and_then(|reason| Uuid::parse_str(reason.params.get("document")?).ok()) {
        return Bytes::Exchanged(other);
    }
    if proposal.reasons.iter().any(|reason| reason.code == "drawn_here") {
        return Bytes::Anew;
    }
    if proposal.changes.iter().any(|change| change.field == "sha256") {
        return Bytes::HashItself;
    }
    let flip = proposal.reasons.iter().find(|reason| reason.code == "hash_fits");
    let flip =
        flip.and_then(|flip| Some((flip.params.get("byte")?.parse().ok()?, flip.params.get("bit")?.parse().ok()?)));
    flip.map_or(Bytes::Drawn, |(byte, bit)| Bytes::Flipped(byte, bit))
}
