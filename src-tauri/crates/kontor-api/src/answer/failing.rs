//! What is open: one definition for every list, figure and filter. Something is open when it did not get as far as an
//! accepted mail; `kontor::run::plan` says why, and whether it can run.

use std::collections::HashMap;

use kontor::run::plan::{Candidate, candidates};
use kontor::run::{Key, code};

use super::Answered;
use crate::cause::Cause;
use crate::failure::Obstacle;
use crate::office::Open;

/// Whether the invoice `i` is open.
pub(crate) const INVOICE_IS_OPEN: &str = "(i.kind = 'invoice' AND i.state <> 'cancelled' AND NOT EXISTS (SELECT 1 FROM \
    deliveries od WHERE od.invoice_id = i.id AND od.purpose IN ('invoice', 'resend') AND od.state = 'accepted')) OR \
    (i.kind = 'cancellation' AND (i.state = 'issued' OR EXISTS (SELECT 1 FROM deliveries od WHERE od.invoice_id = i.id AND \
    od.purpose = 'cancellation')) AND NOT EXISTS (SELECT 1 FROM deliveries od WHERE od.invoice_id = i.id AND od.purpose IN \
    ('cancellation', 'resend') AND od.state = 'accepted')) OR EXISTS (SELECT 1 FROM deliveries od WHERE \
    od.invoice_id = i.id AND od.purpose = 'resend' AND od.state IN ('queued', 'sending', 'deferred', 'unknown'))";

/// Whether something was begun for a period of a subscription `s` that has no invoice yet.
pub(crate) const PERIOD_IS_OPEN: &str = "EXISTS (SELECT 1 FROM attempts oa WHERE oa.subscription_id = s.id AND NOT EXISTS \
    (SELECT 1 FROM invoices oi WHERE oi.subscription_id = s.id AND oi.period = oa.period AND oi.kind = 'invoice')) OR \
    EXISTS (SELECT 1 FROM number_allocations oa WHERE oa.subscription_id = s.id AND oa.invoice_id IS NULL AND \
    oa.explanation IS NULL AND oa.period IS NOT NULL AND NOT EXISTS (SELECT 1 FROM invoices oi WHERE \
    oi.subscription_id = s.id AND oi.period = oa.period AND oi.kind = 'invoice'))";

/// The registrations that have something that is open, some more than once.
pub(crate) fn failing_registrations() -> String {
    const NO_INVOICE: &str = "NOT EXISTS (SELECT 1 FROM invoices oi WHERE oi.subscription_id = oa.subscription_id AND \
        oi.period = oa.period AND oi.kind = 'invoice')";
    format!(
        "SELECT i.registration_id FROM invoices i WHERE ({INVOICE_IS_OPEN}) UNION ALL SELECT s.registration_id FROM attempts \
         oa JOIN subscriptions s ON s.id = oa.subscription_id WHERE {NO_INVOICE} UNION ALL SELECT s.registration_id FROM \
         number_allocations oa JOIN subscriptions s ON s.id = oa.subscription_id WHERE oa.invoice_id IS NULL AND \
         oa.explanation IS NULL AND oa.period IS NOT NULL AND {NO_INVOICE}"
    )
}

/// Whether a registration `r` has something that is open.
pub(crate) fn registration_fails() -> String {
    format!(
        "EXISTS (SELECT 1 FROM invoices i WHERE i.registration_id = r.id AND ({INVOICE_IS_OPEN})) OR \
         EXISTS (SELECT 1 FROM subscriptions s WHERE s.registration_id = r.id AND ({PERIOD_IS_OPEN}))"
    )
}

/// What there is to say about each of these keys; those that are complete are left out.
pub(crate) async fn open_of(open: &Open, keys: &[Key]) -> Answered<HashMap<Key, Candidate>> {
    let today = open.store.today().await?;
    let known = candidates(&open.store, keys, today).await?;
    let open = known.into_iter().filter(|candidate| candidate.obstacle != Some(code::DONE_ALREADY));
    Ok(open.map(|candidate| (candidate.key, candidate)).collect())
}

/// The cause by which something open is grouped.
pub(crate) fn cause_of(candidate: &Candidate) -> Cause {
    Cause::read(&candidate.group)
}

/// Why something cannot run, as buttons and refusals say it.
pub(crate) fn obstacle_of(code: &str) -> Obstacle {
    match code {
        code::DONE_ALREADY => Obstacle::Complete,
        code::OUTCOME_UNKNOWN => Obstacle::OutcomeUnknown,
        code::IN_WORK => Obstacle::InHand { run: None },
        code => Obstacle::Cause { cause: Cause::read(code) },
    }
}
