//! Looking at the PDF of an invoice: the audit, and the reviewer's mark.

use kontor::Error;
use kontor::invoice::audit::{Check, audit_one};
use kontor::invoice::review;

use super::super::{Answered, Handle};
use crate::event::Part;
use crate::failure::{Failure, RecordKind};
use crate::invoice::{
    Audit, AuditCheck, AuditCheckName, AuditFault, AuditInvoice, AuditOutcome, MarkReviewed, Review, Reviewed,
};
use crate::office::Office;
use crate::page::By;
use crate::problem::Problem;

impl Handle for AuditInvoice {
    async fn handle(self, office: &Office) -> Answered<Audit> {
        let open = office.open()?;
        let done = audit_one(&open.store, self.invoice).await.map_err(|error| missing(error, self.invoice))?;
        let audit = &done.audit;
        let absent = if done.is_stored { AuditFault::Empty } else { AuditFault::Missing };
        let checks = [
            (AuditCheckName::Present, &audit.present, absent),
            (AuditCheckName::Hash, &audit.hash, AuditFault::WrongHash),
            (AuditCheckName::Structure, &audit.structure, AuditFault::Broken),
            (AuditCheckName::Text, &audit.text, AuditFault::WrongText),
        ];
        Ok(Audit {
            document: done.document,
            checks: checks.into_iter().map(|(name, check, fault)| told(name, check, fault)).collect(),
            pages: audit.pages.map(i64::from),
            is_sound: audit.is_good(),
        })
    }
}

fn told(name: AuditCheckName, check: &Check, fault: AuditFault) -> AuditCheck {
    let (outcome, fault, detail) = match check {
        Check::Passed => (AuditOutcome::Passed, None, None),
        Check::NotDone => (AuditOutcome::NotDone, None, None),
        Check::Failed(detail) => (AuditOutcome::Failed, Some(fault), Some(detail.clone())),
    };
    AuditCheck { name, outcome, fault, detail }
}

impl Handle for MarkReviewed {
    async fn handle(self, office: &Office) -> Answered<Reviewed> {
        let open = office.open()?;
        let actor = office.actor(self.request_id);
        let mark = review::mark(&open.store, &actor, self.invoice, self.document, self.is_reviewed).await;
        let mark = mark.map_err(|error| missing(error, self.invoice))?;
        office.changed(&[Part::Reviews, Part::Journal]);
        let review = mark.map(|mark| Review { by: By { person: mark.person, desk: mark.desk }, at: mark.at });
        Ok(Reviewed { review })
    }
}

/// An invoice that is not there is named as such.
pub(super) fn missing(error: Error, invoice: uuid::Uuid) -> Problem {
    match error {
        Error::NotFound(_) => Failure::not_found(RecordKind::Invoice, invoice).into(),
        other => other.into(),
    }
}
