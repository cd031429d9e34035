//! Invoices: their frozen content and its hash, the rows against it, their numbers and their words.
//!
//! Rows are compared with the content in memory; only an invoice that differs is read once more, with all that the content
//! determines (`invoice::deviation`).

use std::collections::{HashMap, HashSet};

use chrono::DateTime;
use kontor_pdf::content::{Content, sha256};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryResult, QueryTrait};
use uuid::Uuid;

use super::sealed::{Kind, Sealed};
use super::{Page, Rows, Scope, aside, numbers, rows};
use crate::check::book::Found;
use crate::check::hashes;
use crate::check::proposal::{Action, Change, Evidence, Proposal, Reason};
use crate::check::question::model;
use crate::check::rules::{INVOICE_DEVIATES, SNAPSHOT_BROKEN, words_deviate};
use crate::invoice::deviation;
use crate::invoice::freeze::{self, Subject};
use crate::period::Period;
use crate::seal::{self, hex};
use crate::store::entities::{invoice_lines, invoices};
use crate::{Result, damage};

pub(in crate::check) const INVOICE: Sealed<invoices::Model> = Sealed {
    table: "invoices",
    canonical: |row| seal::of_invoice(row.id, &row.state, row.cancelled_by),
    stored: |row| row.seal.as_deref(),
    id: |row| row.id,
    cells: &[("id", Kind::Id), ("state", Kind::Text), ("cancelled_by", Kind::Id)],
};

/// Invoices.
pub(super) async fn page(connection: &impl ConnectionTrait, scope: &Scope) -> Result<Page> {
    use invoices::Column;
    let Rows { rows, mut page } =
        rows::<invoices::Entity>(connection, scope, "invoices", Column::Id, Some(Column::UpdatedAt)).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let suspects = damage::unproven_among(connection, &ids).await?;
    let of_these = suspects.clone();
    let (rows, found, broken) = aside(move || hashed(rows, &of_these)).await?;
    page.found.extend(found);
    let ids = || rows.iter().map(|row| row.id);
    let logged = numbers::logged(connection, ids()).await?;
    let frozen: Vec<&invoices::Model> = rows.iter().filter(|row| row.snapshot.is_some()).collect();
    let lines = lines(connection, &frozen).await?;
    let customers = customers(connection, &frozen).await?;
    for row in &rows {
        page.found.extend(numbers::of_invoice(row.id, &row.number, logged.get(&row.id).map(String::as_str)));
        page.found.extend(words_deviate::of_invoice(row));
        let Some(snapshot) = row.snapshot.as_ref().filter(|_| !broken.contains(&row.id)) else { continue };
        let Ok(content) = Content::from_bytes(snapshot) else { continue };
        let lines = lines.get(&row.id).map_or(&[][..], Vec::as_slice);
        if !agrees(row, lines, customers.get(&row.registration_id), &content) {
            let found = deviating(connection, row, &content, snapshot).await?;
            // The content is a copy beside the rows, but whoever froze it cannot be believed.
            page.found.extend(found.into_iter().map(|found| doubted(&suspects, row.id, found, Evidence::Copy)));
        }
    }
    Ok(page)
}

/// Seals and frozen contents against their hashes, and whose content is broken.
fn hashed(
    rows: Vec<invoices::Model>,
    suspects: &HashMap<Uuid, String>,
) -> (Vec<invoices::Model>, Vec<(&'static str, Found)>, HashSet<Uuid>) {
    let unsure = |row: &invoices::Model, found| doubted(suspects, row.id, found, Evidence::Single);
    let mut found: Vec<_> = rows.iter().filter_map(|row| Some(unsure(row, INVOICE.look(row)?))).collect();
    let mut wrong = HashSet::new();
    for row in &rows {
        let (Some(snapshot), Some(hash)) = (&row.snapshot, &row.snapshot_sha256) else { continue };
        if sha256(snapshot)[..] != hash[..] {
            wrong.insert(row.id);
            found.push(unsure(row, (SNAPSHOT_BROKEN, broken(row, snapshot, hash))));
        }
    }
    (rows, found, wrong)
}

/// A seal or hash that a withdrawn host made in its bad time proves nothing.
fn doubted(
    suspects: &HashMap<Uuid, String>,
    invoice: Uuid,
    (rule, found): (&'static str, Found),
    evidence: Evidence,
) -> (&'static str, Found) {
    match suspects.get(&invoice) {
        Some(host) => (rule, found.doubted(host, evidence)),
        None => (rule, found),
    }
}

fn broken(row: &invoices::Model, snapshot: &[u8], hash: &[u8]) -> Found {
    let hit = || Found::new("invoices", row.id).field("snapshot_sha256", Some(hex(hash)));
    if crate::check::candidates::differ_by_a_bit(&sha256(snapshot), hash) {
        let proposal = Proposal::set("snapshot_sha256", hex(&sha256(snapshot)), Evidence::Proven)
            .by(Action::Decide)
            .because(Reason::new("hash_itself_hit"));
        return hit().proposing(proposal);
    }
    if let Some(flip) = hashes::flipped_back(snapshot, hash) {
        let proposal = Proposal::set("snapshot", hex(&flip.bytes), Evidence::Proven)
            .by(Action::RestoreInvoice)
            .because(Reason::new("hash_fits").with("byte", flip.byte).with("bit", flip.bit));
        let found = Found::new("invoices", row.id).field("snapshot", Some(hex(&sha256(snapshot))));
        return found.proposing(proposal);
    }
    hit().proposing(Proposal::act(Action::Decide, Evidence::None).because(Reason::new("restore_backup")))
}

/// Whether rows say what the content says, as far as it can be told without looking anything up.
fn agrees(row: &invoices::Model, lines: &[invoice_lines::Model], customer: Option<&String>, content: &Content) -> bool {
    let subject = Subject {
        registration_id: row.registration_id,
        subscription_id: row.subscription_id,
        period: Period::containing(content.service_from).first_day(),
        cancels_id: row.cancels_id,
    };
    let right = freeze::row(content, subject, DateTime::UNIX_EPOCH);
    let is_same = row.kind == right.kind
        && row.number == right.number
        && row.period == right.period
        && row.issued_on == right.issued_on
        && row.due_on == right.due_on
        && row.recipient_name == right.recipient_name
        && [row.net_cents, row.tax_cents, row.gross_cents] == [right.net_cents, right.tax_cents, right.gross_cents]
        && row.currency == right.currency
        && row.line_count == right.line_count
        && row.cancels_id.is_some() == content.original.is_some();
    let right_lines = freeze::line_rows(row.id, content);
    let same_line = |(one, other): (&invoice_lines::Model, &invoice_lines::Model)| {
        invoice_lines::Model { id: other.id, ..one.clone() } == *other
    };
    is_same
        && customer == Some(&content.recipient.customer_number)
        && lines.len() == right_lines.len()
        && lines.iter().zip(&right_lines).all(same_line)
}

async fn deviating(
    connection: &impl ConnectionTrait,
    row: &invoices::Model,
    content: &Content,
    bytes: &[u8],
) -> Result<Vec<(&'static str, Found)>> {
    let read = deviation::read(connection, row.id, None).await?;
    let told = match read.changes(connection, content, bytes).await {
        Ok(changes) => changes.told,
        // A line that the content does not know is never deleted.
        Err(error) if !error.is_connection_lost() && !error.is_busy() => {
            let decide = Proposal::act(Action::Decide, Evidence::None).because(Reason::new("surplus_line"));
            let found = Found::new("invoices", row.id).field("line_count", Some(row.line_count.to_string()));
            return Ok(vec![(INVOICE_DEVIATES, found.proposing(decide))]);
        }
        Err(error) => return Err(error),
    };
    let found = told.into_iter().map(|one| {
        let field = one.line.map_or_else(|| one.field.clone(), |line| format!("{line}.{}", one.field));
        let mut proposal =
            Proposal::act(Action::RestoreInvoice, Evidence::Proven).because(Reason::new("frozen_content"));
        proposal.value.clone_from(&one.new);
        proposal.changes = vec![Change { field: field.clone(), value: one.new }];
        (INVOICE_DEVIATES, Found::new("invoices", row.id).field(&field, one.old).proposing(proposal))
    });
    Ok(found.collect())
}

async fn lines(
    connection: &impl ConnectionTrait,
    frozen: &[&invoices::Model],
) -> Result<HashMap<Uuid, Vec<invoice_lines::Model>>> {
    let mut lines: HashMap<Uuid, Vec<invoice_lines::Model>> = HashMap::new();
    for part in frozen.chunks(500) {
        let of_these = invoice_lines::Column::InvoiceId.is_in(part.iter().map(|row| row.id));
        let query = invoice_lines::Entity::find().filter(of_these).build(connection.get_database_backend());
        for row in connection.query_all_raw(query).await? {
            // A line that cannot be decoded is missing here, so that its invoice is looked at more closely.
            if let Ok(line) = model::<invoice_lines::Model>(&row) {
                lines.entry(line.invoice_id).or_default().push(line);
            }
        }
    }
    for lines in lines.values_mut() {
        lines.sort_by_key(|line| line.position);
    }
    Ok(lines)
}

async fn customers(connection: &impl ConnectionTrait, frozen: &[&invoices::Model]) -> Result<HashMap<Uuid, String>> {
    let read = |row: &QueryResult| Some((row.try_get("", "id").ok()?, row.try_get("", "customer_number").ok()?));
    let text = "SELECT id, customer_number FROM registrations WHERE id IN";
    numbers::looked_up(connection, text, frozen.iter().map(|row| row.registration_id), read).await
}
