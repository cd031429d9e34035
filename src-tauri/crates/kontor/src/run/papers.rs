//! What the processor does for a batch: drawing, auditing, composing. No database, no waiting; all cores, off the
//! threads that talk to the database.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use kontor_pdf::content::{Content, sha256};
use rayon::prelude::*;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::code::{self, Refusal};
use super::covering::{self, Covering};
use crate::delivery::message::{self, Facts, Stored};
use crate::seal::hex;
use crate::store::entities::invoices;
use crate::{Result, canary, failpoint};

/// One PDF to draw.
#[derive(Clone, Debug)]
pub struct Order {
    /// Id of the invoice.
    pub invoice_id: Uuid,
    /// Its frozen bytes.
    pub snapshot: Vec<u8>,
    /// Hash they must have.
    pub snapshot_sha256: Vec<u8>,
    /// Message-ID of the mail that will carry it.
    pub message_id: String,
    /// Address the mail goes to: the customer's of today, whatever the paper says.
    pub recipient: String,
    /// What opens the mail.
    pub covering: Option<Arc<Covering>>,
}

/// A drawn and audited PDF with the mail that will carry it.
#[derive(Clone, Debug)]
pub struct Paper {
    /// The PDF.
    pub pdf: Vec<u8>,
    /// Its hash as it was drawn or stored.
    pub sha256: [u8; 32],
    /// The mail.
    pub stored: Stored,
    /// Address the mail goes to.
    pub recipient: String,
}

impl Order {
    /// The order for an invoice; `None` while its content is not frozen.
    pub fn of(
        invoice: &invoices::Model,
        message_id: String,
        recipient: &str,
        covering: Option<Arc<Covering>>,
    ) -> Option<Self> {
        Some(Self {
            invoice_id: invoice.id,
            snapshot: invoice.snapshot.clone()?,
            snapshot_sha256: invoice.snapshot_sha256.clone()?,
            message_id,
            recipient: recipient.to_owned(),
            covering,
        })
    }
}

/// Draws a batch on all cores, in the order given.
pub async fn draw_all(orders: Vec<Order>, now: DateTime<Utc>) -> Result<Vec<Result<Paper, Refusal>>> {
    failpoint::hit("render.before")?;
    let (sender, receiver) = oneshot::channel();
    let count = orders.len();
    rayon::spawn(move || {
        let papers: Vec<_> = orders.par_iter().map(|order| guarded(order, now)).collect();
        // The batch may have been dropped meanwhile; then nobody wants the papers.
        let _ = sender.send(papers);
    });
    let lost = || vec![Err(Refusal::new(code::RENDER_FAILED, "the drawing thread ended")); count];
    Ok(receiver.await.unwrap_or_else(|_| lost()))
}

/// A page that makes the drawing panic fails alone.
fn guarded(order: &Order, now: DateTime<Utc>) -> Result<Paper, Refusal> {
    catch_unwind(AssertUnwindSafe(|| draw(order, now)))
        .unwrap_or_else(|_| Err(Refusal::new(code::RENDER_FAILED, "drawing panicked")))
}

fn draw(order: &Order, now: DateTime<Utc>) -> Result<Paper, Refusal> {
    if sha256(&order.snapshot)[..] != order.snapshot_sha256[..] {
        return Err(Refusal::new(code::CONTENT_CONTRADICTS, "the frozen content does not have its hash"));
    }
    let content = Content::from_bytes(&order.snapshot)
        .map_err(|error| Refusal::new(code::CONTENT_CONTRADICTS, error.to_string()))?;
    let (pdf, again) = twice(&content)?;
    let sha256 = sha256(&pdf);
    audit(&content, &pdf).map_err(|refusal| match audit(&content, &again) {
        // It was good a moment ago: it was hit after it was drawn.
        Ok(()) => Refusal::new(code::DRAWN_OTHERWISE, refusal.detail),
        Err(_) => refusal,
    })?;
    let stored = message::compose(
        &Facts::of(&content),
        covering::occasion(order.covering.as_deref(), content.language),
        &pdf,
        &order.recipient,
        order.message_id.clone(),
        now,
    )?;
    Ok(Paper { pdf, sha256, stored, recipient: order.recipient.clone() })
}

/// Draws a page two times. Drawing is deterministic, so a difference is no matter of the content: this machine cannot be
/// trusted, and the whole batch is given up (`batch::withdrawn`).
fn twice(content: &Content) -> Result<(Vec<u8>, Vec<u8>), Refusal> {
    match (once(content), once(content)) {
        (Ok(mut first), Ok(second)) if first == second => {
            failpoint::flip("archive.flip", &mut first);
            Ok((first, second))
        }
        (Err(refusal), Err(_)) => Err(refusal),
        (first, second) => {
            let told =
                [first, second].map(|drawn| drawn.map_or_else(|refusal| refusal.detail, |pdf| hex(&sha256(&pdf))));
            Err(Refusal::new(code::DRAWN_OTHERWISE, told.join(" / ")))
        }
    }
}

fn once(content: &Content) -> Result<Vec<u8>, Refusal> {
    let panicked = || Err(Refusal::new(code::RENDER_FAILED, "drawing panicked"));
    catch_unwind(AssertUnwindSafe(|| canary::draw(content).map_err(|error| code::of_render(&error))))
        .unwrap_or_else(|_| panicked())
}

/// Nothing enters the archive that does not pass the audit it will be held against later.
fn audit(content: &Content, pdf: &[u8]) -> Result<(), Refusal> {
    let audit = kontor_pdf::audit::audit(Some(pdf), &kontor_pdf::audit::Expected::of(content));
    if audit.is_good() {
        return Ok(());
    }
    let checks = [("structure", &audit.structure), ("text", &audit.text), ("present", &audit.present)];
    let failed: Vec<_> = checks.iter().filter(|(_, check)| check.is_failed()).map(|(name, _)| *name).collect();
    Err(Refusal::new(code::AUDIT_FAILED, format!("failed: {}", failed.join(", "))))
}
