//! The call view: of everything that is known about a customer the one sentence that answers, and the one next step.
//!
//! It is about the newest invoice that is not in order, or else about the newest. What this module leaves out: reading
//! (`facts`).

use kontor::period::Period;
use kontor::run::plan::Candidate;
use kontor::run::{Key, Subject, code};
use uuid::Uuid;

use super::super::failing::cause_of;
use super::facts::{Facts, Mail};
use crate::call::{CallSentence, CallView, NextStep};
use crate::contact::ContactField;
use crate::delivery::{DeliveryPurpose, DeliveryState};
use crate::invoice::{InvoiceKind, InvoiceRow, InvoiceState};
use crate::month::Month;
use crate::page::Stored;
use crate::run::FailureKey;

/// What to say, and what to do next.
pub(super) fn view(facts: &Facts) -> CallView {
    let Some(first) = facts.open.first() else {
        let view = in_order(facts);
        // What is held back cannot be invoiced before.
        let next = if facts.is_held() { finding(facts) } else { view.next.or_else(|| finding(facts)) };
        return CallView { next, ..view };
    };
    let others = facts.open.iter().filter(|other| subject_of(other) != subject_of(first));
    let mut counted: Vec<_> = others.map(subject_of).collect();
    counted.sort_unstable();
    counted.dedup();
    let more = i64::try_from(counted.len()).unwrap_or(i64::MAX);
    CallView { sentence: sentence(facts, first), invoice: first.invoice, next: next(facts, first), more }
}

/// What counts as one invoice.
fn subject_of(candidate: &Candidate) -> (Option<Uuid>, Key) {
    match candidate.invoice {
        Some(id) => (Some(id), Key::period(Uuid::nil(), candidate.key.period)),
        None => (None, candidate.key),
    }
}

/// Nothing is open.
fn in_order(facts: &Facts) -> CallView {
    let view = |sentence, invoice| CallView { sentence, invoice, next: None, more: 0 };
    let newest = facts.invoices.iter().find(|row| match row {
        Stored::Whole(row) => row.kind == InvoiceKind::Invoice,
        Stored::Unreadable(_) => true,
    });
    match newest {
        None => {
            let sentence = without_invoice(facts);
            let next = match sentence {
                CallSentence::NotIssued { period, .. } => Some(NextStep::InvoiceMonth { period }),
                _ => None,
            };
            CallView { next, ..view(sentence, None) }
        }
        Some(Stored::Unreadable(row)) => {
            let field = row.fields.first().map(|field| field.field.clone()).unwrap_or_default();
            let id = row.id.parse().ok();
            let next = id.map(|invoice| NextStep::ShowInvoice { invoice });
            CallView { next, ..view(CallSentence::Unreadable { number: row.label.clone(), field }, id) }
        }
        Some(Stored::Whole(row)) => view(of_whole(facts, row), Some(row.id)),
    }
}

fn of_whole(facts: &Facts, row: &InvoiceRow) -> CallSentence {
    if row.state == InvoiceState::Cancelled {
        let by = row.cancelled_by.as_ref();
        let on = by.and_then(|by| facts.invoice(by.id)).map_or(row.issued_on, |by| by.issued_on);
        let is_in_its_place = |other: &&InvoiceRow| {
            other.kind == InvoiceKind::Invoice && other.period == row.period && other.state != InvoiceState::Cancelled
        };
        return CallSentence::Cancelled {
            number: row.number.clone(),
            cancellation: by.map(|by| by.number.clone()).unwrap_or_default(),
            on,
            reissued: facts.whole_invoices().find(is_in_its_place).map(|other| other.number.clone()),
        };
    }
    let (number, issued_on) = (row.number.clone(), row.issued_on);
    let accepted = facts.mails_of(row.id).find(|mail| mail.state == DeliveryState::Accepted);
    match accepted {
        Some(mail) => CallSentence::MailAccepted {
            number,
            issued_on,
            at: mail.settled_at.or(mail.sending_at).unwrap_or(mail.queued_at),
            recipient: mail.recipient.clone(),
        },
        None => CallSentence::NotMailed { number, issued_on, cause: None, tried_at: None },
    }
}

fn without_invoice(facts: &Facts) -> CallSentence {
    let Some(started_on) = facts.first_day else { return CallSentence::NoSubscription };
    let (first, today) = (Period::containing(started_on), Period::containing(facts.today));
    if first < today {
        return CallSentence::NotIssued { period: Month(first), number: None, cause: None, tried_at: None };
    }
    CallSentence::NotDueYet { period: Month(first) }
}

fn sentence(facts: &Facts, candidate: &Candidate) -> CallSentence {
    if let Some(field) = &candidate.undecodable {
        let label = candidate.invoice.and_then(|id| facts.number(id));
        return CallSentence::Unreadable { number: label, field: field.clone() };
    }
    let period = Month(Period::containing(candidate.key.period));
    let mail = mail_of(facts, candidate);
    let is_waiting = mail.is_some_and(|mail| matches!(mail.state, DeliveryState::Queued | DeliveryState::Deferred));
    if let Some(work) = facts.work.get(&candidate.key)
        && (work.is_claimed || !is_waiting)
    {
        let number = candidate.invoice.and_then(|id| facts.number(id));
        return CallSentence::InWork { period, number, run: work.run };
    }
    let tried_at = candidate.tried.last_failed_at;
    let cause = tried_at.map(|_| cause_of(candidate));
    let Some(row) = candidate.invoice.and_then(|id| facts.invoice(id)) else {
        return match candidate.invoice.and_then(|id| facts.unreadable(id)) {
            Some((number, field)) => CallSentence::Unreadable { number, field },
            None => CallSentence::NotIssued { period, number: facts.allocated(&candidate.key), cause, tried_at },
        };
    };
    let (number, issued_on) = (row.number.clone(), row.issued_on);
    match mail {
        Some(mail) => of_mail(facts, candidate, row, mail),
        None if !facts.documents.contains(&row.id) => CallSentence::NoDocument { number, issued_on, cause, tried_at },
        None => CallSentence::NotMailed { number, issued_on, cause, tried_at },
    }
}

/// The mail that the case stands and falls with: the newest.
fn mail_of<'a>(facts: &'a Facts, candidate: &Candidate) -> Option<&'a Mail> {
    let mut mails = facts.mails_of(candidate.invoice?);
    match candidate.key.subject {
        Subject::Resend(id) => mails.find(|mail| mail.id == id),
        Subject::Cancellation(_) => mails.find(|mail| mail.purpose != DeliveryPurpose::Invoice),
        Subject::Period => mails.find(|mail| mail.purpose != DeliveryPurpose::Cancellation),
    }
}

fn of_mail(facts: &Facts, candidate: &Candidate, row: &InvoiceRow, mail: &Mail) -> CallSentence {
    let (number, issued_on, recipient) = (row.number.clone(), row.issued_on, mail.recipient.clone());
    let known = || mail.cause.clone().unwrap_or_else(|| cause_of(candidate));
    let at = mail.settled_at.or(mail.sending_at).unwrap_or(mail.queued_at);
    match mail.state {
        _ if mail.is_unsettled => {
            let at = mail.sending_at.unwrap_or(mail.queued_at);
            CallSentence::MailUnknown { number, issued_on, at, recipient }
        }
        DeliveryState::Refused => {
            let cause = known();
            CallSentence::MailRefused { number, issued_on, at, recipient, cause, reply_code: mail.reply_code }
        }
        DeliveryState::Bounced => CallSentence::MailBounced { number, issued_on, at, recipient, cause: known() },
        DeliveryState::Accepted => CallSentence::MailAccepted { number, issued_on, at, recipient },
        state @ (DeliveryState::Queued | DeliveryState::Sending | DeliveryState::Deferred | DeliveryState::Unknown) => {
            let due_at = mail.due_at.or(facts.work.get(&candidate.key).and_then(|work| work.due_at));
            let since = mail.sending_at.unwrap_or(mail.queued_at);
            CallSentence::MailWaits { number, issued_on, state, since, due_at, cause: mail.cause.clone() }
        }
    }
}

/// What somebody should look at first.
fn finding(facts: &Facts) -> Option<NextStep> {
    facts.pressing().map(|row| NextStep::ShowFinding { finding: row.id, state: row.state })
}

fn next(facts: &Facts, candidate: &Candidate) -> Option<NextStep> {
    if let Some(work) = facts.work.get(&candidate.key) {
        return Some(NextStep::ShowRun { run: work.run });
    }
    let show = candidate.invoice.map(|invoice| NextStep::ShowInvoice { invoice });
    let contact = |field| NextStep::CorrectContact { registration: facts.registration, field };
    match candidate.obstacle {
        None => Some(NextStep::Rerun { failure: FailureKey::of(&candidate.key) }),
        Some(code::RECIPIENT_REFUSED | code::MAIL_BOUNCED | code::ADDRESS_INVALID) => {
            let is_corrected = mail_of(facts, candidate).is_some_and(|mail| mail.recipient != facts.email);
            match candidate.invoice {
                // What the old programs mailed came back, and the address is another one by now.
                Some(invoice) if is_corrected => Some(NextStep::Resend { invoice }),
                _ => Some(contact(ContactField::Email)),
            }
        }
        Some(code::CHARACTER_NOT_COVERED) => Some(contact(facts.unprintable.unwrap_or(ContactField::LastName))),
        Some(code::QUARANTINED) => finding(facts).or(show),
        Some(code::MAIL_REFUSED) => candidate.invoice.map(|invoice| NextStep::Resend { invoice }),
        Some(code::OUTCOME_UNKNOWN) => match facts.unsettled_of(candidate.invoice) {
            Some(delivery) => Some(NextStep::Settle { delivery }),
            None => show,
        },
        Some(_) => show,
    }
}
