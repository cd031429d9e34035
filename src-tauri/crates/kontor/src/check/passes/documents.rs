//! Stored originals: there, whole, with their hash, saying what the invoice says.
//!
//! A page is read together with its invoices and audited on all cores. What is damaged is proven right where bytes come
//! back with the stored hash (`returned`). What a PDF with its hash says is an independent copy of what the invoice's row
//! should say. The mails that carried it are looked at with it (`messages`).

use std::collections::HashMap;

use kontor_pdf::audit::{self, Audit, Said};
use kontor_pdf::content::sha256;
use rayon::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryResult, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use super::messages::{self, Letter};
use super::numbers::looked_up;
use super::redrawn::{self, Doubts};
use super::{Page, Scope, aside, returned};
use crate::Result;
use crate::check::book::Found;
use crate::check::candidates;
use crate::check::facts::{Facts, Searches};
use crate::check::proposal::{Action, Evidence, Proposal, Reason};
use crate::check::question::model;
use crate::check::rules::{DOCUMENT_DAMAGED, DOCUMENT_DRAWN_WRONG, DOCUMENT_OF_ANOTHER, DOCUMENT_TEXT_DEVIATES};
use crate::check::{doubt, neighbours};
use crate::invoice::archive;
use crate::seal::hex;
use crate::store::entities::{documents, invoices};

/// Documents in memory at once.
const PAGE: u64 = 100;

/// A document with what it belongs to.
pub(super) struct Paper {
    pub document: documents::Model,
    pub invoice: invoices::Model,
    /// The invoice left the house, as far as its mails tell.
    pub has_left: bool,
    /// The withdrawn host that had the invoice in hand in its bad time: no hash of its proves anything.
    pub suspect: Option<String>,
    /// It is drawn again, to see whether it is what its content gives.
    pub is_doubted: bool,
    /// Mails that carry it.
    letters: Vec<Letter>,
    /// Today's name of the customer, as it would be printed.
    name: Option<String>,
}

impl Paper {
    /// Mails that carry it.
    pub fn letters(&self) -> &[Letter] {
        &self.letters
    }
}

/// A document that did not pass.
struct Failed {
    paper: Paper,
    audit: Audit,
    said: Option<Said>,
    /// What brings its bytes or its hash back, or what is to be done instead.
    back: Option<Proposal>,
    /// It is whole, and not what its content gives: what is to be done about that.
    otherwise: Option<Proposal>,
}

/// A page of documents.
pub(super) async fn page(connection: &impl ConnectionTrait, facts: &Facts, scope: &Scope) -> Result<Page> {
    let (papers, mut page) = papers(connection, scope).await?;
    let searches = facts.searches.clone();
    let (letters, failed) = aside(move || {
        let looked = papers.into_par_iter().map(|paper| (messages::look(&paper), audited(paper, &searches)));
        looked.unzip::<_, _, Vec<_>, Vec<_>>()
    })
    .await?;
    page.found.extend(letters.into_iter().flatten());
    for one in failed.into_iter().flatten() {
        page.found.extend(judged(connection, &one).await?);
    }
    Ok(page)
}

async fn papers(connection: &impl ConnectionTrait, scope: &Scope) -> Result<(Vec<Paper>, Page)> {
    use documents::Column;
    let backend = connection.get_database_backend();
    let mut query = documents::Entity::find().filter(Column::Role.eq("original")).order_by_asc(Column::Id).limit(PAGE);
    if let Some(after) = scope.after {
        query = query.filter(Column::Id.gt(after));
    }
    if let Some(since) = scope.since {
        query = query.filter(Column::CreatedAt.gte(since).or(Column::Id.in_subquery(messages::carried_since(since))));
    }
    if scope.is_about_one() {
        // The finding may be about the invoice, or about a mail.
        let only = scope.only.unwrap_or_default();
        let is_it = Column::Id.eq(only).or(Column::InvoiceId.eq(only));
        query = query.filter(is_it.or(Column::Id.in_subquery(messages::carried_by(only))));
    }
    let read = connection.query_all_raw(query.build(backend)).await?;
    let mut page = Page { rows: read.len() as u64, ..Page::default() };
    page.last = read.last().filter(|_| read.len() as u64 == PAGE).and_then(|row| row.try_get("", "id").ok());
    let stored: Vec<documents::Model> = read.iter().filter_map(|row| model::<documents::Model>(row).ok()).collect();
    let ids: Vec<Uuid> = stored.iter().map(|document| document.invoice_id).collect();
    let query = invoices::Entity::find().filter(invoices::Column::Id.is_in(ids.iter().copied())).build(backend);
    let mut invoices: HashMap<Uuid, invoices::Model> = HashMap::new();
    for row in connection.query_all_raw(query).await? {
        if let Ok(invoice) = model::<invoices::Model>(&row) {
            invoices.insert(invoice.id, invoice);
        }
    }
    let flag = |row: &QueryResult| Some((row.try_get::<Uuid>("", "id").ok()?, ()));
    let left = "SELECT DISTINCT invoice_id AS id FROM deliveries WHERE (state IN ('sending', 'accepted', 'unknown', \
                'bounced') OR (state = 'refused' AND code = 'not_arrived')) AND invoice_id IN";
    let left = looked_up(connection, left, ids.iter().copied(), flag).await?;
    let named =
        |row: &QueryResult| Some((row.try_get::<Uuid>("", "id").ok()?, row.try_get::<String>("", "name").ok()?));
    let printed = "SELECT i.id AS id, coalesce(r.company, trim(r.first_name || ' ' || r.last_name)) AS name FROM invoices i \
                 JOIN registrations r ON r.id = i.registration_id WHERE i.id IN";
    let mut printed = looked_up(connection, printed, ids.iter().copied(), named).await?;
    let mut letters = messages::of(connection, stored.iter().map(|document| document.id).collect(), scope).await?;
    let doubts = Doubts::of(connection, &stored).await?;
    let papers = stored.into_iter().filter_map(|document| {
        let (suspect, is_doubted) = (doubts.suspect(&document), doubts.is_doubted(&document));
        let invoice = invoices.remove(&document.invoice_id)?;
        let (has_left, name) = (left.contains_key(&invoice.id), printed.remove(&invoice.id));
        let letters = letters.remove(&document.id).unwrap_or_default();
        Some(Paper { document, invoice, has_left, suspect, is_doubted, letters, name })
    });
    Ok((papers.collect(), page))
}

fn audited(paper: Paper, searches: &Searches) -> Option<Failed> {
    let expected = archive::expected(&paper.invoice, Some(&paper.document.sha256));
    let audit = audit::audit(Some(&paper.document.bytes), &expected);
    let is_whole = !is_damaged(&audit);
    // What its page says otherwise follows from that, and is not told a second time.
    let otherwise = if is_whole { redrawn::otherwise(&paper) } else { None };
    if otherwise.is_some() {
        return Some(Failed { paper, audit, said: None, back: None, otherwise });
    }
    if audit.is_good() {
        return None;
    }
    let said = is_whole.then(|| Said::read(&paper.document.bytes)).flatten();
    let back = if is_whole { None } else { Some(returned::proposal(&paper, searches)) };
    Some(Failed { paper, audit, said, back, otherwise })
}

fn is_damaged(audit: &Audit) -> bool {
    [&audit.present, &audit.hash, &audit.structure].into_iter().any(audit::Check::is_failed)
}

async fn judged(connection: &impl ConnectionTrait, failed: &Failed) -> Result<Vec<(&'static str, Found)>> {
    let paper = &failed.paper;
    if is_damaged(&failed.audit) {
        let current = hex(&sha256(&paper.document.bytes));
        let found = Found::new("documents", paper.document.id).field("bytes", Some(current));
        let proposal = failed.back.clone().unwrap_or_else(|| returned::anew(paper));
        return Ok(vec![(DOCUMENT_DAMAGED, found.proposing(proposal))]);
    }
    if let Some(proposal) = &failed.otherwise {
        let current = hex(&sha256(&paper.document.bytes));
        let found = Found::new("documents", paper.document.id).field("bytes", Some(current));
        return Ok(vec![(DOCUMENT_DRAWN_WRONG, found.proposing(proposal.clone()))]);
    }
    let Some(said) = &failed.said else { return Ok(Vec::new()) };
    let named = said.number().filter(|number| *number != paper.invoice.number);
    if let Some(number) = &named
        && let Some(other) = bearer(connection, number, paper.invoice.id).await?
    {
        let own = exchanged(connection, paper, other).await?;
        let current = hex(&sha256(&paper.document.bytes));
        let found = Found::new("documents", paper.document.id).field("bytes", Some(current));
        return Ok(vec![(
            DOCUMENT_OF_ANOTHER,
            found.proposing(own.because(Reason::new("bears_number").with("number", number))),
        )]);
    }
    Ok(deviations(paper, said, named))
}

/// The invoice, other than this one, that bears a number or for which it was taken.
async fn bearer(connection: &impl ConnectionTrait, number: &str, own: Uuid) -> Result<Option<Uuid>> {
    let read = |row: &QueryResult| Some((row.try_get::<Uuid>("", "id").ok()?, ()));
    for text in [
        "SELECT invoice_id AS id FROM number_allocations WHERE invoice_id IS NOT NULL AND number IN",
        "SELECT id FROM invoices WHERE number IN",
    ] {
        let found = looked_up(connection, text, std::iter::once(number), read).await?;
        if found.contains_key(&own) {
            return Ok(None);
        }
        if let Some(other) = found.into_keys().next() {
            return Ok(Some(other));
        }
    }
    Ok(None)
}

/// The own PDF may lie with the other invoice.
async fn exchanged(connection: &impl ConnectionTrait, paper: &Paper, other: Uuid) -> Result<Proposal> {
    let stored = archive::original(connection, other).await?;
    let expected = archive::expected(&paper.invoice, None);
    let own = stored.filter(|stored| {
        sha256(&stored.bytes)[..] == stored.sha256[..] && audit::audit(Some(&stored.bytes), &expected).is_good()
    });
    Ok(match own {
        Some(own) => {
            let mut proposal = Proposal::act(Action::RestoreDocument, Evidence::Copy)
                .because(Reason::new("lies_with_other").with("document", own.id));
            proposal.value = Some(hex(&own.sha256));
            proposal
        }
        None => returned::anew(paper),
    })
}

/// What a whole PDF says otherwise than the row.
fn deviations(paper: &Paper, said: &Said, number: Option<String>) -> Vec<(&'static str, Found)> {
    let invoice = &paper.invoice;
    let day = said.issued_on().filter(|day| *day != invoice.issued_on).map(|day| day.to_string());
    let gross = said.gross_cents().filter(|gross| *gross != invoice.gross_cents).map(|gross| gross.to_string());
    let name = (!said.has_line(&invoice.recipient_name)).then(|| recipient(paper, said)).flatten();
    let fields = [
        ("number", invoice.number.clone(), number),
        ("issued_on", invoice.issued_on.to_string(), day),
        ("gross_cents", invoice.gross_cents.to_string(), gross),
        ("recipient_name", invoice.recipient_name.clone(), name),
    ];
    let found = fields.into_iter().filter_map(|(field, current, right)| {
        let mut proposal = Proposal::set(field, right.as_deref()?, Evidence::Copy).by(Action::RestoreInvoice);
        proposal.reasons.push(Reason::new("pdf_says"));
        if neighbours::is_flip(&current, right.as_deref()?) {
            proposal.reasons.extend(doubt::flip(&current, right.as_deref()?));
        }
        Some((
            DOCUMENT_TEXT_DEVIATES,
            Found::new("invoices", invoice.id).field(field, Some(current)).proposing(proposal),
        ))
    });
    let mut found: Vec<_> = found.collect();
    if found.is_empty() {
        let decide = Proposal::act(Action::Decide, Evidence::None).because(Reason::new("pdf_unclear"));
        found.push((DOCUMENT_TEXT_DEVIATES, Found::new("invoices", invoice.id).proposing(decide)));
    }
    found
}

/// The name on the page: the customer's of today, or the one a bit away.
fn recipient(paper: &Paper, said: &Said) -> Option<String> {
    let today = paper.name.clone().filter(|name| said.has_line(name));
    today.or_else(|| candidates::texts(&paper.invoice.recipient_name).find(|name| said.has_line(name)))
}
